"""The phases, tasks and sub-tasks of a feature-planner plan, as facts."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from planmark.formats.checkbox.deliverables import may_be_tracked_file
from planmark.formats.checkbox.lines import Heading, Line, heading_of, indent_of, read_lines
from planmark.formats.checkbox.tasks import NO_POSITION, Task, TaskKind, TaskList, digest_of
from planmark.formats.featureplanner.grammar import (
    BOX_PATTERN,
    MAX_SEARCHED_CHARACTERS,
    STATES_BY_MARKER,
    TEST_COUNTS_PATTERN,
    begins_file_list,
    bold_label_of,
    files_in,
    is_gate,
    is_gate_label,
    is_optional,
    is_other_checklist,
    is_rollback,
    named_task,
    phase_of,
    plan_status_in,
    removes_files,
    state_in_status,
    status_in,
    subject_of_plan,
    tdd_group_of,
)
from planmark.text.lazy_pattern import lazy_pattern

HEADER_LINE_COUNT = 15
"""Number of lines at the beginning of a plan that may contain its status."""
MAX_SUBTASK_DEPTH = 20
"""The maximum nesting depth of sub-tasks. A deeper task belongs to the last task at this depth."""
_CONFLICT_START = lazy_pattern(r"<{7}(?: |$)")


class HeaderStatus(msgspec.Struct, frozen=True):
    """A line that states a status: its text, and the state that it names ("" for none)."""

    line: int
    text: str
    state: str


class GatedPhase(msgspec.Struct, frozen=True):
    """A phase: the position of its heading in the list of tasks, its status, and its gate.

    `gate_done` of the `gate_total` boxes of the gate are ticked. `first` is the line of the first open gate box, or 0.
    """

    index: int
    status: HeaderStatus | None = None
    gate_done: int = 0
    gate_total: int = 0
    first: int = 0


class PhasedPlanFacts(msgspec.Struct, frozen=True):
    """The facts of a plan.

    `is_plan` tells whether the document has the title of a plan, and a phase. `status` is the status at the beginning,
    `footer` the plan status at the end. `tdd` contains the line of each task in a group such as RED, with the name of
    the group. `glued` contains the line of each box without a space after it, with the column where the space is
    missing. `skipped` contains each line that records a test run with failed or skipped tests, with these numbers as
    text. `labelled` contains the positions of the tasks that have a label in the plan, such as `Test 1.1`.
    """

    title: str = ""
    is_plan: bool = False
    task_list: TaskList = TaskList()
    status: HeaderStatus | None = None
    footer: HeaderStatus | None = None
    phases: tuple[GatedPhase, ...] = ()
    tdd: tuple[tuple[int, str], ...] = ()
    glued: tuple[tuple[int, int], ...] = ()
    skipped: tuple[tuple[int, str], ...] = ()
    labelled: tuple[int, ...] = ()


class _OpenTask(NamedTuple):
    """A task that contains the next line if that line is indented more: its indentation and its position."""

    indent: int
    position: int


def read(text: str) -> PhasedPlanFacts:
    """Return the facts of a plan."""
    lines = read_lines(text)
    reader = _PlanReader()
    for line in lines:
        reader.read(line)
    conflicts = tuple(line.number for line in lines if line.text[:1] == "<" and _CONFLICT_START.match(line.text))
    title = reader.title or ""
    return PhasedPlanFacts(
        title=title,
        is_plan=bool(title and reader.phases),
        task_list=TaskList(
            tasks=tuple(reader.tasks(len(lines))), checklist=tuple(reader.checklist), conflicts=conflicts
        ),
        status=reader.status,
        footer=reader.footer,
        phases=tuple(reader.phases),
        tdd=tuple(reader.tdd),
        glued=tuple(reader.glued),
        skipped=tuple(reader.skipped),
        labelled=tuple(reader.labelled),
    )


class _PlanReader:
    """The state of reading a plan line by line: the facts so far, and what contains the current line.

    A phase, a section or a task is open while it may contain the next line.
    """

    def __init__(self) -> None:
        self.title: str | None = None
        self.status: HeaderStatus | None = None
        self.footer: HeaderStatus | None = None
        self.phases: list[GatedPhase] = []
        self.checklist: list[int] = []
        self.tdd: list[tuple[int, str]] = []
        self.glued: list[tuple[int, int]] = []
        self.skipped: list[tuple[int, str]] = []
        self.labelled: list[int] = []
        self._tasks: list[Task] = []
        self._ends: list[int] = []
        """The last line of each task."""
        self._paths_by_task: dict[int, list[str]] = {}
        """Position of a task → the paths of the files that the lines below it name."""
        self._child_counts: dict[int, int] = {}
        """Position of a phase or task → the number of boxes directly below it."""
        self._open_tasks: list[_OpenTask] = []
        self._phase_level = 0
        """The level of the heading of the open phase; 0 without a phase."""
        self._rollback_level = 0
        """The level of the open heading about undoing the plan; 0 without such a heading."""
        self._gate_level = self._other_level = 0
        """The levels of the headings of the open gate, and of the open list that is no gate; 0 without such a list."""
        self._is_in_gate = False
        """True if the last bold label in the phase is that of a gate."""
        self._tdd_group = ""
        """The name of the group of the next tasks, such as RED, or ""."""
        self._list_indent = NO_POSITION
        """The indentation of the open line `- File(s):` with a list of paths below it, or `NO_POSITION`."""

    def tasks(self, line_count: int) -> list[Task]:
        """Return the tasks with their last lines and files. Call this method after the last of the `line_count` lines
        of the document.
        """
        self._close_phase(line_count)
        return [
            msgspec.structs.replace(
                task,
                end=self._ends[index],
                creates=tuple(
                    path for path in dict.fromkeys(self._paths_by_task.get(index, ())) if may_be_tracked_file(path)
                ),
            )
            for index, task in enumerate(self._tasks)
        ]

    def read(self, line: Line) -> None:
        """Read the next line."""
        text = line.text
        if line.kind == "fence" and self._open_tasks and indent_of(text) > self._open_tasks[-1].indent:
            self._ends[self._open_tasks[-1].position] = line.number
        if line.kind != "text" or not text.strip():
            return
        if "#" in text and (heading := heading_of(text)):
            self._read_heading(line, heading)
        elif "[" in text and (box := BOX_PATTERN.match(text)):
            self._read_box(line, box)
        else:
            self._read_text(line)
        if "skipped=" in text:
            self._read_test_run(line)

    def _close_phase(self, last_line: int) -> None:
        """Close the open phase, if there is one; `last_line` is the last line of the phase."""
        if self._phase_level:
            self._ends[self.phases[-1].index] = last_line
            self._phase_level = 0

    def _read_heading(self, line: Line, heading: Heading) -> None:
        """Read a heading. It ends what is open at its level and below, and may begin a phase, a gate or a checklist."""
        level = heading.level
        self._open_tasks.clear()
        self._is_in_gate, self._tdd_group = False, ""
        if level == 1 and self.title is None:
            self.title = subject_of_plan(heading.title)
        if self._rollback_level and level <= self._rollback_level:
            self._rollback_level = 0
        if level <= self._phase_level:
            self._close_phase(line.number - 1)
        if not self._phase_level or level <= max(self._gate_level, self._other_level):
            self._gate_level = self._other_level = 0
        if not self._rollback_level and is_rollback(heading):
            self._rollback_level = level
        phase = None if self._rollback_level else phase_of(heading)
        if phase:
            self._close_phase(line.number - 1)
            self._phase_level, self._gate_level, self._other_level = level, 0, 0
            self.phases.append(GatedPhase(len(self._tasks)))
            self._add_item(line, phase.id, phase.title, "phase", phase.is_optional)
        elif self._phase_level and not self._gate_level and not self._other_level:
            self._gate_level = level if is_gate(heading) else 0
            self._other_level = level if is_other_checklist(heading) else 0

    def _read_text(self, line: Line) -> None:
        """Read a line that is neither a heading nor a box: a part of a task, a status, or a bold label."""
        text = line.text
        indent = indent_of(text)
        while self._open_tasks and self._open_tasks[-1].indent >= indent:
            self._open_tasks.pop()
        if self._open_tasks:
            index = self._open_tasks[-1].position
            self._ends[index] = line.number
            self._read_files(text, indent, index)
        if "**" not in text and "__" not in text:
            return
        self._read_status(line)
        label = bold_label_of(text)
        if label and self._phase_level:
            self._is_in_gate = is_gate_label(label)
            self._tdd_group = tdd_group_of(label) or self._tdd_group

    def _read_files(self, text: str, indent: int, index: int) -> None:
        """Read the files that a line below the task at position `index` names."""
        if self._list_indent != NO_POSITION and indent <= self._list_indent:
            self._list_indent = NO_POSITION
        if removes_files(self._tasks[index].title):
            return
        if begins_file_list(text):
            self._list_indent = indent
        elif "`" in text and (paths := files_in(text, is_listed=self._list_indent != NO_POSITION)):
            self._paths_by_task.setdefault(index, []).extend(paths)

    def _read_status(self, line: Line) -> None:
        """Read a line that states the status of the open phase, or of the plan at its beginning or its end."""
        status_text = status_in(line.text)
        if status_text and self._phase_level and self.phases[-1].status is None and not self._open_tasks:
            status = HeaderStatus(line.number, status_text, state_in_status(status_text))
            self.phases[-1] = msgspec.structs.replace(self.phases[-1], status=status)
        elif status_text and self.status is None and line.number <= HEADER_LINE_COUNT:
            self.status = HeaderStatus(line.number, status_text, state_in_status(status_text))
        elif footer_text := plan_status_in(line.text):
            self.footer = HeaderStatus(line.number, footer_text, state_in_status(footer_text))

    def _read_test_run(self, line: Line) -> None:
        """Read a line that records a test run with failed or skipped tests."""
        for match in TEST_COUNTS_PATTERN.finditer(line.text[:MAX_SEARCHED_CHARACTERS]):
            if int(match["failed"]) or int(match["skipped"]):
                self.skipped.append((line.number, f"failed={int(match['failed'])}, skipped={int(match['skipped'])}"))
                return

    def _read_box(self, line: Line, box: re.Match[str]) -> None:
        """Read a box: a task or a sub-task of the open phase, or a box that belongs to no task."""
        text_after_box = box["rest"]
        if text_after_box and not text_after_box[0].isspace():
            self.glued.append((line.number, box.end("box")))
        task = named_task(text_after_box[:MAX_SEARCHED_CHARACTERS])
        if not self._phase_level or self._gate_level or self._other_level or (self._is_in_gate and not task.id):
            self._read_other_box(line, box)
            return
        indent = indent_of(line.text)
        while self._open_tasks and self._open_tasks[-1].indent >= indent:
            self._open_tasks.pop()
        parent = self._open_tasks[-1].position if self._open_tasks else self.phases[-1].index
        if len(self._open_tasks) >= MAX_SUBTASK_DEPTH:
            parent = self._tasks[parent].parent
        child_number = self._child_counts[parent] = self._child_counts.get(parent, 0) + 1
        parent_task = self._tasks[parent]
        task_id = task.id or f"{parent_task.id}{'.' if parent_task.kind == 'phase' else '/'}{child_number}"
        kind: TaskKind = "task" if parent_task.kind == "phase" else "subtask"
        if task.id:
            self.labelled.append(len(self._tasks))
        if self._tdd_group:
            self.tdd.append((line.number, self._tdd_group))
        index = self._add_item(
            line, task_id, task.title, kind, is_optional(task.title) or parent_task.optional, parent, box
        )
        self._open_tasks.append(_OpenTask(indent, index))
        self._list_indent = NO_POSITION

    def _read_other_box(self, line: Line, box: re.Match[str]) -> None:
        """Read a box that is no task. In a gate, the box counts for the gate of the open phase."""
        self._open_tasks.clear()
        self.checklist.append(line.number)
        if not self._phase_level or self._other_level or not (self._gate_level or self._is_in_gate):
            return
        phase = self.phases[-1]
        is_done = STATES_BY_MARKER.get(box["marker"]) == "done"
        self.phases[-1] = msgspec.structs.replace(
            phase,
            gate_done=phase.gate_done + is_done,
            gate_total=phase.gate_total + 1,
            first=phase.first or (0 if is_done else line.number),
        )

    def _add_item(
        self,
        line: Line,
        item_id: str,
        title: str,
        kind: TaskKind,
        optional: bool,
        parent: int = NO_POSITION,
        box: re.Match[str] | None = None,
    ) -> int:
        """Append a phase or a task to the list of tasks, and return its position.

        `parent` is the position of the phase or task that contains the new item.
        """
        marker = box["marker"] if box else ""
        columns = box.span("box") if box else (0, 0)
        self._tasks.append(
            Task(
                line=line.number,
                end=line.number,
                id=item_id,
                title=title.replace("**", ""),
                marker=marker,
                box=columns,
                state=STATES_BY_MARKER.get(marker, "open"),
                digest=digest_of(line.text, columns),
                indent=indent_of(line.text),
                level=self._tasks[parent].level + 1 if parent != NO_POSITION else 0,
                parent=parent,
                optional=optional,
                kind=kind,
            )
        )
        self._ends.append(line.number)
        return len(self._tasks) - 1
