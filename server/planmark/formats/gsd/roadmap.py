"""The facts of ROADMAP.md: phases, the plans below them, the progress table, and the shipped milestones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from planmark.formats.checkbox.id_ranges import ids_including_ranges
from planmark.formats.checkbox.lines import Line, full_width_to_ascii, read_lines, title_of
from planmark.formats.gsd.layout import PHASE_PATTERN, padded_number
from planmark.text.lazy_pattern import lazy_pattern

_PHASE_WORD = r"(?:[Pp]hase|PHASE|[Ff]ase|FASE)"
_PHASE_BOX = lazy_pattern(
    rf"\s*[-*]\s+(?P<box>\[(?P<mark>[ xX])\])\s*(?P<struck>(?:\*\*|~~)*)\s*{_PHASE_WORD}\s+(?P<id>{PHASE_PATTERN})(?![\w.-])(?P<rest>.*)$"
)
_PHASE_HEADING = lazy_pattern(
    rf"#{{2,4}}\s+(?:[^\w\s]+\s*)?{_PHASE_WORD}\s+(?P<id>{PHASE_PATTERN})(?:\s*[:–—-]\s*(?P<title>.*)|\s*)$"
)
_PLAN_BOX = lazy_pattern(
    rf"\s*[-*]\s+(?P<box>\[(?P<mark>[ xX])\])\s*(?:\*\*|`|\[|~~)*(?:Plan\s+)?(?P<phase>{PHASE_PATTERN})-(?P<plan>\d{{1,4}}[a-z]?)"
    r"(?![\w-]*\d)(?:-PLAN(?:\.md)?)?(?![\w-])`?(?:\]\([^()]*\))?(?P<rest>.*)$"
)
_FIELD_LINE = lazy_pattern(
    r"(?:[-*]\s+)?\*\*(?P<name>Goal|Depends on|Requirements|Success Criteria|Plans|Status"
    r"|Ziel|Objetivo|Meta|Depende de|Abhängig von|Hängt ab von|Anforderungen|Requisitos)"
    r"(?::\*\*|\*\*\s*(?:\([^)]*\)\s*)?:)\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_ROW_START = lazy_pattern(rf"\|\s*(?:\*\*|~~)*(?:{_PHASE_WORD}\s+)?(?P<id>{PHASE_PATTERN})[.:]?(?=[\s|*~])")
_DONE_OF_TOTAL = lazy_pattern(r"(?P<done>\d{1,5})\s*/\s*(?P<total>\d{1,5}|\?|TBD|-)(?:\s*plans?)?[^\w|]*$")
_STATUS_CELL = lazy_pattern(
    r"[^\w]*(?P<word>complete|done|shipped|in progress|not started|planned|deferred|pending)", re.IGNORECASE
)
_COMPLETE_STATUS = lazy_pattern(r"[^\w]*(?:complete|done|shipped)", re.IGNORECASE)
_MILESTONE_ITEM = lazy_pattern(
    rf"\s*[-*]\s+✅.*?{_PHASE_WORD}s?\s+(?P<first>\d{{1,4}})(?:[\d.]*\s*[-–—]\s*(?P<last>\d{{1,4}}))?"
)
"""Pattern of a list item that names the phases of a shipped milestone."""
_DETAILS_TAG = lazy_pattern(r"<(?P<end>/?)details(?P<open>\s+open\b)?", re.IGNORECASE)
_DONE_WORD = lazy_pattern(r"[✓✔✅☑]|\b(?:COMPLETED?|DONE|SHIPPED)\b")
"""Pattern of a sign or a word in the heading of a phase that says that the phase is done."""
_ANY_HEADING = lazy_pattern(r"#{1,4}\s")
_CONFLICT_START = lazy_pattern(r"<{7}(?: |$)")
_FIELD_NAMES = {
    **dict.fromkeys(("goal", "ziel", "objetivo", "meta"), "goal"),
    **dict.fromkeys(("depends on", "depende de", "abhängig von", "hängt ab von"), "depends on"),
    **dict.fromkeys(("requirements", "anforderungen", "requisitos"), "requirements"),
    "status": "status",
}
"""Label in several languages → the canonical name of the field."""
_LEADING_MARKS = " :–—-*`]~"
"""Characters between the id of a phase or plan and its title."""
Fact = TypeVar("Fact")


class RoadmapPhase(msgspec.Struct, frozen=True):
    """A phase in ROADMAP.

    `line` is the line of its heading, `box_line` the line of its box; each is 0 if absent. The section below the
    heading ends with line `end`. `box` contains the columns where the mark of the box begins and ends; `is_ticked` is
    None without a box. `struck` tells whether the line of the box is struck through. `shipped` tells whether a shipped
    milestone contains the phase. `claims` tells whether its heading or its status says that the phase is complete.
    `depends` is the text behind `Depends on`, and `depends_line` its line; they are None and 0 if ROADMAP states no
    dependencies of the phase.
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
    """A line of ROADMAP that lists a plan.

    `phase` is the id of the phase. `box` contains the columns where the mark begins and ends. `shipped` tells whether
    the line is in a shipped milestone.
    """

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


