"""Claims: what a PLAN's own text says is done. A claim never makes anything approved (the methodology, §3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from planmark.documents.ids import ID_PATTERN, expand
from planmark.documents.references import features_named
from planmark.documents.source import MAX_LINE, Place, Source, extent, prose, sections_named
from planmark.documents.vocabulary import Vocabulary, heading_key, status_of

_LISTED = rf"{ID_PATTERN}(?:\s*(?:,|&|and|-|–|—|to|/)\s*(?:achievements?\s+)?{ID_PATTERN})*"
_SUBJECT = re.compile(
    rf"\s*(?:#{{1,6}}\s+)?(?:[-*+]\s+|\d+[.)]\s+)?(?:\[(?P<box>[ xX])\]\s*)?"
    rf"[^\w\n(\[`<>|]*(?:`?(?P<subplan>SUBPLAN_[A-Z0-9_-]+)(?:\.md)?`?\**:?\**\s*)?[^\w\n(\[`<>|]*"
    rf"Achievements?\s+(?P<ids>{_LISTED})(?![\w]|\.\d)(?P<rest>[^\n]*)",
    re.IGNORECASE,
)
_TICK = re.compile(r"✅|☑|\[[xX]\]")
_TICK_SAYS_MORE = re.compile(
    r"[✅☑]\ufe0f?[\s*]+(?!\W*(?:complete|completed|done|approved|finished)\b)[^\W\d_]", re.IGNORECASE
)
"""A tick behind the subject that is followed by other words than that it is done: `✅ SCRIPT ALREADY EXISTS`."""
_PENDING = re.compile(r"⏳|🚧|⏸")
_DONE = r"(?:complete|completed|done)"
_SET_APART = re.compile(
    rf"status\W*{_DONE}\b|\s[-–—]+\s+(?:status\W*)?\W*{_DONE}(?=\W*$|\s*[,;.(\[–—|]|\s+-)|\(\W*{_DONE}\b[^)]*\)|^\W*:\W*{_DONE}\W*$",
    re.IGNORECASE,
)
_PRIORITY_LINE = re.compile(
    r"\s*(?:[-*+]\s+|\d+[.)]\s+)?(?:\[[xX]\]\s*)?[\W]*[✅☑]\ufe0f?[\s*]*priority\s+(?P<priority>\d+(?:\.\d+)?)\b[^\n]*?\b(?P<done>\d+)\s*/\s*(?P<all>\d+)\b",
    re.IGNORECASE,
)
_PRIORITIES_DONE = re.compile(
    r"\bpriorit(?:y|ies)\s+(?P<list>\d[\d.,\s&–—-]*(?:(?:and|to|through)[\d.,\s&–—-]+)*)\s*(?:are\s+|is\s+)?\W*complete\b",
    re.IGNORECASE,
)
_PRIORITY_RANGE = re.compile(
    r"(?P<first>\d+(?:\.\d+)?)\s*(?:-|–|—|to|through)\s*(?P<last>\d+(?:\.\d+)?)|(?P<one>\d+(?:\.\d+)?)"
)
_ELSEWHERE = re.compile(r"related plans\b|.*\bexamples?\b")


class Claim(msgspec.Struct, frozen=True):
    """A line that says that achievements are done."""

    achievements: tuple[str, ...]
    at: Place
    text: str


class Priorities(msgspec.Struct, frozen=True):
    """The priorities of a PLAN's achievements, by id."""

    of: dict[str, str]

    def achievements(self, first: str, last: str) -> tuple[str, ...]:
        """The ids of the priorities from `first` to `last`, both included."""
        return tuple(known for known, priority in self.of.items() if float(first) <= float(priority) <= float(last))


def claims(
    source: Source, feature: str, priorities: Priorities, statuses: Sequence[tuple[Place, str]], vocabulary: Vocabulary
) -> tuple[Claim, ...]:
    """Every claim of a PLAN. `statuses` are its own Status fields: the header's first, then the handoff's."""
    ids = tuple(priorities.of)
    pending = _pending(source, ids)
    found = [*_line_claims(source, feature, priorities), *_status_claims(statuses, priorities, pending)]
    if statuses and status_of(statuses[0][1], vocabulary) == "complete":
        found.append(Claim(ids, statuses[0][0], f"Status: {statuses[0][1]}"))
    return tuple(sorted(found, key=lambda claim: claim.at))


def subject(line: str) -> re.Match[str] | None:
    """Whether the line is about achievements: it begins with `Achievement N.N` after marks, box, emoji and bold."""
    return _SUBJECT.match(line) if "chievement" in line else None


def _line_claims(source: Source, feature: str, priorities: Priorities) -> Iterator[Claim]:
    ids = tuple(priorities.of)
    elsewhere = _sections_about_others(source)
    for index, placed in enumerate(source):
        if index in elsewhere or not ("chievement" in placed.section.text or "riority" in placed.section.text):
            continue
        for place, line in prose(source, [index], _may_claim):
            if named := _claimed(line, feature, ids, priorities):
                yield Claim(named, place, line.strip())


def _may_claim(line: str) -> object:
    return subject(line) or _PRIORITY_LINE.match(line)


def _claimed(line: str, feature: str, ids: Sequence[str], priorities: Priorities) -> tuple[str, ...]:
    if any(named != feature for named in features_named(line) if not named.isdigit()):
        return ()
    if match := subject(line):
        ticked = _TICK.search(line[: match.start("rest")]) or (
            _TICK.search(match["rest"]) and not _TICK_SAYS_MORE.search(match["rest"])
        )
        if not ticked and not _SET_APART.search(match["rest"]):
            return ()
        return tuple(known for known in expand(match["ids"], ids) if known in ids)
    match = _PRIORITY_LINE.match(line)
    if match and match["done"] == match["all"] != "0":
        return priorities.achievements(match["priority"], match["priority"])
    return ()


def _pending(source: Source, ids: Sequence[str]) -> set[str]:
    """The ids that a line of their own says are still to do."""
    mentioning = [index for index, placed in enumerate(source) if _PENDING.search(placed.section.text)]
    found: set[str] = set()
    for _, line in prose(source, mentioning, _PENDING.search):
        match = subject(line)
        if match and not _TICK.search(line):
            found.update(known for known in expand(match["ids"], ids) if known in ids)
    return found


def _status_claims(statuses: Sequence[tuple[Place, str]], priorities: Priorities, pending: set[str]) -> Iterator[Claim]:
    """What a status says of whole priorities, without what a line of its own says is still to do."""
    for place, value in statuses:
        for match in _PRIORITIES_DONE.finditer(value[:MAX_LINE].replace("*", "")):
            named: list[str] = []
            for part in _PRIORITY_RANGE.finditer(match["list"]):
                named += priorities.achievements(part["first"] or part["one"], part["last"] or part["one"])
            named = [known for known in dict.fromkeys(named) if known not in pending]
            if named:
                yield Claim(tuple(named), place, f"Status: {value}")


def _sections_about_others(source: Source) -> set[int]:
    """Sections under a heading about related plans or an example: what is ticked there is not this PLAN's."""
    return {
        inner
        for index, placed in enumerate(source)
        if placed.section.kind == "heading"
        and placed.section.level > 1
        and _ELSEWHERE.match(heading_key(placed.section.title))
        for inner in extent(source, index)
    }


def handoff_sections(source: Source) -> list[int]:
    """The sections of every "Current Status & Handoff"."""
    return [index for heading in sections_named(source, "handoff") for index in extent(source, heading)]
