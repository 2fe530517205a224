"""Open tasks that may be done, because files that they should create exist."""

from __future__ import annotations

from planmark.formats.checkbox.evaluate import SETTLED_STATES
from planmark.formats.checkbox.passages import tasks_below
from planmark.formats.checkbox.situation import Situation, list_in_words, listing
from planmark.formats.checkbox.tasks import NO_POSITION
from planmark.plans.model import AchievementState
from planmark.text.pluralize import counted_noun

MAX_PATHS = 3
"""Maximum number of files per sentence that are named; for more, the sentence states only their number."""


def tasks_with_all_files(situation: Situation, root: str) -> list[AchievementState]:
    """Return the open tasks whose files to create all exist, also the files of the tasks below them.

    A task below such a task is omitted. The files are below `root` ("" or with a slash at its end) or below the
    workspace.
    """
    tasks = situation.task_list.tasks
    is_lost = [any(not _exists(situation, root, path) for path in task.creates) for task in tasks]
    for index in range(len(tasks) - 1, -1, -1):
        parent = tasks[index].parent
        if parent != NO_POSITION and is_lost[index]:
            is_lost[parent] = True
    built_tasks: set[int] = set()
    inside = [False] * len(tasks)
    for index, task in enumerate(tasks):
        inside[index] = task.parent != NO_POSITION and (inside[task.parent] or tasks[task.parent].line in built_tasks)
        if task.creates and not is_lost[index] and not inside[index]:
            built_tasks.add(task.line)
    return [
        item
        for item in situation.state.achievements
        if item.state not in SETTLED_STATES and item.path == situation.path and item.line in built_tasks
    ]


def candidates(situation: Situation, root: str) -> str:
    """Return a sentence about the tasks that are probably done; "" without such a task."""
    items = tasks_with_all_files(situation, root)
    return f"Begin with {listing(items)}: the files to create exist." if items else ""


def files_there(situation: Situation, root: str) -> str:
    """Return, in words, which files of an open task exist before any part of the task is done: "`a.py` exists".

    The files of a task that names none are those of the nearest task above it. Return "" without such a file.
    """
    tasks, index = situation.task_list.tasks, situation.index
    while index != NO_POSITION and not tasks[index].creates:
        index = tasks[index].parent
    if index == NO_POSITION:
        return ""
    lines = {tasks[task_index].line for task_index in (index, *tasks_below(tasks, index))}
    states = [
        task_index.state
        for task_index in situation.state.achievements
        if task_index.path == situation.path and task_index.line in lines
    ]
    if any(state in SETTLED_STATES for state in states):
        return ""
    paths = tasks[index].creates
    existing_paths = [path for path in paths if _exists(situation, root, path)]
    if len(existing_paths) > MAX_PATHS:
        return f"{len(existing_paths)} of {counted_noun(len(paths), 'file')} to create exist"
    return (
        f"{list_in_words([f'`{path}`' for path in existing_paths])} exist{'s' if len(existing_paths) == 1 else ''}"
        if existing_paths
        else ""
    )


def _exists(situation: Situation, root: str, path: str) -> bool:
    exists = situation.plan.exists
    return exists(f"{root}{path}") or exists(path)
