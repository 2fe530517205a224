"""Claims: lines of a PLAN that say that work is done. A claim never approves an achievement (the methodology, §3.3)."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

import msgspec

from planmark.formats.planmark.documents.document_references import features_named_in
from planmark.formats.planmark.documents.ids import ID_PATTERN, id_parts, ids_and_ranges_in
from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.documents.vocabulary import heading_key, status_of
from planmark.markdown.blocks import parse_blocks, split_lines
from planmark.markdown.parsed_source import (
    MAX_SEARCHED_CHARACTERS,
    SectionPosition,
    Source,
    interned,
    search_sections,
    section_prose,
    section_range,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.markdown.tables import TableRow
from planmark.plans.vocabulary import Vocabulary
from planmark.text.lazy_pattern import lazy_pattern

_ID_LIST = rf"{ID_PATTERN}(?:\s*(?:,|&|and|-|–|—|to|/)\s*(?:achievements?\s+)?{ID_PATTERN})*"
_ACHIEVEMENTS_AT_START = lazy_pattern(
    rf"\s{{0,99}}(?:#{{1,6}}\s{{1,20}})?(?:[-*+]\s{{1,20}}|[0-9]{{1,9}}[.)]\s{{1,20}})?(?:\[(?P<box>[ xX])\]\s{{0,20}})?"
    rf"(?:[^\w\n(\[`<>|]*`?(?P<subplan>SUBPLAN_[A-Z0-9_-]{{1,99}})(?:\.md)?`?\*{{0,3}}:?\*{{0,3}}\s{{0,20}})?[^\w\n(\[`<>|]*"
    rf"Achievements?\s+(?P<ids>{_ID_LIST})(?![\w]|\.[0-9])(?P<rest>[^\n]*)",
    re.IGNORECASE,
)
"""Pattern for a line that begins with a list of achievements."""
_BARE_ID_LINE = lazy_pattern(
    rf"\s{{0,99}}(?:[-*+]\s{{1,20}}|[0-9]{{1,9}}[.)]\s{{1,20}})?(?:\[(?P<box>[ xX])\]\s{{1,20}})?(?:[✅☑✓✔]\ufe0f?\s{{0,20}})?"
    rf"[*_`]{{0,4}}(?P<ids>{ID_PATTERN})(?![\w]|\.[0-9])(?P<rest>[^\n]*)"
)
"""Pattern for a line that begins with an id, without the word Achievement: `- [x] 1.1 Refunds`, `✅ 1.1`, `- 1.1:
Refunds - done`.
"""
_DONE_WORD_BEFORE_IDS = lazy_pattern(
    rf"\s{{0,99}}(?:[-*+]\s{{1,20}}|[0-9]{{1,9}}[.)]\s{{1,20}})?[^\w\n(\[`<>|]*(?:done|completed?|finished)\W{{0,4}}:\W{{0,6}}"
    rf"(?:achievements?\s+)?(?P<ids>{_ID_LIST})(?![\w]|\.[0-9])",
    re.IGNORECASE,
)
"""Pattern for a line that begins with a word such as Done and a list of ids: `Done: 1.1, 1.2`, `**Completed**:
Achievement 1.1`.
"""
_TICK_MARK = lazy_pattern(r"[✅☑✓✔]|\[[xX]\]|:(?:white|heavy)_check_mark:")
_TICK_OF_OTHER_MEANING = lazy_pattern(
    r"[✅☑✓✔]\ufe0f?[\s*]+(?!(?:complete|completed|done|approved|finished)\b)[^\W[0-9]_]", re.IGNORECASE
)
"""Pattern for a tick before words that do not mean done: `✅ SCRIPT ALREADY EXISTS`."""
_PENDING_MARK = lazy_pattern(r"[⏳🚧⏸]")
_DONE_WORDS = r"(?:completed?\b|done\b|finished\b|100 ?%)(?:\s+(?:on\s+)?[0-9]{4}-[0-9][0-9]-[0-9][0-9])?"
_DONE_AS_SEPARATE_PART = lazy_pattern(
    rf"status\W*{_DONE_WORDS}|(?:^|(?<=\w))(?=\W*?\s[-–—]+\s)\W*{_DONE_WORDS}(?=\W*$|\s*[,;.(\[–—|]|\s+-)"
    rf"|[(\[][^\w(\[]{{0,9}}{_DONE_WORDS}[^)\]]{{0,500}}[)\]]|:\W{{0,9}}{_DONE_WORDS}\W{{0,9}}$|\*\*{_DONE_WORDS}\W{{0,9}}$"
    rf"|^\W{{0,9}}(?:(?:is|are|was|were|has been|have been)\s{{1,9}})?{_DONE_WORDS}\W{{0,9}}$",
    re.IGNORECASE,
)
"""Pattern for a word such as Done that does not belong to the title: after a dash, in brackets, at the end, or as a
status.
"""
_POSSIBLE_DONE_TEXT = lazy_pattern(r"[✅☑✓✔]|\[[xX]\]|_check_mark:|complete|done|finished|100 ?%", re.IGNORECASE)
"""Pattern for a quick test: a section without a match contains no claim outside tables."""
_PRIORITY_LINE = lazy_pattern(
    r"\s{0,99}(?:[-*+]\s{1,20}|[0-9]{1,9}[.)]\s{1,20})?(?:\[[xX]\]\s{0,20})?\W*[✅☑]\ufe0f?[\s*]*priority\s+(?P<priority>[0-9]+(?:\.[0-9]+)?)\b[^\n]*?\b(?P<done>[0-9]+)\s*/\s*(?P<all>[0-9]+)\b",
    re.IGNORECASE,
)
"""Pattern for a ticked line that counts the done achievements of a priority: `✅ Priority 1: 4/4`."""
_PRIORITIES_DONE = lazy_pattern(
    r"\bpriorit(?:y|ies)\s+(?P<list>[0-9][0-9.,\s&–—-]*(?:(?:and|to|through)[0-9.,\s&–—-]+)*)(?:are\s+|is\s+)?\W{0,20}complete\b",
    re.IGNORECASE,
)
"""Pattern for the priorities that a Status field calls complete: `Priorities 1-3 complete`."""
_PRIORITY_RANGE = lazy_pattern(
    r"(?P<first>[0-9]+(?:\.[0-9]+)?)\s*(?:-|–|—|to|through)\s*(?P<last>[0-9]+(?:\.[0-9]+)?)|(?P<one>[0-9]+(?:\.[0-9]+)?)"
)
"""Pattern for a range of priorities, or for one priority."""
_IDS_AT_START = lazy_pattern(rf"[^\w(\[<]*(?:achievements?\s+)?(?P<ids>{_ID_LIST})(?![\w]|\.[0-9])", re.IGNORECASE)
"""Pattern for a list of ids at the beginning of a table cell."""
_DONE_COLUMNS = ("done", "complete", "completed", "finished")
"""The last words of column headings. In a column with such a heading, a yes says that work is done."""
_STATUS_COLUMNS = ("status", "state", "progress", *_DONE_COLUMNS)
"""The last words of column headings. The cells of a column with such a heading say whether work is done."""
_YES_CELL = lazy_pattern(r"[\s*`]*(?:[✓✔]\ufe0f?|yes\b|[xy](?![\w/])).*", re.IGNORECASE)
"""Pattern for a cell that begins with a yes: a tick mark, the word yes, `x` or `y`."""
_ALL_DONE_CELL = lazy_pattern(r"\W*100 ?%\W*|\W*(?P<done>[1-9][0-9]{0,3}) ?/ ?(?P=done)\W*")
"""Pattern for a cell that reports complete progress: `100 %` or `4/4`."""
_STATUS_COLUMN_HEADING = lazy_pattern(
    rf"\b(?:{'|'.join(_STATUS_COLUMNS)})[^\w|\n]*(?:\||$)", re.IGNORECASE | re.MULTILINE
)
_ID_ANYWHERE = lazy_pattern(ID_PATTERN)
"""Pattern for an id at any place.

