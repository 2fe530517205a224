"""Open tasks that may be done, because files that they should create exist."""

from __future__ import annotations

from planmark.formats.checkbox.evaluate import SETTLED_STATES
from planmark.formats.checkbox.passages import tasks_below
from planmark.formats.checkbox.situation import Situation, item_names_in_words, list_in_words
from planmark.formats.checkbox.tasks import NO_POSITION
from planmark.plans.model import AchievementState
from planmark.text.pluralize import counted_noun

MAX_NAMED_FILES = 3
"""Maximum number of files that a sentence names. If there are more files, the sentence states only their number."""


def tasks_with_all_files(situation: Situation, root: str) -> list[AchievementState]:
    """Return the open tasks for which all files to create exist, including the files of the tasks below them.

    A task below another task of the result is omitted. `root` is the folder to which the paths in tasks are relative:
    "", or a path with a slash at its end.
    """
    tasks = situation.task_list.tasks
    lacks_file = [any(not _file_exists(situation, root, path) for path in task.creates) for task in tasks]
    for index in range(len(tasks) - 1, -1, -1):
        parent = tasks[index].parent
        if parent != NO_POSITION and lacks_file[index]:
            lacks_file[parent] = True
    built_lines: set[int] = set()
    is_below_built = [False] * len(tasks)
    for index, task in enumerate(tasks):
        is_below_built[index] = task.parent != NO_POSITION and (
            is_below_built[task.parent] or tasks[task.parent].line in built_lines
        )
        if task.creates and not lacks_file[index] and not is_below_built[index]:
            built_lines.add(task.line)
    return [
        item
        for item in situation.state.achievements
        if item.state not in SETTLED_STATES and item.path == situation.path and item.line in built_lines
    ]


def probably_done_sentence(situation: Situation, root: str) -> str:
    """Return a sentence about the tasks that are probably done, because their files exist.

    Return "" if there is no such task. `root` is the folder to which the paths in tasks are relative.
    """
    items = tasks_with_all_files(situation, root)
    return f"Begin with {item_names_in_words(items)}: the files to create exist." if items else ""


def existing_files_clause(situation: Situation, root: str) -> str:
    """Return a clause that names the existing files of an open task: "`a.py` exists".

    If a task names no files, use the files of the nearest task above it that names files. Return "" if no file exists,
    or if a part of the task is done. `root` is the folder to which the paths in tasks are relative.
    """
    tasks, index = situation.task_list.tasks, situation.index
    while index != NO_POSITION and not tasks[index].creates:
        index = tasks[index].parent
    if index == NO_POSITION:
        return ""
    task_lines = {tasks[position].line for position in (index, *tasks_below(tasks, index))}
    states = [
        item.state for item in situation.state.achievements if item.path == situation.path and item.line in task_lines
    ]
    if any(state in SETTLED_STATES for state in states):
        return ""
    paths = tasks[index].creates
    existing_paths = [path for path in paths if _file_exists(situation, root, path)]
    if len(existing_paths) > MAX_NAMED_FILES:
        return f"{len(existing_paths)} of {counted_noun(len(paths), 'file')} to create exist"
    return (
        f"{list_in_words([f'`{path}`' for path in existing_paths])} exist{'s' if len(existing_paths) == 1 else ''}"
        if existing_paths
        else ""
    )


def _file_exists(situation: Situation, root: str, path: str) -> bool:
    """Tell whether a file exists at `path`, relative to `root` or to the workspace."""
    exists = situation.plan.exists
    return exists(f"{root}{path}") or exists(path)
