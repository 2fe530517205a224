"""The part of a prompt that is new to a recipient who has an earlier prompt."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.prompts.path_mentions import name_places_again
from planmark.prompts.prompt import Counter, Prompt, QuotedLines, ReadLines, Tokens
from planmark.prompts.render import tidy
from planmark.prompts.units import Piece, Unit, document_lines, joined, pieces_of, units_of
from planmark.text.pluralize import line_range
from planmark.text.visible import visible_in_one_line
from planmark.workspace.snapshot import ReadText

KNOWN_HEADING = "You have this already"
LEAST_SAVED = 160
"""Fewest characters of known lines that a passage leaves out, because its further parts need a line each."""
MAX_TITLE = 60
MAX_GONE = 12
"""Maximum number of sections that are named as gone; for more, only their number is."""


class DeltaUnit(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A section of a document (lines 1-based and inclusive), or of the prompt itself (path "", lines 0)."""

    path: str
    title: str
    start: int = 0
    end: int = 0


class Since(msgspec.Struct, frozen=True):
    """The difference of a prompt and an earlier one, whose id is `id`.

    `problem` is the reason why the prompt is whole, "" if it is a difference. `whole` is the number of tokens of the whole
    prompt with its reading list. `changed` sections are there in full, and so are all that the earlier prompt lacked. `gone`
    are sections that the earlier prompt had, and this one does not need.
    """

    id: str
    problem: str
    whole: int
    unchanged: tuple[DeltaUnit, ...] = ()
    changed: tuple[DeltaUnit, ...] = ()
    gone: tuple[DeltaUnit, ...] = ()


class Delta(NamedTuple):
    """A prompt without what the recipient has, and what the difference is."""

    prompt: Prompt
    since: Since


def delta(
    prompt: Prompt, name: str, before: Sequence[Unit], text: ReadText, counter: Counter, mask: Callable[[str], str]
) -> Delta:
    """Return a prompt without the units of the prompt `name`, which are `before`.

    The delta and the earlier prompt together have every unit of the prompt. The task, the outputs and the end are always
    there. A difference that is not smaller than the prompt is the whole prompt. `mask` masks credentials in titles.
    """
    pieces, known = pieces_of(prompt, text), {unit.key for unit in before}
    parts = [(piece, list(_new_parts(piece, known, text))) for piece in pieces]
    kept = [part for _, new in parts for part in new]
    left = {unit.key for unit in units_of(kept)}
    units = units_of(pieces)
    unchanged = [unit for unit in units if unit.key in known and unit.key not in left]
    whole = prompt.tokens.total
    if not unchanged:
        return Delta(prompt, Since(name, "it has nothing in common with this prompt", whole))
    changed, gone = _changed_and_gone(before, units, known)
    since = Since(name, "", whole, _listed(unchanged, mask), _listed(changed, mask), _listed(gone, mask))
    at = next(number for number, (piece, new) in enumerate(parts) if new != [piece])
    first = sum(len(new) for _, new in parts[:at])
    notice = Piece("own", KNOWN_HEADING, tuple(_notice(since)))
    rendered = tidy(joined([*kept[:first], notice, *kept[first:]]))
    shown = tidy(name_places_again(prompt.prompt, rendered))
    read = tuple(_counted(part.source, text, counter) for part in kept if isinstance(part.source, ReadLines))
    quoted = tuple(part.source for part in kept if isinstance(part.source, QuotedLines))
    own, to_read = counter.count(shown), sum(part.tokens for part in read)
    if own + to_read >= whole:
        return Delta(prompt, Since(name, "the difference is not smaller", whole))
    tokens = Tokens(own, to_read, own + to_read, counter.name)
    smaller = msgspec.structs.replace(prompt, prompt=shown, tokens=tokens, read=read, quoted=quoted)
    return Delta(smaller, since)


def _new_parts(piece: Piece, known: set[str], text: ReadText) -> Iterator[Piece]:
    """Yield the parts of a piece that are new to the recipient. A short known part stays, because a cut costs more."""
    if piece.kind == "own" or not any(unit.key in known for unit in piece.units):
        yield piece
    elif piece.kind != "section" and not all(unit.key in known for unit in piece.units):
        yield from _new_passages(piece, known, text)


