"""The facts of a PLAN: its achievements, and other statements of its text. The files decide states, not this text."""

from __future__ import annotations

import bisect
import operator
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

import msgspec

from planmark.formats.planmark.documents.achievement_fields import Body, body_of
from planmark.formats.planmark.documents.achievements import (
    Definition,
    DefinitionShape,
    IndexEntry,
    definitions,
    disguised_definitions,
    index_entries,
    near_misses,
    repeated_ids,
    title_words,
)
from planmark.formats.planmark.documents.archive_location import archive_location
from planmark.formats.planmark.documents.claims import Claim, StatedDone, claims, handoff_sections, says_done
from planmark.formats.planmark.documents.dates import parse_date
from planmark.formats.planmark.documents.deliverables import Deliverable
from planmark.formats.planmark.documents.dependencies import Declaration
from planmark.formats.planmark.documents.dropped import dropping_status, is_listed_as_dropped, is_marked, is_struck
from planmark.formats.planmark.documents.ids import ID_PATTERN
from planmark.formats.planmark.documents.misnamed import MIN_PLAN_FIELDS, header_fields
from planmark.formats.planmark.documents.named_sections import header_field, sections_with_name
from planmark.formats.planmark.documents.out_of_sight import lines_about_undefined_ids
from planmark.formats.planmark.documents.placeholders import left_to_fill
from planmark.formats.planmark.documents.statuses import header_status
from planmark.formats.planmark.documents.vocabulary import is_field, status_of
from planmark.markdown.blocks import parse_blocks, split_lines
from planmark.markdown.parsed_source import (
    MAX_SEARCHED_CHARACTERS,
    LineRange,
    Quote,
    SectionPosition,
    Source,
    fields_in,
    header_sections,
    interned,
    line_number,
    make_quote,
    passage,
    prose_of,
    quote,
    results_inside,
    search_sections,
    section_range,
    starts_of,
    title_of,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.effort import Effort, parse_effort
from planmark.plans.priority import Priority, parse_priority
from planmark.plans.vocabulary import Status, Vocabulary

TICK_PATTERN = re.compile(r"[✅☑✔]\ufe0f?\s*|\[[xX]\]")
"""Pattern for the mark of a finished line in the index."""
_NEXT = re.compile(r"\bnext\b|⏳|\bstart here\b|\bimmediate priority\b", re.IGNORECASE)
_NEXT_ID = re.compile(rf"\bachievement\s+(?P<id>{ID_PATTERN})(?![\w/]|\.\d)", re.IGNORECASE)
_MARKED_EFFORT = re.compile(r"(?:⏱️?\s*|\((?=[0-9.–—-]+\s*(?:h|m|d)))(?P<effort>[^)]*)")
_STATISTIC = re.compile(
    r"\s*(?:[-*+]\s+)?\**(?:total\s+)?(?P<counts>SUBPLANs|EXECUTION_TASKs)\**\s*:\**\s*(?P<number>[0-9]{1,4})\s+created\b",
    re.IGNORECASE,
)
_INDEX_WITHOUT_TICKS = re.compile(
    r"(?:do(?:es)?\s+not|don['’]t|never|must\s+not|mustn['’]t|should\s+not|(?:is|are)\s+not(?:\s+to\s+be)?|isn['’]t|aren['’]t|not\s+to\s+be)"
    r"\s[^.!?]{0,60}?(?:\b(?:un)?tick(?:s|ed|ing)?\b|\bcheck(?:ed|ing)?[\s-]*(?:off|marks?)\b|[✅☑✔])",
    re.IGNORECASE,
)
"""Pattern for text that says that an index has no ticks. Outside the index it counts only if it names the index."""
_NAMES_INDEX = re.compile(r"\bindex\b", re.IGNORECASE)
_GOAL = re.compile(r"\W*(?:goal|objective)s?\W*:", re.IGNORECASE)


class Achievement(msgspec.Struct, frozen=True):
    """One achievement as its PLAN describes it.

    `position` is its defining line (without a definition, its line in the index), and `shape` the form of that line.
    `body` is the longest definition. `index_at` is its line in the index; `is_ticked` tells whether it has a tick for
    done there. `dropped` is the line that drops the achievement. `struck_quote` is the line in the index if only that
    line is struck out.
    """

    id: str
    title: str
    priority: str
    position: SectionPosition
    shape: DefinitionShape | None
    body: LineRange | None
    index_at: SectionPosition | None
    is_ticked: bool
    declarations: tuple[Declaration, ...]
    effort: Effort | None
    deliverables: tuple[Deliverable, ...]
    dropped: Quote | None
    struck_quote: Quote | None


class Handoff(msgspec.Struct, frozen=True):
    """A "Current Status & Handoff" section; `next_ids` are the ids that it names as next, with their lines."""

    passage: LineRange
    next_ids: tuple[tuple[str, Quote], ...]


CountedKind = Literal["SUBPLANs", "EXECUTION_TASKs"]


class Statistic(msgspec.Struct, frozen=True):
    """A line that states how many documents of a kind were created."""

    counts: CountedKind
    number: int
    quote: Quote


Reason = Literal["not in the index", "repeated", "reported", "form", "look-alike", "hidden"]


class UnreadLine(msgspec.Struct, frozen=True):
    """A line that looks like the definition of an achievement but does not count.

    `counts` is the position of the line that counts. `id` and `title` are those in the line, "" if unreadable. A plan
    with an `prevents_completion` line cannot be complete.
    """

    line: Quote
    reason: Reason
    counts: SectionPosition | None
    id: str
    title: str
    prevents_completion: bool


make_achievement, make_handoff = interned(Achievement), interned(Handoff)
make_unread, make_statistic = interned(UnreadLine), interned(Statistic)


class Plan(msgspec.Struct, frozen=True, dict=True):
    """Facts of a PLAN. `achievements` are in the order of the index, else in the order of their definitions.

    `created` is ISO text from `parse_date`, or "". `index` is the heading of the first Achievement Index.
    `repeated_lines` are its lines that repeat an id. `placeholders` are the lines of the Goal and of definitions that still
    have a placeholder. `fields` is how many of `misnamed.PLAN_FIELDS` the header has. `names_others` tells whether a
    dependency is on a different plan. `is_unticked` tells whether the PLAN asks not to tick its index.
    """

    title: str
    status: Quote | None
    status_word: Status | None
    created: str
    archive_location: str
    priority: Priority | None
    effort: Effort | None
    achievements: tuple[Achievement, ...]
    unread: tuple[UnreadLine, ...]
    handoffs: tuple[Handoff, ...]
    claims: tuple[Claim, ...]
    near_misses: tuple[Quote, ...]
    index: SectionPosition | None
    repeated_lines: tuple[tuple[str, Quote], ...]
    statistics: tuple[Statistic, ...]
    placeholders: tuple[Quote, ...]
    fields: int = 0
    names_others: bool = False
    is_unticked: bool = False

    @property
    def is_hollow(self) -> bool:
        """Whether the text has no sign of a PLAN: neither achievements nor enough header fields."""
        return not (self.achievements or self.near_misses or self.placeholders) and self.fields < MIN_PLAN_FIELDS

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids in PLAN order. Every access returns the same object, because caches compare its identity."""
        return tuple(achievement.id for achievement in self.achievements)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Achievement id → title."""
        return {achievement.id: achievement.title for achievement in self.achievements}

    @cached_property
    def by_id(self) -> Mapping[str, Achievement]:
        """Achievement id → achievement."""
        return {achievement.id: achievement for achievement in self.achievements}


def parse_plan(source: Source, feature: str, vocabulary: Vocabulary) -> Plan:
    """Return the facts of the PLAN whose sections are `source`."""
    defined, entries = definitions(source), index_entries(source)
    achievements = _achievements(source, defined, entries, feature, vocabulary)
    priorities = {achievement.id: achievement.priority for achievement in achievements}
    field = header_status(source, vocabulary)
    status = (field.position, field.value) if field else None
    again = repeated_ids(entries)
    effort = header_field(source, "effort", vocabulary)
    priority = header_field(source, "priority", vocabulary)
    created_field = header_field(source, "created", vocabulary)
    return Plan(
        title=title_of(source),
        status=quote(source, status[0]) if status else None,
        status_word=status_of(status[1], vocabulary) if status else None,
        created=parse_date(created_field[1]) if created_field else "",
        archive_location=archive_location(source, vocabulary),
        priority=parse_priority(priority[1]) if priority else None,
        effort=parse_effort(effort[1]) if effort else None,
        achievements=achievements,
        unread=_unread_definitions(source, defined, achievements, {item_id for item_id, _ in again}),
        handoffs=tuple(_handoff(source, heading) for heading in sections_with_name(source, "handoff")),
        claims=claims(
            source,
            feature,
            priorities,
            _own_statuses(source, status, vocabulary),
            _claimed_states(source, defined, entries, vocabulary),
            vocabulary,
        ),
        near_misses=near_misses(source) if not achievements else (),
        index=next((SectionPosition(heading, 0) for heading in sections_with_name(source, "achievement_index")), None),
        repeated_lines=again,
        statistics=tuple(_statistics(source)),
        placeholders=_placeholder_lines(source, defined),
        fields=header_fields(source),
        names_others=any(n.plan for a in achievements for d in a.declarations for n in d.needed_achievements),
        is_unticked=_is_unticked(source),
    )


def _is_unticked(source: Source) -> bool:
    """Tell whether the index, or a sentence about it elsewhere, says that the index has no ticks."""
    of_index = {
        inner for heading in sections_with_name(source, "achievement_index") for inner in section_range(source, heading)
    }
    return any(
        index in of_index or any(_NAMES_INDEX.search(sentence) for sentence in sentences)
        for index, sentences in search_sections(source, _sentences_against_ticks)
    )


@memoize_per_section
def _sentences_against_ticks(section: Section) -> tuple[str, ...]:
    """Return the sentences of a section that say that an index has no ticks."""
    if "tick" not in section.text and "check" not in section.text and not TICK_PATTERN.search(section.text):
        return ()
    sentences = re.split(r"(?<=[.!?])\s|\n\s*\n", section.text)
    return tuple(sentence for sentence in sentences if _INDEX_WITHOUT_TICKS.search(sentence))


def _achievements(
    source: Source,
    definitions: tuple[Definition, ...],
    entries: tuple[IndexEntry, ...],
    feature: str,
    vocabulary: Vocabulary,
) -> tuple[Achievement, ...]:
    index: dict[str, IndexEntry] = {}
    for listing in entries:
        index.setdefault(listing.id, listing)
    bodies = _longest([definition for definition in definitions if definition.counts], starts_of(source))
    titles = {item_id: _title(bodies.get(item_id), index.get(item_id)) for item_id in index or bodies}
    return tuple(
        _achievement(source, item_id, bodies.get(item_id), index.get(item_id), titles, feature, vocabulary)
        for item_id in titles
    )


def _title(definition: Definition | None, entry: IndexEntry | None) -> str:
    return (definition.title if definition else "") or (entry.title if entry else "")


def _achievement(
    source: Source,
    item_id: str,
    definition: Definition | None,
    entry: IndexEntry | None,
    titles: Mapping[str, str],
    feature: str,
    vocabulary: Vocabulary,
) -> Achievement:
    body = body_of(source, definition.body, vocabulary) if definition else Body((), ())
    # The arguments are positional, because keyword arguments would double the cost of a cache lookup.
    return make_achievement(
        item_id,
        titles[item_id],
        definition.priority if definition else item_id.split(".")[0],
        definition.body.start if definition else entry.position if entry else SectionPosition(0, 0),
        definition.shape if definition else None,
        definition.body if definition else None,
        entry.position if entry else None,
        bool(entry and says_done(entry.text)),
        body.declared(source, feature, titles),
        body.effort or _marked_effort(source, definition, entry),
        body.deliverables,
        *_dropping_lines(source, definition, entry, vocabulary),
    )


def _dropping_lines(
    source: Source, definition: Definition | None, entry: IndexEntry | None, vocabulary: Vocabulary
) -> tuple[Quote | None, Quote | None]:
    """Return the line that drops an achievement, and the line of the index that only strikes it through.

    Strikethrough alone counts only at the definition, because in an index it may mean that the achievement is done.
    """
    line = quote(source, definition.body.start) if definition else None
    entry_quote = make_quote(entry.position, entry.text) if entry else None
    if line and (is_marked(line.text[:MAX_SEARCHED_CHARACTERS]) or is_struck(line.text[:MAX_SEARCHED_CHARACTERS])):
        return line, None
    if definition and (status := dropping_status(source, definition.body, vocabulary)):
        return status, None
    text = entry_quote.text[:MAX_SEARCHED_CHARACTERS] if entry_quote else ""
    if entry_quote and (is_marked(text) or is_listed_as_dropped(text)):
        return entry_quote, None
    if entry and is_struck(entry.title if "|" in entry.text else entry.text[:MAX_SEARCHED_CHARACTERS]):
        return (None, entry_quote) if definition else (entry_quote, None)
    return None, None


def _placeholder_lines(source: Source, definitions: tuple[Definition, ...]) -> tuple[Quote, ...]:
    """Return the lines with placeholders in the Goal (a section or a header field) and in definitions that count."""
    goals = {inner for heading in sections_with_name(source, "objective") for inner in section_range(source, heading)}
    bodies = [definition.body for definition in definitions if definition.counts]
    section_positions = [body.start for body in bodies]
    header = header_sections(source)
    return tuple(
        line
        for line in left_to_fill(source, range(len(source)))
        if line.position.section in goals
        or (line.position.section in header and _GOAL.match(line.text))
        or ((index := bisect.bisect_right(section_positions, line.position)) and line.position < bodies[index - 1].end)
    )


def _unread_definitions(
    source: Source, definitions: tuple[Definition, ...], achievements: tuple[Achievement, ...], again: set[str]
) -> tuple[UnreadLine, ...]:
    """Return definitions that do not count, and headings and bold lines that only look like definitions.

    Without achievements, lines of a different form are omitted (see `Plan.near_misses`). `again` are ids listed twice.
    """
    positions = {achievement.id: achievement.position for achievement in achievements}
    ambiguous_ids = _ambiguous(definitions)
    ambiguous = ambiguous_ids & again if any(achievement.index_at for achievement in achievements) else ambiguous_ids
    lines = []
    for definition in definitions:
        position, counts = definition.body.start, positions.get(definition.id)
        if position != counts:
            reason: Reason = "not in the index" if counts is None else "repeated" if definition.counts else "reported"
            is_open = definition.counts and (counts is None or definition.id in ambiguous)
            line = quote(source, position)
            lines.append(make_unread(line, reason, counts, definition.id, definition.title, is_open))
    taken_positions = {line.line.position for line in lines if line.prevents_completion}
    looking_alike = {line.position: (line, item_id, title) for line, item_id, title in disguised_definitions(source)}
    for line, item_id, title in looking_alike.values():
        lines.append(make_unread(line, "look-alike", positions.get(item_id), item_id, title, item_id not in positions))
    taken_positions |= looking_alike.keys()
    for line, item_id, is_hidden in lines_about_undefined_ids(source, positions) if achievements else ():
        if line.position not in taken_positions:
            taken_positions.add(line.position)
            lines.append(make_unread(line, "hidden" if is_hidden else "form", None, item_id, "", True))
    for line in near_misses(source) if achievements else ():
        if line.position not in taken_positions and not line.text.startswith(("-", "+", "* ")):
            lines.append(make_unread(line, "form", None, "", "", False))
    return tuple(sorted(lines, key=lambda unread_line: unread_line.line.position))


def _ambiguous(definitions: tuple[Definition, ...]) -> set[str]:
    """Return the ids whose definitions have different titles, without definitions in sections that only report."""
    titles: dict[str, set[str]] = {}
    for definition in definitions:
        if definition.counts and (words := title_words(definition.title)):
            titles.setdefault(definition.id, set()).add(words)
    return {item_id for item_id, titles_of_id in titles.items() if len(titles_of_id) > 1}


def _statistics(source: Source) -> Iterator[Statistic]:
    for index, lines in search_sections(source, _statistics_in):
        for line, text, counts, number in lines:
            yield make_statistic(counts, number, make_quote(SectionPosition(index, line), text))


@memoize_per_section
def _statistics_in(section: Section) -> tuple[tuple[int, str, CountedKind, int], ...]:
    """Return (0-based line, its text, kind of document, number) for each statistic in a section."""
    if " created" not in section.text:
        return ()
    return tuple(
        (
            line,
            text.strip(),
            "SUBPLANs" if match["counts"].upper() == "SUBPLANS" else "EXECUTION_TASKs",
            int(match["number"]),
        )
        for line, text in prose_of(section, _STATISTIC.match)
        if (match := _STATISTIC.match(text))
    )


def _marked_effort(source: Source, definition: Definition | None, entry: IndexEntry | None) -> Effort | None:
    """Return the effort in the defining line (`⏱️ 4-6 hours`), else the effort in the index (`(4-6h)`)."""
    lines = [*([quote(source, definition.body.start).text] if definition else []), *([entry.text] if entry else [])]
    effort_matches = (_MARKED_EFFORT.search(line) for line in lines)
    return next((parse_effort(match["effort"]) for match in effort_matches if match), None)


def _longest(candidates: list[Definition], starts: tuple[int, ...]) -> dict[str, Definition]:
    """Return the longest definition for each id, the first of equal ones; ids in the order of definition."""
    longest: dict[str, Definition] = {}
    for definition in candidates:
        previous_definition = longest.get(definition.id)
        if previous_definition is None or _lines(definition.body, starts) > _lines(previous_definition.body, starts):
            longest[definition.id] = definition
    return longest


def _lines(body: LineRange, starts: tuple[int, ...]) -> int:
    return line_number(starts, body.end) - line_number(starts, body.start)


def _handoff(source: Source, heading: int) -> Handoff:
    section = passage(source, heading)
    inside = range(section.start.section, section.end.section)
    return make_handoff(
        section,
        tuple(
            (item_id, make_quote(SectionPosition(index, line), text))
            for index in inside
            for line, item_id, text in _next_achievement_lines(source[index].section)
        ),
    )


@memoize_per_section
def _next_achievement_lines(section: Section) -> tuple[tuple[int, str, str], ...]:
    """Return (0-based line, id that it names as next, its text) for each line that names a next achievement."""
    lines = prose_of(section, _next_named)
    return tuple((line, match["id"], text.strip()) for line, text in lines if (match := _next_named(text)))


def _next_named(line: str) -> re.Match[str] | None:
    """Match the first achievement that a line names after a word such as "next"."""
    announced_match = _NEXT.search(line)
    return _NEXT_ID.search(line, announced_match.end()) if announced_match else None


_line = operator.itemgetter(0)


def _claimed_states(
    source: Source, definitions: tuple[Definition, ...], entries: tuple[IndexEntry, ...], vocabulary: Vocabulary
) -> Iterator[StatedDone]:
    """Yield the ticked lines of the index, and the Status fields of definitions that say complete."""
    for entry in entries:
        if says_done(entry.text):
            yield StatedDone(entry.id, entry.position, entry.text)
    for definition in definitions:
        if definition.counts:
            body = definition.body
            for index in range(body.start.section, min(body.end.section + 1, len(source))):
                for line, text in results_inside(_done_fields(source[index].section, vocabulary), index, body, _line):
                    yield StatedDone(definition.id, SectionPosition(index, line), text)


@memoize_per_section
def _done_fields(section: Section, vocabulary: Vocabulary) -> tuple[tuple[int, str], ...]:
    """Return (0-based line, its text) of every Status field, at most one list deep, that says complete."""
    if "tatus" not in section.text:
        return ()
    lines = split_lines(section.text)
    return tuple(
        (field.line, lines[field.line].strip())
        for field in parse_blocks(section).fields
        if field.depth <= 1
        and is_field(field.name, "status", vocabulary)
        and status_of(field.value, vocabulary) == "complete"
    )


def _own_statuses(
    source: Source, status: tuple[SectionPosition, str] | None, vocabulary: Vocabulary
) -> list[tuple[SectionPosition, str]]:
    handoff = [
        (place, field.value)
        for place, field in fields_in(source, handoff_sections(source))
        if is_field(field.name, "status", vocabulary)
    ]
    return [*([status] if status else [(SectionPosition(0, 0), "")]), *handoff]
