"""The difference between two views of one workspace: achievements whose state changed, and the file that changed it."""

from __future__ import annotations

from typing import NamedTuple

from planmark.plans.model import AchievementState, State
from planmark.queries.workspace_view import View, changed_plans, changed_sites
from planmark.workspace.snapshot import Snapshot


class StateChange(NamedTuple):
    """An achievement with its states before and after; None while the achievement does not exist.

    `cause` is the path of a file.
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
        old, new = _states(before, path), _states(after, path)
        for achievement in dict.fromkeys((*new, *old)):
            other_achievement, now = old.get(achievement), new.get(achievement)
            states = (other_achievement.state if other_achievement else None, now.state if now else None)
            if states[0] != states[1]:
                changes.append(StateChange(path, achievement, *states, _cause(path, other_achievement, now, changed)))
    return changes


def changed_paths(before: Snapshot, after: Snapshot) -> set[str]:
    """Return the documents that were added, removed or parsed again between two snapshots."""
    return after.documents.differences(before.documents) | after.records.differences(before.records)


def _states(view: View, path: str) -> dict[str, AchievementState]:
    """Return the items of a plan by a key that stays the same if lines move: the id, else the digest of the line."""
    if not any(plan.path == path for plan in view.plans):
        return {}
    items = view.state(path).achievements
    return {item.ref.rpartition("-")[2] if item.ref.startswith(":") else item.ref: item for item in items}


def _cause(
    plan: str, achievement: AchievementState | None, now: AchievementState | None, changed_paths: set[str]
) -> str:
    """Return the file that caused a change.

    The cause is a changed file among the evidence of the new or old state; else a changed file in the plan's folder;
    else any changed file; else the PLAN.
    """
    evidence = [e.path for item in (now, achievement) if item for e in item.evidence]
    deciding_paths = [path for path in evidence if path in changed_paths]
    if deciding_paths:
        return deciding_paths[0]
    folder = plan.rpartition("/")[0]
    near = sorted(path for path in changed_paths if path.startswith(folder)) or sorted(changed_paths)
    return near[0] if near else plan
