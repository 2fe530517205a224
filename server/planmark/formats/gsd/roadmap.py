"""The facts of ROADMAP.md: phases, the plans below them, the progress table, and the shipped milestones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from planmark.formats.checkbox.id_ranges import ids_with_ranges
from planmark.formats.checkbox.lines import Line, full_width_to_ascii, read_lines, title_of
from planmark.formats.gsd.layout import PHASE_PATTERN, padded_number

_PHASE_WORD = r"(?:[Pp]hase|PHASE|[Ff]ase|FASE)"
_PHASE_BOX = re.compile(
    rf"\s*[-*]\s+(?P<box>\[(?P<mark>[ xX])\])\s*(?P<struck>(?:\*\*|~~)*)\s*{_PHASE_WORD}\s+(?P<id>{PHASE_PATTERN})(?![\w.-])(?P<rest>.*)$"
)
_PHASE_HEADING = re.compile(
    rf"#{{2,4}}\s+(?:[^\w\s]+\s*)?{_PHASE_WORD}\s+(?P<id>{PHASE_PATTERN})(?:\s*[:–—-]\s*(?P<title>.*)|\s*)$"
)
_PLAN_BOX = re.compile(
    rf"\s*[-*]\s+(?P<box>\[(?P<mark>[ xX])\])\s*(?:\*\*|`|\[|~~)*(?:Plan\s+)?(?P<phase>{PHASE_PATTERN})-(?P<plan>\d{{1,4}}[a-z]?)"
    r"(?![\w-]*\d)(?:-PLAN(?:\.md)?)?(?![\w-])`?(?:\]\([^()]*\))?(?P<rest>.*)$"
)
_FIELD_LINE = re.compile(
    r"(?:[-*]\s+)?\*\*(?P<name>Goal|Depends on|Requirements|Success Criteria|Plans|Status"
    r"|Ziel|Objetivo|Meta|Depende de|Abhängig von|Hängt ab von|Anforderungen|Requisitos)"
    r"(?::\*\*|\*\*\s*(?:\([^)]*\)\s*)?:)\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_ROW_START = re.compile(rf"\|\s*(?:\*\*|~~)*(?:{_PHASE_WORD}\s+)?(?P<id>{PHASE_PATTERN})[.:]?(?=[\s|*~])")
_DONE_OF_TOTAL = re.compile(r"(?P<done>\d{1,5})\s*/\s*(?P<total>\d{1,5}|\?|TBD|-)(?:\s*plans?)?[^\w|]*$")
_STATUS_CELL = re.compile(
    r"[^\w]*(?P<word>complete|done|shipped|in progress|not started|planned|deferred|pending)", re.IGNORECASE
)
_COMPLETE_STATUS = re.compile(r"[^\w]*(?:complete|done|shipped)", re.IGNORECASE)
_MILESTONE_ITEM = re.compile(
    rf"\s*[-*]\s+✅.*?{_PHASE_WORD}s?\s+(?P<first>\d{{1,4}})(?:[\d.]*\s*[-–—]\s*(?P<last>\d{{1,4}}))?"
)
_DETAILS_TAG = re.compile(r"<(?P<end>/?)details(?P<open>\s+open\b)?", re.IGNORECASE)
_DONE_WORD = re.compile(r"[✓✔✅☑]|\b(?:COMPLETED?|DONE|SHIPPED)\b")
_ANY_HEADING = re.compile(r"#{1,4}\s")
_CONFLICT_START = re.compile(r"<{7}(?: |$)")
_FIELD_NAMES = {
    **dict.fromkeys(("goal", "ziel", "objetivo", "meta"), "goal"),
    **dict.fromkeys(("depends on", "depende de", "abhängig von", "hängt ab von"), "depends on"),
    **dict.fromkeys(("requirements", "anforderungen", "requisitos"), "requirements"),
    "status": "status",
}
"""Label in several languages → the canonical name of the field."""
_LEADING_MARKS = " :–—-*`]~"
Fact = TypeVar("Fact")


class RoadmapPhase(msgspec.Struct, frozen=True):
    """A phase in ROADMAP.

    `line` is the line of its heading, `box_line` the line of its box; each is 0 if absent. `is_ticked` is None without
    a box, and `box` are the columns of the mark. `shipped` tells whether a closed milestone
    contains it. `claims` tells whether its heading or its status says that the phase is complete. `depends` is None if
    ROADMAP states no dependencies, and `depends_line` is 0. The section ends with line `end`.
    """

    id: str
    title: str
    line: int = 0
    end: int = 0
    box_line: int = 0
    box: tuple[int, int] = (0, 0)
    is_ticked: bool | None = None
    struck: bool = False
    shipped: bool = False
    claims: bool = False
    goal: str = ""
    depends: str | None = None
    depends_line: int = 0
    requirements: tuple[str, ...] = ()


class PlanBox(msgspec.Struct, frozen=True):
    """A line of ROADMAP that lists a plan. `box` are the columns of the mark in the line."""

    id: str
    phase: str
    title: str
    line: int
    box: tuple[int, int]
    mark: str
    shipped: bool

    @property
    def is_ticked(self) -> bool:
        """True if the box has a mark."""
        return self.mark != " "


class Row(msgspec.Struct, frozen=True):
    """A row of the progress table. `cell` are the columns of its `done/total`; `total` is -1 if it is unknown."""

    phase: str
    line: int
    cell: tuple[int, int]
    done: int
    total: int
    status: str

    @property
    def complete(self) -> bool:
        """True if the status says that the phase is complete."""
        return self.status in ("complete", "done", "shipped")


class RoadmapFacts(msgspec.Struct, frozen=True, tag="roadmap"):
    """The facts of a ROADMAP. `shipped` contains the first and the last phase number of each shipped milestone."""

    title: str = ""
    phases: tuple[RoadmapPhase, ...] = ()
    plans: tuple[PlanBox, ...] = ()
    rows: tuple[Row, ...] = ()
    shipped: tuple[tuple[int, int], ...] = ()
    conflicts: tuple[int, ...] = ()


def read_roadmap(text: str) -> RoadmapFacts:
    """Return the facts of a ROADMAP."""
    lines = read_lines(text)
    reader = _Reader()
    for line in lines:
        if line.kind == "text" and line.text:
            reader.read(line)
    title = title_of(lines)
    prefix, _, rest = title.partition(":")
    return RoadmapFacts(
        title=rest.strip() if prefix.lower() == "roadmap" and rest else title,
        phases=reader.phases(len(lines)),
        plans=_first_by_name((box.id, box) for box in sorted(reader.plans, key=lambda box: box.shipped)),
        rows=_first_by_name((row.phase, row) for row in reader.rows),
        shipped=tuple(reader.milestones),
        conflicts=tuple(line.number for line in lines if line.text[:1] == "<" and _CONFLICT_START.match(line.text)),
    )


def _first_by_name(facts_by_name: Iterable[tuple[str, Fact]]) -> tuple[Fact, ...]:
    result: dict[str, Fact] = {}
    for name, facts in facts_by_name:
        result.setdefault(name, facts)
    return tuple(result.values())


class _Reader:
    """The state of reading a ROADMAP: its parts so far, the open section, and the open `<details>` elements.

    A closed `<details>` element contains a shipped milestone.
    """

    def __init__(self) -> None:
        self.plans: list[PlanBox] = []
        self.rows: list[Row] = []
        self.milestones: list[tuple[int, int]] = []
        self._headings: list[RoadmapPhase] = []
        self._boxes: list[RoadmapPhase] = []
        self._shipped_flags: list[bool] = []
        self._is_section_open = False

    @property
    def _is_shipped(self) -> bool:
        return any(self._shipped_flags)

    def read(self, line: Line) -> None:
        """Read one line."""
        text = full_width_to_ascii(line.text)
        stripped_text = text.lstrip()
        if "<" in text and "details" in text.lower():
            self._read_details(text)
        if stripped_text.startswith("#"):
            self._read_heading(line, stripped_text)
        elif stripped_text.startswith("|"):
            self._read_row(line, text)
        elif stripped_text.startswith("**"):
            self._read_field(line, stripped_text)
        elif stripped_text[:1] in ("-", "*"):
            self._read_item(line, text)

    def _read_details(self, text: str) -> None:
        for match in _DETAILS_TAG.finditer(text):
            if not match["end"]:
                self._shipped_flags.append(not match["open"])
            elif self._shipped_flags:
                self._shipped_flags.pop()

    def _read_heading(self, line: Line, text: str) -> None:
        if self._is_section_open and _ANY_HEADING.match(text):
            self._headings[-1] = msgspec.structs.replace(self._headings[-1], end=line.number - 1)
            self._is_section_open = False
        if match := _PHASE_HEADING.match(text):
            index = len(line.text) - len(text) + match.start("title") if match["title"] else len(line.text)
            title = line.text[index:].strip()
            phase = RoadmapPhase(padded_number(match["id"]), title, line.number, shipped=self._is_shipped)
            self._headings.append(msgspec.structs.replace(phase, claims=bool(_DONE_WORD.search(title))))
            self._is_section_open = True

    def _read_item(self, line: Line, text: str) -> None:
        if "[" in text and (match := _PHASE_BOX.match(text)):
            rest = line.text[match.start("rest") :].lstrip(_LEADING_MARKS)
            self._boxes.append(
                RoadmapPhase(
                    padded_number(match["id"]),
                    rest.partition("**")[0].strip(),
                    box_line=line.number,
                    box=match.span("mark"),
                    is_ticked=match["mark"] != " ",
                    struck="~~" in match["struck"],
                    shipped=self._is_shipped,
                )
            )
        elif "[" in text and (match := _PLAN_BOX.match(text)):
            phase = padded_number(match["phase"])
            title = line.text[match.start("rest") :].lstrip(_LEADING_MARKS).strip()
            self.plans.append(
                PlanBox(
                    f"{phase}-{padded_number(match['plan'])}",
                    phase,
                    title,
                    line.number,
                    match.span("mark"),
                    match["mark"],
                    self._is_shipped,
                )
            )
        elif "✅" in text and (match := _MILESTONE_ITEM.match(text)):
            first = int(match["first"])
            self.milestones.append((first, int(match["last"] or first)))
        else:
            self._read_field(line, text)

    def _read_field(self, line: Line, text: str) -> None:
        match = _FIELD_LINE.match(text.lstrip()) if self._is_section_open else None
        if not match:
            return
        name, value, phase = _FIELD_NAMES.get(match["name"].lower(), ""), match["value"].strip(), self._headings[-1]
        if name == "goal" and not phase.goal:
            phase = msgspec.structs.replace(phase, goal=value)
        elif name == "depends on" and phase.depends is None:
            phase = msgspec.structs.replace(phase, depends=value, depends_line=line.number)
        elif name == "requirements" and not phase.requirements:
            phase = msgspec.structs.replace(phase, requirements=ids_with_ranges(value))
        elif name == "status" and _COMPLETE_STATUS.match(value):
            phase = msgspec.structs.replace(phase, claims=True)
        self._headings[-1] = phase

    def _read_row(self, line: Line, text: str) -> None:
        match = _ROW_START.match(text.lstrip())
        if not match:
            return
        cell_start, progress, status = 0, None, ""
        for cell in text.split("|"):
            inner = cell.strip()
            if progress is None and (progress := _DONE_OF_TOTAL.match(inner)):
                start = cell_start + len(cell) - len(cell.lstrip())
                columns = (start, start + progress.end("total"))
            elif progress and not status and (status_match := _STATUS_CELL.match(inner)):
                status = status_match["word"].lower()
            cell_start += len(cell) + 1
        if progress:
            total = int(progress["total"]) if progress["total"].isdigit() else -1
            self.rows.append(
                Row(padded_number(match["id"]), line.number, columns, int(progress["done"]), total, status)
            )

    def phases(self, length: int) -> tuple[RoadmapPhase, ...]:
        """Return the phases, each with its heading and its box.

        A phase that is not shipped takes precedence over a shipped phase with the same id.
        """
        if self._is_section_open:
            self._headings[-1] = msgspec.structs.replace(self._headings[-1], end=length)
        phases_by_id: dict[str, RoadmapPhase] = {}
        for is_shipped in (False, True):
            boxes = {box_phase.id: box_phase for box_phase in reversed(self._boxes) if box_phase.shipped == is_shipped}
            new_phases: dict[str, RoadmapPhase] = {}
            for heading_phase in self._headings:
                if heading_phase.shipped == is_shipped:
                    new_phases.setdefault(heading_phase.id, heading_phase)
            for box_phase in boxes.values():
                phase = new_phases.get(box_phase.id)
                new_phases[box_phase.id] = (
                    box_phase
                    if phase is None
                    else msgspec.structs.replace(
                        phase,
                        box_line=box_phase.box_line,
                        box=box_phase.box,
                        is_ticked=box_phase.is_ticked,
                        struck=box_phase.struck,
                    )
                )
            phases_by_id = {**new_phases, **phases_by_id}
        return tuple(phases_by_id.values())
