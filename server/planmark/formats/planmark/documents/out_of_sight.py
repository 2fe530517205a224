"""A second, tolerant search for achievements: lines in any form, at any place, that may be about an achievement.

The first search reads the text that Markdown shows, in the forms of a definition. The second search prevents a wrong
"complete". It also reads HTML, indented code, front matter, and fences and comments without an end. Its results decide
no state of an achievement.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from planmark.formats.planmark.documents.dropped import has_drop_mark, is_struck
from planmark.formats.planmark.documents.ids import ID_PATTERN, id_parts
from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.documents.vocabulary import heading_key, opens_section
from planmark.markdown.blocks import Fence, may_hold_more_than_prose, parse_blocks, prose_lines, split_lines
from planmark.markdown.parsed_source import (
    MAX_SEARCHED_CHARACTERS,
    Quote,
    SectionPosition,
    Source,
    make_quote,
    search_sections,
    section_range,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lookalikes import fold_characters

LineVisibility = Literal["prose", "hidden", "fenced"]
"""Whether a line is in visible text, in text that Markdown hides or reads as code, or in a closed fence."""

_ACHIEVEMENT_WORD = "achievement"
_TOLERANT_ID = r"[0-9lIOo]{1,2}(?:\.[0-9lIOo]{1,2}){1,2}(?![^\W_]|\.[^\W_])"
"""Pattern for an id in which letters may stand for digits, such as `l.O`."""
_ID_LIST = rf"{_TOLERANT_ID}(?:[\s*_]*(?:,|&|and|-|to|/)[\s*_]*(?:achievements?\s+)?{_TOLERANT_ID})*"
_LETTER_TO_DIGIT = str.maketrans("lIOo", "1100")
"""Table from letters that look like digits to these digits."""
_ID = lazy_pattern(_TOLERANT_ID)
_ELEMENT_BEFORE_WORD = (
    r"\[[xX]\]|\[\^[A-Za-z0-9][\w-]{0,39}\]|:[a-z][a-z0-9_+-]{0,39}:|[0-9]{1,9}[.)]"
    r"|(?:[ivxIVX]{1,5}|[a-hj-uwyzA-HJ-UWYZ])[.)]|[\W_]"
)
"""Pattern for one element of the text before the word Achievement. It is a box, a footnote, the name of an emoji, a
list mark, or one character that is not a letter.

