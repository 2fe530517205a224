"""The units of a prompt: its own sections, and the sections of documents that it quotes or has on its reading list."""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from planmark.markdown.blocks import split_lines
from planmark.markdown.sections import split_into_sections
from planmark.prompts.prompt import Prompt, QuotedLines, ReadLines
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.mojibake import repair_mojibake
from planmark.text.pluralize import line_range
from planmark.workspace.snapshot import ReadText

MAX_CACHED_DOCUMENTS = 16
"""Maximum number of documents whose sections are cached. One prompt needs the sections of a document several times."""
BODY_HEADING = "The achievement, as the PLAN states it"
"""The heading of the section that quotes the body of the achievement."""
QUOTES_HEADING = "What the documents say"
"""The heading of the section with the other quoted passages."""
READING_LIST_HEADING = "Read exactly this"
UNREAD_PARAGRAPH_STARTS = ("Do not read these", "Not read, or not counted")
"""The first words of paragraphs about documents that the agent is not to read."""
UNREAD_UNIT_TITLE = "the documents not to read"
_LIST_ENTRY_START = lazy_pattern(r"(?:[-*+]|\d{1,9}[.)])[ \t]")
_FENCE = lazy_pattern(r" {0,3}(?P<mark>`{3,}|~{3,})")
OMITTABLE_HEADING_STARTS = (
    *("Code", "The form of ", "Prove it", "Stop and ask", "Commit", "Left out to fit the budget"),
    "What the files prove before you begin",
    *("Dependencies that only a person can read", "What it builds on", "Others that change the same files"),
    "What research found",
)
"""Beginnings of the headings of sections that a later prompt may leave out if they are unchanged."""

PieceKind = Literal["own", "section", "quote", "read"]


class Unit(NamedTuple):
    """A passage of a section of a document, or a section of the prompt itself.

    `start` and `end` are the 1-based lines of the passage, both inclusive. For a section of the prompt, `path` is "",
    and both lines are 0. Two units with the same path and content have the same `key`.
    """

    key: str
    path: str
    title: str
    start: int = 0
    end: int = 0


class Piece(NamedTuple):
    """A piece of a prompt: consecutive lines below one heading. `heading` is "" at the beginning of the prompt.

    A piece of the kind `own` belongs to the task, and is always given in full. A piece of the kind `section` is one
    unit of the prompt itself. A piece of the kind `quote` is a quotation, and one of the kind `read` is an entry of the
    reading list. The recipient may know the `units` of the last three kinds from an earlier prompt. `source` are the
    quoted lines, or the lines to read.
    """

    kind: PieceKind
    heading: str
    lines: tuple[str, ...]
    units: tuple[Unit, ...] = ()
    source: QuotedLines | ReadLines | None = None


def pieces_of(prompt: Prompt, text: ReadText) -> list[Piece]:
    """Return the pieces of a prompt, in order. Together they contain all lines of the prompt, except headings.

    If a quotation does not have the lines that `prompt.quoted` names, its piece has the kind `own`.
    """
    quoted_passages, passages_to_read = iter(prompt.quoted), iter(prompt.read)
    pieces: list[Piece] = []
    for heading, lines in prompt_sections(prompt.prompt):
        if heading == BODY_HEADING:
            pieces += _quotations(heading, lines, quoted_passages, text, has_header=False)
        elif heading == QUOTES_HEADING:
            pieces += _quotations(heading, lines, quoted_passages, text, has_header=True)
        elif heading == READING_LIST_HEADING:
            pieces += _reading_list_entries(heading, lines, passages_to_read, text)
        elif heading.startswith(OMITTABLE_HEADING_STARTS):
            pieces.append(_section_piece(heading, heading, lines))
        else:
            pieces += _task_and_unread_pieces(heading, lines)
    return pieces


def units_of(pieces: Iterable[Piece]) -> list[Unit]:
    """Return the units of the pieces of a prompt, in order."""
    return [unit for piece in pieces for unit in piece.units]


