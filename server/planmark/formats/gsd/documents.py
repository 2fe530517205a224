"""The facts of the GSD documents other than ROADMAP: PLAN, VERIFICATION, UAT and STATE."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

import planmark.formats.gsd.layout as layout
from planmark.formats.checkbox.lines import read_lines
from planmark.formats.gsd.front_matter import FrontMatterEntry, front_matter, unquoted
from planmark.formats.gsd.layout import PHASE_PATTERN, padded_number
from planmark.formats.gsd.roadmap import RoadmapFacts, read_roadmap

_FULL_PLAN_ID = re.compile(
    rf"(?:[A-Z]{{1,6}}-)?(?P<phase>{PHASE_PATTERN})-(?P<plan>\d{{1,4}}[a-z]?)(?:-(?:PLAN|SUMMARY)(?:\.md)?)?$"
)
_SHORT_PLAN_ID = re.compile(r"(?:(?i:plan)[ -]?)?(?P<plan>\d{1,4}[a-z]?)$")
_NUMBER = re.compile(r"\d{1,6}")
_BODY_STATUS = re.compile(r"\*\*(?:Status|Overall Status):?\*\*:?\s*(?P<value>.*)$", re.IGNORECASE)
_RESULT_PATTERNS = (
    ("gaps_found", re.compile(r"gaps?[ _-]?found\b", re.IGNORECASE)),
    ("human_needed", re.compile(r"human[ _-](?:needed|verification)\b", re.IGNORECASE)),
    ("passed", re.compile(r"pass(?:ed)?\b", re.IGNORECASE)),
)
_ARROW = re.compile(r"→|->|=>")
VERIFICATION_RESULTS = frozenset({"passed", "gaps_found", "human_needed"})
"""Results of a verification that GSD defines."""


class PlanFileFacts(msgspec.Struct, frozen=True, tag="plan"):
    """The facts of a PLAN.

    `number` is its `plan:`; `wave` is 0 if it is unknown; `depends_on` are ids as written. `has_depends` tells whether
    the PLAN states dependencies, so that the wave can be computed. Each line number is 1 if the field is absent.
    `objective` is the first line of `<objective>`, and `objective_line` the line where this element begins. `conflict`
    is the line of an unresolved merge conflict, or 0.
    """

    number: str = ""
    wave: int = 0
    wave_line: int = 1
    depends_on: tuple[str, ...] = ()
    has_depends: bool = False
    depends_line: int = 1
    autonomous: bool = True
    requirements: tuple[str, ...] = ()
    objective: str = ""
    objective_line: int = 0
    files_modified: tuple[str, ...] = ()
    conflict: int = 0


class CheckFacts(msgspec.Struct, frozen=True, tag="check"):
    """The facts of a VERIFICATION or a UAT.

    `status` is the status in the front matter, and `body` the status in the text; each is "" if absent.
    """

    status: str = ""
    line: int = 1
    body: str = ""
    body_line: int = 1
    conflict: int = 0

    @property
    def result(self) -> str:
        """The status in the front matter, else the status in the body; "" if both are absent."""
        return self.status or self.body

    @property
    def contradictory(self) -> bool:
        """True if the front matter and the body state different statuses."""
        return bool(self.status and self.body and self.status != self.body)


class StateFacts(msgspec.Struct, frozen=True, tag="state"):
    """The facts of STATE: the milestone, and the number of plans that it calls done (-1 if absent)."""

    milestone: str = ""
    name: str = ""
    done_count: int = -1
    total: int = -1
    done_line: int = 1
    total_line: int = 1
    conflict: int = 0


class OtherFacts(msgspec.Struct, frozen=True, tag="other"):
    """The facts of a document that is not parsed: only the line of a merge conflict, or 0."""

    conflict: int = 0


Facts = RoadmapFacts | PlanFileFacts | CheckFacts | StateFacts | OtherFacts


def parse(_path: str, role: str, text: str) -> msgspec.Struct:
    """Return the facts of a document."""
    if role in (layout.ROADMAP, layout.SHIPPED):
        return read_roadmap(text)
    if role == layout.PLAN:
        return _plan_facts(text)
    if role in (layout.VERIFICATION, layout.UAT):
        return _check_facts(text)
    if role == layout.STATE:
        return _state_facts(text)
    return OtherFacts(_conflict_line(text) if role == layout.SUMMARY else 0)


def _conflict_line(text: str) -> int:
    """Return the line where an unresolved merge conflict begins; 0 without a conflict."""
    index = -1 if text.startswith("<<<<<<< ") else text.find("\n<<<<<<< ")
    if index < 0 and not text.startswith("<<<<<<< "):
        return 0
    middle = text.find("\n=======", index + 1)
    return text.count("\n", 0, index + 1) + 1 if 0 <= middle < text.find("\n>>>>>>> ", middle + 1) else 0


def _plan_facts(text: str) -> PlanFileFacts:
    header = front_matter(text)
    wave, depends, number = header.get("wave"), header.get("depends_on"), header.get("plan")
    objective, line = _objective_and_line(text)
    requirements = header.get("requirements")
    written_match = (_SHORT_PLAN_ID.match(number.text) or _FULL_PLAN_ID.match(number.text)) if number else None
    return PlanFileFacts(
        number=padded_number(written_match["plan"]) if written_match else "",
        wave=_number_in(wave),
        wave_line=wave.line if wave else 1,
        depends_on=tuple(dict.fromkeys(depends.values())) if depends else (),
        has_depends=depends is not None,
        depends_line=depends.line if depends else 1,
        autonomous=header["autonomous"].text.lower() != "false" if "autonomous" in header else True,
        requirements=requirements.values() if requirements else (),
        objective=objective,
        objective_line=line,
        files_modified=header["files_modified"].values() if "files_modified" in header else (),
        conflict=_conflict_line(text),
    )


def _number_in(entry: FrontMatterEntry | None, missing_value: int = 0) -> int:
    match = _NUMBER.match(entry.text) if entry else None
    return int(match[0]) if match else missing_value


def _objective_and_line(text: str) -> tuple[str, int]:
    index = text.find("<objective>")
    if index < 0:
        return "", 0
    inner = text[index + len("<objective>") : index + 2_000].partition("</objective>")[0]
    first = next((line.strip() for line in inner.splitlines() if line.strip()), "")
    return first, text.count("\n", 0, index) + 1


def plan_id_of_reference(reference: str, phase_id: str) -> str:
    """Return the id of a plan on which a plan of `phase_id` depends. `01` alone is a plan of the same phase."""
    name = unquoted(reference).rpartition("/")[2]
    if full_match := _FULL_PLAN_ID.match(name):
        return f"{padded_number(full_match['phase'])}-{padded_number(full_match['plan'])}"
    short_match = _SHORT_PLAN_ID.match(name)
    return f"{phase_id}-{padded_number(short_match['plan'])}" if short_match else name


def result_of(text: str) -> str:
    """Return the result that a text names; "" if it names no result that GSD defines."""
    last = _ARROW.split(text[:200])[-1]
    return next((word for word, pattern in _RESULT_PATTERNS if pattern.search(last)), "")


def _check_facts(text: str) -> CheckFacts:
    header = front_matter(text)
    status = header.get("status")
    body, body_line = "", 1
    for line in read_lines(text):
        if line.kind == "text" and "tatus" in line.text and (match := _BODY_STATUS.match(line.text.strip())):
            body, body_line = result_of(match["value"]), line.number
            break
    return CheckFacts(
        status.text.lower() if status else "", status.line if status else 1, body, body_line, _conflict_line(text)
    )


def _state_facts(text: str) -> StateFacts:
    header = front_matter(text)
    entry, total = header.get("progress.completed_plans"), header.get("progress.total_plans")
    return StateFacts(
        milestone=header["milestone"].text if "milestone" in header else "",
        name=header["milestone_name"].text if "milestone_name" in header else "",
        done_count=_number_in(entry, -1),
        total=_number_in(total, -1),
        done_line=entry.line if entry else 1,
        total_line=total.line if total else 1,
        conflict=_conflict_line(text),
    )


def worst_result(checks: Sequence[CheckFacts]) -> str:
    """Return the worst result of several verifications of one phase; "" if they have no result."""
    results_of_checks = [check.result for check in checks if check.result]
    return next(
        (result for result in ("gaps_found", "human_needed") if result in results_of_checks),
        results_of_checks[0] if results_of_checks else "",
    )