No text fits two of the alternatives, so a failed match takes only one pass.
"""
_LINE_ABOUT_ACHIEVEMENT = lazy_pattern(
    rf"(?P<lead>(?:{_ELEMENT_BEFORE_WORD})*){_ACHIEVEMENT_WORD}s?[\W_]{{0,9}}(?P<ids>{_ID_LIST})(?P<tail>.*)",
    re.IGNORECASE,
)
_CLOSING_MARKS = lazy_pattern(r"[\s`~\])]*(?:\([^()]*\)[\s`~\])]*)?")
"""Pattern for closing brackets and marks after the ids, and for text in brackets."""
_TITLE_SEPARATOR = lazy_pattern(r"[.,;!?]?(?:\*\*|__)|[^\w\s,;.!?'\"()`~\])]|_|[^\w]*$")
"""Pattern for the separator between the ids and a title, or for the end of the line."""
_BARE_ITEM = lazy_pattern(
    rf"\s*[-*+]\s+(?:\[[ xX]\]\s*)?[\W_]{{0,9}}(?P<id>{ID_PATTERN})(?![\w.])[*_`]*\s*[:\u2013\u2014-]?\s*[*_`]*[A-Z]"
)
"""Pattern for a list item that begins with an id and a title."""
_BEGINNING_OF_TITLE = lazy_pattern(r"[\s*_`]+[A-Z0-9]")
_OTHER_PLAN_AFTER_ID = lazy_pattern(r"[\W_]*(?:(?:of|from|in|by|to)\s+(?:the\s+)?[\W_]*)?(?:(?<=@)\w|PLAN_)")
"""Pattern for the name of a different plan after an id."""
_ACHIEVEMENT_WORD_AT_END = lazy_pattern(rf"{_ACHIEVEMENT_WORD}s?[\W_]*$", re.IGNORECASE)
_COMMENT = lazy_pattern(r"<!--(?:(?!<!--|-->)[\s\S])*-->|<!--+>")
_BLANK_LINE = lazy_pattern(r"\n[ \t]*\n")
_ENTITY = lazy_pattern(r"&(?:#0*[0-9]{1,7}|#[xX]0*[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_REST_OF_TAG = lazy_pattern(r"[^<>]*[\"'\w/]>(?=\W*achievement)", re.IGNORECASE)
"""Pattern for the rest of an HTML tag that began on an earlier line."""
_QUOTED_VALUE = lazy_pattern(r"=\s*(?:\"[^\"]*\"|'[^']*')")
"""Pattern for the value of an HTML attribute."""
_BREAKING_TAG = lazy_pattern(
    r"</?(?:address|article|aside|blockquote|br|caption|center|dd|details|div|dl|dt|figcaption|figure|footer|form|h[1-6]|"
    r"header|hr|li|main|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul)\b[^<>]*>|<!--|-->|<!\[CDATA\[|\]\]>",
    re.IGNORECASE,
)
"""Pattern for an HTML tag or mark after which a browser begins a new line, and for marks of comments."""
_BOLD_TAG = lazy_pattern(r"</?(?:b|strong)\b[^<>]*>", re.IGNORECASE)
_TAG = lazy_pattern(rf"</?(?!{_ACHIEVEMENT_WORD})[A-Za-z][^<>]*>|<[?!][^<>]*>", re.IGNORECASE)
_ESCAPED_CHARACTER = lazy_pattern(r"\\(?=[!-/:-@\[-`{-~])")
_EMPHASIS = lazy_pattern(r"(?<=\w)[*`~]+(?=[A-Za-z])")
_MARK_INSIDE_WORD = lazy_pattern(r"(?<=[A-Za-z])[*`~\\]+(?=[A-Za-z])")
_POSSIBLE_LOOKALIKE = lazy_pattern(
    "[^\x00-\x7f\u2010-\u2027\u2030-\u205e\u2190-\u23ff\u2500-\u27ff\ufe0f\U0001f300-\U0001faff]"
)
"""Pattern for a character that may look like a letter. The usual dashes, arrows and emoji do not match."""
_HIDING_MARKUP = ("<", "&", "    ", "\t", "```", "~~~", "\x0b", "\x0c")
"""Characters with which text begins that Markdown may hide or read as code."""
_LINE_BREAKS = lazy_pattern(r"[\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_HEADING = lazy_pattern(r"[\s>]*#{1,6}\s+(?P<title>.*)")
_FENCE_MARK = lazy_pattern(r"`{3,}|~{3,}")
_FENCE_OPENING = lazy_pattern(r"\s*(?P<mark>`{3,}|~{3,})[ \t]*[^\s`~]")
_QUIET_HEADING = lazy_pattern(
    r"status\W*$|(?:subplan )?tracking\b|(?:related|other) plans\b|relationship to other plans\b|hand-?off\b"
)
"""Pattern for the heading of a quiet section, in the form that `heading_key` returns. A quiet section only mentions
achievements.
"""


class PossibleAchievementLine(NamedTuple):
    """A line of a section that may be about an achievement, with the ids in the line and the visibility of the line.

    `is_quiet` tells whether the last hidden heading above the line opens a quiet section, which only mentions
    achievements. If there is no hidden heading above the line, `is_quiet` is None.
    """

    line: int
    text: str
    ids: tuple[str, ...]
    visibility: LineVisibility
    is_quiet: bool | None


def lines_about_undefined_ids(source: Source, defined_ids: Collection[str]) -> Iterator[tuple[Quote, str, bool]]:
    """Yield three values for each line about an id that is not in `defined_ids`.

    The values are the line, the first undefined id in the line, and whether the line is outside visible text.
    """
    defined_parts = {id_parts(achievement) for achievement in defined_ids}
    yield from _undefined_index_items(source, defined_parts)
    named_lines = search_sections(source, possible_achievement_lines_in)
    if not named_lines:
        return
    quiet_sections = _quiet_sections(source)
    is_fenced = any(named_line.visibility == "fenced" for _, lines in named_lines for named_line in lines)
    has_open_fence = is_fenced and any(_has_unclosed_fence(section.section) for section in source)
    for index, lines in named_lines:
        for line, text, ids, visibility, is_quiet in lines:
            if (is_quiet if is_quiet is not None else index in quiet_sections) or (
                visibility == "fenced" and not has_open_fence
            ):
                continue
            missing_id = next((achievement for achievement in ids if id_parts(achievement) not in defined_parts), None)
            if missing_id:
                yield make_quote(SectionPosition(index, line), text), missing_id, visibility != "prose"


def _undefined_index_items(
    source: Source, defined_parts: Collection[tuple[int, ...]]
) -> Iterator[tuple[Quote, str, bool]]:
    """Yield (line, id, False) for each index item that begins with an undefined id, such as `- 1.2 Receipts`.

    An index item is a list item of an Achievement Index. `defined_parts` contains the parts of each defined id as
    integers. False means that the line is visible.
    """
    for heading_index in sections_with_name(source, "achievement_index"):
        for index in section_range(source, heading_index):
            for line, text, achievement in _items_with_id_and_title(source[index].section):
                if id_parts(achievement) not in defined_parts:
                    yield make_quote(SectionPosition(index, line), text), achievement, False


@memoize_per_section
def _items_with_id_and_title(section: Section) -> tuple[tuple[int, str, str], ...]:
    """Return (0-based line, text, id) for each list item of a section that begins with an id and a title.

    Items that drop their achievement are ignored.
    """
    matches = ((line, text, _BARE_ITEM.match(text)) for line, text in prose_lines(section))
    return tuple((line, text.strip(), match["id"]) for line, text, match in matches if match and not _is_dropped(text))


def _quiet_sections(source: Source) -> set[int]:
    """Return the indexes of the quiet sections, which report the status of work or describe other plans.

    Headings of level 1 are ignored, because the section of such a heading may be the whole document.
    """
    headings = {
        *sections_with_name(source, "handoff"),
        *sections_with_name(source, "tracking"),
        *(index for index, _ in search_sections(source, _has_quiet_heading)),
    }
    return {
        inner_index
        for index in headings
        if source[index].section.level > 1
        for inner_index in section_range(source, index)
    }


@memoize_per_section
def _has_quiet_heading(section: Section) -> bool:
    """Tell whether the heading of a section says that the section only mentions achievements."""
    return section.kind == "heading" and _QUIET_HEADING.match(heading_key(section.title)) is not None


@memoize_per_section
def _has_unclosed_fence(section: Section) -> bool:
    """Tell whether a section contains a code fence without an end."""
    return _may_have_fences(section) and any(not fence.is_closed for fence in parse_blocks(section).fences)


def may_hide_text(section: Section) -> bool:
    """Tell whether a section may contain text in an unusual form, or text that Markdown does not show."""
    text = section.text
    return (
        section.kind == "front_matter"
        or any(mark in text for mark in _HIDING_MARKUP)
        or _POSSIBLE_LOOKALIKE.search(text) is not None
    )


def _may_have_fences(section: Section) -> bool:
    """Tell whether a section contains the marks of a code fence."""
    return "```" in section.text or "~~~" in section.text


@memoize_per_section
def possible_achievement_lines_in(section: Section) -> tuple[PossibleAchievementLine, ...]:
    """Return the lines of a section that may be about an achievement."""
    if not _may_mention_achievement(section.text):
        return ()
    lines = split_lines(section.text)
    ids_by_line = [
        _ids_of_line(line, lines[number + 1] if number + 1 < len(lines) else "") for number, line in enumerate(lines)
    ]
    if not any(ids_by_line):
        return ()
    visibilities, uncommented_lines = _visibilities_and_texts(section, lines)
    result = []
    is_quiet: bool | None = None
    for number, ids in enumerate(ids_by_line):
        visibility = visibilities[number]
        if visibility == "prose":
            is_quiet = None
        if visibility == "hidden" and (heading := _HEADING.match(lines[number][:MAX_SEARCHED_CHARACTERS])):
            title = heading["title"]
            is_quiet = opens_section(title, "tracking") or _QUIET_HEADING.match(heading_key(title)) is not None
        if not ids:
            continue
        has_comment = uncommented_lines[number] != lines[number]
        if has_comment and not _ids_of_line(
            uncommented_lines[number], uncommented_lines[number + 1] if number + 1 < len(uncommented_lines) else ""
        ):
            continue
        result.append(PossibleAchievementLine(number, lines[number].strip(), ids, visibility, is_quiet))
    return tuple(result)


def _visibilities_and_texts(section: Section, lines: list[str]) -> tuple[list[LineVisibility], list[str]]:
    """Return two lists with one value for each line of a section.

    The first list contains the visibilities, the second list the texts without closed comments.
    """
    if not may_hold_more_than_prose(section):
        return ["prose"] * len(lines), lines
    if section.kind != "front_matter" and not any(mark in section.text for mark in _HIDING_MARKUP):
        return ["prose"] * len(lines), lines
    blocks = parse_blocks(section)
    hidden_lines = {line for start, end in blocks.opaque_spans for line in range(start, end)}
    fenced_lines = {
        line
        for fence in blocks.fences
        if fence.is_closed and not _hides_second_fence(fence, lines)
        for line in range(fence.line, fence.end_line)
    }
    visibilities: list[LineVisibility] = [
        "fenced" if number in fenced_lines else "hidden" if number in hidden_lines else "prose"
        for number in range(len(lines))
    ]
    return visibilities, split_lines(_without_comments(section.text, blocks.opaque_spans))


def lines_without_markup(section: Section) -> Iterator[tuple[int, str]]:
    """Yield (0-based line, text without markup) for each line of a section outside closed fences.

    Plain letters replace look-alike characters in the text. Closed comments are removed. A line that a browser breaks
    is yielded in pieces, all with the same number.
    """
    visibilities, uncommented_lines = _visibilities_and_texts(section, split_lines(section.text))
    for number, line in enumerate(uncommented_lines):
        if visibilities[number] != "fenced":
            for piece in _LINE_BREAKS.split(strip_markup(line)):
                yield number, piece


def _hides_second_fence(fence: Fence, lines: list[str]) -> bool:
    """Tell whether a second fence seems to begin inside `fence`. Then the closing line of `fence` is probably missing."""
    opening_match = _FENCE_MARK.search(lines[fence.line])
    mark = opening_match[0] if opening_match else "```"
    opening_matches = (_FENCE_OPENING.match(lines[number]) for number in range(fence.line + 1, fence.end_line))
    return any(match is not None and match["mark"].startswith(mark) for match in opening_matches)


def _without_comments(text: str, opaque_spans: tuple[tuple[int, int], ...]) -> str:
    """Return `text` without the closed comments in HTML blocks and in paragraphs.

    The line breaks in comments stay, so all lines keep their numbers. `opaque_spans` contains the half-open line ranges
    of code, HTML and front matter.
    """
    if "<!--" not in text:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks_by_line = {
        line_number: number for number, (start, end) in enumerate(opaque_spans) for line_number in range(start, end)
    }
    pieces, position, line_number = [], 0, 0
    for match in _COMMENT.finditer(text):
        line_number += text.count("\n", position, match.start())
        last_line = line_number + match[0].count("\n")
        is_block = line_number in blocks_by_line and blocks_by_line[line_number] == blocks_by_line.get(last_line)
        blanked_text = "\n" * (last_line - line_number) if is_block or not _BLANK_LINE.search(match[0]) else match[0]
        pieces += [text[position : match.start()], blanked_text]
        position, line_number = match.end(), last_line
    return "".join([*pieces, text[position:]])


def _may_mention_achievement(text: str) -> bool:
    """Tell whether `text` may contain the word "achievement", in any characters."""
    if _ACHIEVEMENT_WORD in text.lower():
        return True
    may_be_disguised = "<" in text or "&" in text or _MARK_INSIDE_WORD.search(text) or _POSSIBLE_LOOKALIKE.search(text)
    return bool(may_be_disguised) and _ACHIEVEMENT_WORD in strip_markup(text).lower()


def strip_markup(text: str) -> str:
    """Return `text` without markup, and with plain letters in place of look-alike characters.

    An HTML tag that breaks a line becomes a line end.
    """
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    text = fold_characters(text)
    if "<" in text or ">" in text:
        text = _REST_OF_TAG.sub("", text) if _REST_OF_TAG.match(text) else text
        text = _TAG.sub("", _BOLD_TAG.sub("**", _BREAKING_TAG.sub("\n", _QUOTED_VALUE.sub("=", text))))
    return _EMPHASIS.sub("", _ESCAPED_CHARACTER.sub("", text))


def _ids_of_line(line: str, next_line: str) -> tuple[str, ...]:
    """Return the ids of the achievements that a line is about.

    If the word Achievement ends the line, the ids are on the next line.
    """
    if not _may_mention_achievement(line):
        return ()
    ids = tuple(
        achievement_id
        for piece in _LINE_BREAKS.split(strip_markup(line))
        for achievement_id in _ids_of_piece(piece, next_line)
    )
    return () if ids and _is_dropped(line) else ids


def _is_dropped(line: str) -> bool:
    """Tell whether a line drops its achievement, by a title that is struck through or by a mark in brackets."""
    return is_struck(line[:MAX_SEARCHED_CHARACTERS]) or has_drop_mark(line[:MAX_SEARCHED_CHARACTERS])


def _ids_of_piece(text: str, next_line: str) -> list[str]:
    """Return the ids of the achievements that one piece of a line is about.

    If the word Achievement ends the piece, the ids are on the next line.
    """
    if _ACHIEVEMENT_WORD not in text.lower():
        return []
    match = _LINE_ABOUT_ACHIEVEMENT.match(
        f"{text} {strip_markup(next_line)}" if _ACHIEVEMENT_WORD_AT_END.search(text) else text
    )
    if match is None or _OTHER_PLAN_AFTER_ID.match(match["tail"]):
        return []
    is_titled = match["lead"].strip() and _BEGINNING_OF_TITLE.match(match["tail"])
    if not is_titled and not _TITLE_SEPARATOR.match(match["tail"], _CLOSING_MARKS.match(match["tail"]).end()):  # type: ignore[union-attr]  # the pattern matches everywhere
        return []
    return [id_text.translate(_LETTER_TO_DIGIT) for id_text in _ID.findall(match["ids"])]