A section is searched for tables of claims only if it contains an id and the heading of a status column.
"""
_UNRELATED_HEADING = lazy_pattern(r"related plans\b|.*\bexamples?\b")
"""Pattern for a heading about related plans or an example, in the form that `heading_key` returns."""

MAX_CACHED_ID_LISTS = 4096
"""Maximum number of lists of ids in the cache."""
MAX_RANGES_PER_ID = 5
"""Maximum number of ranges that name the same achievement; later ranges omit the achievement.

The limit keeps the total size of all ranges proportional to the PLAN.
"""


class Claim(msgspec.Struct, frozen=True):
    """A line that says that achievements are done, with the ids of these achievements."""

    achievements: tuple[str, ...]
    position: SectionPosition
    text: str


make_claim = interned(Claim)
Key = TypeVar("Key", tuple[int, ...], float)
"""The value by which a range selects ids: the parts of an id, or the number of a priority."""


class ClaimingLine(NamedTuple):
    """A line of a section that says that achievements are done.

    Either `id_list` is the text that lists the ids, or `priority` is the number of a priority whose achievements are
    all done. The other of these two fields is "". `line` is 0-based in the section. `features` are the features of the
    documents that the line names.
    """

    line: int
    text: str
    features: tuple[str, ...]
    id_list: str
    priority: str


FindIdsInRange = Callable[[str, str], list[str]]
"""Function that takes the first and the last value of a range, and returns the ids in the range, in PLAN order."""


class RangeResolver:
    """A resolver of lists and ranges, such as `1.1-1.4`, to ids of a PLAN. `priorities` maps each id to its priority.

    At most MAX_RANGES_PER_ID ranges of ids return the same id; later ranges omit this id. The same limit applies to ranges of
    priorities.
    """

    def __init__(self, priorities: Mapping[str, str]) -> None:
        self.priorities = priorities

    @cached_property
    def ids_in_range(self) -> FindIdsInRange:
        """The function that takes two ids in any order, and returns the ids from the lower to the higher id."""
        id_ranges = _range_function([(id_parts(achievement_id), achievement_id) for achievement_id in self.priorities])
        return lambda first, last: id_ranges(*sorted((id_parts(first), id_parts(last))))

    @cached_property
    def ids_in_priority_range(self) -> FindIdsInRange:
        """The function that takes two priorities, and returns the ids from the first to the last priority."""
        id_ranges = _range_function(
            [(float(priority), achievement_id) for achievement_id, priority in self.priorities.items()]
        )
        return lambda first, last: id_ranges(float(first), float(last))

    def listed_ids(self, text: str) -> tuple[str, ...]:
        """Return the ids of the PLAN that `text` lists, alone or in a range. No id is repeated."""
        ids: list[str] = []
        for first, last in _cached_ids_and_ranges_in(text):
            ids += self.ids_in_range(first, last) if last else (first,) if first in self.priorities else ()
        return tuple(dict.fromkeys(ids))


class DoneStatement(NamedTuple):
    """A line that says that `achievement` is done.

    The line is in the Achievement Index, or is a Status field in the body of the achievement.
    """

    achievement: str
    position: SectionPosition
    text: str


def claims(
    source: Source,
    feature: str,
    priorities: Mapping[str, str],
    statuses: Sequence[tuple[SectionPosition, str]],
    statements: Iterable[DoneStatement],
    vocabulary: Vocabulary,
) -> tuple[Claim, ...]:
    """Return every claim of the PLAN with the feature `feature`, in the order of the lines.

    A line that begins with an achievement is a claim if it says that work is done. So is a row of a table with a status
    column. The lines in `statements` are claims, too, and so are the Status fields in `statuses` that call work
    complete.

    `statuses` contains (position, value) for the Status field of the header, then for each Status field of the handoff.
    `priorities` maps the ids of the PLAN to their priorities.
    """
    ids, ranges = tuple(priorities), RangeResolver(priorities)
    pending_ids = _pending_ids(source, RangeResolver(priorities))
    result = [
        *_line_claims(source, feature, ranges, vocabulary),
        *_status_claims(statuses, ranges, pending_ids),
        *(
            make_claim((achievement_id,), position, text)
            for achievement_id, position, text in statements
            if achievement_id in priorities
        ),
    ]
    if statuses and status_of(statuses[0][1], vocabulary) == "complete":
        result.append(make_claim(ids, statuses[0][0], f"Status: {statuses[0][1]}"))
    return tuple(sorted(result, key=lambda claim: claim.position))


def match_achievements_at_start(line: str) -> re.Match[str] | None:
    """Return the match of `_ACHIEVEMENTS_AT_START`, or None if `line` does not begin with an achievement such as `Achievement 1.1`.

    A list mark, a box and emoji may precede the achievement.
    """
    return _ACHIEVEMENTS_AT_START.match(line) if "chievement" in line or "CHIEVEMENT" in line else None


def says_done(line: str) -> bool:
    """Tell whether a line of an Achievement Index has a tick that means done.

    In `✅ SCRIPT ALREADY EXISTS`, for example, the tick has a different meaning.
    """
    match = match_achievements_at_start(line)
    return (
        _is_ticked_as_done(line, match)
        if match
        else bool(_TICK_MARK.search(line)) and not _TICK_OF_OTHER_MEANING.search(line)
    )


def _is_ticked_as_done(line: str, match: re.Match[str]) -> bool:
    """Tell whether a tick mark in `line` says that the achievements of the line are done.

    Before the achievement, every tick means done. After the achievement, a tick may have a different meaning (see
    `says_done`). `match` is the match of the achievement in `line`.
    """
    is_ticked_after = _TICK_MARK.search(match["rest"]) and not _TICK_OF_OTHER_MEANING.search(match["rest"])
    return bool(_TICK_MARK.search(line[: match.start("rest")]) or is_ticked_after)


def _line_claims(source: Source, feature: str, ranges: RangeResolver, vocabulary: Vocabulary) -> Iterator[Claim]:
    """Yield the claims in lines that begin with an achievement and in rows of tables with a status."""
    unrelated_sections = _unrelated_sections(source)
    claiming_rows = [
        (index, claiming_lines)
        for index, placed_section in enumerate(source)
        if (claiming_lines := _claiming_rows_in(placed_section.section, vocabulary))
    ]
    for index, lines in (*search_sections(source, _claiming_lines_in), *claiming_rows):
        for claiming_line in lines:
            if index in unrelated_sections or any(named_feature != feature for named_feature in claiming_line.features):
                continue
            if claiming_line.id_list:
                claimed_ids = ranges.listed_ids(claiming_line.id_list)
            else:
                claimed_ids = tuple(ranges.ids_in_priority_range(claiming_line.priority, claiming_line.priority))
            if claimed_ids:
                yield make_claim(claimed_ids, SectionPosition(index, claiming_line.line), claiming_line.text)


_cached_ids_and_ranges_in = functools.lru_cache(maxsize=MAX_CACHED_ID_LISTS)(ids_and_ranges_in)


def _range_function(keyed_ids: Sequence[tuple[Key, str]]) -> Callable[[Key, Key], list[str]]:
    """Return a function that takes the first and the last key of a range, and returns the ids in the range.

    `keyed_ids` contains (key, id) in the order of the PLAN. The returned function is fast: all its calls together take
    time proportional to the number of calls plus the number of ids.
    """
    ordered_keys = sorted((key, position) for position, (key, _) in enumerate(keyed_ids))
    remaining_range_counts = [MAX_RANGES_PER_ID] * len(keyed_ids)
    next_positions = list(range(len(keyed_ids) + 1))

    def next_available(index: int) -> int:
        """Return the first position at or after `index` whose id is in fewer than MAX_RANGES_PER_ID ranges so far."""
        while next_positions[index] != index:
            next_positions[index] = index = next_positions[next_positions[index]]
        return index

    def ids_in_range(first: Key, last: Key) -> list[str]:
        result = []
        index = next_available(bisect.bisect_left(ordered_keys, (first, -1)))
        end = bisect.bisect_left(ordered_keys, (last, len(keyed_ids)))
        while index < end:
            result.append(ordered_keys[index][1])
            remaining_range_counts[index] -= 1
            next_positions[index] += not remaining_range_counts[index]
            index = next_available(index + 1)
        return [keyed_ids[position][1] for position in sorted(result)]

    return ids_in_range


@memoize_per_section
def _claiming_lines_in(section: Section) -> tuple[ClaimingLine, ...]:
    """Return each line of a section that says that achievements are done, except rows of tables."""
    if not _POSSIBLE_DONE_TEXT.search(section.text):
        return ()
    lines = section_prose(section, _may_claim)
    return tuple(claiming_line for line, text in lines if (claiming_line := _parse_claiming_line(line, text)))


@memoize_per_section
def _claiming_rows_in(section: Section, vocabulary: Vocabulary) -> tuple[ClaimingLine, ...]:
    """Return each row of a table that says that achievements are done. Only tables with a status column are read.

    One of the first two cells of the row names the achievements.
    """
    if (
        "|" not in section.text
        or not _STATUS_COLUMN_HEADING.search(section.text)
        or not _ID_ANYWHERE.search(section.text)
    ):
        return ()
    lines = split_lines(section.text)
    result = []
    for table in parse_blocks(section).tables:
        column_keys = [heading_key(cell.text).split(" ")[-1].rstrip("?") for cell in table.header]
        status_column_numbers = [number for number, column in enumerate(column_keys) if column in _STATUS_COLUMNS]
        for row in table.rows if status_column_numbers else ():
            match = _match_achievements(row)
            status_cells = [
                (column_keys[number], row.cells[number].text)
                for number in status_column_numbers
                if number < len(row.cells)
            ]
            if match and any(_cell_says_done(column, text, vocabulary) for column, text in status_cells):
                text = lines[row.line]
                features = tuple(feature for feature in features_named_in(text) if not feature.isdigit())
                result.append(ClaimingLine(row.line, text.strip(), features, match["ids"], ""))
    return tuple(result)


def _match_achievements(row: TableRow) -> re.Match[str] | None:
    """Return the match of the achievements that the first cell of a row names. If the first cell names no achievement
    and has no letters, return the match in the second cell. Return None if there is no match.
    """
    for cell in row.cells[:2]:
        if match := _IDS_AT_START.match(cell.text):
            return match
        if any(character.isalpha() for character in cell.text):
            return None
    return None


def _cell_says_done(column: str, text: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a cell with the text `text` says, by a status or a tick, that work is done.

    In a column such as Done, a yes also says that work is done. `column` is the last word of the column's heading.
    """
    if column in _DONE_COLUMNS and _YES_CELL.fullmatch(text):
        return True
    if _PENDING_MARK.search(text) or _TICK_OF_OTHER_MEANING.search(text):
        return False
    return (
        bool(_TICK_MARK.match(text.strip(" *`")) or _ALL_DONE_CELL.fullmatch(text))
        or status_of(text, vocabulary) == "complete"
    )


