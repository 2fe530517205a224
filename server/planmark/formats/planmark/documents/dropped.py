"""Achievements that a PLAN drops: struck through, marked in brackets, or with a Status that drops them.

If the text is unclear, the achievement is still wanted. For example, `Deferred Archiving Policy` is a title, and
`~~Refund~~ Reimburse` gives the achievement a new name.
"""

from __future__ import annotations

import functools
import re

from planmark.formats.planmark.documents.ids import ID_PATTERN
from planmark.formats.planmark.documents.statuses import status_lines
from planmark.formats.planmark.documents.vocabulary import is_field
from planmark.markdown.parsed_source import LineRange, Quote, SectionPosition, Source, quote_at
from planmark.markdown.sections import Section
from planmark.plans.vocabulary import Vocabulary
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lookalikes import INVISIBLE_CHARACTERS

_DROPPING_WORDS = (
    rf"(?<![{INVISIBLE_CHARACTERS}])(?:dropped|cancell?ed|deferred|abandoned|superseded|obsolete|descoped|out of scope|won['\u2019\u00b4]?t[ -]?do"
    rf"|merged\s+(?:into|with)\s+(?:achievement\s+)?{ID_PATTERN})(?![\w{INVISIBLE_CHARACTERS}]|\s*[?？])"
)
"""Pattern for a word or phrase that drops an achievement, such as `dropped` or `merged into 1.2`."""
_BRACKETS = lazy_pattern(
    r"[(（](?P<round>[^()（）]*)[)）]|[\[【](?P<square>[^\[\]【】]*)[\]】](?!\()|\{(?P<curly>[^{}]*)\}"
)
_DROP_MARK = lazy_pattern(rf"\W*(?P<word>{_DROPPING_WORDS})(?P<rest>.*)", re.IGNORECASE)
"""Pattern for the text inside brackets that begins with a dropping word."""
_TEXT_AFTER_DROPPING_WORD = lazy_pattern(
    r"\W*$|\s*[:;\u2013\u2014]|\s+-|\W*\d|\s+(?:to|until|for)\s+(?:v?\d|q\d|a? ?later|next|the next|phase|version|release|sprint)",
    re.IGNORECASE,
)
"""Pattern for the text that may follow a dropping word in lower case: nothing, a reason, a date, or a later time."""
_CODE_SPAN = lazy_pattern(r"(`{1,9})[^`]+\1")
_STRUCK_TEXT = lazy_pattern(r"~~(?P<tildes>.*?)~~|<(?P<tag>del|s|strike)>(?P<tagged>.*?)</(?P=tag)>", re.IGNORECASE)
_ACHIEVEMENT_WITH_ID = lazy_pattern(rf"Achievement\s+{ID_PATTERN}", re.IGNORECASE)
"""Pattern for the word Achievement with an id."""
_EFFORT = lazy_pattern(r"⏱.*")
_DROPPING_STATUS_VALUE = lazy_pattern(rf"[^\w\[]*{_DROPPING_WORDS}", re.IGNORECASE)
"""Pattern for the value of a status that begins with a dropping word."""
_TAKEN_OVER_BY = r"(?:now )?(?:(?:moved|folded) (?:in)?to|covered (?:by|in)|part of|replaced by|see|in favou?r of|duplicate of|same as)"
"""Pattern for the words before the name of the achievement that takes over the work."""
_NEW_PLACE_OF_WORK = lazy_pattern(
    rf"\W*(?:{_TAKEN_OVER_BY}|(?:{_TAKEN_OVER_BY}\W*)?(?:(?:achievement|PLAN_\S+|@\S+)\s+)?{ID_PATTERN})\W*",
    re.IGNORECASE,
)
"""Pattern for the name of the achievement that takes over the work, after a title that is struck through."""
_WORD_CHARACTER = lazy_pattern(r"\w")


@functools.lru_cache(maxsize=4096)
def has_drop_mark(line: str) -> bool:
    """Tell whether a line drops its achievement by a mark in brackets, such as `(DROPPED)` or `[Deferred: no budget]`."""
    visible_text = _STRUCK_TEXT.sub("", _CODE_SPAN.sub("", line))
    return any(_is_drop_mark(match, visible_text) for match in _BRACKETS.finditer(visible_text))


def _is_drop_mark(mark_match: re.Match[str], line: str) -> bool:
    """Tell whether a text in brackets drops the achievement of `line`. `mark_match` is the match of the text."""
    match = _DROP_MARK.match(mark_match["round"] or mark_match["square"] or mark_match["curly"] or "")
    if match is None:
        return False
    if match["word"].isupper():
        return True
    subject = _ACHIEVEMENT_WITH_ID.search(line)
    follows_id = subject is not None and not line[subject.end() : mark_match.start()].strip(" *~")
    text_after_mark = _BRACKETS.sub("", _EFFORT.sub("", line[mark_match.end() :]))
    return _TEXT_AFTER_DROPPING_WORD.match(match["rest"]) is not None and (
        follows_id or not _WORD_CHARACTER.search(text_after_mark)
    )


@functools.lru_cache(maxsize=4096)
def is_struck(line: str) -> bool:
    """Tell whether the whole title of the achievement in `line` is struck through.

    Other text of `line`, such as an effort, need not be struck through.
    """
    struck_matches = [
        match
        for match in _STRUCK_TEXT.finditer(line)
        if _WORD_CHARACTER.search(match["tildes"] or match["tagged"] or "")
    ]
    if not struck_matches:
        return False
    text_beside_title = _EFFORT.sub(
        "", _BRACKETS.sub("", _ACHIEVEMENT_WITH_ID.sub("", _STRUCK_TEXT.sub("", line), count=1))
    )
    return (
        not _WORD_CHARACTER.search(text_beside_title)
        or _DROPPING_STATUS_VALUE.match(text_beside_title) is not None
        or _NEW_PLACE_OF_WORK.fullmatch(text_beside_title) is not None
    )


def is_listed_as_dropped(row: str) -> bool:
    """Tell whether a table row of an Achievement Index drops its achievement, by a status in a cell after the title."""
    mark_matches = (_DROP_MARK.match(cell.replace("*", "").strip()) for cell in row.strip().strip("|").split("|")[2:])
    return any(
        match is not None and _TEXT_AFTER_DROPPING_WORD.match(match["rest"]) is not None for match in mark_matches
    )


def dropping_status(source: Source, body: LineRange, vocabulary: Vocabulary) -> Quote | None:
    """Return the line of the first Status field below a definition if the field drops the achievement, else None.

    `body` is the body of the achievement. Only its first section is searched. If this section contains several Status
    fields, all of them must drop the achievement.
    """
    section: Section = source[body.start.section].section
    first_line, end_line = body.start.line, body.end.line if body.end.section == body.start.section else section.lines
    status_fields = [
        status_field
        for status_field in status_lines(section, vocabulary)
        if first_line < status_field.line < end_line and is_field(status_field.name, "status", vocabulary)
    ]
    if not status_fields or not all(
        _DROPPING_STATUS_VALUE.match(status_field.value.replace("*", "")) for status_field in status_fields
    ):
        return None
    return quote_at(source, SectionPosition(body.start.section, status_fields[0].line))
