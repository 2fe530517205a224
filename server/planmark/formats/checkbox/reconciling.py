"""Open tasks that may be done, because all files that they should create exist."""

from __future__ import annotations

from planmark.formats.checkbox.evaluate import SETTLED_STATES
from planmark.formats.checkbox.situation import Situation, listing
from planmark.plans.model import AchievementState


def probably_done(situation: Situation, root: str) -> list[AchievementState]:
    """Return the open leaves whose files to create all exist.

    The files are below `root` ("" or with a slash at its end) or below the workspace.
    """
    exists = situation.plan.exists
    built = {
        task.line
        for task in situation.listed.tasks
        if task.creates and all(exists(f"{root}{path}") or exists(path) for path in task.creates)
    }
    return [
        item
        for item in situation.state.achievements
        if item.leaf and item.state not in SETTLED_STATES and item.path == situation.path and item.line in built
    ]


def candidates(situation: Situation, root: str) -> str:
    """Return a sentence about the tasks that are probably done; "" without such a task."""
    items = probably_done(situation, root)
    return f"Begin with {listing(items)}: the files to create exist." if items else ""
