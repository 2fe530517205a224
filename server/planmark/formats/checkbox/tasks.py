"""Tasks and groups of a Markdown text, read by the grammar table of a format.

Lines are 1-based, columns are 0-based code points, ends are exclusive.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from planmark.formats.checkbox.lines import Heading, Line, full_width_to_ascii, heading_of, indent_of
from planmark.plans.model import State
from planmark.text.lazy_pattern import lazy_pattern

NO_POSITION = -1
"""Position that means no task or no group."""
_LIST_MARKER = lazy_pattern(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)")
_CONFLICT_START = lazy_pattern(r"<{7}(?: |$)")
"""Pattern for the line with which git marks the beginning of a merge conflict."""
_BLANKS = lazy_pattern(r"\s+")

TaskKind = Literal["task", "step", "subtask", "phase", "plan"]
"""The name of an item in its format: a task, or a level above or below a task."""


class Task(msgspec.Struct, frozen=True):
    """A task as its line states it.

    `marker` is the text in the box, "" if there is no box. `box` is the range of columns of the box with its brackets:
    the first column, and the column after the last. `state` is the state by the box and the words of the line. `parent`
    is the position of the task that contains this task, and `group` is the position of the group; both may be
    `NO_POSITION`. `end` is the last line of the text that belongs only to this task. `digest` is a short hash of the
    line without its box.
    """

    line: int
    end: int
    id: str
    title: str
    marker: str
    box: tuple[int, int]
    state: State
    digest: str
    indent: int = 0
    level: int = 0
    parent: int = NO_POSITION
    group: int = NO_POSITION
    optional: bool = False
    parallel: bool = False
    depends_on: tuple[str, ...] = ()
    creates: tuple[str, ...] = ()
    kind: TaskKind = "task"


class TaskGroup(msgspec.Struct, frozen=True):
    """A heading, or a list item without a box, that contains tasks.

    `level` is the level of the heading, 0 for a list item. `id` is the written number, "" if there is no number.
    """

    line: int
    level: int
    id: str
    title: str


class TaskList(msgspec.Struct, frozen=True):
    """The tasks and groups of one document in file order.

    `checklist` are the lines of boxes that are not tasks. `hidden_lines` are the lines of boxes in fences and comments.
    `conflicts` are the lines that begin an unresolved merge conflict. `unboxed` are list items that have a task number
    but no box. They are outside every task, and no task has their number. `unboxed` has three values for each of them:
    the line, the column for a box, and the number.
    """

    tasks: tuple[Task, ...] = ()
    groups: tuple[TaskGroup, ...] = ()
    checklist: tuple[int, ...] = ()
    hidden_lines: tuple[int, ...] = ()
    conflicts: tuple[int, ...] = ()
    unboxed: tuple[tuple[int, int, str], ...] = ()


class TaskReading(NamedTuple):
    """A task list and its `owners`: for each line of the document, the position of the task that the line belongs to.

    The position of a line outside every task is `NO_POSITION`. The first line has the index 0.
    """

    task_list: TaskList
    owners: list[int]


class GroupName(NamedTuple):
    """The written number of a group, "" if there is no number, and the title of the group."""

    id: str
    title: str


class Grammar(NamedTuple):
    """The grammar of a checkbox format, as a table.

    `task_pattern` matches a task line. Its named groups are `box` (with brackets), `marker`, `rest`, and perhaps
    `optional`. `id_patterns` match the beginning of `rest`; the first pattern that matches counts. Their named groups
    are `id`, and perhaps `optional` and `parallel`. `parallel_pattern` and `optional_pattern` are searched in the
    title: a match means that the task is parallel or optional. The text that `parallel_pattern` matches is cut from the
    title. `states_by_marker` has the state of each known marker. A task with an unknown marker is open. `group_name_of`
    returns the name of the group that a heading begins, or None.

    `group_item_pattern` matches a list item without a box that groups the tasks below it. `unboxed_pattern` matches the
    text of a list item that looks like a task but has no box; its named group is `id`. If `nests_by_id` is True, the id
    determines the parent of a box that is below no other box. If `has_checklists` is True, a box without an id is not a
    task in a document that has ids.
    """

    task_pattern: re.Pattern[str]
    id_patterns: tuple[re.Pattern[str], ...]
    states_by_marker: Mapping[str, State]
    group_name_of: Callable[[Heading], GroupName | None]
    parallel_pattern: re.Pattern[str] | None = None
    optional_pattern: re.Pattern[str] | None = None
    group_item_pattern: re.Pattern[str] | None = None
    unboxed_pattern: re.Pattern[str] | None = None
    nests_by_id: bool = False
    has_checklists: bool = False


class TaskLineParts(NamedTuple):
    """The parts of one task line, read by a grammar."""

    id: str
    title: str
    marker: str
    box: tuple[int, int]
    state: State
    optional: bool
    parallel: bool


def parse_task_line(text: str, grammar: Grammar) -> TaskLineParts | None:
    """Return the parts of a task line, or None for any other line."""
    if "[" not in text or not (match := grammar.task_pattern.match(text)):
        return None
    title = (match["rest"] or "").strip()
    half_width_title = full_width_to_ascii(title)
    groups = match.groupdict()
    optional, parallel, identity = bool(groups.get("optional")), False, ""
    for pattern in grammar.id_patterns:
        id_match = pattern.match(half_width_title)
        if id_match:
            id_groups = id_match.groupdict()
            identity = id_match["id"]
            optional = optional or bool(id_groups.get("optional"))
            parallel = bool(id_groups.get("parallel"))
            title, half_width_title = title[id_match.end() :].strip(), half_width_title[id_match.end() :].strip()
            break
    if grammar.parallel_pattern and (mark := grammar.parallel_pattern.search(half_width_title)):
        parallel = True
        title = f"{title[: mark.start()].rstrip()} {title[mark.end() :].lstrip()}".strip()
    if grammar.optional_pattern and not optional:
        optional = bool(grammar.optional_pattern.search(half_width_title))
    marker = match["marker"] or " "
    return TaskLineParts(
        identity, title, marker, match.span("box"), grammar.states_by_marker.get(marker, "open"), optional, parallel
    )


def digest_of(text: str, box: tuple[int, int]) -> str:
    """Return a hash, of four hexadecimal digits, of a line without its box. `box` are the columns of the box."""
    bare_text = text[: box[0]] + text[box[1] :]
    bare_text = (bare_text if bare_text.isascii() else unicodedata.normalize("NFC", bare_text)).strip()
    return hashlib.sha256(bare_text.encode("utf-8", "surrogatepass")).hexdigest()[:4]


def read_tasks(lines: Sequence[Line], grammar: Grammar) -> TaskReading:
    """Return the tasks and groups of a document, and for each of `lines` the task to which it belongs."""
    boxes = {line.number: box for line in lines if line.kind == "text" and (box := parse_task_line(line.text, grammar))}
    checklist: list[int] = []
    if grammar.has_checklists and any(box.id for box in boxes.values()):
        checklist = [number for number, box in boxes.items() if not box.id]
        boxes = {number: box for number, box in boxes.items() if box.id}
    reader = _TaskReader(grammar, boxes)
    for line in lines:
        reader.read(line)
    task_list = TaskList(
        tasks=tuple(reader.tasks()),
        groups=tuple(reader.groups),
        checklist=tuple(checklist),
        hidden_lines=tuple(
            line.number for line in lines if line.kind in ("fence", "comment") and parse_task_line(line.text, grammar)
        ),
        conflicts=tuple(line.number for line in lines if line.text[:1] == "<" and _CONFLICT_START.match(line.text)),
        unboxed=tuple(reader.unboxed_items()),
    )
    return TaskReading(task_list, reader.owners)


class _OpenItem(NamedTuple):
    """A list item that the next line may belong to.

    `indent` is the indentation of the list item in columns. If the list item is a task, `task_index` is its position.
    Else `task_index` is the position of the task that contains the list item, or `NO_POSITION`.
    """

    indent: int
    task_index: int


class _PlacedTask(NamedTuple):
    """A task line with its place in the tree and its group."""

    line: Line
    box: TaskLineParts
    indent: int
    level: int
    parent: int
    group: int


class _TaskReader:
    """The state of reading a document: open list items, open headings and groups, and the tasks so far.

    `owners` has, for each line read so far, the position of the task to which the line belongs, or `NO_POSITION`.
    """

    def __init__(self, grammar: Grammar, boxes: Mapping[int, TaskLineParts]) -> None:
        self.groups: list[TaskGroup] = []
        self.owners: list[int] = []
        self._grammar = grammar
        self._boxes = boxes
        self._tasks: list[_PlacedTask] = []
        self._ends: list[int] = []
        self._open_items: list[_OpenItem] = []
        self._open_headings: list[tuple[int, TaskGroup | None]] = []
        self._item_group: tuple[int, TaskGroup] | None = None
        self._group_indexes: dict[TaskGroup, int] = {}
        self._index_by_id: dict[str, int] = {}
        self._unboxed_items: list[tuple[int, int, str]] = []
        self._is_after_blank = False

    def tasks(self) -> Iterable[Task]:
        """Return the tasks, each with its last line."""
        for placed_task, end in zip(self._tasks, self._ends, strict=True):
            line, box, indent, level, parent, group = placed_task
            yield Task(
                line=line.number,
                end=end,
                id=box.id,
                title=_BLANKS.sub(" ", box.title),
                marker=box.marker,
                box=box.box,
                state=box.state,
                digest=digest_of(line.text, box.box),
                indent=indent,
                level=level,
                parent=parent,
                group=group,
                optional=box.optional,
                parallel=box.parallel,
            )

    def unboxed_items(self) -> Iterable[tuple[int, int, str]]:
        """Return three values for each list item that has a task number but no box: line, column for a box, and number.

        An item is omitted if a task has the same number.
        """
        return (item for item in self._unboxed_items if item[2] not in self._index_by_id)

    def read(self, line: Line) -> None:
        """Read the next line."""
        if not line.text or line.text.isspace():
            self.owners.append(self._open_items[-1].task_index if self._open_items else NO_POSITION)
            self._is_after_blank = True
            return
        owner = self._read_line(line)
        self.owners.append(owner)
        self._is_after_blank = False
        # A line that belongs to an earlier task but follows its sub-tasks does not extend the earlier task.
        if 0 <= owner == len(self._tasks) - 1:
            self._ends[owner] = line.number

    def _read_line(self, line: Line) -> int:
        """Read a line that is not blank, and return the position of the task that the line belongs to."""
        text = line.text
        box = self._boxes.get(line.number)
        if box:
            return self._add_task(line, box)
        if line.kind != "text":
            return self._enclosing_task(indent_of(text)) if self._open_items else NO_POSITION
        if "#" in text and (heading := heading_of(text)):
            self._read_heading(line, heading)
            return NO_POSITION
        indent = indent_of(text)
        if bullet := _LIST_MARKER.match(text):
            return self._read_bullet(line, indent, bullet.end())
        if not self._is_after_blank and self.owners and self.owners[-1] >= 0:
            return self.owners[-1]
        return self._enclosing_task(indent)

    def _enclosing_task(self, indent: int) -> int:
        """Return the task position of the innermost open list item with less indentation than `indent` columns."""
        for item in reversed(self._open_items):
            if item.indent < indent:
                return item.task_index
        return NO_POSITION

    def _close_items(self, indent: int) -> None:
        """Close each open list item that is indented by at least `indent` columns.

        Also close the group that a list item began, if this list item has the same indentation or more.
        """
        while self._open_items and self._open_items[-1].indent >= indent:
            self._open_items.pop()
        if self._item_group and self._item_group[0] >= indent:
            self._item_group = None

    def _read_bullet(self, line: Line, indent: int, column: int) -> int:
        """Read a list item without a box, and return the position of the task that contains the item.

        `column` is the column after the list marker.
        """
        self._close_items(indent)
        owner = self._open_items[-1].task_index if self._open_items else NO_POSITION
        if self._grammar.group_item_pattern and owner == NO_POSITION:
            match = self._grammar.group_item_pattern.match(full_width_to_ascii(line.text))
            if match:
                title = line.text[match.start("title") : match.end("title")].strip()
                self._item_group = (indent, TaskGroup(line.number, 0, match["id"] or "", title))
        if self._grammar.unboxed_pattern and owner == NO_POSITION:
            column += len(line.text[column:]) - len(line.text[column:].lstrip())
            if match := self._grammar.unboxed_pattern.match(full_width_to_ascii(line.text[column:])):
                self._unboxed_items.append((line.number, column, match["id"]))
        self._open_items.append(_OpenItem(indent, owner))
        return owner

    def _read_heading(self, line: Line, heading: Heading) -> None:
        """Read a heading: it closes all list items, and may begin a group."""
        self._open_items.clear()
        self._item_group = None
        while self._open_headings and self._open_headings[-1][0] >= heading.level:
            self._open_headings.pop()
        name = self._grammar.group_name_of(heading)
        if name:
            self._open_headings.append((heading.level, TaskGroup(line.number, heading.level, name.id, name.title)))

    def _open_group_index(self) -> int:
        """Return the position of the innermost open group in `groups`, or `NO_POSITION`.

        If the group is not in `groups` yet, add the group.
        """
        group = self._item_group[1] if self._item_group else self._open_headings[-1][1] if self._open_headings else None
        if group is None:
            return NO_POSITION
        if group not in self._group_indexes:
            self._group_indexes[group] = len(self.groups)
            self.groups.append(group)
        return self._group_indexes[group]

    def _add_task(self, line: Line, box: TaskLineParts) -> int:
        """Add the task of a line, and return its position."""
        indent = indent_of(line.text)
        self._close_items(indent)
        parent = self._open_items[-1].task_index if self._open_items else NO_POSITION
        if parent == NO_POSITION and self._grammar.nests_by_id and "." in box.id:
            parent = self._index_by_id.get(box.id.rpartition(".")[0], NO_POSITION)
        index = len(self._tasks)
        level = self._tasks[parent].level + 1 if parent >= 0 else 0
        self._tasks.append(_PlacedTask(line, box, indent, level, parent, self._open_group_index()))
        self._ends.append(line.number)
        self._open_items.append(_OpenItem(indent, index))
        if box.id:
            self._index_by_id[box.id] = index
        return index
