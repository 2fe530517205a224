"""The facts of a PLAN: its achievements, and other statements of its text. An index is an Achievement Index."""

from __future__ import annotations

import bisect
import operator
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

import msgspec

from planmark.formats.planmark.documents.achievement_fields import BodyFields, fields_of_body
from planmark.formats.planmark.documents.achievements import (
    Definition,
    DefinitionShape,
    IndexEntry,
    comparable_title,
    definitions,
    disguised_achievement_lines,
    index_entries,
    longest_definitions,
    near_misses,
    repeated_ids,
)
from planmark.formats.planmark.documents.archive_location import archive_location
from planmark.formats.planmark.documents.claims import Claim, DoneStatement, claims, handoff_sections, says_done
from planmark.formats.planmark.documents.dates import parse_date
from planmark.formats.planmark.documents.deliverables import Deliverable
from planmark.formats.planmark.documents.dependencies import Declaration
from planmark.formats.planmark.documents.dropped import dropping_status, has_drop_mark, is_listed_as_dropped, is_struck
from planmark.formats.planmark.documents.ids import ID_PATTERN
from planmark.formats.planmark.documents.misnamed import MIN_PLAN_FIELDS, plan_field_count
from planmark.formats.planmark.documents.named_sections import header_field, sections_with_name
from planmark.formats.planmark.documents.out_of_sight import lines_about_undefined_ids
from planmark.formats.planmark.documents.placeholders import remaining_placeholders
from planmark.formats.planmark.documents.plan_statistics import Statistic, statistics
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
    make_quote,
    passage,
    quote_at,
    results_inside,
    search_sections,
    section_prose,
    section_range,
    section_start_lines,
    title_of,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.effort import Effort, parse_effort
from planmark.plans.priority import Priority, parse_priority
from planmark.plans.vocabulary import Status, Vocabulary
from planmark.text.lazy_pattern import lazy_pattern

TICK_PATTERN = lazy_pattern(r"[✅☑✔]\ufe0f?\s*|\[[xX]\]")
"""Pattern for the mark of a finished achievement in an Achievement Index."""
_NEXT_WORDS = lazy_pattern(r"\bnext\b|⏳|\bstart here\b|\bimmediate priority\b", re.IGNORECASE)
"""Pattern for the words that announce the next achievement."""
_NEXT_ID = lazy_pattern(rf"\bachievement\s+(?P<id>{ID_PATTERN})(?![\w/]|\.\d)", re.IGNORECASE)
_MARKED_EFFORT = lazy_pattern(r"(?:⏱️?\s*|\((?=[0-9.–—-]+\s*(?:h|m|d)))(?P<effort>[^)]*)")
"""Pattern for an effort after a clock, or an effort in hours, minutes or days in brackets."""
_INDEX_WITHOUT_TICKS = lazy_pattern(
    r"(?:do(?:es)?\s+not|don['’]t|never|must\s+not|mustn['’]t|should\s+not|(?:is|are)\s+not(?:\s+to\s+be)?|isn['’]t|aren['’]t|not\s+to\s+be)"
    r"\s[^.!?]{0,60}?(?:\b(?:un)?tick(?:s|ed|ing)?\b|\bcheck(?:ed|ing)?[\s-]*(?:off|marks?)\b|[✅☑✔])",
    re.IGNORECASE,
)
"""Pattern for text that says that an Achievement Index has no ticks.

Outside the Achievement Index, a sentence counts only if it contains the word index.
"""
_INDEX_WORD = lazy_pattern(r"\bindex\b", re.IGNORECASE)
_GOAL_LINE = lazy_pattern(r"\W*(?:goal|objective)s?\W*:", re.IGNORECASE)
"""Pattern for a line that states the goal."""