class ProgressRow(msgspec.Struct, frozen=True):
    """A row of the progress table.

    `phase` is the id of the phase. `cell` contains the columns where its text `done/total` begins and ends. `total` is
    -1 if it is unknown. `status` is in lower case, "" if absent.
    """

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
    """The facts of a ROADMAP.

    `plans` contains the lines that list plans, and `rows` the rows of the progress table. `shipped` contains the first
    and the last phase number of each shipped milestone. `conflicts` contains the lines where unresolved merge conflicts
    begin.
    """

    title: str = ""
    phases: tuple[RoadmapPhase, ...] = ()
    plans: tuple[PlanBox, ...] = ()
    rows: tuple[ProgressRow, ...] = ()
    shipped: tuple[tuple[int, int], ...] = ()
    conflicts: tuple[int, ...] = ()


def read_roadmap(text: str) -> RoadmapFacts:
    """Return the facts of a ROADMAP."""
    lines = read_lines(text)
    reader = _RoadmapReader()
    for line in lines:
        if line.kind == "text" and line.text:
            reader.read(line)
    title = title_of(lines)
    prefix, _, title_after_colon = title.partition(":")
    return RoadmapFacts(
        title=title_after_colon.strip() if prefix.lower() == "roadmap" and title_after_colon else title,
        phases=reader.phases(len(lines)),
        plans=_first_of_each_name((box.id, box) for box in sorted(reader.plan_boxes, key=lambda box: box.shipped)),
        rows=_first_of_each_name((row.phase, row) for row in reader.rows),
        shipped=tuple(reader.shipped_ranges),
        conflicts=tuple(line.number for line in lines if line.text[:1] == "<" and _CONFLICT_START.match(line.text)),
    )


def _first_of_each_name(named_facts: Iterable[tuple[str, Fact]]) -> tuple[Fact, ...]:
    """Return the facts in their order, but only the first of those with the same name."""
    result: dict[str, Fact] = {}
    for name, facts in named_facts:
        result.setdefault(name, facts)
    return tuple(result.values())


