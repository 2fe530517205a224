"""The lines of a Markdown text, classified as text, code, comment, front matter or quotation.

The lines after a fence without a closing line count as text, and so do the lines after an unclosed comment. Otherwise a
forgotten closing line would hide open tasks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

LineKind = Literal["text", "fence", "comment", "front_matter", "quote"]
"""The kind of a line: text, code in a fence, a comment, front matter, or a quotation."""

TAB_STOP = 4
"""Number of columns between two tab stops."""
_LINE_END = lazy_pattern(r"\r\n|\r|\n")
_OPENING_FENCE = lazy_pattern(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})(.*)$")
_CLOSING_FENCE = lazy_pattern(r"[ \t]*(`{3,}|~{3,})[ \t]*$")
_NESTING_LANGUAGE = lazy_pattern(r"[ \t]*(?:markdown|md|mdx)\b", re.IGNORECASE)
"""Pattern for the language of a code block that may contain code blocks."""
_COMMENT_AT_START = lazy_pattern(r"[ \t]*<!--")
_FRONT_MATTER_END = lazy_pattern(r"(?:---|\.\.\.)[ \t]*$")
_HEADING_MARKS = lazy_pattern(r"(#{1,6})(?=[ \t])")
_FULL_WIDTH_TO_ASCII = str.maketrans(
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x3002: ".", 0xFF61: "."}
)
MAX_FRONT_MATTER_LINES = 500
"""Maximum number of lines of front matter. A longer block is read as text."""


class Line(NamedTuple):
    """One line: its 1-based number, its text without the line end, and its kind."""

    number: int
    text: str
    kind: LineKind


class Heading(NamedTuple):
    """An ATX heading: its level from 1 to 6, and its title without closing marks."""

    level: int
    title: str


def read_lines(text: str) -> tuple[Line, ...]:
    """Return the lines of a text. A text that ends with a line end has an empty last line."""
    texts = split_lines(text)
    kinds = _line_kinds(texts)
    return tuple(Line(index + 1, texts[index], kinds[index]) for index in range(len(texts)))


def split_lines(text: str) -> list[str]:
    """Split a text at LF, CRLF and CR, and return the lines without their line ends. A byte order mark is removed."""
    text = text.removeprefix("\ufeff")
    return _LINE_END.split(text) if "\r" in text else text.split("\n")


def indent_of(text: str) -> int:
    """Return the indentation of a line in columns; a tab advances to the next multiple of four."""
    width = 0
    for character in text:
        if character == " ":
            width += 1
        elif character == "\t":
            width += TAB_STOP - width % TAB_STOP
        else:
            break
    return width


def heading_of(text: str) -> Heading | None:
    """Return the ATX heading on a line, or None. A heading is indented by at most three spaces."""
    stripped_text = text.lstrip(" ")
    if not stripped_text.startswith("#") or len(text) - len(stripped_text) > 3:
        return None
    match = _HEADING_MARKS.match(stripped_text)
    if not match:
        return None
    title = stripped_text[match.end() :].strip()
    title_text = title.rstrip("#")
    return Heading(len(match[1]), title_text.rstrip() if title_text.endswith((" ", "\t")) or not title_text else title)


def title_of(lines: Sequence[Line]) -> str:
    """Return the title of the first heading of level 1; "" if there is no such heading."""
    headings = (heading_of(line.text) for line in lines if line.kind == "text" and line.text.lstrip()[:1] == "#")
    return next((heading.title for heading in headings if heading and heading.level == 1), "")


def subject_of_title(title: str) -> str:
    """Return the subject of a title such as `Implementation Plan: Login`.

    Return "" if the title names only the kind of document.
    """
    index = full_width_to_ascii(title).find(":")
    return title[index + 1 :].strip() if index >= 0 else ""


def full_width_to_ascii(text: str) -> str:
    """Replace the full-width characters of a text by ASCII characters. The result has the same length as `text`."""
    return text if text.isascii() else text.translate(_FULL_WIDTH_TO_ASCII)


def _line_kinds(texts: Sequence[str]) -> list[LineKind]:
    """Return the kind of each line."""
    kinds: list[LineKind] = ["text"] * len(texts)
    index = _mark_front_matter(texts, kinds)
    fences, comments = _Fences(texts), _Comments(texts)
    while index < len(texts):
        text = texts[index]
        if "```" in text or "~~~" in text:
            end = fences.end(index)
            if end > index:
                kinds[index:end] = ["fence"] * (end - index)
                index = end
                continue
        if "<!--" in text:
            end = comments.end(index)
            if end > index:
                kinds[index:end] = ["comment"] * (end - index)
                if not _COMMENT_AT_START.match(text):
                    kinds[index] = "text"
                index = end
                continue
        if text.lstrip().startswith(">"):
            kinds[index] = "quote"
        index += 1
    return kinds


def _mark_front_matter(texts: Sequence[str], kinds: list[LineKind]) -> int:
    """Mark the lines of the front matter in `kinds`. Return the position after the front matter; 0 if there is none."""
    if texts[0].rstrip() != "---":
        return 0
    for index in range(1, min(len(texts), MAX_FRONT_MATTER_LINES)):
        if _FRONT_MATTER_END.match(texts[index]):
            kinds[: index + 1] = ["front_matter"] * (index + 1)
            return index + 1
    return 0


class _Fences:
    """The code fences of a text.

    The search for all fences takes linear time, because a failed search is not repeated.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._unclosed: dict[str, int] = {}
        """Mapping from the character of a fence to the length of the shortest opening fence without a closing line."""
        self._may_nest = True

    def end(self, index: int) -> int:
        """Return the position after the fence that begins at position `index`.

        Return `index` if no fence begins there or if no line closes the fence.
        """
        opening_match = _OPENING_FENCE.match(self._texts[index])
        if not opening_match or (opening_match[1][0] == "`" and "`" in opening_match[2]):
            return index
        mark, length = opening_match[1][0], len(opening_match[1])
        if length >= self._unclosed.get(mark, length + 1):
            return index
        may_nest = self._may_nest and bool(_NESTING_LANGUAGE.match(opening_match[2]))
        first_end, depth = 0, 1
        for other_index in range(index + 1, len(self._texts)):
            line = self._texts[other_index]
            if mark * 3 not in line:
                continue
            closing_match = _CLOSING_FENCE.match(line)
            if closing_match and closing_match[1][0] == mark and len(closing_match[1]) >= length:
                first_end = first_end or other_index + 1
                depth -= 1
                if not may_nest or not depth:
                    return other_index + 1
            elif may_nest and self._opens_inner_fence(line, mark, length):
                depth += 1
        if first_end:
            self._may_nest = False
            return first_end
        self._unclosed[mark] = length
        return index

    @staticmethod
    def _opens_inner_fence(line: str, mark: str, length: int) -> bool:
        """Tell whether a line opens a fence inside another fence.

        `mark` is the character of the outer fence, and `length` is the number of these characters.
        """
        inner_match = _OPENING_FENCE.match(line)
        return bool(
            inner_match and inner_match[1][0] == mark and len(inner_match[1]) >= length and inner_match[2].strip()
        )


