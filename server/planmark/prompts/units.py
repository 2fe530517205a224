"""The units of a prompt: its own sections, and the sections of documents that it quotes or tells the agent to read."""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from planmark.markdown.blocks import split_lines
from planmark.markdown.sections import split
from planmark.prompts.prompt import Prompt, QuotedLines, ReadLines
from planmark.text.mojibake import repair
from planmark.text.pluralize import line_range
from planmark.workspace.snapshot import ReadText

MAX_TEXTS = 16
"""Maximum number of documents whose sections are cached, because a prompt reads the same few documents repeatedly."""
BODY_HEADING = "The achievement, as the PLAN states it"
QUOTES_HEADING = "What the documents say"
READ_HEADING = "Read exactly this"
UNREAD_STARTS = ("Do not read these", "Not read, or not counted")
"""The first words of the paragraphs about documents that are not to be read."""
UNREAD_TITLE = "the documents not to read"
REPEATED_HEADINGS = (
    *("Code", "The form of ", "Prove it", "Stop and ask", "Commit", "Left out to fit the budget"),
    *("Dependencies that only a person can read", "What it builds on", "Others that change the same files"),
    "What research found",
)
"""Beginnings of the headings of sections that a recipient needs only once."""

PieceKind = Literal["own", "section", "quote", "read"]


class Unit(NamedTuple):
    """A section of a document (lines 1-based and inclusive), or a section of the prompt itself (path "", lines 0).

    Equal content at the same path has an equal `key`.
    """

    key: str
    path: str
    title: str
    start: int = 0
    end: int = 0


class Piece(NamedTuple):
    """Consecutive lines of a prompt below one of its headings ("" for the beginning).

    An `own` piece belongs to the task, and every prompt has it in full. A `section` may be known from an earlier prompt,
    as may the `units` of a quotation and of lines to read. `source` are the quoted or named lines.
    """

    kind: PieceKind
    heading: str
    lines: tuple[str, ...]
    units: tuple[Unit, ...] = ()
    source: QuotedLines | ReadLines | None = None


def pieces_of(prompt: Prompt, text: ReadText) -> list[Piece]:
    """Return the pieces of a prompt in order. Together they have all its lines, except the headings.

    A quotation that the text does not have as the prompt lists it belongs to the task.
    """
    quoted, named = iter(prompt.quoted), iter(prompt.read)
    found: list[Piece] = []
    for heading, lines in text_sections(prompt.prompt):
        if heading == BODY_HEADING:
            found += _quotations(heading, lines, quoted, text, has_header=False)
        elif heading == QUOTES_HEADING:
            found += _quotations(heading, lines, quoted, text, has_header=True)
        elif heading == READ_HEADING:
            found += _named_lines(heading, lines, named, text)
        elif heading.startswith(REPEATED_HEADINGS):
            found.append(_section(heading, heading, lines))
        else:
            found += _split_unread(heading, lines)
    return found


def units_of(pieces: Iterable[Piece]) -> list[Unit]:
    """Return the units of a prompt, in order."""
    return [unit for piece in pieces for unit in piece.units]


