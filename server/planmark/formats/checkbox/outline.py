"""The sections of a Markdown text, and the search for the sections that mention the same names as a task."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from planmark.formats.checkbox.lines import Line, heading_of, narrow, read_lines
from planmark.formats.checkbox.tasks import NO_POSITION

_CODE = re.compile(r"`([^`\n]{3,120})`")
_QUOTED = re.compile(r"[\"“„«]([^\"“”«»\n]{4,80})[\"”“»]")
_IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_][A-Za-z0-9]*(?:[_.][A-Za-z0-9_]+|[a-z0-9][A-Z][A-Za-z0-9]*)+")
"""Pattern for identifiers of programs: `snake_case`, `camelCase`, `CamelCase`, `file.ts`."""
_NUMBERING = re.compile(r"[\W\d_]*(?:\d+(?:\.\d+)*[.)]?\s+)?")
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    {
        *("task", "tests", "test", "with", "that", "this", "from", "into", "when", "must", "shall", "should", "each"),
        *("only", "user", "users", "system", "spec", "specs", "requirements", "requirement", "then", "have"),
    }
)
"""Words that nearly every document contains."""
MAX_TEXT_FOR_WORDS = 100_000
"""Maximum number of characters of a text in which words are searched; more are ignored."""
MAX_TEXT_FOR_NAMES = 4_000
"""Maximum number of characters of a text in which names are searched; more are ignored."""
MAX_COMMON_SECTIONS = 3
"""Maximum number of sections that may contain a name, if this is more than a fifth of all sections.

A name in more sections is ignored.
"""
MIN_SCORE = 0.3
"""Minimum score of a section: the score of one name that at most three sections contain."""
DOCUMENT_NAMES = frozenset(
    {"spec.md", "plan.md", "tasks.md", "design.md", "requirements.md", "proposal.md", "research.md"}
)
"""File names that are unrelated to the subject of a task."""
MAX_NAMES = 30
"""Maximum number of names per task that are searched in a document; more are ignored."""


class DocumentSection(NamedTuple):
    """A heading with all text below it. `line` and `last` are 1-based; `last` is its last line with text.

    `own` is its last line with text before its first sub-section. `above` is the position of the section that contains
    it, or `NO_POSITION`.
    """

    line: int
    last: int
    own: int
    level: int
    title: str
    above: int


class Outline(NamedTuple):
    """The lines of a text and its sections in file order."""

    lines: tuple[Line, ...]
    sections: tuple[DocumentSection, ...]

    @property
    def length(self) -> int:
        """The 1-based number of the last line with text; 0 for an empty text."""
        return last_text_line(self.lines, 1, len(self.lines))


def outline_of(text: str) -> Outline:
    """Return the sections of a text."""
    lines = read_lines(text)
    starts = [
        (line.number, other_heading)
        for line in lines
        if line.kind == "text" and "#" in line.text and (other_heading := heading_of(line.text))
    ]
    lasts = [len(lines)] * len(starts)
    above = [NO_POSITION] * len(starts)
    open_sections: list[int] = []
    for index, (number, heading) in enumerate(starts):
        while open_sections and starts[open_sections[-1]][1].level >= heading.level:
            lasts[open_sections.pop()] = number - 1
        above[index] = open_sections[-1] if open_sections else NO_POSITION
        open_sections.append(index)
    behind = [*(number for number, _ in starts[1:]), len(lines) + 1]
    last_text_lines = _last_lines_with_text(lines)
    return Outline(
        lines,
        tuple(
            DocumentSection(
                number,
                max(number, last_text_lines[lasts[index]]),
                max(number, last_text_lines[behind[index] - 1]),
                heading.level,
                heading.title,
                above[index],
            )
            for index, (number, heading) in enumerate(starts)
        ),
    )


def _last_lines_with_text(lines: Sequence[Line]) -> list[int]:
    """Return, for each 1-based line, the number of the last line with text up to this line.

    The list begins with 0, for the position before the first line.
    """
    result = [0]
    for line in lines:
        result.append(line.number if is_written(line.text) else result[-1])
    return result


def is_written(text: str) -> bool:
    """Tell whether a line has text. A line of dashes, which divides sections, has no text."""
    bare_text = text.strip()
    return bool(bare_text) and not (len(bare_text) > 2 and not bare_text.strip("-"))


def last_text_line(lines: Sequence[Line], first: int, last: int) -> int:
    """Return the last line with text between two 1-based lines (inclusive), or `first - 1`."""
    for number in range(min(last, len(lines)), first - 1, -1):
        if is_written(lines[number - 1].text):
            return number
    return first - 1


def section_titled(outline: Outline, titles: Collection[str]) -> DocumentSection | None:
    """Return the first section with a title in `titles` (lower case, without a number), or None."""
    return next((section for section in outline.sections if plain_title(section.title) in titles), None)


def plain_title(title: str) -> str:
    """Return a title in lower case, without a leading number and without surrounding marks."""
    bare_text = narrow(title)
    return bare_text[_NUMBERING.match(bare_text).end() :].strip(" *_`:").lower()  # type: ignore[union-attr]


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in a text: code spans, paths, identifiers of programs, and words in quotation marks."""
    text = text[:MAX_TEXT_FOR_NAMES]
    quotes = [match[1].strip() for match in _CODE.finditer(text)]
    quotes += [match[1].strip() for match in _QUOTED.finditer(text)]
    quotes += [match[0] for match in _IDENTIFIER.finditer(text)]
    quotes += [name.rpartition("/")[2] for name in quotes if "/" in name]
    return tuple(dict.fromkeys(name for name in quotes if len(name) > 3 and name not in DOCUMENT_NAMES))[:MAX_NAMES]


def words_in(text: str) -> frozenset[str]:
    """Return the words of a text that indicate its subject, in lower case."""
    return frozenset(_WORD.findall(text[:MAX_TEXT_FOR_WORDS].lower())) - _COMMON


def sections_like_title(outline: Outline, names: Iterable[str], limit: int) -> list[DocumentSection]:
    """Return the sections below the title whose own text best matches the names, best first, at most `limit`.

    A name has more weight if fewer sections contain it. A name that many sections contain does not count.
    """
    sections = [section for section in outline.sections if section.level > 1 and section.own > section.line]
    texts = [
        "\n".join(line.text for line in outline.lines[document_section.line - 1 : document_section.own])
        for document_section in sections
    ]
    common = max(MAX_COMMON_SECTIONS, len(sections) // 5)
    scores = [0.0] * len(sections)
    for name in names:
        places = [index for index, text in enumerate(texts) if name in text]
        for index in places if len(places) <= common else ():
            scores[index] += 1 / len(places)
    ranked_sections = sorted(
        (-score, document_section.own - document_section.line, document_section)
        for score, document_section in zip(scores, sections, strict=True)
        if score >= MIN_SCORE
    )
    return [document_section for *_, document_section in ranked_sections[:limit]]
