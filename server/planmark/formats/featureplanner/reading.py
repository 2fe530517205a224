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
    SKIPPED_PATTERN,
    STATES,
    begins_files,
    files_in,
    footer_in,
    is_aside,
    is_gate,
    is_gate_label,
    is_optional,
    is_rollback,
    label_of,
    named_task,
    phase_of,
    plan_title,
    removes,
    stated_state,
    status_in,
    tdd_of,
)

HEADER_LINES = 15
"""The number of lines in which the status of a plan stands."""
MAX_LEVEL = 20
"""The maximum nesting depth of sub-tasks. A deeper task belongs to the last task at this depth."""
_CONFLICT = re.compile(r"<{7}(?: |$)")


class HeaderStatus(msgspec.Struct, frozen=True):
    """A line that states a status: its text, and the state that it names ("" for none)."""

    line: int
    text: str
    state: str


class GatedPhase(msgspec.Struct, frozen=True):
    """A phase: its position in the list of tasks, its status, and its gate.

    `first` is the line of the first open gate box.
    """

    index: int
    status: HeaderStatus | None = None
    gate_done: int = 0
    gate_total: int = 0
    first: int = 0


class PhasedPlanFacts(msgspec.Struct, frozen=True):
    """The facts of a plan.

    `is_plan` tells whether the document says that it is a plan: by its title and a phase. `tdd` are pairs of the line
    of a task and the name of its group. `glued` are the lines of boxes without a space behind, with the column for it.
    `skipped` are lines that record a test run with failed or skipped tests: the line, and what it says. `labelled` are
    the positions of the tasks with a printed label.
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


class _Open(NamedTuple):
    """An open task: its indentation and its position."""

    indent: int
    at: int


def read(text: str) -> PhasedPlanFacts:
    """Return the facts of a plan."""
    lines = read_lines(text)
    reader = _Reader()
    for line in lines:
        reader.read(line)
    conflicts = tuple(line.number for line in lines if line.text[:1] == "<" and _CONFLICT.match(line.text))
    title = reader.title or ""
    return PhasedPlanFacts(
        title=title,
        is_plan=bool(title and reader.phases),
        task_list=TaskList(
            tasks=tuple(reader.finished(len(lines))), checklist=tuple(reader.checklist), conflicts=conflicts
        ),
        status=reader.status,
        footer=reader.footer,
        phases=tuple(reader.phases),
        tdd=tuple(reader.tdd),
        glued=tuple(reader.glued),
        skipped=tuple(reader.skipped),
        labelled=tuple(reader.labelled),
    )


class _Reader:
    """The state of reading: the open phase and tasks, and what kind of boxes follow."""

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
        self._files: dict[int, list[str]] = {}
        self._below: dict[int, int] = {}
        self._open: list[_Open] = []
        self._level = 0
        """The level of the heading of the open phase, 0 without one."""
        self._rollback = 0
        self._gate = self._aside = 0
        """The level of the heading of the open gate, and of an open list that is not a task; 0 without one."""
        self._in_gate = False
        self._group = ""
        self._list = NO_POSITION
        """The indentation of the open `- File(s):` that has its paths in a list below it, or `NO_POSITION`."""

    def finished(self, last: int) -> list[Task]:
        """Return the tasks with their ends and files."""
        self._close(last)
        return [
            msgspec.structs.replace(
                task,
                end=self._ends[index],
                creates=tuple(path for path in dict.fromkeys(self._files.get(index, ())) if may_be_tracked_file(path)),
            )
            for index, task in enumerate(self._tasks)
        ]

    def read(self, line: Line) -> None:
        """Read the next line."""
        text = line.text
        if line.kind == "fence" and self._open and indent_of(text) > self._open[-1].indent:
            self._ends[self._open[-1].at] = line.number
        if line.kind != "text" or not text.strip():
            return
        if "#" in text and (heading := heading_of(text)):
            self._heading(line, heading)
        elif "[" in text and (box := BOX_PATTERN.match(text)):
            self._box(line, box)
        else:
            self._text(line)
        if "skipped=" in text:
            self._run(line)

    def _close(self, last: int) -> None:
        """Close the open phase, if there is one, with its last line."""
        if self._level:
            self._ends[self.phases[-1].index] = last
            self._level = 0

    def _heading(self, line: Line, heading: Heading) -> None:
        level = heading.level
        self._open.clear()
        self._in_gate, self._group = False, ""
        if level == 1 and self.title is None:
            self.title = plan_title(heading.title)
        if self._rollback and level <= self._rollback:
            self._rollback = 0
        if level <= self._level:
            self._close(line.number - 1)
        if not self._level or level <= max(self._gate, self._aside):
            self._gate = self._aside = 0
        if not self._rollback and is_rollback(heading):
            self._rollback = level
        phase = None if self._rollback else phase_of(heading)
        if phase:
            self._close(line.number - 1)
            self._level, self._gate, self._aside = level, 0, 0
            self.phases.append(GatedPhase(len(self._tasks)))
            self._add(line, phase.id, phase.title, "phase", phase.optional)
        elif self._level and not self._gate and not self._aside:
            self._gate = level if is_gate(heading) else 0
            self._aside = level if is_aside(heading) else 0

    def _text(self, line: Line) -> None:
        text = line.text
        indent = indent_of(text)
        while self._open and self._open[-1].indent >= indent:
            self._open.pop()
        if self._open:
            index = self._open[-1].at
            self._ends[index] = line.number
            self._named_files(text, indent, index)
        if "**" not in text and "__" not in text:
            return
        self._status(line)
        label = label_of(text)
        if label and self._level:
            self._in_gate = is_gate_label(label)
            self._group = tdd_of(label) or self._group

    def _named_files(self, text: str, indent: int, index: int) -> None:
        """Note the files that a line below a task names."""
        if self._list != NO_POSITION and indent <= self._list:
            self._list = NO_POSITION
        if removes(self._tasks[index].title):
            return
        if begins_files(text):
            self._list = indent
        elif "`" in text and (paths := files_in(text, is_listed=self._list != NO_POSITION)):
            self._files.setdefault(index, []).extend(paths)

    def _status(self, line: Line) -> None:
        status_word = status_in(line.text)
        if status_word and self._level and self.phases[-1].status is None and not self._open:
            status = HeaderStatus(line.number, status_word, stated_state(status_word))
            self.phases[-1] = msgspec.structs.replace(self.phases[-1], status=status)
        elif status_word and self.status is None and line.number <= HEADER_LINES:
            self.status = HeaderStatus(line.number, status_word, stated_state(status_word))
        elif footer := footer_in(line.text):
            self.footer = HeaderStatus(line.number, footer, stated_state(footer))

    def _run(self, line: Line) -> None:
        for match in SKIPPED_PATTERN.finditer(line.text[:MAX_SEARCHED_CHARACTERS]):
            if int(match["failed"]) or int(match["skipped"]):
                self.skipped.append((line.number, f"failed={int(match['failed'])}, skipped={int(match['skipped'])}"))
                return

    def _box(self, line: Line, box: re.Match[str]) -> None:
        rest = box["rest"]
        if rest and not rest[0].isspace():
            self.glued.append((line.number, box.end("box")))
        task = named_task(rest[:MAX_SEARCHED_CHARACTERS])
        if not self._level or self._gate or self._aside or (self._in_gate and not task.id):
            self._read_other_box(line, box)
            return
        indent = indent_of(line.text)
        while self._open and self._open[-1].indent >= indent:
            self._open.pop()
        parent = self._open[-1].at if self._open else self.phases[-1].index
        if len(self._open) >= MAX_LEVEL:
            parent = self._tasks[parent].parent
        number = self._below[parent] = self._below.get(parent, 0) + 1
        above = self._tasks[parent]
        identity = task.id or f"{above.id}{'.' if above.kind == 'phase' else '/'}{number}"
        kind: TaskKind = "task" if above.kind == "phase" else "subtask"
        if task.id:
            self.labelled.append(len(self._tasks))
        if self._group:
            self.tdd.append((line.number, self._group))
        index = self._add(line, identity, task.title, kind, is_optional(task.title) or above.optional, parent, box)
        self._open.append(_Open(indent, index))
        self._list = NO_POSITION

    def _read_other_box(self, line: Line, box: re.Match[str]) -> None:
        self._open.clear()
        self.checklist.append(line.number)
        if not self._level or self._aside or not (self._gate or self._in_gate):
            return
        phase = self.phases[-1]
        is_done = STATES.get(box["marker"]) == "done"
        self.phases[-1] = msgspec.structs.replace(
            phase,
            gate_done=phase.gate_done + is_done,
            gate_total=phase.gate_total + 1,
            first=phase.first or (0 if is_done else line.number),
        )

    def _add(
        self,
        line: Line,
        identity: str,
        title: str,
        kind: TaskKind,
        optional: bool,
        parent: int = NO_POSITION,
        box: re.Match[str] | None = None,
    ) -> int:
        marker = box["marker"] if box else ""
        columns = box.span("box") if box else (0, 0)
        self._tasks.append(
            Task(
                line=line.number,
                end=line.number,
                id=identity,
                title=title.replace("**", ""),
                marker=marker,
                box=columns,
                state=STATES.get(marker, "open"),
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