def text_sections(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (heading, lines) of the sections of a prompt itself. The forms and quotations in it begin no section."""
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


def joined(pieces: Iterable[Piece]) -> str:
    """Return the text of pieces, with a heading before the first piece of each run with one heading."""
    parts: list[str] = []
    before = ""
    for piece in pieces:
        if piece.heading != before:
            parts += ["", f"## {piece.heading}", ""]
            before = piece.heading
        elif piece.kind == "quote":
            parts.append("")
        parts += piece.lines
    return "\n".join(parts)


def digest(path: str, lines: Iterable[str]) -> str:
    """Return the key of lines of a document, or of a section of a prompt (path "")."""
    content = "\n".join((path, *lines)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=9).hexdigest()


def passage_units(path: str, start: int, end: int, text: str) -> list[Unit]:
    """Return the units of lines of a document, without sections that are blank there."""
    lines, cuts = _document(text)
    starts = [start, *(at for at, _ in cuts if start < at <= end)]
    titles = dict(cuts)
    above = [title for at, title in cuts if at <= start]
    found = []
    for first, behind in itertools.pairwise([*starts, end + 1]):
        body = without_trailing_blanks(lines[first - 1 : behind - 1])
        if body:
            title = titles.get(first, above[-1] if above else "")
            found.append(Unit(digest(path, body), path, title, first, first + len(body) - 1))
    return found


def document_lines(text: str) -> tuple[str, ...]:
    """Return the lines of a document, with damaged emoji repaired."""
    return _document(text)[0]


def without_trailing_blanks(lines: Sequence[str]) -> list[str]:
    """Return lines without blank lines and thematic breaks at the end."""
    part = list(lines)
    while part and part[-1].strip() in ("", "---"):
        part.pop()
    return part


@functools.lru_cache(maxsize=MAX_TEXTS)
def _document(text: str) -> tuple[tuple[str, ...], tuple[tuple[int, str], ...]]:
    """Return the lines of a document, and (1-based first line, title) of its sections."""
    repaired = repair(text) or "\n"
    cuts = tuple((placed.start + 1, placed.section.title) for placed in split(repaired))
    return tuple(split_lines(repaired)), cuts


def _section(heading: str, title: str, lines: tuple[str, ...]) -> Piece:
    body = without_trailing_blanks(lines)
    return Piece("section", heading, lines, (Unit(digest("", (title, *body)), "", title),))


def _split_unread(heading: str, lines: Sequence[str]) -> Iterator[Piece]:
    """Yield lines of the task, and apart from them the paragraphs about documents that are not to be read."""
    at = next((number for number, line in enumerate(lines) if line.startswith(UNREAD_STARTS)), None)
    if at is None:
        yield Piece("own", heading, tuple(lines))
        return
    if any(map(str.strip, lines[:at])):
        yield Piece("own", heading, tuple(lines[:at]))
    yield _section(heading, UNREAD_TITLE, tuple(lines[at:]))


_HEADER = re.compile(r"`(?P<name>[^`\n]+)` (?P<lines>lines? \d+(?:-\d+)?), .*:$")
"""The line above a quotation."""


def _quotations(
    heading: str,
    lines: Sequence[str],
    quoted: Iterator[QuotedLines],
    text: ReadText,
    *,
    has_header: bool,
) -> Iterator[Piece]:
    """Yield the quotations of a section of a prompt, then its other lines."""
    at, rest = 0, list[str]()
    while at < len(lines):
        header = _HEADER.fullmatch(lines[at]) if has_header else None
        begin = at + 2 if header else at
        end = begin
        while end < len(lines) and lines[end].startswith(">"):
            end += 1
        source = next(quoted, None) if end > begin and (header or not has_header) else None
        if source is None:
            rest.append(lines[at])
            at += 1
            continue
        units = tuple(passage_units(source.path, source.start, source.end, text(source.path)))
        is_whole = bool(units) and units[-1].end - source.start + 1 == end - begin
        if header:
            place = f"{_name(header['name'])} {header['lines']}"
            is_whole = is_whole and place == f"{_name(source.path)} {line_range(source.start, source.end)}"
        yield Piece("quote" if is_whole else "own", heading, tuple(lines[at:end]), units if is_whole else (), source)
        at = end
    if any(line.strip() for line in rest):
        yield from _split_unread(heading, rest)


def _named_lines(heading: str, lines: Sequence[str], named: Iterator[ReadLines], text: ReadText) -> Iterator[Piece]:
    """Yield the entries of the reading list, then the other lines of its section."""
    end = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith("- `")), len(lines))
    for line in filter(str.strip, lines[:end]):
        source = next(named, None)
        if source is None or f"{_name(source.path)}` {line_range(source.start, source.end)}: " not in line:
            yield Piece("own", heading, (line,))
        else:
            units = passage_units(source.path, source.start, source.end, text(source.path))
            yield Piece("read", heading, (line,), tuple(units), source)
    if end < len(lines):
        yield from _split_unread(heading, lines[end:])


def _name(path: str) -> str:
    return path.rpartition("/")[2]
