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
from planmark.text.lazy_pattern import lazy_pattern

_FULL_PLAN_ID = lazy_pattern(
    rf"(?:[A-Z]{{1,6}}-)?(?P<phase>{PHASE_PATTERN})-(?P<plan>\d{{1,4}}[a-z]?)(?:-(?:PLAN|SUMMARY)(?:\.md)?)?$"
)
_SHORT_PLAN_ID = lazy_pattern(r"(?:(?i:plan)[ -]?)?(?P<plan>\d{1,4}[a-z]?)$")
_NUMBER = lazy_pattern(r"\d{1,6}")
_BODY_STATUS = lazy_pattern(r"\*\*(?:Status|Overall Status):?\*\*:?\s*(?P<value>.*)$", re.IGNORECASE)
_RESULT_PATTERNS = (
    ("gaps_found", lazy_pattern(r"gaps?[ _-]?found\b", re.IGNORECASE)),
    ("human_needed", lazy_pattern(r"human[ _-](?:needed|verification)\b", re.IGNORECASE)),
    ("passed", lazy_pattern(r"pass(?:ed)?\b", re.IGNORECASE)),
)
"""The results of a verification, the worst first, each with the pattern of its words in a text."""
_ARROW = lazy_pattern(r"→|->|=>")
VERIFICATION_RESULTS = frozenset({"passed", "gaps_found", "human_needed"})
"""Results of a verification that GSD defines."""


