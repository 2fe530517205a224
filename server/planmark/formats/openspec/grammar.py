"""The grammar of `tasks.md` of OpenSpec, and the facts of its documents."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from planmark.formats.checkbox.deferral import heading_defers_tasks, says_deferred
from planmark.formats.checkbox.deliverables import created_paths
from planmark.formats.checkbox.lines import (
    Heading,
    Line,
    full_width_to_ascii,
    heading_of,
    read_lines,
    split_lines,
    title_of,
)
from planmark.formats.checkbox.tasks import Grammar, GroupName, Task, TaskList, TaskReading, read_tasks
from planmark.plans.model import Count, State
from planmark.text.lazy_pattern import lazy_pattern

_BOX_LINE = lazy_pattern(
    r"\s*(?:[-*+]|\d{1,9}[.)])\s*"
    r"(?P<box>\[(?:\s{0,40}(?P<marker>[^\]\s]?)\s{0,40}\](?![(\[])|\s{1,80}\]))\s*(?P<rest>.*)"
)
"""Pattern for a line with a box, as in OpenSpec 1.13, but with a maximum number of blanks in a box."""
_NUMBER_ID = lazy_pattern(r"(?:\*\*)?(?P<id>\d+(?:\.\d+)+[A-Za-z]?|\d+)(?:[.:)]?(?:\*\*)?|\*\*[.:)])(?=\s|$)")
"""Pattern for an id of numbers at the beginning of a task, such as `1.2` or `**1.2**`."""
_LETTER_ID = lazy_pattern(r"(?:\*\*)?(?P<id>[A-Z]-?\d+|[A-Z]\.\d+|AC-\d+)(?=[:*\s])[:*]*")
"""Pattern for an id with letters at the beginning of a task, such as `T1` or `AC-1`."""
_ID_COMMENT = lazy_pattern(r"<!--\s{0,8}id:\s{0,8}[\w.-]{1,20}\s{0,8}-->")
_GROUP_TITLE = lazy_pattern(
    r"(?:(?:Phase|Task|Step|Stage|Fase|Etapa|Étape|Schritt|Этап|Фаза|阶段|階段|任务|任務|フェーズ|タスク|단계)\s*(?=[A-Z]?\d))?(?P<id>[A-Z]?\d+(?:\.\d+)*)(?:[.):]+(?=\s|$|[^\x00-\x7f])|\s*[—–-]\s|\s|$)"
)
"""Pattern for the number of a heading that groups tasks, such as `1.` or `Phase 1:`."""
_GROUP_ITEM = lazy_pattern(r"\s*(?P<id>\d{1,9})[.)][ \t]+\*\*(?P<title>[^*]+)\*\*")
"""Pattern for a numbered list item in bold that groups the tasks below it."""
_ITEM_WITHOUT_BOX = lazy_pattern(r"(?:\*\*)?(?P<id>\d{1,4}(?:\.\d{1,4})+[a-z]?|[☐☑☒⬜🔲])(?=\s)")
"""Pattern for the text of a list item that begins with a task number or with a box character instead of a box."""

GRAMMAR = Grammar(
    task_pattern=_BOX_LINE,
    id_patterns=(_NUMBER_ID, _LETTER_ID),
    states_by_marker={" ": "open", "x": "done", "X": "done"},
    group_name_of=lambda heading: _group_name(heading),
    group_item_pattern=_GROUP_ITEM,
    unboxed_pattern=_ITEM_WITHOUT_BOX,
)


class Tasks(msgspec.Struct, frozen=True, tag="tasks"):
    """The facts of a `tasks.md`.

    `counted` is the count of boxes that OpenSpec shows. OpenSpec counts every box, even a box in a code block.
    """

    task_list: TaskList
    title: str
    counted: Count


class Text(msgspec.Struct, frozen=True, tag="text"):
    """The facts of a document that is not a list of tasks: its title."""

    title: str


OpenSpecFacts = Tasks | Text


def parse(_path: str, role: str, text: str) -> OpenSpecFacts:
    """Return the facts of the document with this role and text."""
    lines = read_lines(text)
    title = title_of(lines)
    if role != "tasks":
        return Text(title)
    reading = read_tasks(lines, GRAMMAR)
    return Tasks(_with_title_facts(lines, reading), title, _box_count(text))


def _group_name(heading: Heading) -> GroupName | None:
    """Return the number and the title of a heading that groups tasks; None for a heading of level 1."""
    if heading.level < 2:
        return None
    match = _GROUP_TITLE.match(full_width_to_ascii(heading.title))
    return GroupName(match["id"], heading.title[match.end() :].strip()) if match else GroupName("", heading.title)


def _box_count(text: str) -> Count:
    """Return the number of ticked boxes and the number of all boxes in a text, as OpenSpec counts boxes."""
    markers = [match["marker"] for line in split_lines(text) if "[" in line and (match := _BOX_LINE.match(line))]
    return Count(sum(1 for marker in markers if marker in ("x", "X")), len(markers))


def _with_title_facts(lines: Sequence[Line], reading: TaskReading) -> TaskList:
    """Return the task list with the facts that the titles of the tasks state: deferred tasks, and files to create.

    An id in a comment is removed from a title, because a rendered page does not show the comment.
    """
    task_list = reading.task_list
    deferred_lines = _deferred_lines(lines)
    return msgspec.structs.replace(
        task_list,
        tasks=tuple(_task_with_title_facts(lines, task, task.line in deferred_lines) for task in task_list.tasks),
    )


def _deferred_lines(lines: Sequence[Line]) -> frozenset[int]:
    """Return the numbers of the lines below each heading that says that its tasks are deferred."""
    result: set[int] = set()
    level = 0
    for line in lines:
        if line.kind == "text" and line.text[:4].lstrip().startswith("#") and (heading := heading_of(line.text)):
            if level and heading.level > level:
                continue
            name = _group_name(heading)
            level = heading.level if name and heading_defers_tasks(name.title) else 0
        elif level:
            result.add(line.number)
    return frozenset(result)


def _task_with_title_facts(lines: Sequence[Line], task: Task, is_deferred: bool) -> Task:
    """Return a task with its plain title, the state that the words of its text state, and the files to create.

    `is_deferred` tells whether a heading above the task says that the tasks below it are deferred.
    """
    title = task.title
    if "<!--" in title and (comment := _ID_COMMENT.search(title)):
        title = f"{title[: comment.start()]}{title[comment.end() :]}".strip()
    if title.count("**") == 1 and lines[task.line - 1].text[task.box[1] :].lstrip().startswith("**"):
        # The id and the words behind it are bold together: `**1.1 Title** rest`.
        title = title.replace("**", "")
    state: State = task.state
    if state == "open" and (
        is_deferred or says_deferred(title_with_continuation(lines, task), has_mark=task.marker != " ")
    ):
        state = "deferred"
    creates = created_paths(title)
    if title == task.title and state == task.state and not creates:
        return task
    return msgspec.structs.replace(task, title=title, state=state, creates=creates)


def title_with_continuation(lines: Sequence[Line], task: Task) -> str:
    """Return the title of a task with the lines that continue the sentence of the title."""
    texts = [task.title]
    for line in lines[task.line : task.end]:
        stripped_text = line.text.strip()
        if not stripped_text or stripped_text[0] in "-*+>|#`" or line.kind != "text" or stripped_text[:1].isdigit():
            break
        texts.append(stripped_text)
    return " ".join(texts)
