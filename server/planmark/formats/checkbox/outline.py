"""The sections of a Markdown text, and the search for the sections with the names that the text of a task mentions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from planmark.formats.checkbox.lines import Line, full_width_to_ascii, heading_of, read_lines
from planmark.formats.checkbox.tasks import NO_POSITION
from planmark.text.lazy_pattern import lazy_pattern

_CODE_SPAN = lazy_pattern(r"`([^`\n]{3,120})`")
_QUOTED_WORDS = lazy_pattern(r"[\"“„«]([^\"“”«»\n]{4,80})[\"”“»]")
_IDENTIFIER = lazy_pattern(r"(?<![\w.])[A-Za-z_][A-Za-z0-9]*(?:[_.][A-Za-z0-9_]+|[a-z0-9][A-Z][A-Za-z0-9]*)+")
"""Pattern for identifiers of programs: `snake_case`, `camelCase`, `CamelCase`, `file.ts`."""
_LEADING_NUMBER = lazy_pattern(r"[\W\d_]*(?:\d+(?:\.\d+)*[.)]?\s+)?")
_LONG_WORD = lazy_pattern(r"[^\W\d_]{4,}")
_COMMON_WORDS = frozenset(
    {
        *("task", "tests", "test", "with", "that", "this", "from", "into", "when", "must", "shall", "should", "each"),
        *("only", "user", "users", "system", "spec", "specs", "requirements", "requirement", "then", "have"),
    }
)
"""Words that nearly every document contains."""
MAX_TEXT_LENGTH_FOR_WORDS = 100_000
"""Maximum number of characters of a text in which words are searched. The characters after them are ignored."""
MAX_TEXT_LENGTH_FOR_NAMES = 4_000
"""Maximum number of characters of a text in which names are searched. The characters after them are ignored."""
MAX_SECTIONS_PER_NAME = 3
"""Maximum number of sections that may contain a name. A name in more sections is ignored.

In a document with many sections, the maximum is a fifth of all sections instead.
"""
MIN_SECTION_SCORE = 0.3
"""Minimum score of a section that matches the names of a task.