def prompt_sections(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield pairs for the sections of a prompt: the heading, and the lines below it.

    A line inside a fence or a quotation is no heading.
    """
    heading, lines, fence = "", list[str](), ""
    for line in text.split("\n"):
        if fence:
            fence = "" if line.strip() == fence else fence
        elif line.startswith("```"):
            fence = line[: len(line) - len(line.lstrip("`"))]
        if not fence and line.startswith("## "):
            yield heading, tuple(lines)
            heading, lines = line[3:].strip(), []
        else:
            lines.append(line)
    yield heading, tuple(lines)


def text_of_pieces(pieces: Iterable[Piece]) -> str:
    """Return the text of `pieces`, with headings. If consecutive pieces have the same heading, it occurs once."""
    parts: list[str] = []
    last_heading = ""
    for piece in pieces:
        if piece.heading != last_heading:
            parts += ["", f"## {piece.heading}", ""]
            last_heading = piece.heading
        elif piece.kind == "quote":
            parts.append("")
        parts += piece.lines
    return "\n".join(parts)


def content_key(path: str, lines: Iterable[str]) -> str:
    """Return the key of a unit that has `lines`. `path` is the path of its document, "" for a section of a prompt."""
    content = "\n".join((path, *lines)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=9).hexdigest()


def passage_units(path: str, start: int, end: int, text: str) -> list[Unit]:
    """Return the units of the lines from `start` to `end` of a document. The units are passages of its sections.

    Both lines are 1-based and inclusive. Blank lines and thematic breaks after a passage do not belong to the unit.
    """
    lines, section_starts = _lines_and_sections(text)
    first_lines = [start, *(line for line, _ in section_starts if start < line <= end)]
    titles = dict(section_starts)
    titles_above = [title for line, title in section_starts if line <= start]
    units = []
    for first_line, next_start in itertools.pairwise([*first_lines, end + 1]):
        title = titles.get(first_line, titles_above[-1] if titles_above else "")
        passage_starts = [first_line, *_passage_starts(lines, first_line, next_start), next_start]
        for passage_start, passage_end in itertools.pairwise(passage_starts):
            passage_lines = without_trailing_blanks(lines[passage_start - 1 : passage_end - 1])
            if passage_lines:
                # Two sections may have passages with the same words. The title of the section makes their keys differ.
                key = content_key(path, passage_lines if passage_start in titles else (title, *passage_lines))
                units.append(Unit(key, path, title, passage_start, passage_start + len(passage_lines) - 1))
    return units


def _passage_starts(lines: Sequence[str], start: int, end: int) -> Iterator[int]:
    """Yield the first line of each passage of a section, except the first passage.

    The section has the lines from `start` to `end`, 1-based, without `end`. A passage begins with a paragraph or an
    entry of a list. It does not begin inside a block of code, or directly below a heading or a line that ends with a
    colon.
    """
    fence, line_above = "", ""
    for number in range(start, min(end, len(lines) + 1)):
        line = lines[number - 1]
        is_introduced = line_above.startswith("#") or line_above.rstrip("*_ ").endswith(":")
        begins_block = _LIST_ENTRY_START.match(line) or not lines[number - 2].strip()
        if line_above and not fence and not is_introduced and begins_block and line[:1].strip():
            yield number
        if mark := _FENCE.match(line):
            fence = "" if fence and line.strip().startswith(fence) else fence or mark["mark"]
        line_above = line.strip() or line_above


def document_lines(text: str) -> tuple[str, ...]:
    """Return the lines of a document whose text is `text`. Damaged emoji are repaired."""
    return _lines_and_sections(text)[0]


def without_trailing_blanks(lines: Sequence[str]) -> list[str]:
    """Return `lines` without the blank lines and thematic breaks (`---`) at their end."""
    kept_lines = list(lines)
    while kept_lines and kept_lines[-1].strip() in ("", "---"):
        kept_lines.pop()
    return kept_lines


@functools.lru_cache(maxsize=MAX_CACHED_DOCUMENTS)
def _lines_and_sections(text: str) -> tuple[tuple[str, ...], tuple[tuple[int, str], ...]]:
    """Return the lines of a document, and a pair for each of its sections: its 1-based first line, and its title."""
    repaired = repair_mojibake(text) or "\n"
    section_starts = tuple(
        (placed_section.start + 1, placed_section.section.title) for placed_section in split_into_sections(repaired)
    )
    return tuple(split_lines(repaired)), section_starts


def _section_piece(heading: str, title: str, lines: tuple[str, ...]) -> Piece:
    """Return `lines` below `heading` as a piece of the kind `section`. It has one unit, whose title is `title`."""
    kept_lines = without_trailing_blanks(lines)
    return Piece("section", heading, lines, (Unit(content_key("", (title, *kept_lines)), "", title),))


def _task_and_unread_pieces(heading: str, lines: Sequence[str]) -> Iterator[Piece]:
    """Yield the lines below a heading as a piece of the task.

    If the end of the lines is about documents that the agent is not to read, this end is a second piece.
    """
    unread_start = next((number for number, line in enumerate(lines) if line.startswith(UNREAD_PARAGRAPH_STARTS)), None)
    if unread_start is None:
        yield Piece("own", heading, tuple(lines))
        return
    if any(map(str.strip, lines[:unread_start])):
        yield Piece("own", heading, tuple(lines[:unread_start]))
    yield _section_piece(heading, UNREAD_UNIT_TITLE, tuple(lines[unread_start:]))


_QUOTE_HEADER = lazy_pattern(r"`(?P<name>[^`\n]+)` (?P<lines>lines? \d+(?:-\d+)?), .*:$")
"""The line above a quotation, which names the document and the lines."""


def _quotations(
    heading: str,
    lines: Sequence[str],
    quoted_passages: Iterator[QuotedLines],
    text: ReadText,
    *,
    has_header: bool,
) -> Iterator[Piece]:
    """Yield a piece for each quotation in a section of a prompt, then the pieces of the other lines of the section.

    `quoted_passages` yields the quoted passages of the whole prompt in order. `has_header` tells whether a line above
    each quotation names its document.
    """
    position, other_lines = 0, list[str]()
    while position < len(lines):
        header = _QUOTE_HEADER.fullmatch(lines[position]) if has_header else None
        quote_start = position + 2 if header else position
        quote_end = quote_start
        while quote_end < len(lines) and lines[quote_end].startswith(">"):
            quote_end += 1
        source = next(quoted_passages, None) if quote_end > quote_start and (header or not has_header) else None
        if source is None:
            other_lines.append(lines[position])
            position += 1
            continue
        units = tuple(passage_units(source.path, source.start, source.end, text(source.path)))
        is_complete = bool(units) and units[-1].end - source.start + 1 == quote_end - quote_start
        if header:
            place = f"{_file_name(header['name'])} {header['lines']}"
            is_complete = is_complete and place == f"{_file_name(source.path)} {line_range(source.start, source.end)}"
        yield Piece(
            "quote" if is_complete else "own",
            heading,
            tuple(lines[position:quote_end]),
            units if is_complete else (),
            source,
        )
        position = quote_end
    if any(line.strip() for line in other_lines):
        yield from _task_and_unread_pieces(heading, other_lines)


def _reading_list_entries(
    heading: str, lines: Sequence[str], passages_to_read: Iterator[ReadLines], text: ReadText
) -> Iterator[Piece]:
    """Yield a piece for each entry of the reading list, then the pieces of the other lines of the section.

    `passages_to_read` yields the entries of `Prompt.read`, in order.
    """
    list_end = next(
        (number for number, line in enumerate(lines) if line.strip() and not line.startswith("- `")), len(lines)
    )
    for line in filter(str.strip, lines[:list_end]):
        source = next(passages_to_read, None)
        if source is None or f"{_file_name(source.path)}` {line_range(source.start, source.end)}: " not in line:
            yield Piece("own", heading, (line,))
        else:
            units = passage_units(source.path, source.start, source.end, text(source.path))
            yield Piece("read", heading, (line,), tuple(units), source)
    if list_end < len(lines):
        yield from _task_and_unread_pieces(heading, lines[list_end:])


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]