class _Comments:
    """The HTML comments of a text that hide whole lines."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._closing_index = -1
        """Position of the line with `-->` that the last search found; -1 before the first search. After a search
        without a result, it is the number of lines.
        """

    def end(self, index: int) -> int:
        """Return the position after the last line of the comment that begins in the line at position `index`.

        Return `index` if no comment begins there, or if the comment does not hide a whole line.
        """
        rest = _without_code_spans(self._texts[index])
        while True:
            start = rest.find("<!--")
            if start < 0:
                return index
            comment_end = rest.find("-->", start + 4)
            if comment_end < 0:
                break
            if not rest[:start].strip() and not rest[comment_end + 3 :].strip():
                return index + 1
            rest = rest[comment_end + 3 :]
        if self._closing_index <= index:
            later_indexes = range(index + 1, len(self._texts))
            self._closing_index = next(
                (later_index for later_index in later_indexes if "-->" in self._texts[later_index]), len(self._texts)
            )
        return self._closing_index + 1 if self._closing_index < len(self._texts) else index


def _without_code_spans(line: str) -> str:
    """Return a line without its code spans, because `<!--` in a code span begins no comment."""
    if "`" not in line or line.lstrip().startswith("<!--"):
        return line
    parts = line.split("`")
    return " ".join(parts[::2])