A name that n sections contain adds 1/n to the score of each of these sections.
"""
GENERIC_FILE_NAMES = frozenset(
    {"spec.md", "plan.md", "tasks.md", "design.md", "requirements.md", "proposal.md", "research.md"}
)
"""File names that say nothing about the subject of a task."""
MAX_SEARCHED_NAMES = 30
"""Maximum number of names per text that are searched in a document."""


class DocumentSection(NamedTuple):
    """A heading with its text and its sub-sections.

    `line` is the 1-based line of the heading, and `last_line` is the last line with text. `last_own_line` is the last
    line with text before the first sub-section. `parent` is the position of the section that contains this section, or
    `NO_POSITION`.
    """

    line: int
    last_line: int
    last_own_line: int
    level: int
    title: str
    parent: int


class Outline(NamedTuple):
    """The lines of a text and its sections in file order."""

    lines: tuple[Line, ...]
    sections: tuple[DocumentSection, ...]

    @property
    def length(self) -> int:
        """The 1-based number of the last line with text; 0 for an empty text."""
        return last_text_line(self.lines, 1, len(self.lines))


def outline_of(text: str) -> Outline:
    """Return the lines and the sections of a text."""
    lines = read_lines(text)
    headings = [
        (line.number, heading_on_line)
        for line in lines
        if line.kind == "text" and "#" in line.text and (heading_on_line := heading_of(line.text))
    ]
    last_lines = [len(lines)] * len(headings)
    parents = [NO_POSITION] * len(headings)
    open_sections: list[int] = []
    for index, (number, heading) in enumerate(headings):
        while open_sections and headings[open_sections[-1]][1].level >= heading.level:
            last_lines[open_sections.pop()] = number - 1
        parents[index] = open_sections[-1] if open_sections else NO_POSITION
        open_sections.append(index)
    next_heading_lines = [*(number for number, _ in headings[1:]), len(lines) + 1]
    last_text_lines = _last_lines_with_text(lines)
    return Outline(
        lines,
        tuple(
            DocumentSection(
                number,
                max(number, last_text_lines[last_lines[index]]),
                max(number, last_text_lines[next_heading_lines[index] - 1]),
                heading.level,
                heading.title,
                parents[index],
            )
            for index, (number, heading) in enumerate(headings)
        ),
    )


def _last_lines_with_text(lines: Sequence[Line]) -> list[int]:
    """Return a list whose value at index n is the last line with text among the first n lines. The value is 0 if none
    of these lines has text. Line numbers are 1-based. The list has one value more than `lines`.
    """
    result = [0]
    for line in lines:
        result.append(line.number if has_text(line.text) else result[-1])
    return result


def has_text(text: str) -> bool:
    """Tell whether a line has text. A line of dashes, which divides sections, has no text."""
    bare_text = text.strip()
    return bool(bare_text) and not (len(bare_text) > 2 and not bare_text.strip("-"))


def last_text_line(lines: Sequence[Line], first: int, last: int) -> int:
    """Return the last line with text from line `first` to line `last`; `first - 1` if none of these lines has text.

    Line numbers are 1-based.
    """
    for number in range(min(last, len(lines)), first - 1, -1):
        if has_text(lines[number - 1].text):
            return number
    return first - 1


def section_with_title(outline: Outline, titles: Collection[str]) -> DocumentSection | None:
    """Return the first section with a title in `titles`, or None.

    `titles` are in lower case and without numbers, like a result of `plain_title`.
    """
    return next((section for section in outline.sections if plain_title(section.title) in titles), None)


def plain_title(title: str) -> str:
    """Return a title in lower case.

    A leading number, and marks such as `*` at the beginning and the end, are removed.
    """
    bare_text = full_width_to_ascii(title)
    return bare_text[_LEADING_NUMBER.match(bare_text).end() :].strip(" *_`:").lower()  # type: ignore[union-attr]


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in a text: code spans, paths, identifiers of programs, and words in quotation marks."""
    text = text[:MAX_TEXT_LENGTH_FOR_NAMES]
    names = [match[1].strip() for match in _CODE_SPAN.finditer(text)]
    names += [match[1].strip() for match in _QUOTED_WORDS.finditer(text)]
    names += [match[0] for match in _IDENTIFIER.finditer(text)]
    names += [name.rpartition("/")[2] for name in names if "/" in name]
    return tuple(dict.fromkeys(name for name in names if len(name) > 3 and name not in GENERIC_FILE_NAMES))[
        :MAX_SEARCHED_NAMES
    ]


def words_in(text: str) -> frozenset[str]:
    """Return the words of a text in lower case. Leave out common words, and words with fewer than four letters."""
    return frozenset(_LONG_WORD.findall(text[:MAX_TEXT_LENGTH_FOR_WORDS].lower())) - _COMMON_WORDS


def sections_with_names(outline: Outline, names: Iterable[str], limit: int) -> list[DocumentSection]:
    """Return at most `limit` sections whose own text best matches `names`, the best first.

    Sections of level 1 are left out. A name has more weight if fewer sections contain it. A name that many sections
    contain is ignored.
    """
    sections = [section for section in outline.sections if section.level > 1 and section.last_own_line > section.line]
    texts = [
        "\n".join(line.text for line in outline.lines[document_section.line - 1 : document_section.last_own_line])
        for document_section in sections
    ]
    max_section_count = max(MAX_SECTIONS_PER_NAME, len(sections) // 5)
    scores = [0.0] * len(sections)
    for name in names:
        indexes = [index for index, text in enumerate(texts) if name in text]
        for index in indexes if len(indexes) <= max_section_count else ():
            scores[index] += 1 / len(indexes)
    ranked_sections = sorted(
        (-score, document_section.last_own_line - document_section.line, document_section)
        for score, document_section in zip(scores, sections, strict=True)
        if score >= MIN_SECTION_SCORE
    )
    return [document_section for *_, document_section in ranked_sections[:limit]]