def _may_claim(line: str) -> object:
    """Return a true value if a line may say that work is done."""
    match = match_achievements_at_start(line) or _BARE_ID_LINE.match(line) or _DONE_WORD_BEFORE_IDS.match(line)
    return match or (not line.isascii() and _PRIORITY_LINE.match(line))


def _parse_claiming_line(line: int, text: str) -> ClaimingLine | None:
    """Return the claiming line with the text `text`, or None if this text claims nothing.

    `line` is the 0-based number of the line in its section.
    """
    features = tuple(feature for feature in features_named_in(text) if not feature.isdigit())
    if match := match_achievements_at_start(text) or _BARE_ID_LINE.match(text):
        is_open = match["box"] == " " or _PENDING_MARK.search(match["rest"])
        if _is_ticked_as_done(text, match) or (not is_open and _DONE_AS_SEPARATE_PART.search(match["rest"])):
            return ClaimingLine(line, text.strip(), features, match["ids"], "")
        return None
    if match := _DONE_WORD_BEFORE_IDS.match(text):
        return ClaimingLine(line, text.strip(), features, match["ids"], "")
    match = _PRIORITY_LINE.match(text)
    if match and match["done"] == match["all"] != "0":
        return ClaimingLine(line, text.strip(), features, "", match["priority"])
    return None


