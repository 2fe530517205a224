"""Declarations of dependencies in a text: fields, their continuation lines, and list items below an empty field."""

from __future__ import annotations

import functools
import itertools
import operator
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from planmark.formats.planmark.documents.ids import ID_PATTERN
from planmark.formats.planmark.documents.out_of_sight import bare_lines, may_hide, named_in, strip_markup
from planmark.formats.planmark.documents.vocabulary import heading_key
from planmark.markdown.parsed_source import MAX_SEARCHED_CHARACTERS, prose_of
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.vocabulary import Vocabulary

_LEAD = (
    r"^(?P<lead>[ \t>|]{0,100})(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,9})?(?:\[[ xX]\][ \t]{1,9})?(?:[^\w\r\n()\[\]|]|_){0,20}"
)
_SEPARATOR = r"[ \t]{0,9}[*_~`]{0,3}[ \t]{0,9}(?:[:\uff1a][*_~`]{0,3}|\|)[ \t]{0,9}"
_WITHOUT_COLON = (
    r"(?P<bare>depends[ \t]{1,9}on|blocked[ \t]{1,9}by"
    r"|(?:dependenc(?:y|ies)|prerequisites?)(?=[*_]{0,3}[ \t]{1,9}(?:[–—=→]|[-=]>)))[*_]{0,3}[ \t]{1,9}"
    rf"(?=[^\w\r\n]{{0,20}}(?:achievements?[ \t]{{1,9}})?{ID_PATTERN}(?!\w))(?:[-=]>|=)?"
)
_ITEM = re.compile(r"(?P<indent>[ \t>]*)(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_LABEL = re.compile(r"[^\w\n]*(?P<name>[A-Za-z][\w ()/&'-]{0,60}?)[*_]{0,3}[ \t]*[:\uff1a]")
_VALUE_CONTINUES = re.compile(r"(?:[,;&+]|\band)\s*$")
_SOFT_WORD = re.compile(r"(?i)\b(?:optional|soft|not|parallel)\b")
_MAY_NAME_DEPENDENCY = re.compile(rf"(?i)\bachievement|\bsubplan|plan_|@[A-Z0-9]|(?<![\w.]){ID_PATTERN}(?!\w)")
MAX_LINES = 20
"""Maximum number of lines per value, and of lines of text between the items of a list below a field."""


class DeclaredField(NamedTuple):
    """A field that declares dependencies: its 0-based line in the section, its name, and its values with their lines.

    `reverse` tells whether the named achievements wait for the achievement of the body. `soft` is the word beside the
    name because of which the field declares no dependency, else "". `inner` marks a paragraph inside a list item. In an
    inner field, text without a dependency is about a different subject.
    """

    line: int
    name: str
    reverse: bool
    soft: str
    inner: bool
    values: tuple[tuple[int, str], ...]


def field_lines(vocabulary: Vocabulary) -> re.Pattern[str]:
    """Return the pattern of a line with a field that declares dependencies.

    The group `value` contains the value; the group `needs`, `blocks` or `bare` contains the name.
    """
    return _field_lines_of(tuple(vocabulary.fields["dependencies"]), tuple(vocabulary.fields["blocks"]))


@functools.lru_cache(maxsize=8)
def _field_lines_of(needs: tuple[str, ...], blocks: tuple[str, ...]) -> re.Pattern[str]:
    def either(words: tuple[str, ...]) -> str:
        longest_first = sorted(words, key=len, reverse=True)
        return "|".join(r"[ \t_-]{1,9}".join(map(re.escape, word.split())) for word in longest_first)

    return re.compile(
        rf"{_LEAD}(?:(?:(?P<needs>{either(needs)})|(?P<blocks>{either(blocks)}))"
        rf"[*_~`]{{0,3}}(?P<aside>[ \t]{{0,9}}\([^()\r\n]{{0,60}}\))?{_SEPARATOR}|{_WITHOUT_COLON})(?P<value>[^\r\n]*)",
        re.IGNORECASE | re.MULTILINE,
    )


@memoize_per_section
def declared_in(section: Section, vocabulary: Vocabulary) -> tuple[DeclaredField, ...]:
    """Return the fields of a section that declare dependencies."""
    pattern = field_lines(vocabulary)
    heads = [(line, match) for line, text in prose_of(section, pattern.match) if (match := pattern.match(text))]
    tolerant_fields = _fields_of_tolerant_search(section, pattern, {line for line, _ in heads})
    if not heads and not tolerant_fields:
        return ()
    texts = {**dict(bare_lines(section) if tolerant_fields else ()), **dict(prose_of(section))}
    heads = sorted([*heads, *tolerant_fields], key=operator.itemgetter(0))
    labels = _labels(vocabulary)
    is_compared = any(
        (label := _LABEL.match(text)) and heading_key(label["name"]) == "before" for text in texts.values()
    )
    return tuple(
        written_field
        for line, match in heads
        if not _is_row(match) and (written_field := _parse_declared_field(line, match, texts, labels))
        if not (is_compared and written_field.name.casefold() == "after" and not _names_dependency(written_field))
    )


def _fields_of_tolerant_search(
    section: Section, pattern: re.Pattern[str], seen: Collection[int]
) -> list[tuple[int, re.Match[str]]]:
    """Return the fields that only a tolerant search finds.

    Fields below the first line that may be a different achievement are excluded. If it is unclear whether a field is
    visible, it counts.
    """
    if not may_hide(section) or not pattern.search(strip_markup(section.text)):
        return []
    end = min(
        (named_line.line for named_line in named_in(section) if named_line.where == "hidden"), default=section.lines
    )
    return [
        (line, match)
        for line, text in bare_lines(section)
        if line < end and line not in seen and (match := pattern.match(text[:MAX_SEARCHED_CHARACTERS]))
    ]


@functools.lru_cache(maxsize=8)
def _labels(vocabulary: Vocabulary) -> frozenset[str]:
    """Return the case-folded names of all fields in the vocabulary."""
    return frozenset(word for words in vocabulary.fields.values() for word in words)


def _is_row(match: re.Match[str]) -> bool:
    """Tell whether a match is a cell in a row of a table that is not a field. Only a row of two cells is a field."""
    value = match["value"].rstrip().removesuffix("|")
    return ("|" in match["lead"]) != match[0][: match.start("value")].rstrip().endswith("|") or (
        "|" in match["lead"] and "|" in value
    )


def _names_dependency(written_field: DeclaredField) -> bool:
    """Tell whether a value names an achievement or a document.

    If no value does, an "after" beside a "before" is not a dependency.
    """
    return any(_MAY_NAME_DEPENDENCY.search(value) for _, value in written_field.values)


def _parse_declared_field(
    line: int, match: re.Match[str], texts: Mapping[int, str], labels: frozenset[str]
) -> DeclaredField:
    name = match["needs"] or match["blocks"] or match["bare"]
    other_match = _SOFT_WORD.search(match["aside"] or "")
    value = match["value"].strip().removesuffix("|") if "|" in match["lead"] else match["value"].strip()
    values = (
        ((line, _join_value_lines(line, value, texts, labels)),) if value else tuple(_items_below(line, texts, labels))
    )
    inner = (
        match["lead"].startswith((" ", "\t")) and not _ITEM.match(texts[line]) and not texts.get(line - 1, "").strip()
    )
    return DeclaredField(line, name, match["blocks"] is not None, other_match[0] if other_match else "", inner, values)


def _join_value_lines(line: int, value: str, texts: Mapping[int, str], labels: frozenset[str]) -> str:
    """Return a value, joined with the lines on which it continues."""
    for below in range(line + 1, line + MAX_LINES):
        text = texts.get(below, "")
        if not _VALUE_CONTINUES.search(value) or not text.strip() or _ITEM.match(text) or _is_label(text, labels):
            break
        value = f"{value} {text.strip()}"
    return value


def _items_below(line: int, texts: Mapping[int, str], labels: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of the list items below an empty field, or of the single line below it."""
    own = _ITEM.match(texts[line])
    least = len(own["indent"]) + 1 if own else 0
    indent, is_parted, passed_count = -1, False, 0
    for below in itertools.count(line + 1):
        text = texts.get(below)
        if text is None or passed_count > MAX_LINES:
            return
        if not text.strip():
            is_parted = True
            continue
        item = _ITEM.match(text)
        if item is None:
            if indent < 0 and not is_parted and not _is_label(text, labels):
                yield below, _join_value_lines(below, text.strip(), texts, labels)
                return
            if is_parted:
                return
            passed_count += 1
            continue
        depth = len(item["indent"])
        indent = depth if indent < 0 else indent
        if depth < max(least, indent) or (depth <= indent and _is_label(text[item.end() :], labels)):
            return
        if depth == indent:
            yield below, text[item.end() :].strip()


def _is_label(text: str, labels: frozenset[str]) -> bool:
    """Tell whether a line begins with a different field of the vocabulary."""
    match = _LABEL.match(text)
    return match is not None and heading_key(match["name"].strip()) in labels
