"""The facts of a superpowers plan: its tasks and steps."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.formats.checkbox.lines import Heading, Line, full_width_to_ascii, heading_of, read_lines
from planmark.formats.checkbox.tasks import NO_POSITION, Task, TaskGroup, TaskList, digest_of
from planmark.formats.superpowers.grammar import (
    BOLD_STEP,
    BOLD_TASK,
    BOX_PATTERN,
    HEADER_PATTERN,
    PLACEHOLDER_PATTERN,
    PLAN_TITLE,
    STATES_BY_MARKER,
    FileRange,
    TitledId,
    begins_acceptance_criteria,
    changed_ranges_in,
    claims_done,
    commit_messages,
    created_paths_in,
    group_name_of,
    heading_with_id,
    is_deferred,
    is_optional,
    is_status_heading,
    is_tasks_heading,
    phase_heading,
    step_heading,
    step_of,
    superseded_names_in,
    task_heading,
)
from planmark.text.lazy_pattern import lazy_pattern

_BOLD_LABEL = lazy_pattern(r"\s*\*\*[^*\n]+\*\*\s*[:：]?\s*$")
"""Pattern for a line that consists of a bold label."""
_CONFLICT_START = lazy_pattern(r"<{7}(?: |$)")
SUPERSEDES_SEARCH_LINES = 40
"""Number of lines at the beginning of a plan in which the names of superseded plans are searched."""
HEADER_LINES = 14
"""Number of lines at the beginning of a plan that contain its header."""


class TaskWork(msgspec.Struct, frozen=True):
    """The traces that the work on a task is expected to leave: changed ranges of files, and messages of commits.

    `at` is the position of the task in the task list.
    """

    at: int
    ranges: tuple[FileRange, ...] = ()
    messages: tuple[str, ...] = ()


class PlanFacts(msgspec.Struct, frozen=True, tag="plan"):
    """The facts of a plan. All numbers of lines are 1-based.

    `is_plan` is True if the document has a task, and the header or the title of a plan. `fenced` are the lines of steps
    that are inside a code block for tools that do not read nested fences. `unclosed` has two values for each step in a
    code block without an end: the line where the block begins, and the line of the step. `bold_tasks` are the lines of
    paragraphs that look like tasks. `bold_steps` has two values for each task with a bold step: the line of the task,
    and the line of its first bold step. `repeated` are the lines of steps whose number occurs twice in the task.
    `claims` are the lines that say that the plan is implemented. `placeholders` are the lines with words in place of
    text that is still to be written. `work` has the traces that the work on a task should leave, for each task that
    states such traces. `supersedes` are the file names of the plans that this plan replaces, by its own header.
    """

    title: str = ""
    is_plan: bool = False
    task_list: TaskList = TaskList()
    fenced: tuple[int, ...] = ()
    unclosed: tuple[tuple[int, int], ...] = ()
    bold_tasks: tuple[int, ...] = ()
    bold_steps: tuple[tuple[int, int], ...] = ()
    repeated: tuple[int, ...] = ()
    claims: tuple[int, ...] = ()
    placeholders: tuple[int, ...] = ()
    work: tuple[TaskWork, ...] = ()
    supersedes: tuple[str, ...] = ()


class _Heading(NamedTuple):
    """A heading and its 1-based line. If the heading is a task, `task` is the id and title of the task, else None."""

    line: int
    heading: Heading
    task: TitledId | None


class _OpenTask(NamedTuple):
    """A task, or a step that is a heading, to which the next line may belong.

    `level` is the level of its heading, and `position` is its position among the tasks and steps.
    """

    level: int
    position: int
    id: str


def read(text: str) -> PlanFacts:
    """Return the facts of a plan."""
    lines = read_lines(text)
    headings = _headings(lines)
    reader = _Reader(headings, has_tasks=any(heading.task for heading in headings.values()))
    for line in lines:
        reader.read(line)
    task_list = reader.task_list(lines)
    title = next((heading.heading.title for heading in headings.values() if heading.heading.level == 1), "")
    has_header = any(HEADER_PATTERN.search(line.text[:500]) for line in lines[:HEADER_LINES])
    block_starts = _block_starts(lines) if task_list.tasks else {}
    fenced = tuple(task.line for task in task_list.tasks if task.line in block_starts)
    return PlanFacts(
        title=title,
        is_plan=bool(task_list.tasks) and (has_header or bool(PLAN_TITLE.search(title) and reader.has_tasks)),
        task_list=task_list,
        fenced=fenced,
        # `read_lines` calls the first line of a code block text only if the block has no end.
        unclosed=tuple((block_starts[step], step) for step in fenced if lines[block_starts[step] - 1].kind == "text"),
        bold_tasks=() if reader.has_tasks else tuple(reader.bold_tasks),
        bold_steps=tuple(reader.bold_steps.items()),
        repeated=tuple(reader.repeated),
        claims=tuple(_claim_lines(lines, headings)),
        placeholders=tuple(reader.placeholders),
        work=tuple(reader.work()),
        supersedes=tuple(
            name
            for line in lines[:SUPERSEDES_SEARCH_LINES]
            if line.kind not in ("fence", "comment")
            for name in superseded_names_in(line.text)
        ),
    )


def _headings(lines: Sequence[Line]) -> dict[int, _Heading]:
    """Return all headings by line. For a heading that is a task, `task` has the id and title of the task.

    If there is no task heading, the phases with boxes below them are the tasks. If there is no such phase either, the
    tasks are headings such as `S1 — title` below a heading `Tasks`.
    """
    headings = {line.number: heading for line in lines if line.kind == "text" and (heading := heading_of(line.text))}
    tasks = {number: task_heading(heading) for number, heading in headings.items()}
    if not any(tasks.values()):
        boxes = [
            line.number for line in lines if line.kind == "text" and "[" in line.text and BOX_PATTERN.match(line.text)
        ]
        tasks = _phases_with_boxes(headings, boxes) if boxes else {}
        if not any(tasks.values()):
            tasks = _tasks_below_tasks_heading(headings)
    return {number: _Heading(number, heading, tasks.get(number)) for number, heading in headings.items()}


def _phases_with_boxes(headings: dict[int, Heading], boxes: Sequence[int]) -> dict[int, TitledId | None]:
    """Return a mapping from the line of each phase that has a box below it to the id and title of the phase.

    `headings` are all headings by line, and `boxes` are the lines of all boxes.
    """
    heading_lines = list(headings)
    end_by_line: dict[int, int] = {}
    open_sections: list[int] = []
    for number in heading_lines:
        while open_sections and headings[open_sections[-1]].level >= headings[number].level:
            end_by_line[open_sections.pop()] = number
        open_sections.append(number)
    titles: dict[int, TitledId | None] = {}
    index = 0
    for number in heading_lines:
        phase = phase_heading(headings[number])
        while index < len(boxes) and boxes[index] < number:
            index += 1
        if phase and index < len(boxes) and boxes[index] < end_by_line.get(number, boxes[-1] + 1):
            titles[number] = phase
    return titles


def _tasks_below_tasks_heading(headings: dict[int, Heading]) -> dict[int, TitledId | None]:
    """Return a mapping from the line of each heading below a heading `Tasks` to the id and title of its task.

    The value is None for a heading that is not of the form `S1 — title`, because such a heading is not a task.
    """
    titles: dict[int, TitledId | None] = {}
    level = 0
    for number, heading in headings.items():
        if level and heading.level <= level:
            level = 0
        if is_tasks_heading(heading):
            level = heading.level
        elif level:
            titles[number] = heading_with_id(heading)
    return titles


class _Reader:
    """The state of reading a plan: the tasks and the step to which the next line may belong, and the results so far.

    `has_tasks` tells whether any heading of the plan is a task. The public lists contain 1-based lines (see
    `PlanFacts`).
    """

    def __init__(self, headings: dict[int, _Heading], *, has_tasks: bool) -> None:
        self.has_tasks = has_tasks
        self.bold_tasks: list[int] = []
        self.bold_steps: dict[int, int] = {}
        self.repeated: list[int] = []
        self.placeholders: list[int] = []
        self._headings = headings
        self._tasks: list[Task] = []
        self._numbers: list[str] = []
        self._groups: list[TaskGroup] = []
        self._creates: dict[int, list[str]] = {}
        self._ranges: dict[int, list[FileRange]] = {}
        self._messages: dict[int, list[str]] = {}
        self._open_tasks: list[_OpenTask] = []
        self._step_index = NO_POSITION
        self._group: TaskGroup | None = None
        self._excluding_level = 0
        """Level of the heading that began the current list of criteria; 7 if a label began it; 0 outside a list."""
        self._checklist: list[int] = []
        self._hidden_lines: list[int] = []

    def read(self, line: Line) -> None:
        """Read the next line."""
        text = line.text
        if self._open_tasks and "git" in text and (messages := commit_messages(text)):
            self._messages.setdefault(self._open_task_index(), []).extend(messages)
        if line.kind != "text":
            if "[" in text and line.kind in ("fence", "comment") and BOX_PATTERN.match(text):
                self._hidden_lines.append(line.number)
        elif heading := self._headings.get(line.number):
            self._read_heading(line, heading)
        elif "[" in text and (box := BOX_PATTERN.match(full_width_to_ascii(text))):
            self._read_box(line, box)
        elif text.lstrip().startswith("**"):
            self._read_bold(line)
        elif self._open_tasks and (paths := created_paths_in(text)):
            self._creates.setdefault(self._open_tasks[-1].position, []).extend(paths)
        elif self._open_tasks and ":" in text and (ranges := changed_ranges_in(text)):
            self._ranges.setdefault(self._open_task_index(), []).extend(ranges)
        if self._open_tasks and line.kind == "text" and PLACEHOLDER_PATTERN.search(text[:500]):
            self.placeholders.append(line.number)

    def _open_task_index(self) -> int:
        """Return the position of the innermost open task. Steps that are headings are skipped."""
        return next(
            (
                open_task.position
                for open_task in reversed(self._open_tasks)
                if self._tasks[open_task.position].kind == "task"
            ),
            self._open_tasks[-1].position,
        )

    def work(self) -> Iterator[TaskWork]:
        """Yield the expected traces of the work on each task that states such traces."""
        for index in sorted({*self._ranges, *self._messages}):
            ranges, messages = self._ranges.get(index, ()), self._messages.get(index, ())
            yield TaskWork(index, tuple(dict.fromkeys(ranges)), tuple(dict.fromkeys(messages)))

    def _read_heading(self, line: Line, heading: _Heading) -> None:
        """Read a heading, which may be a task, a step, the beginning of a list of criteria, or a group."""
        level = heading.heading.level
        while self._open_tasks and (self._open_tasks[-1].level >= level):
            self._open_tasks.pop()
        self._step_index = NO_POSITION
        if self._excluding_level >= level:
            self._excluding_level = 0
        if heading.task:
            self._excluding_level = 0
            self._add_heading_task(line, heading.task, level, "task")
            return
        step = step_heading(heading.heading) if self._open_tasks else None
        if step:
            self._add_heading_task(line, step, level, "step")
        elif begins_acceptance_criteria(heading.heading.title):
            self._excluding_level = level
        else:
            self._read_group_heading(line, heading.heading)

    def _read_group_heading(self, line: Line, heading: Heading) -> None:
        """Read a heading that begins a group, or ends the open group."""
        name = group_name_of(heading)
        if name:
            self._group = TaskGroup(line.number, heading.level, name, heading.title)
        elif self._group and heading.level <= self._group.level:
            self._group = None

    def _position_of_group(self) -> int:
        """Return the position of the open group. If the list of groups does not contain the group yet, add the group.

        Return NO_POSITION if no group is open.
        """
        if self._group is None:
            return NO_POSITION
        if not self._groups or self._groups[-1] != self._group:
            self._groups.append(self._group)
        return len(self._groups) - 1

    def _add_heading_task(self, line: Line, titled_id: TitledId, level: int, kind: str) -> None:
        """Add the task or step of a heading. `level` is the level of the heading, and `kind` is `task` or `step`."""
        parent = self._open_tasks[-1] if self._open_tasks else None
        self._tasks.append(
            Task(
                line=line.number,
                end=line.number,
                id=titled_id.id if kind == "task" else "",
                title=titled_id.title,
                marker="",
                box=(0, 0),
                state="deferred" if is_deferred(titled_id.title) else "open",
                digest=digest_of(line.text, (0, 0)),
                level=self._tasks[parent.position].level + 1 if parent else 0,
                parent=parent.position if parent else NO_POSITION,
                group=self._position_of_group(),
                optional=is_optional(titled_id.title) or bool(parent and self._tasks[parent.position].optional),
                kind="task" if kind == "task" else "step",
            )
        )
        self._numbers.append("" if kind == "task" else titled_id.id)
        self._open_tasks.append(_OpenTask(level, len(self._tasks) - 1, titled_id.id))

    def _read_box(self, line: Line, box: re.Match[str]) -> None:
        """Read a box: a step of the open task, or a line of a list of criteria."""
        if self._excluding_level or (self.has_tasks and not self._open_tasks):
            self._checklist.append(line.number)
            return
        rest = line.text[box.start("rest") :]
        step = step_of(rest)
        parent = self._open_tasks[-1].position if self._open_tasks else NO_POSITION
        if not step.id and self._step_index != NO_POSITION:
            parent = self._step_index
        marker = box["marker"]
        state = "deferred" if is_deferred(step.title) else STATES_BY_MARKER.get(marker, "open")
        self._tasks.append(
            Task(
                line=line.number,
                end=line.number,
                id="",
                title=step.title.replace("**", ""),
                marker=marker,
                box=box.span("box"),
                state=state,
                digest=digest_of(line.text, box.span("box")),
                level=self._tasks[parent].level + 1 if parent != NO_POSITION else 0,
                parent=parent,
                group=self._position_of_group(),
                optional=is_optional(step.title) or (parent != NO_POSITION and self._tasks[parent].optional),
                kind="step" if self._open_tasks else "task",
            )
        )
        self._numbers.append(step.id)
        if step.id and self._open_tasks:
            self._step_index = len(self._tasks) - 1

    def _read_bold(self, line: Line) -> None:
        """Read a bold line, which may be a step without a box, a label of a list of criteria, or a task."""
        if self._excluding_level == 7:
            self._excluding_level = 0
        if BOLD_STEP.match(line.text) and self._open_tasks:
            self.bold_steps.setdefault(self._tasks[self._open_tasks[-1].position].line, line.number)
        elif (
            _BOLD_LABEL.match(line.text)
            and begins_acceptance_criteria(line.text.lstrip(" *"))
            and not self._excluding_level
        ):
            self._excluding_level = 7
        elif not self.has_tasks and BOLD_TASK.match(line.text):
            self.bold_tasks.append(line.number)

    def task_list(self, lines: Sequence[Line]) -> TaskList:
        """Return the task list of the plan. Each step has an id, and each task has the files that it creates."""
        steps_by_task: dict[int, list[int]] = {}
        for index, task in enumerate(self._tasks):
            if task.kind == "step":
                steps_by_task.setdefault(task.parent, []).append(index)
        ids = {index: task.id for index, task in enumerate(self._tasks) if task.kind == "task"}
        for index in range(len(self._tasks)):
            self._set_step_ids(index, steps_by_task.get(index, ()), ids)
        starts = sorted({*self._headings, *(task.line for task in self._tasks), *self._checklist, len(lines) + 1})
        next_start = dict(itertools.pairwise(starts))
        done_indexes = self._done_positions()
        tasks = [
            msgspec.structs.replace(
                task,
                state="done" if index in done_indexes else task.state,
                id=ids.get(index, ""),
                creates=tuple(dict.fromkeys(self._creates.get(index, ()))),
                end=next_start[task.line] - 1,
            )
            for index, task in enumerate(self._tasks)
        ]
        return TaskList(
            tasks=tuple(tasks),
            groups=tuple(self._groups),
            checklist=tuple(self._checklist),
            hidden_lines=tuple(self._hidden_lines),
            conflicts=tuple(line.number for line in lines if line.text[:1] == "<" and _CONFLICT_START.match(line.text)),
        )

    def _done_positions(self) -> frozenset[int]:
        """Return the positions of the tasks and steps that have no box and whose required steps are done.

        A skipped step counts as done. If all required steps are skipped, the task is not done.
        """
        children_by_task: dict[int, list[int]] = {}
        for index, task in enumerate(self._tasks):
            if task.parent != NO_POSITION and (not task.optional or self._tasks[task.parent].optional):
                children_by_task.setdefault(task.parent, []).append(index)
        done_indexes: set[int] = set()
        for index in sorted(children_by_task, reverse=True):
            if self._tasks[index].marker or self._tasks[index].state != "open":
                continue
            settled_flags = [
                child in done_indexes or self._tasks[child].state in ("done", "deferred")
                for child in children_by_task[index]
            ]
            if all(settled_flags) and any(
                child in done_indexes or self._tasks[child].state == "done" for child in children_by_task[index]
            ):
                done_indexes.add(index)
        return frozenset(done_indexes)

    def _set_step_ids(self, index: int, step_indexes: Sequence[int], ids: dict[int, str]) -> None:
        """Add the ids of the steps of a task to `ids`, a mapping from the position of a task or step to its id.

        `index` is the position of the task, and `step_indexes` are the positions of its steps. The id of a step is the
        id of its task, a slash, and the number of the step. If a step of the task has no number, or if two steps have
        the same number, the steps are counted instead.
        """
        numbers = [self._numbers[step_index] for step_index in step_indexes]
        has_unique_numbers = all(numbers) and len(set(numbers)) == len(numbers)
        seen_numbers: set[str] = set()
        for position, step_index in enumerate(step_indexes, 1):
            number = self._numbers[step_index]
            ids[step_index] = f"{ids[index]}/{number if has_unique_numbers else position}"
            if number and number in seen_numbers:
                self.repeated.append(self._tasks[step_index].line)
            seen_numbers.add(number)


def _claim_lines(lines: Sequence[Line], headings: dict[int, _Heading]) -> list[int]:
    """Return the 1-based lines that state that the plan is implemented."""
    claim_lines, is_below_status = [], False
    for line in lines:
        if heading := headings.get(line.number):
            is_below_status = is_status_heading(heading.heading)
        elif line.kind in ("text", "quote") and line.text.strip():
            if claims_done(line.text, is_below_status):
                claim_lines.append(line.number)
            is_below_status = False
    return claim_lines


_FENCE_LINE = lazy_pattern(r" {0,3}(`{3,}|~{3,})(.*)$")
"""Pattern for the first or the last line of a code block."""


def _block_starts(lines: Sequence[Line]) -> dict[int, int]:
    """Return a mapping from each line in a code block to the line where this block begins. Both lines are 1-based.

    As in CommonMark, the first closing line ends a block.
    """
    starts: dict[int, int] = {}
    mark, length, start = "", 0, 0
    for line in lines:
        text = line.text
        match = _FENCE_LINE.match(text) if "```" in text or "~~~" in text else None
        if mark:
            starts[line.number] = start
            if match and match[1][0] == mark and len(match[1]) >= length and not match[2].strip():
                mark = ""
        elif match and not (match[1][0] == "`" and "`" in match[2]):
            mark, length, start = match[1][0], len(match[1]), line.number
            starts[line.number] = start
    return starts