class Achievement(msgspec.Struct, frozen=True):
    """One achievement as its PLAN describes it.

    `position` is the position of the defining line. If the achievement has no definition, `position` is the position of
    the line in the index. `shape` is the form of the definition. `body` is the body of the longest definition.
    `index_at` is the position of the line in the index. `is_ticked` tells whether this line has a tick that means done.
    `dropped` is the line that drops the achievement. `struck_quote` is the index line if only this line is struck out.
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
    """A "Current Status & Handoff" section. `next_ids` are pairs (id, line): the ids that the section names as next."""

    passage: LineRange
    next_ids: tuple[tuple[str, Quote], ...]


UnreadReason = Literal["not in the index", "repeated", "reported", "form", "look-alike", "hidden"]
"""The reason why a line that looks like a definition does not count."""


class UnreadLine(msgspec.Struct, frozen=True):
    """A line that looks like the definition of an achievement but does not count.

    `id` and `title` are read from the line. Each of them is "" if it is not readable. `counts` is the position of the
    achievement of the PLAN that has this id, or None if no achievement has this id. If `prevents_completion` is True,
    the plan cannot be complete.
    """

    line: Quote
    reason: UnreadReason
    counts: SectionPosition | None
    id: str
    title: str
    prevents_completion: bool


make_achievement, make_handoff = interned(Achievement), interned(Handoff)
make_unread_line = interned(UnreadLine)


class Plan(msgspec.Struct, frozen=True, dict=True):
    """Facts of a PLAN. `achievements` are in the order of the index.

    If the PLAN has no index, `achievements` are in the order of their definitions. `created` is ISO text from
    `parse_date`, or "". `index` is the position of the heading of the first Achievement Index. `repeated_lines`
    contains (id, line) for each line of an Achievement Index that repeats an id. `placeholders` are the lines of the
    Goal and of definitions that still contain a placeholder.

    `fields` is the number of `misnamed.PLAN_FIELDS` in the header. `names_others` tells whether an achievement depends
    on a different plan. `is_unticked` tells whether the PLAN says that its index has no ticks.
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
        """Whether the text has no achievement, no line like a definition, no placeholder, and too few header fields."""
        return not (self.achievements or self.near_misses or self.placeholders) and self.fields < MIN_PLAN_FIELDS

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids in PLAN order. Every access returns the same object, because caches compare its identity."""
        return tuple(achievement.id for achievement in self.achievements)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Mapping from the id to the title of each achievement."""
        return {achievement.id: achievement.title for achievement in self.achievements}

    @cached_property
    def by_id(self) -> Mapping[str, Achievement]:
        """Mapping from the id of each achievement to the achievement."""
        return {achievement.id: achievement for achievement in self.achievements}


def parse_plan(source: Source, feature: str, vocabulary: Vocabulary) -> Plan:
    """Return the facts of the PLAN whose sections are `source`."""
    all_definitions, entries = definitions(source), index_entries(source)
    achievements = _achievements(source, all_definitions, entries, feature, vocabulary)
    priorities = {achievement.id: achievement.priority for achievement in achievements}
    status_field = header_status(source, vocabulary)
    status = (status_field.position, status_field.value) if status_field else None
    repeated_entries = repeated_ids(entries)
    effort_field = header_field(source, "effort", vocabulary)
    priority_field = header_field(source, "priority", vocabulary)
    created_field = header_field(source, "created", vocabulary)
    return Plan(
        title=title_of(source),
        status=quote_at(source, status[0]) if status else None,
        status_word=status_of(status[1], vocabulary) if status else None,
        created=parse_date(created_field[1]) if created_field else "",
        archive_location=archive_location(source, vocabulary),
        priority=parse_priority(priority_field[1]) if priority_field else None,
        effort=parse_effort(effort_field[1]) if effort_field else None,
        achievements=achievements,
        unread=_unread_lines_in(source, all_definitions, achievements, {item_id for item_id, _ in repeated_entries}),
        handoffs=tuple(_handoff(source, heading) for heading in sections_with_name(source, "handoff")),
        claims=claims(
            source,
            feature,
            priorities,
            _statuses_of_plan(source, status, vocabulary),
            _done_statements(source, all_definitions, entries, vocabulary),
            vocabulary,
        ),
        near_misses=near_misses(source) if not achievements else (),
        index=next((SectionPosition(heading, 0) for heading in sections_with_name(source, "achievement_index")), None),
        repeated_lines=repeated_entries,
        statistics=statistics(source),
        placeholders=_placeholder_lines(source, all_definitions),
        fields=plan_field_count(source),
        names_others=any(n.plan for a in achievements for d in a.declarations for n in d.needed_achievements),
        is_unticked=_says_index_has_no_ticks(source),
    )


