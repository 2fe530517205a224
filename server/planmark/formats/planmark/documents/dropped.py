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
from planmark.text.lookalikes import INVISIBLE_CHARACTERS

_DROPPING_WORDS = (
    rf"(?<![{INVISIBLE_CHARACTERS}])(?:dropped|cancell?ed|deferred|abandoned|superseded|obsolete|descoped|out of scope|won['\u2019\u00b4]?t[ -]?do"
    rf"|merged\s+(?:into|with)\s+(?:achievement\s+)?{ID_PATTERN})(?![\w{INVISIBLE_CHARACTERS}]|\s*[?？])"
)
_BRACKETS = re.compile(
    r"[(（](?P<round>[^()（）]*)[)）]|[\[【](?P<square>[^\[\]【】]*)[\]】](?!\()|\{(?P<curly>[^{}]*)\}"
)
_MARK = re.compile(rf"\W*(?P<word>{_DROPPING_WORDS})(?P<rest>.*)", re.IGNORECASE)
_TEXT_AFTER_WORD = re.compile(
    r"\W*$|\s*[:;\u2013\u2014]|\s+-|\W*\d|\s+(?:to|until|for)\s+(?:v?\d|q\d|a? ?later|next|the next|phase|version|release|sprint)",
    re.IGNORECASE,
)
"""Pattern for the text after a word that is not in capitals: the end of the text, a reason, a date, a later time."""
_CODE_SPAN = re.compile(r"(`{1,9})[^`]+\1")
_STRUCK_TITLE = re.compile(r"~~(?P<tildes>.*?)~~|<(?P<tag>del|s|strike)>(?P<tagged>.*?)</(?P=tag)>", re.IGNORECASE)
_SUBJECT = re.compile(rf"Achievement\s+{ID_PATTERN}", re.IGNORECASE)
_EFFORT = re.compile(r"⏱.*")
_STATUS = re.compile(rf"[^\w\[]*{_DROPPING_WORDS}", re.IGNORECASE)
_TAKEN_OVER_BY = r"(?:now )?(?:(?:moved|folded) (?:in)?to|covered (?:by|in)|part of|replaced by|see|in favou?r of|duplicate of|same as)"
_NEW_PLACE_OF_WORK = re.compile(
    rf"\W*(?:{_TAKEN_OVER_BY}|(?:{_TAKEN_OVER_BY}\W*)?(?:(?:achievement|PLAN_\S+|@\S+)\s+)?{ID_PATTERN})\W*",
    re.IGNORECASE,
)
"""Pattern for the name of the achievement that takes over the work, after a title that is struck through."""
_WORD = re.compile(r"\w")


@functools.lru_cache(maxsize=4096)
def has_drop_mark(line: str) -> bool:
    """Tell whether a line contains a mark in brackets that drops the achievement: `(DROPPED)`, `[Deferred: no budget]`."""
    visible_text = _STRUCK_TITLE.sub("", _CODE_SPAN.sub("", line))
    return any(_is_drop_mark(match, visible_text) for match in _BRACKETS.finditer(visible_text))


def _is_drop_mark(mark_match: re.Match[str], line: str) -> bool:
    match = _MARK.match(mark_match["round"] or mark_match["square"] or mark_match["curly"] or "")
    if match is None:
        return False
    if match["word"].isupper():
        return True
    subject = _SUBJECT.search(line)
    follows_id = subject is not None and not line[subject.end() : mark_match.start()].strip(" *~")
    text_after_mark = _BRACKETS.sub("", _EFFORT.sub("", line[mark_match.end() :]))
    return _TEXT_AFTER_WORD.match(match["rest"]) is not None and (follows_id or not _WORD.search(text_after_mark))


@functools.lru_cache(maxsize=4096)
def is_struck(line: str) -> bool:
    """Tell whether the whole title of an achievement is struck through; `line` may contain more than the title."""
    struck_matches = [
        match for match in _STRUCK_TITLE.finditer(line) if _WORD.search(match["tildes"] or match["tagged"] or "")
    ]
    if not struck_matches:
        return False
    rest = _EFFORT.sub("", _BRACKETS.sub("", _SUBJECT.sub("", _STRUCK_TITLE.sub("", line), count=1)))
    return not _WORD.search(rest) or _STATUS.match(rest) is not None or _NEW_PLACE_OF_WORK.fullmatch(rest) is not None


def is_listed_as_dropped(row: str) -> bool:
    """Tell whether a row of an index has a cell after the title with a status that drops the achievement."""
    cells = (_MARK.match(cell.replace("*", "").strip()) for cell in row.strip().strip("|").split("|")[2:])
    return any(match is not None and _TEXT_AFTER_WORD.match(match["rest"]) is not None for match in cells)


def dropping_status(source: Source, body: LineRange, vocabulary: Vocabulary) -> Quote | None:
    """Return the first Status field directly below a definition, if it drops the achievement; else None.

    If several Status fields are directly below the definition, all of them must drop the achievement.
    """
    section: Section = source[body.start.section].section
    first_line, end_line = body.start.line, body.end.line if body.end.section == body.start.section else section.lines
    status_fields = [
        status_field
        for status_field in status_lines(section, vocabulary)
        if first_line < status_field.line < end_line and is_field(status_field.name, "status", vocabulary)
    ]
    if not status_fields or not all(
        _STATUS.match(status_field.value.replace("*", "")) for status_field in status_fields
    ):
        return None
    return quote_at(source, SectionPosition(body.start.section, status_fields[0].line))
