"""The achievements whose state differs between two views of a workspace, each with the file that caused the change."""

from __future__ import annotations

from typing import NamedTuple

from planmark.plans.model import AchievementState, State
from planmark.queries.workspace_view import View, paths_of_changed_plans, paths_of_changed_sites
from planmark.workspace.snapshot import Snapshot


class StateChange(NamedTuple):
    """A change of the state of an achievement.

    `before` is the state before the change, None if the achievement did not exist. `after` is the state after the
    change, None if the achievement no longer exists. `plan` is the path of the plan. `cause` is the path of the file
    that caused the change.
    """

    plan: str
    achievement: str
    before: State | None
    after: State | None
    cause: str


def state_changes(before: View, after: View) -> list[StateChange]:
    """Return every achievement whose state differs between two views, by plan, in the order of the plan."""
    paths = changed_paths(before.snapshot, after.snapshot)
    changes = []
    for path in (*paths_of_changed_plans(before, after), *paths_of_changed_sites(before, after)):
        old_items, new_items = _items_by_key(before, path), _items_by_key(after, path)
        for key in dict.fromkeys((*new_items, *old_items)):
            old_item, new_item = old_items.get(key), new_items.get(key)
            states = (old_item.state if old_item else None, new_item.state if new_item else None)
            if states[0] != states[1]:
                changes.append(StateChange(path, key, *states, _cause(path, old_item, new_item, paths)))
    return changes


def changed_paths(before: Snapshot, after: Snapshot) -> set[str]:
    """Return the paths of the documents that were added, removed or parsed again between two snapshots."""
    return after.documents.differences(before.documents) | after.records.differences(before.records)


def _items_by_key(view: View, path: str) -> dict[str, AchievementState]:
    """Return a mapping from a key to an item, for the plan at `path`; an empty mapping if there is no such plan.

    The key is the ref of the item. If the ref has a line number, the key is only the digest of the line, which stays
    the same if the line moves.
    """
    if not any(plan.path == path for plan in view.plans):
        return {}
    items = view.state(path).achievements
    return {item.ref.rpartition("-")[2] if item.ref.startswith(":") else item.ref: item for item in items}


def _cause(
    plan_path: str, old_item: AchievementState | None, new_item: AchievementState | None, changed_paths: set[str]
) -> str:
    """Return the path of the file that caused the change of an item.

    It is a changed file in the evidence of the new or the old state. If there is none, it is a changed file in the
    folder of the plan, else any changed file, else the document of the plan.
    """
    evidence_paths = [evidence_line.path for item in (new_item, old_item) if item for evidence_line in item.evidence]
    deciding_paths = [path for path in evidence_paths if path in changed_paths]
    if deciding_paths:
        return deciding_paths[0]
    folder = plan_path.rpartition("/")[0]
    nearby_paths = sorted(path for path in changed_paths if path.startswith(folder)) or sorted(changed_paths)
    return nearby_paths[0] if nearby_paths else plan_path