def _says_index_has_no_ticks(source: Source) -> bool:
    """Tell whether a PLAN says that its Achievement Index has no ticks (see `_INDEX_WITHOUT_TICKS`)."""
    index_sections = {
        inner_index
        for heading_index in sections_with_name(source, "achievement_index")
        for inner_index in section_range(source, heading_index)
    }
    return any(
        index in index_sections or any(_INDEX_WORD.search(sentence) for sentence in sentences)
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
    """Return the achievements in the order of the Achievement Index, or of their definitions if there is no index."""
    entries_by_id: dict[str, IndexEntry] = {}
    for entry in entries:
        entries_by_id.setdefault(entry.id, entry)
    definitions_by_id = longest_definitions(
        [definition for definition in definitions if definition.counts], section_start_lines(source)
    )
    titles = {
        item_id: _title(definitions_by_id.get(item_id), entries_by_id.get(item_id))
        for item_id in entries_by_id or definitions_by_id
    }
    return tuple(
        _achievement(
            source, item_id, definitions_by_id.get(item_id), entries_by_id.get(item_id), titles, feature, vocabulary
        )
        for item_id in titles
    )


def _title(definition: Definition | None, entry: IndexEntry | None) -> str:
    """Return the title in the definition of an achievement, else the title in its line of the index, else ""."""
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
    """Return the achievement with the id `item_id`. `titles` maps the ids of the PLAN to their titles."""
    body_fields = fields_of_body(source, definition.body, vocabulary) if definition else BodyFields((), ())
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
        body_fields.declarations(source, feature, titles),
        body_fields.effort or _marked_effort(source, definition, entry),
        body_fields.deliverables,
        *_dropping_lines(source, definition, entry, vocabulary),
    )


def _dropping_lines(
    source: Source, definition: Definition | None, entry: IndexEntry | None, vocabulary: Vocabulary
) -> tuple[Quote | None, Quote | None]:
    """Return two lines: the line that drops an achievement, and the index line that only strikes it through.

    Each of the two is None if there is no such line. If the achievement has a definition, strikethrough in the index
    may only mean that the work is done, so it drops nothing.
    """
    definition_quote = quote_at(source, definition.body.start) if definition else None
    entry_quote = make_quote(entry.position, entry.text) if entry else None
    defining_text = definition_quote.text[:MAX_SEARCHED_CHARACTERS] if definition_quote else ""
    if definition_quote and (has_drop_mark(defining_text) or is_struck(defining_text)):
        return definition_quote, None
    if definition and (status_quote := dropping_status(source, definition.body, vocabulary)):
        return status_quote, None
    entry_text = entry_quote.text[:MAX_SEARCHED_CHARACTERS] if entry_quote else ""
    if entry_quote and (has_drop_mark(entry_text) or is_listed_as_dropped(entry_text)):
        return entry_quote, None
    if entry and is_struck(entry.title if "|" in entry.text else entry.text[:MAX_SEARCHED_CHARACTERS]):
        return (None, entry_quote) if definition else (entry_quote, None)
    return None, None


def _placeholder_lines(source: Source, definitions: tuple[Definition, ...]) -> tuple[Quote, ...]:
    """Return the lines with placeholders in the Goal (a section or a header field) and in definitions that count."""
    goal_sections = {
        inner_index
        for heading_index in sections_with_name(source, "objective")
        for inner_index in section_range(source, heading_index)
    }
    bodies = [definition.body for definition in definitions if definition.counts]
    body_starts = [body.start for body in bodies]
    header_indexes = header_sections(source)
    return tuple(
        line
        for line in remaining_placeholders(source, range(len(source)))
        if line.position.section in goal_sections
        or (line.position.section in header_indexes and _GOAL_LINE.match(line.text))
        or ((index := bisect.bisect_right(body_starts, line.position)) and line.position < bodies[index - 1].end)
    )


def _unread_lines_in(
    source: Source,
    definitions: tuple[Definition, ...],
    achievements: tuple[Achievement, ...],
    ids_listed_twice: set[str],
) -> tuple[UnreadLine, ...]:
    """Return each line that looks like a definition but does not count, in order.

    If the PLAN has no achievements, lines that lack the form of a definition are omitted (see `Plan.near_misses`).
    `ids_listed_twice` are the ids that the index lists several times.
    """
    positions = {achievement.id: achievement.position for achievement in achievements}
    ids_with_several_titles = _ids_with_several_titles(definitions)
    ambiguous_ids = (
        ids_with_several_titles & ids_listed_twice
        if any(achievement.index_at for achievement in achievements)
        else ids_with_several_titles
    )
    unread_lines = []
    for definition in definitions:
        position, counting_position = definition.body.start, positions.get(definition.id)
        if position != counting_position:
            reason: UnreadReason = (
                "not in the index" if counting_position is None else "repeated" if definition.counts else "reported"
            )
            prevents_completion = definition.counts and (counting_position is None or definition.id in ambiguous_ids)
            line = quote_at(source, position)
            unread_lines.append(
                make_unread_line(line, reason, counting_position, definition.id, definition.title, prevents_completion)
            )
    taken_positions = {line.line.position for line in unread_lines if line.prevents_completion}
    lookalikes_by_position = {
        line.position: (line, item_id, title) for line, item_id, title in disguised_achievement_lines(source)
    }
    for line, item_id, title in lookalikes_by_position.values():
        unread_lines.append(
            make_unread_line(line, "look-alike", positions.get(item_id), item_id, title, item_id not in positions)
        )
    taken_positions |= lookalikes_by_position.keys()
    for line, item_id, is_hidden in lines_about_undefined_ids(source, positions) if achievements else ():
        if line.position not in taken_positions:
            taken_positions.add(line.position)
            unread_lines.append(make_unread_line(line, "hidden" if is_hidden else "form", None, item_id, "", True))
    for line in near_misses(source) if achievements else ():
        if line.position not in taken_positions and not line.text.startswith(("-", "+", "* ")):
            unread_lines.append(make_unread_line(line, "form", None, "", "", False))
    return tuple(sorted(unread_lines, key=lambda unread_line: unread_line.line.position))


