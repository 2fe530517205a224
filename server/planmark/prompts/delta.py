"""The part of a prompt that is new to a recipient who has an earlier prompt."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.prompts.path_mentions import name_paths_in_full
from planmark.prompts.prompt import Counter, Prompt, QuotedLines, ReadLines, Tokens
from planmark.prompts.render import tidy
from planmark.prompts.units import Piece, Unit, document_lines, pieces_of, text_of_pieces, units_of
from planmark.text.pluralize import line_range
from planmark.text.visible import visible_in_one_line
from planmark.workspace.snapshot import ReadText

KNOWN_HEADING = "You have this already"
MIN_SAVED_CHARACTERS = 160
"""Minimum number of characters of known lines that a passage leaves out.

A passage without its middle has two parts, and each needs a line that names it.
"""
MAX_TITLE = 60
MAX_GONE = 12
"""Maximum number of sections that are named as gone. Of further sections, the prompt states only the number."""


class DeltaUnit(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A section of a document (lines 1-based and inclusive), or of the prompt itself (path "", lines 0)."""

    path: str
    title: str
    start: int = 0
    end: int = 0


class Since(msgspec.Struct, frozen=True):
    """The difference of a prompt and an earlier one, whose id is `id`.

    `problem` is the reason why the prompt is whole, "" if it is a difference. `whole` is the number of tokens of the whole
    prompt with its reading list. The prompt has in full the `changed` sections, and those that the earlier prompt did not
    have. `gone` are sections that only the earlier prompt had.
    """

    id: str
    problem: str
    whole: int
    unchanged: tuple[DeltaUnit, ...] = ()
    changed: tuple[DeltaUnit, ...] = ()
    gone: tuple[DeltaUnit, ...] = ()


class Delta(NamedTuple):
    """A prompt without the units that the recipient has, and the description of the difference."""

    prompt: Prompt
    since: Since


def delta(
    prompt: Prompt,
    earlier_id: str,
    before: Sequence[Unit],
    text: ReadText,
    counter: Counter,
    mask: Callable[[str], str],
) -> Delta:
    """Return a prompt without the units of the prompt `earlier_id`, which are `before`.

    The delta and the earlier prompt together have every unit of the prompt. The task, the outputs and the end are always
    there. A difference that is not smaller than the prompt is the whole prompt. `mask` masks credentials in titles.
    """
    pieces, known_keys = pieces_of(prompt, text), {unit.key for unit in before}
    parts = [(piece, list(_new_parts(piece, known_keys, text))) for piece in pieces]
    kept_pieces = [piece_part for _, new_pieces in parts for piece_part in new_pieces]
    kept_keys = {unit.key for unit in units_of(kept_pieces)}
    units = units_of(pieces)
    unchanged = [unit for unit in units if unit.key in known_keys and unit.key not in kept_keys]
    total_tokens = prompt.tokens.total
    if not unchanged:
        return Delta(prompt, Since(earlier_id, "it has nothing in common with this prompt", total_tokens))
    changed, gone = _changed_and_gone(before, units, known_keys)
    since = Since(
        earlier_id,
        "",
        total_tokens,
        _delta_units(unchanged, mask),
        _delta_units(changed, mask),
        _delta_units(gone, mask),
    )
    first_change = next(number for number, (piece, new_pieces) in enumerate(parts) if new_pieces != [piece])
    notice_position = sum(len(new_pieces) for _, new_pieces in parts[:first_change])
    notice = Piece("own", KNOWN_HEADING, tuple(_notice(since)))
    rendered = tidy(text_of_pieces([*kept_pieces[:notice_position], notice, *kept_pieces[notice_position:]]))
    shown_text = tidy(name_paths_in_full(prompt.prompt, rendered))
    read = tuple(
        _with_tokens(piece_part.source, text, counter)
        for piece_part in kept_pieces
        if isinstance(piece_part.source, ReadLines)
    )
    quoted = tuple(piece_part.source for piece_part in kept_pieces if isinstance(piece_part.source, QuotedLines))
    own_tokens, read_tokens = counter.count(shown_text), sum(piece_part.tokens for piece_part in read)
    if own_tokens + read_tokens >= total_tokens:
        return Delta(prompt, Since(earlier_id, "the difference is not smaller", total_tokens))
    tokens = Tokens(own_tokens, read_tokens, own_tokens + read_tokens, counter.name)
    shorter_prompt = msgspec.structs.replace(prompt, prompt=shown_text, tokens=tokens, read=read, quoted=quoted)
    return Delta(shorter_prompt, since)


def _new_parts(piece: Piece, known_keys: set[str], text: ReadText) -> Iterator[Piece]:
    """Yield the parts of a piece that are new to the recipient. A short known part stays, because a cut costs more."""
    if piece.kind == "own" or not any(unit.key in known_keys for unit in piece.units):
        yield piece
    elif piece.kind != "section" and not all(unit.key in known_keys for unit in piece.units):
        yield from _new_passages(piece, known_keys, text)