class PlanFileFacts(msgspec.Struct, frozen=True, tag="plan"):
    """The facts of a PLAN.

    `number` is the value of `plan:` with at least two digits, "" if absent; `wave` is 0 if it is unknown. `depends_on`
    contains the ids as written. `has_depends` tells whether the PLAN has the field `depends_on`, so that the wave can
    be computed. `wave_line` and `depends_line` are 1 if the field is absent. `objective` is the first line of the text
    in `<objective>`, and `objective_line` the line where this element begins, 0 if it is absent. `conflict` is the line
    of an unresolved merge conflict, or 0.
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

    `status` is the status in the front matter, and `body` the status in the text; each is "" if absent. `line` and
    `body_line` are their lines, 1 if absent. `conflict` is the line of an unresolved merge conflict, or 0.
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
    """The facts of STATE: the version and the name of the milestone, and the counts of its plans.

    `done_count` is the number of plans that STATE calls done, and `total` the number of all plans; each is -1 if
    absent. `done_line` and `total_line` are their lines. `conflict` is the line of an unresolved merge conflict, or 0.
    """

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


GsdFacts = RoadmapFacts | PlanFileFacts | CheckFacts | StateFacts | OtherFacts


def parse(_path: str, role: str, text: str) -> msgspec.Struct:
    """Return the facts of a document. The role decides their class."""
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
    """Return the line where the first unresolved merge conflict begins; 0 without a conflict."""
    start = -1 if text.startswith("<<<<<<< ") else text.find("\n<<<<<<< ")
    if start < 0 and not text.startswith("<<<<<<< "):
        return 0
    separator_start = text.find("\n=======", start + 1)
    return (
        text.count("\n", 0, start + 1) + 1 if 0 <= separator_start < text.find("\n>>>>>>> ", separator_start + 1) else 0
    )


def _plan_facts(text: str) -> PlanFileFacts:
    """Return the facts of a PLAN, most of them from its front matter."""
    entries = front_matter(text)
    wave_entry, depends_entry, number_entry = entries.get("wave"), entries.get("depends_on"), entries.get("plan")
    objective, objective_line = _objective_and_line(text)
    requirements_entry = entries.get("requirements")
    number_match = (
        (_SHORT_PLAN_ID.match(number_entry.text) or _FULL_PLAN_ID.match(number_entry.text)) if number_entry else None
    )
    return PlanFileFacts(
        number=padded_number(number_match["plan"]) if number_match else "",
        wave=_number_in(wave_entry),
        wave_line=wave_entry.line if wave_entry else 1,
        depends_on=tuple(dict.fromkeys(depends_entry.values())) if depends_entry else (),
        has_depends=depends_entry is not None,
        depends_line=depends_entry.line if depends_entry else 1,
        autonomous=entries["autonomous"].text.lower() != "false" if "autonomous" in entries else True,
        requirements=requirements_entry.values() if requirements_entry else (),
        objective=objective,
        objective_line=objective_line,
        files_modified=entries["files_modified"].values() if "files_modified" in entries else (),
        conflict=_conflict_line(text),
    )


def _number_in(entry: FrontMatterEntry | None, missing_value: int = 0) -> int:
    """Return the number with which the text of an entry begins, else `missing_value`."""
    match = _NUMBER.match(entry.text) if entry else None
    return int(match[0]) if match else missing_value


def _objective_and_line(text: str) -> tuple[str, int]:
    """Return the first line of text in `<objective>`, and the line where this element begins. Return "" and 0 if there
    is no such element.
    """
    start = text.find("<objective>")
    if start < 0:
        return "", 0
    objective_text = text[start + len("<objective>") : start + 2_000].partition("</objective>")[0]
    first_line = next((line.strip() for line in objective_text.splitlines() if line.strip()), "")
    return first_line, text.count("\n", 0, start) + 1


def plan_id_of_reference(reference: str, phase_id: str) -> str:
    """Return the id of the plan that an entry of `depends_on` names, such as `3-1` or `03-01-PLAN.md`.

    `01` alone names a plan of the phase `phase_id`. An entry in any other form is returned without its folder.
    """
    name = unquoted(reference).rpartition("/")[2]
    if full_match := _FULL_PLAN_ID.match(name):
        return f"{padded_number(full_match['phase'])}-{padded_number(full_match['plan'])}"
    short_match = _SHORT_PLAN_ID.match(name)
    return f"{phase_id}-{padded_number(short_match['plan'])}" if short_match else name


def verification_result_in(text: str) -> str:
    """Return the verification result that a text names, after its last arrow if it has arrows. Return "" if the text
    names no result that GSD defines.
    """
    text_after_arrows = _ARROW.split(text[:200])[-1]
    return next((word for word, pattern in _RESULT_PATTERNS if pattern.search(text_after_arrows)), "")


def _check_facts(text: str) -> CheckFacts:
    """Return the facts of a VERIFICATION or a UAT."""
    entries = front_matter(text)
    status_entry = entries.get("status")
    body, body_line = "", 1
    for line in read_lines(text):
        if line.kind == "text" and "tatus" in line.text and (match := _BODY_STATUS.match(line.text.strip())):
            body, body_line = verification_result_in(match["value"]), line.number
            break
    return CheckFacts(
        status_entry.text.lower() if status_entry else "",
        status_entry.line if status_entry else 1,
        body,
        body_line,
        _conflict_line(text),
    )


def _state_facts(text: str) -> StateFacts:
    """Return the facts of STATE, from its front matter."""
    entries = front_matter(text)
    done_entry, total_entry = entries.get("progress.completed_plans"), entries.get("progress.total_plans")
    return StateFacts(
        milestone=entries["milestone"].text if "milestone" in entries else "",
        name=entries["milestone_name"].text if "milestone_name" in entries else "",
        done_count=_number_in(done_entry, -1),
        total=_number_in(total_entry, -1),
        done_line=done_entry.line if done_entry else 1,
        total_line=total_entry.line if total_entry else 1,
        conflict=_conflict_line(text),
    )


def worst_result(checks: Sequence[CheckFacts]) -> str:
    """Return the worst result of several verifications of one phase; "" if they have no result."""
    results_of_checks = [check.result for check in checks if check.result]
    return next(
        (result for result in ("gaps_found", "human_needed") if result in results_of_checks),
        results_of_checks[0] if results_of_checks else "",
    )