def _ids_with_several_titles(definitions: tuple[Definition, ...]) -> set[str]:
    """Return the ids whose definitions have different titles. Definitions in sections that only report are ignored."""
    titles: dict[str, set[str]] = {}
    for definition in definitions:
        if definition.counts and (words := comparable_title(definition.title)):
            titles.setdefault(definition.id, set()).add(words)
    return {item_id for item_id, titles_of_id in titles.items() if len(titles_of_id) > 1}


def _marked_effort(source: Source, definition: Definition | None, entry: IndexEntry | None) -> Effort | None:
    """Return the effort in the defining line (`⏱️ 4-6 hours`), else the effort in the index line (`(4-6h)`), else None."""
    lines = [*([quote_at(source, definition.body.start).text] if definition else []), *([entry.text] if entry else [])]
    effort_matches = (_MARKED_EFFORT.search(line) for line in lines)
    return next((parse_effort(match["effort"]) for match in effort_matches if match), None)


def _handoff(source: Source, heading_index: int) -> Handoff:
    """Return the facts of the handoff section whose heading has the index `heading_index`."""
    handoff_range = passage(source, heading_index)
    section_indexes = range(handoff_range.start.section, handoff_range.end.section)
    return make_handoff(
        handoff_range,
        tuple(
            (item_id, make_quote(SectionPosition(index, line), text))
            for index in section_indexes
            for line, item_id, text in _next_achievement_lines(source[index].section)
        ),
    )


@memoize_per_section
def _next_achievement_lines(section: Section) -> tuple[tuple[int, str, str], ...]:
    """Return (0-based line, id, text of the line) for each line of a section that names an achievement as next."""
    lines = section_prose(section, _match_next_achievement)
    return tuple((line, match["id"], text.strip()) for line, text in lines if (match := _match_next_achievement(text)))


def _match_next_achievement(line: str) -> re.Match[str] | None:
    """Return the match of the first achievement that `line` names after a word such as "next", else None."""
    announced_match = _NEXT_WORDS.search(line)
    return _NEXT_ID.search(line, announced_match.end()) if announced_match else None


_line_of_done_field = operator.itemgetter(0)


def _done_statements(
    source: Source, definitions: tuple[Definition, ...], entries: tuple[IndexEntry, ...], vocabulary: Vocabulary
) -> Iterator[DoneStatement]:
    """Yield each ticked line of the index, and each Status field in the body of a definition that says complete."""
    for entry in entries:
        if says_done(entry.text):
            yield DoneStatement(entry.id, entry.position, entry.text)
    for definition in definitions:
        if definition.counts:
            body = definition.body
            for index in range(body.start.section, min(body.end.section + 1, len(source))):
                for line, text in results_inside(
                    _done_fields(source[index].section, vocabulary), index, body, _line_of_done_field
                ):
                    yield DoneStatement(definition.id, SectionPosition(index, line), text)


@memoize_per_section
def _done_fields(section: Section, vocabulary: Vocabulary) -> tuple[tuple[int, str], ...]:
    """Return (0-based line, text of the line) for each Status field, outside nested lists, that says complete."""
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


def _statuses_of_plan(
    source: Source, status: tuple[SectionPosition, str] | None, vocabulary: Vocabulary
) -> list[tuple[SectionPosition, str]]:
    """Return (position, value) for the Status of the header, then for each Status field of the handoff.

    `status` is the pair for the header, or None if the header has no Status. In this case, the first value is "".
    """
    handoff_fields = [
        (position, field.value)
        for position, field in fields_in(source, handoff_sections(source))
        if is_field(field.name, "status", vocabulary)
    ]
    return [*([status] if status else [(SectionPosition(0, 0), "")]), *handoff_fields]
