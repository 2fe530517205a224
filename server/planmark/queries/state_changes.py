"""The difference between two views of one workspace: achievements whose state changed, and the file that changed it."""

from __future__ import annotations

from typing import NamedTuple

from planmark.plans.model import AchievementState, State
from planmark.queries.workspace_view import View, changed_plans, changed_sites
from planmark.workspace.snapshot import Snapshot


class StateChange(NamedTuple):
    """An achievement with its states before and after; a state is None if the achievement does not exist.

    `cause` is the path of the file that caused the change.
    """

    plan: str
    achievement: str
    before: State | None
    after: State | None
    cause: str


def state_changes(before: View, after: View) -> list[StateChange]:
    """Return every achievement whose state differs, by plan and in the order of the PLAN."""
    changed = changed_paths(before.snapshot, after.snapshot)
    changes = []
    for path in (*changed_plans(before, after), *changed_sites(before, after)):
        old_items, new_items = _items_by_key(before, path), _items_by_key(after, path)
        for achievement in dict.fromkeys((*new_items, *old_items)):
            old_item, new_item = old_items.get(achievement), new_items.get(achievement)
            states = (old_item.state if old_item else None, new_item.state if new_item else None)
            if states[0] != states[1]:
                changes.append(StateChange(path, achievement, *states, _cause(path, old_item, new_item, changed)))
    return changes


def changed_paths(before: Snapshot, after: Snapshot) -> set[str]:
    """Return the documents that were added, removed or parsed again between two snapshots."""
    return after.documents.differences(before.documents) | after.records.differences(before.records)


def _items_by_key(view: View, path: str) -> dict[str, AchievementState]:
    """Return the items of a plan by their id, else by the digest of their line. These keys stay the same if lines move."""
    if not any(plan.path == path for plan in view.plans):
        return {}
    items = view.state(path).achievements
    return {item.ref.rpartition("-")[2] if item.ref.startswith(":") else item.ref: item for item in items}


def _cause(
    plan: str, old_item: AchievementState | None, new_item: AchievementState | None, changed_paths: set[str]
) -> str:
    """Return the file that caused a change.

    The cause is a changed file among the evidence of the new or old state; else a changed file in the plan's folder;
    else any changed file; else the PLAN.
    """
    evidence = [evidence_line.path for item in (new_item, old_item) if item for evidence_line in item.evidence]
    deciding_paths = [path for path in evidence if path in changed_paths]
    if deciding_paths:
        return deciding_paths[0]
    folder = plan.rpartition("/")[0]
    nearby_paths = sorted(path for path in changed_paths if path.startswith(folder)) or sorted(changed_paths)
    return nearby_paths[0] if nearby_paths else plan
