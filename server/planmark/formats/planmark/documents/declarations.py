"""Declarations of dependencies in a text: fields, their continuation lines, and list items below an empty field."""

from __future__ import annotations

import functools
import itertools
import operator
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from planmark.formats.planmark.documents.ids import ID_PATTERN
from planmark.formats.planmark.documents.out_of_sight import (
    lines_without_markup,
    may_hide_text,
    possible_achievement_lines_in,
    strip_markup,
)
from planmark.formats.planmark.documents.vocabulary import heading_key
from planmark.markdown.parsed_source import MAX_SEARCHED_CHARACTERS, section_prose
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.vocabulary import Vocabulary
from planmark.text.lazy_pattern import lazy_pattern

_TEXT_BEFORE_FIELD_NAME = (
    r"^(?P<lead>[ \t>|]{0,100})(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,9})?(?:\[[ xX]\][ \t]{1,9})?(?:[^\w\r\n()\[\]|]|_){0,20}"
)
"""Pattern for the text before the name of a field: blanks, list marks, a box, and emphasis."""
_VALUE_SEPARATOR = r"[ \t]{0,9}[*_~`]{0,3}[ \t]{0,9}(?:[:\uff1a][*_~`]{0,3}|\|)[ \t]{0,9}"
"""Pattern for the separator between the name and the value of a field."""
_FIELD_WITHOUT_COLON = (
    r"(?P<bare>depends[ \t]{1,9}on|blocked[ \t]{1,9}by"
    r"|(?:dependenc(?:y|ies)|prerequisites?)(?=[*_]{0,3}[ \t]{1,9}(?:[–—=→]|[-=]>)))[*_]{0,3}[ \t]{1,9}"
    rf"(?=[^\w\r\n]{{0,20}}(?:achievements?[ \t]{{1,9}})?{ID_PATTERN}(?!\w))(?:[-=]>|=)?"
)
"""Pattern for a field such as `depends on 1.1`, without a colon."""
_LIST_ITEM_START = lazy_pattern(r"(?P<indent>[ \t>]*)(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
"""Pattern for the beginning of a list item: its indentation, its list mark and its box."""
_LABEL = lazy_pattern(r"[^\w\n]*(?P<name>[A-Za-z][\w ()/&'-]{0,60}?)[*_]{0,3}[ \t]*[:\uff1a]")
"""Pattern for a label: a name and a colon at the beginning of a line."""
_END_OF_CONTINUED_LINE = lazy_pattern(r"(?:[,;&+]|\band)\s*$")
"""Pattern for the end of a line whose value continues on the next line."""
_DENYING_WORD = lazy_pattern(r"(?i)\b(?:optional|soft|not|parallel)\b")
"""Pattern for a word in brackets that denies the dependencies of a field."""
_POSSIBLE_DEPENDENCY = lazy_pattern(rf"(?i)\bachievement|\bsubplan|plan_|@[A-Z0-9]|(?<![\w.]){ID_PATTERN}(?!\w)")
"""Pattern for text that may name an achievement or a document."""
MAX_VALUE_LINES = 20
"""Maximum number of lines of one value, and of text lines between the items of a list below a field."""


class DeclaredField(NamedTuple):
    """A field that declares dependencies. `line` is the 0-based line of the field in its section.

    `values` contains (0-based line, text) for each value of the field. `reverse` tells whether the named achievements
    wait for the achievement whose body contains the field. `denying_word` is the word in brackets after the name that
    denies the dependencies, else "".

    `is_in_list_item` tells whether the field is a paragraph inside a list item. Such a field may be about a different
    subject, so the unread parts of its values are ignored (see `UnreadPart`).
    """

    line: int
    name: str
    reverse: bool
    denying_word: str
    is_in_list_item: bool
    values: tuple[tuple[int, str], ...]


def field_line_pattern(vocabulary: Vocabulary) -> re.Pattern[str]:
    """Return the pattern for a line with a field that declares dependencies.

    The group `value` of a match contains the value of the field. One of the groups `needs`, `blocks` and `bare`
    contains the name of the field.
    """
    return _field_line_pattern_of(tuple(vocabulary.fields["dependencies"]), tuple(vocabulary.fields["blocks"]))


@functools.lru_cache(maxsize=8)
def _field_line_pattern_of(needs_names: tuple[str, ...], blocks_names: tuple[str, ...]) -> re.Pattern[str]:
    """Return the result of `field_line_pattern` for a vocabulary with these names of fields.

    `needs_names` are the names of fields such as `depends on`, `blocks_names` are the names of fields such as `blocks`.
    """

    def alternatives(words: tuple[str, ...]) -> str:
        """Return a pattern that matches any of `words`. Longer words are tried first."""
        words_longest_first = sorted(words, key=len, reverse=True)
        return "|".join(r"[ \t_-]{1,9}".join(map(re.escape, word.split())) for word in words_longest_first)

    return re.compile(
        rf"{_TEXT_BEFORE_FIELD_NAME}(?:(?:(?P<needs>{alternatives(needs_names)})|(?P<blocks>{alternatives(blocks_names)}))"
        rf"[*_~`]{{0,3}}(?P<aside>[ \t]{{0,9}}\([^()\r\n]{{0,60}}\))?{_VALUE_SEPARATOR}|{_FIELD_WITHOUT_COLON})(?P<value>[^\r\n]*)",
        re.IGNORECASE | re.MULTILINE,
    )


@memoize_per_section
def declared_fields_in(section: Section, vocabulary: Vocabulary) -> tuple[DeclaredField, ...]:
    """Return the fields of a section that declare dependencies."""
    pattern = field_line_pattern(vocabulary)
    field_starts = [
        (line, match) for line, text in section_prose(section, pattern.match) if (match := pattern.match(text))
    ]
    tolerant_fields = _fields_in_hidden_text(section, pattern, {line for line, _ in field_starts})
    if not field_starts and not tolerant_fields:
        return ()
    texts_by_line = {**dict(lines_without_markup(section) if tolerant_fields else ()), **dict(section_prose(section))}
    field_starts = sorted([*field_starts, *tolerant_fields], key=operator.itemgetter(0))
    labels = _all_field_names(vocabulary)
    has_before_label = any(
        (label := _LABEL.match(text)) and heading_key(label["name"]) == "before" for text in texts_by_line.values()
    )
    return tuple(
        written_field
        for line, match in field_starts
        if not _is_in_row_without_two_cells(match)
        and (written_field := _parse_declared_field(line, match, texts_by_line, labels))
        if not (has_before_label and written_field.name.casefold() == "after" and not _names_dependency(written_field))
    )


def _fields_in_hidden_text(
    section: Section, pattern: re.Pattern[str], known_lines: Collection[int]
) -> list[tuple[int, re.Match[str]]]:
    """Return (0-based line, match of `pattern`) for each field in text that Markdown may hide.

    Fields in `known_lines` are omitted, because the search in visible text has found them. This search ends at the
    first hidden line that may begin a different achievement.
    """
    if not may_hide_text(section) or not pattern.search(strip_markup(section.text)):
        return []
    end = min(
        (named_line.line for named_line in possible_achievement_lines_in(section) if named_line.visibility == "hidden"),
        default=section.lines,
    )
    return [
        (line, match)
        for line, text in lines_without_markup(section)
        if line < end and line not in known_lines and (match := pattern.match(text[:MAX_SEARCHED_CHARACTERS]))
    ]


@functools.lru_cache(maxsize=8)
def _all_field_names(vocabulary: Vocabulary) -> frozenset[str]:
    """Return the case-folded names of all fields in the vocabulary."""
    return frozenset(word for words in vocabulary.fields.values() for word in words)


def _is_in_row_without_two_cells(match: re.Match[str]) -> bool:
    """Tell whether `match` is in a table row that does not have exactly two cells. Such a row is not a field."""
    value = match["value"].rstrip().removesuffix("|")
    return ("|" in match["lead"]) != match[0][: match.start("value")].rstrip().endswith("|") or (
        "|" in match["lead"] and "|" in value
    )


def _names_dependency(written_field: DeclaredField) -> bool:
    """Tell whether a value of a field names an achievement or a document.

    If a section has a label `Before`, its field `After` declares dependencies only if a value names an achievement or a
    document.
    """
    return any(_POSSIBLE_DEPENDENCY.search(value) for _, value in written_field.values)


def _parse_declared_field(
    line: int, match: re.Match[str], texts_by_line: Mapping[int, str], labels: frozenset[str]
) -> DeclaredField:
    """Return the field that declares dependencies on the 0-based line `line`.

    `match` is the match of `field_line_pattern` in this line. `texts_by_line` maps the 0-based lines of the section to
    their texts. `labels` are the names of all fields.
    """
    name = match["needs"] or match["blocks"] or match["bare"]
    denying_match = _DENYING_WORD.search(match["aside"] or "")
    value = match["value"].strip().removesuffix("|") if "|" in match["lead"] else match["value"].strip()
    values = (
        ((line, _join_value_lines(line, value, texts_by_line, labels)),)
        if value
        else tuple(_items_below(line, texts_by_line, labels))
    )
    is_in_list_item = (
        match["lead"].startswith((" ", "\t"))
        and not _LIST_ITEM_START.match(texts_by_line[line])
        and not texts_by_line.get(line - 1, "").strip()
    )
    return DeclaredField(
        line, name, match["blocks"] is not None, denying_match[0] if denying_match else "", is_in_list_item, values
    )


def _join_value_lines(line: int, value: str, texts_by_line: Mapping[int, str], labels: frozenset[str]) -> str:
    """Return the value that begins on `line`, joined with the lines on which it continues.

    `texts_by_line` maps the 0-based lines of the section to their texts. `labels` are the names of all fields.
    """
    for next_line in range(line + 1, line + MAX_VALUE_LINES):
        text = texts_by_line.get(next_line, "")
        if (
            not _END_OF_CONTINUED_LINE.search(value)
            or not text.strip()
            or _LIST_ITEM_START.match(text)
            or _begins_with_label(text, labels)
        ):
            break
        value = f"{value} {text.strip()}"
    return value


def _items_below(line: int, texts_by_line: Mapping[int, str], labels: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Yield (0-based line, text) for each list item below the field on `line`. The field has no value on its own line.

    If plain text begins directly below the field, yield only this text. `texts_by_line` maps the 0-based lines of the
    section to their texts. `labels` are the names of all fields.
    """
    field_item = _LIST_ITEM_START.match(texts_by_line[line])
    min_indent = len(field_item["indent"]) + 1 if field_item else 0
    indent, has_blank_line, text_line_count = -1, False, 0
    for next_line in itertools.count(line + 1):
        text = texts_by_line.get(next_line)
        if text is None or text_line_count > MAX_VALUE_LINES:
            return
        if not text.strip():
            has_blank_line = True
            continue
        item = _LIST_ITEM_START.match(text)
        if item is None:
            if indent < 0 and not has_blank_line and not _begins_with_label(text, labels):
                yield next_line, _join_value_lines(next_line, text.strip(), texts_by_line, labels)
                return
            if has_blank_line:
                return
            text_line_count += 1
            continue
        depth = len(item["indent"])
        indent = depth if indent < 0 else indent
        if depth < max(min_indent, indent) or (depth <= indent and _begins_with_label(text[item.end() :], labels)):
            return
        if depth == indent:
            yield next_line, text[item.end() :].strip()


def _begins_with_label(text: str, labels: frozenset[str]) -> bool:
    """Tell whether the line `text` begins with a field name in `labels` and a colon."""
    match = _LABEL.match(text)
    return match is not None and heading_key(match["name"].strip()) in labels