def _pending_ids(source: Source, ranges: RangeResolver) -> set[str]:
    """Return the ids of the achievements that a line of the document marks as still to do."""
    return {
        achievement_id
        for _, id_lists in search_sections(source, _pending_id_lists_in)
        for id_list in id_lists
        for achievement_id in ranges.listed_ids(id_list)
    }


@memoize_per_section
def _pending_id_lists_in(section: Section) -> tuple[str, ...]:
    """Return the list of ids, as text, for each line of a section that marks achievements as still to do."""
    if section.text.isascii() or not _PENDING_MARK.search(section.text):
        return ()
    lines = (line for _, line in section_prose(section, _PENDING_MARK.search) if not _TICK_MARK.search(line))
    return tuple(match["ids"] for line in lines if (match := match_achievements_at_start(line)))


def _status_claims(
    statuses: Sequence[tuple[SectionPosition, str]], ranges: RangeResolver, pending_ids: set[str]
) -> Iterator[Claim]:
    """Yield the claims of Status fields that call whole priorities complete. `statuses` contains (position, value).

    The achievements in `pending_ids` are still to do, so they are omitted from the claims.
    """
    for position, value in statuses:
        for match in _PRIORITIES_DONE.finditer(value[:MAX_SEARCHED_CHARACTERS].replace("*", "")):
            achievement_ids: list[str] = []
            for range_match in _PRIORITY_RANGE.finditer(match["list"]):
                achievement_ids += ranges.ids_in_priority_range(
                    range_match["first"] or range_match["one"], range_match["last"] or range_match["one"]
                )
            achievement_ids = [
                achievement_id for achievement_id in dict.fromkeys(achievement_ids) if achievement_id not in pending_ids
            ]
            if achievement_ids:
                yield make_claim(tuple(achievement_ids), position, f"Status: {value}")


def _unrelated_sections(source: Source) -> set[int]:
    """Return the indexes of the sections below a heading about related plans or an example.

    Ticks in these sections are not about this PLAN.
    """
    return {
        inner_index
        for index, _ in search_sections(source, _has_unrelated_heading)
        for inner_index in section_range(source, index)
    }


@memoize_per_section
def _has_unrelated_heading(section: Section) -> bool:
    """Tell whether the heading of a section is about related plans or an example."""
    is_below_title = section.kind == "heading" and section.level > 1
    return is_below_title and _UNRELATED_HEADING.match(heading_key(section.title)) is not None


def handoff_sections(source: Source) -> list[int]:
    """Return the indexes of all sections in the handoffs of a document."""
    return [
        index
        for heading_index in sections_with_name(source, "handoff")
        for index in section_range(source, heading_index)
    ]