def _new_passages(piece: Piece, known: set[str], text: ReadText) -> Iterator[Piece]:
    runs: list[list[Unit]] = []
    for is_known, run in itertools.groupby(piece.units, key=lambda unit: unit.key in known):
        group = list(run)
        lines = document_lines(text(group[0].path))[group[0].start - 1 : group[-1].end]
        if is_known and sum(map(len, lines)) >= LEAST_SAVED:
            runs.append([])
        elif runs:
            runs[-1] += group
        else:
            runs.append(group)
    parts = [run for run in runs if run]
    if len(parts) == 1 and len(parts[0]) == len(piece.units):
        yield piece
        return
    for part in parts:
        yield _passage(piece, part)


def _passage(piece: Piece, part: Sequence[Unit]) -> Piece:
    """Return the lines of consecutive units of a quotation, or of an entry of the reading list."""
    assert piece.source is not None
    start, end = part[0].start, part[-1].end
    whole, own = line_range(piece.source.start, piece.source.end), line_range(start, end)
    source = piece.source.__class__(
        piece.source.path, start, end, piece.source.why, *((0,) if piece.kind == "read" else ())
    )
    if piece.kind == "read":
        return Piece(
            "read", piece.heading, (piece.lines[0].replace(f"` {whole}: ", f"` {own}: ", 1),), tuple(part), source
        )
    has_header = not piece.lines[0].startswith(">")
    first = start - piece.source.start + (2 if has_header else 0)
    lines = piece.lines[first : first + end - start + 1]
    header = (re.sub(r"` lines? \d+(?:-\d+)?, ", f"` {own}, ", piece.lines[0], count=1), "") if has_header else ()
    return Piece("quote", piece.heading, (*header, *lines), tuple(part), source)


def _counted(read: ReadLines, text: ReadText, counter: Counter) -> ReadLines:
    if read.tokens:
        return read
    lines = document_lines(text(read.path))[read.start - 1 : read.end]
    return msgspec.structs.replace(read, tokens=counter.count("\n".join(lines)))


def _changed_and_gone(before: Iterable[Unit], units: Sequence[Unit], known: set[str]) -> tuple[list[Unit], list[Unit]]:
    """Return the units whose section the earlier prompt had with other content, and the earlier ones that have no place."""
    old = {(unit.path, unit.title) for unit in before}
    now = {(unit.path, unit.title) for unit in units}
    keys = {unit.key for unit in units}
    changed = [unit for unit in units if unit.key not in known and (unit.path, unit.title) in old]
    gone = [unit for unit in before if unit.key not in keys and (unit.path, unit.title) not in now]
    return changed, gone


def _listed(units: Iterable[Unit], mask: Callable[[str], str]) -> tuple[DeltaUnit, ...]:
    return tuple(
        DeltaUnit(unit.path, visible_in_one_line(mask(unit.title))[:MAX_TITLE], unit.start, unit.end) for unit in units
    )


def _notice(since: Since) -> Iterator[str]:
    """Yield the lines about what the recipient has, what changed, and what is gone."""
    yield f"It is unchanged since the prompt {since.id}. Use it from there; read it again if you no longer have it."
    yield ""
    yield from _places(since.unchanged)
    if own := [unit.title for unit in since.unchanged if not unit.path]:
        yield f"- sections of that prompt: {', '.join(own)}"
    if any(unit.path for unit in since.changed):
        yield ""
        yield "Changed since then, and in full below or in your reading list:"
        yield ""
        yield from _places(since.changed)
    gone = [unit for unit in since.gone if unit.path]
    if gone:
        named = dict.fromkeys(f"`{_name(unit.path)}` {unit.title}".rstrip() for unit in gone)
        listed = list(named)[:MAX_GONE]
        more = len(named) - len(listed)
        yield ""
        yield f"Gone, or not needed for this step: {'; '.join(listed)}{f'; and {more} more' if more else ''}"


def _name(path: str) -> str:
    return visible_in_one_line(path.rpartition("/")[2]).replace("`", "'")


def _places(units: Iterable[DeltaUnit]) -> Iterator[str]:
    """Yield an entry for each document, with its ranges of lines; neighbouring ranges are one."""
    ranges: dict[str, list[list[int]]] = {}
    for unit in sorted((one for one in units if one.path), key=lambda one: (one.path, one.start)):
        runs = ranges.setdefault(unit.path, [])
        # Blank lines and thematic breaks lie between neighbouring sections.
        if runs and unit.start <= runs[-1][1] + 4:
            runs[-1][1] = max(runs[-1][1], unit.end)
        else:
            runs.append([unit.start, unit.end])
    for path, runs in ranges.items():
        first, *others = (line_range(start, end) for start, end in runs)
        shown = visible_in_one_line(path).replace("`", "'")
        yield f"- `{shown}` {', '.join((first, *others))}"
