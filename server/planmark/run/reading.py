"""The view of the workspace in a work tree, and the item of a lease in such a view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from planmark.cli.workspace_access import fresh_view
from planmark.coordination.lease import Lease
from planmark.plans.model import AchievementState, PlanState
from planmark.queries.lookup import NoAnswerError, plan_at
from planmark.queries.open_steps import LeasedNames
from planmark.queries.ticks import item_of_ref
from planmark.queries.workspace_view import AnyPlan, View
from planmark.workspace.index import Index

ReadWorkspace = Callable[[Path], View]
"""A function that scans the workspace in a folder, given as a resolved path, and returns its view."""
GROUP_SIGN = "#"
"""The first character of the name that stands for a group in a lease."""


def read_workspace(root: Path) -> View:
    """Return the view of the workspace in a work tree. Raises WorkspaceError.

    The workspace is read only once. So neither a store nor an index is kept.
    """
    return fresh_view(Index(root))


class LeasedItem(NamedTuple):
    """The plan of a lease in a view, with its state and the item of the lease.

    `item` is None if the step is about the plan or a group.
    """

    plan: AnyPlan
    state: PlanState
    item: AchievementState | None


def leased_item(view: View, lease: Lease, prefix: str) -> LeasedItem | None:
    """Return the plan and the item of a lease in a view; None if the view does not contain them.

    `prefix` is the path of the workspace from the top of its work tree.
    """
    try:
        plan = plan_at(view, lease.plan.removeprefix(prefix))
    except NoAnswerError:
        return None
    state = view.state(plan.path)
    if plan.path != lease.plan.removeprefix(prefix):
        return None
    name = lease.achievement
    if not name or name.startswith(GROUP_SIGN):
        return LeasedItem(plan, state, None)
    current_names = {old: new for new, old in LeasedNames(prefix, [lease]).leased_name_by_name(state).items()}
    try:
        return LeasedItem(plan, state, item_of_ref(state, current_names.get(name, name)))
    except NoAnswerError:
        return None