class _RoadmapReader:
    """The state of reading a ROADMAP line by line: the facts so far, and what contains the current line.

    A `<details>` element without the attribute `open` contains a shipped milestone.
    """

    def __init__(self) -> None:
        self.plan_boxes: list[PlanBox] = []
        self.rows: list[ProgressRow] = []
        self.shipped_ranges: list[tuple[int, int]] = []
        """The first and the last phase number of each shipped milestone."""
        self._heading_phases: list[RoadmapPhase] = []
        """The phases as their headings describe them."""
        self._box_phases: list[RoadmapPhase] = []
        """The phases as the lines with their boxes describe them."""
        self._shipped_flags: list[bool] = []
        """For each `<details>` element around the current line: True if it contains a shipped milestone."""
        self._is_section_open = False
        """True if the current line is in the section of the last phase of `_heading_phases`."""

    @property
    def _is_in_shipped_milestone(self) -> bool:
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
        """Read the tags `<details>` and `</details>` of a line."""
        for match in _DETAILS_TAG.finditer(text):
            if not match["end"]:
                self._shipped_flags.append(not match["open"])
            elif self._shipped_flags:
                self._shipped_flags.pop()

    def _read_heading(self, line: Line, text: str) -> None:
        """Read a heading. It ends the section of a phase, and may begin the section of a phase.

        `text` is the text of the line in ASCII punctuation, without its indentation.
        """
        if self._is_section_open and _ANY_HEADING.match(text):
            self._heading_phases[-1] = msgspec.structs.replace(self._heading_phases[-1], end=line.number - 1)
            self._is_section_open = False
        if match := _PHASE_HEADING.match(text):
            title_start = len(line.text) - len(text) + match.start("title") if match["title"] else len(line.text)
            title = line.text[title_start:].strip()
            phase = RoadmapPhase(padded_number(match["id"]), title, line.number, shipped=self._is_in_shipped_milestone)
            self._heading_phases.append(msgspec.structs.replace(phase, claims=bool(_DONE_WORD.search(title))))
            self._is_section_open = True

    def _read_item(self, line: Line, text: str) -> None:
        """Read a list item: a phase or a plan with a box, a shipped milestone, or a field.

        `text` is the text of the line in ASCII punctuation.
        """
        if "[" in text and (match := _PHASE_BOX.match(text)):
            title_text = line.text[match.start("rest") :].lstrip(_LEADING_MARKS)
            self._box_phases.append(
                RoadmapPhase(
                    padded_number(match["id"]),
                    title_text.partition("**")[0].strip(),
                    box_line=line.number,
                    box=match.span("mark"),
                    is_ticked=match["mark"] != " ",
                    struck="~~" in match["struck"],
                    shipped=self._is_in_shipped_milestone,
                )
            )
        elif "[" in text and (match := _PLAN_BOX.match(text)):
            phase_id = padded_number(match["phase"])
            title = line.text[match.start("rest") :].lstrip(_LEADING_MARKS).strip()
            self.plan_boxes.append(
                PlanBox(
                    f"{phase_id}-{padded_number(match['plan'])}",
                    phase_id,
                    title,
                    line.number,
                    match.span("mark"),
                    match["mark"],
                    self._is_in_shipped_milestone,
                )
            )
        elif "✅" in text and (match := _MILESTONE_ITEM.match(text)):
            first_number = int(match["first"])
            self.shipped_ranges.append((first_number, int(match["last"] or first_number)))
        else:
            self._read_field(line, text)

    def _read_field(self, line: Line, text: str) -> None:
        """Read a field of the phase whose section is open, such as `**Goal**: …`.

        The first value of a field counts.
        """
        match = _FIELD_LINE.match(text.lstrip()) if self._is_section_open else None
        if not match:
            return
        name, value, phase = (
            _FIELD_NAMES.get(match["name"].lower(), ""),
            match["value"].strip(),
            self._heading_phases[-1],
        )
        if name == "goal" and not phase.goal:
            phase = msgspec.structs.replace(phase, goal=value)
        elif name == "depends on" and phase.depends is None:
            phase = msgspec.structs.replace(phase, depends=value, depends_line=line.number)
        elif name == "requirements" and not phase.requirements:
            phase = msgspec.structs.replace(phase, requirements=ids_including_ranges(value))
        elif name == "status" and _COMPLETE_STATUS.match(value):
            phase = msgspec.structs.replace(phase, claims=True)
        self._heading_phases[-1] = phase

    def _read_row(self, line: Line, text: str) -> None:
        """Read a row of the progress table. A row without `done/total` is ignored."""
        match = _ROW_START.match(text.lstrip())
        if not match:
            return
        cell_start, progress, status = 0, None, ""
        for cell in text.split("|"):
            cell_text = cell.strip()
            if progress is None and (progress := _DONE_OF_TOTAL.match(cell_text)):
                text_start = cell_start + len(cell) - len(cell.lstrip())
                columns = (text_start, text_start + progress.end("total"))
            elif progress and not status and (status_match := _STATUS_CELL.match(cell_text)):
                status = status_match["word"].lower()
            cell_start += len(cell) + 1
        if progress:
            total = int(progress["total"]) if progress["total"].isdigit() else -1
            self.rows.append(
                ProgressRow(padded_number(match["id"]), line.number, columns, int(progress["done"]), total, status)
            )

    def phases(self, line_count: int) -> tuple[RoadmapPhase, ...]:
        """Return the phases of a ROADMAP with `line_count` lines, each with the facts of its heading and its box.

        A phase that is not shipped takes precedence over a shipped phase with the same id.
        """
        if self._is_section_open:
            self._heading_phases[-1] = msgspec.structs.replace(self._heading_phases[-1], end=line_count)
        phases_by_id: dict[str, RoadmapPhase] = {}
        for is_shipped in (False, True):
            box_phases = {
                box_phase.id: box_phase for box_phase in reversed(self._box_phases) if box_phase.shipped == is_shipped
            }
            merged_phases: dict[str, RoadmapPhase] = {}
            for heading_phase in self._heading_phases:
                if heading_phase.shipped == is_shipped:
                    merged_phases.setdefault(heading_phase.id, heading_phase)
            for box_phase in box_phases.values():
                phase = merged_phases.get(box_phase.id)
                merged_phases[box_phase.id] = (
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
            phases_by_id = {**merged_phases, **phases_by_id}
        return tuple(phases_by_id.values())