def _new_passages(piece: Piece, known_keys: set[str], text: ReadText) -> Iterator[Piece]:
    runs: list[list[Unit]] = []
    for is_known, units in itertools.groupby(piece.units, key=lambda unit: unit.key in known_keys):
        unit_group = list(units)
        lines = document_lines(text(unit_group[0].path))[unit_group[0].start - 1 : unit_group[-1].end]
        if is_known and sum(map(len, lines)) >= MIN_SAVED_CHARACTERS:
            runs.append([])
        elif runs:
            runs[-1] += unit_group
        else:
            runs.append(unit_group)
    parts = [units for units in runs if units]
    if len(parts) == 1 and len(parts[0]) == len(piece.units):
        yield piece
        return
    for part in parts:
        yield _passage(piece, part)


def _passage(piece: Piece, units: Sequence[Unit]) -> Piece:
    """Return the lines of consecutive units of a quotation, or of an entry of the reading list."""
    assert piece.source is not None
    start, end = units[0].start, units[-1].end
    old_range, new_range = line_range(piece.source.start, piece.source.end), line_range(start, end)
    source = piece.source.__class__(
        piece.source.path, start, end, piece.source.why, *((0,) if piece.kind == "read" else ())
    )
    if piece.kind == "read":
        return Piece(
            "read",
            piece.heading,
            (piece.lines[0].replace(f"` {old_range}: ", f"` {new_range}: ", 1),),
            tuple(units),
            source,
        )
    has_header = not piece.lines[0].startswith(">")
    first_line = start - piece.source.start + (2 if has_header else 0)
    lines = piece.lines[first_line : first_line + end - start + 1]
    header = (re.sub(r"` lines? \d+(?:-\d+)?, ", f"` {new_range}, ", piece.lines[0], count=1), "") if has_header else ()
    return Piece("quote", piece.heading, (*header, *lines), tuple(units), source)


def _with_tokens(read: ReadLines, text: ReadText, counter: Counter) -> ReadLines:
    if read.tokens:
        return read
    lines = document_lines(text(read.path))[read.start - 1 : read.end]
    return msgspec.structs.replace(read, tokens=counter.count("\n".join(lines)))


def _changed_and_gone(
    before: Iterable[Unit], units: Sequence[Unit], known_keys: set[str]
) -> tuple[list[Unit], list[Unit]]:
    """Return the units with new content since the earlier prompt, and its units whose sections this prompt does not have."""
    earlier_sections = {(unit.path, unit.title) for unit in before}
    current_sections = {(unit.path, unit.title) for unit in units}
    current_keys = {unit.key for unit in units}
    changed = [unit for unit in units if unit.key not in known_keys and (unit.path, unit.title) in earlier_sections]
    gone = [unit for unit in before if unit.key not in current_keys and (unit.path, unit.title) not in current_sections]
    return changed, gone


def _delta_units(units: Iterable[Unit], mask: Callable[[str], str]) -> tuple[DeltaUnit, ...]:
    return tuple(
        DeltaUnit(unit.path, visible_in_one_line(mask(unit.title))[:MAX_TITLE], unit.start, unit.end) for unit in units
    )


def _notice(since: Since) -> Iterator[str]:
    """Yield the lines about what the recipient has, what changed, and what is gone."""
    yield f"It is unchanged since the prompt {since.id}. Use it from there; read it again if you no longer have it."
    yield ""
    yield from _place_entries(since.unchanged)
    if own_titles := [unit.title for unit in since.unchanged if not unit.path]:
        yield f"- sections of that prompt: {', '.join(own_titles)}"
    if any(unit.path for unit in since.changed):
        yield ""
        yield "Changed since then, and in full below or in your reading list:"
        yield ""
        yield from _place_entries(since.changed)
    gone_units = [unit for unit in since.gone if unit.path]
    if gone_units:
        gone_names = dict.fromkeys(f"`{_file_name(unit.path)}` {unit.title}".rstrip() for unit in gone_units)
        listed_names = list(gone_names)[:MAX_GONE]
        more = len(gone_names) - len(listed_names)
        yield ""
        yield f"Gone, or not needed for this step: {'; '.join(listed_names)}{f'; and {more} more' if more else ''}"


def _file_name(path: str) -> str:
    return visible_in_one_line(path.rpartition("/")[2]).replace("`", "'")


def _place_entries(units: Iterable[DeltaUnit]) -> Iterator[str]:
    """Yield an entry for each document, with its ranges of lines; neighbouring ranges are one."""
    ranges: dict[str, list[list[int]]] = {}
    for unit in sorted((unit for unit in units if unit.path), key=lambda unit: (unit.path, unit.start)):
        runs = ranges.setdefault(unit.path, [])
        # Blank lines and thematic breaks lie between neighbouring sections.
        if runs and unit.start <= runs[-1][1] + 4:
            runs[-1][1] = max(runs[-1][1], unit.end)
        else:
            runs.append([unit.start, unit.end])
    for path, runs in ranges.items():
        first_range, *other_ranges = (line_range(start, end) for start, end in runs)
        shown_path = visible_in_one_line(path).replace("`", "'")
        yield f"- `{shown_path}` {', '.join((first_range, *other_ranges))}"
