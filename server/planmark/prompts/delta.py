"""A prompt with only what is new for a recipient who has an earlier prompt."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.prompts.path_mentions import name_documents_once, name_paths_in_full
from planmark.prompts.prompt import Counter, Prompt, QuotedLines, ReadLines, Tokens
from planmark.prompts.render import tidy
from planmark.prompts.units import Piece, Unit, document_lines, pieces_of, text_of_pieces, units_of
from planmark.text.pluralize import line_range
from planmark.text.visible import visible_in_one_line
from planmark.workspace.snapshot import ReadText

KNOWN_HEADING = "You have this already"
"""The heading of the section with the names of the units that the recipient has from the earlier prompt."""
MIN_OMITTED_CHARACTERS = 160
"""Minimum number of characters of known lines that are left out of the middle of a passage.

If the known lines have fewer characters, they stay, because each of the two remaining passages would need a line that
names the passage.
"""
MAX_TITLE_CHARACTERS = 60
"""Maximum number of characters of the title of a unit in the description of the difference."""
MAX_PASSAGE_DISTANCE = 4
"""Maximum distance in lines from the end of a passage to the start of the next passage of the same run.

Between the two passages are only blank lines and thematic breaks (`---`).
"""
MAX_GONE_SECTIONS = 12
"""Maximum number of sections that a prompt names as gone. If there are more, the prompt states only their number."""


class DeltaUnit(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A section of a document (lines 1-based and inclusive), or of the prompt itself (path "", lines 0)."""

    path: str
    title: str
    start: int = 0
    end: int = 0


class Since(msgspec.Struct, frozen=True):
    """The difference between a prompt and an earlier prompt, whose id is `id`.

    `problem` is the reason why the whole prompt is given; "" if only the difference is given. `whole` is the number of
    tokens of the whole prompt with its reading list. `unchanged` passages are left out, because the earlier prompt has
    them. `changed` passages are in full. `replaced` are the passages of the earlier prompt that the changed ones
    replace. `gone` are passages that only the earlier prompt had. Lines of `replaced` and `gone` are lines of the
    earlier document.
    """

    id: str
    problem: str
    whole: int
    unchanged: tuple[DeltaUnit, ...] = ()
    changed: tuple[DeltaUnit, ...] = ()
    replaced: tuple[DeltaUnit, ...] = ()
    gone: tuple[DeltaUnit, ...] = ()


class UnitChanges(NamedTuple):
    """The differences between the units of two prompts.

    `changed` are the units of the new prompt with new content in a section that the earlier prompt also has. `replaced`
    are the units of the earlier prompt that changed units replace. `gone` are the units of the earlier prompt that no
    unit replaces.
    """

    changed: list[Unit]
    replaced: list[Unit]
    gone: list[Unit]


class UnitRuns(NamedTuple):
    """The unchanged and the changed units of a prompt, and the replaced and the gone units of the earlier prompt.

    Each field has a list of runs. A run is a list of neighbouring units of one document.
    """

    unchanged: list[list[Unit]]
    changed: list[list[Unit]]
    replaced: list[list[Unit]]
    gone: list[list[Unit]]


class Delta(NamedTuple):
    """A prompt without the units that the recipient already has, and the description of the difference."""

    prompt: Prompt
    since: Since


def delta(
    prompt: Prompt,
    earlier_id: str,
    earlier_units: Sequence[Unit],
    text: ReadText,
    counter: Counter,
    mask: Callable[[str], str],
) -> Delta:
    """Return `prompt` without `earlier_units`, the units of the earlier prompt with the id `earlier_id`.

    The task, the outputs and the conditions for the end of the step always remain. If the result is not smaller than
    `prompt`, return the whole `prompt`, and the reason in `Since.problem`. `text` returns the text of a document.
    `mask` masks credentials in titles.
    """
    pieces, known_keys = pieces_of(prompt, text), {unit.key for unit in earlier_units}
    pieces_with_new_parts = [(piece, list(_new_parts(piece, known_keys, text))) for piece in pieces]
    kept_pieces = [piece_part for _, new_pieces in pieces_with_new_parts for piece_part in new_pieces]
    kept_keys = {unit.key for unit in units_of(kept_pieces)}
    units = units_of(pieces)
    unchanged = [unit for unit in units if unit.key in known_keys and unit.key not in kept_keys]
    total_tokens = prompt.tokens.total
    if not unchanged:
        return Delta(prompt, Since(earlier_id, "it has nothing in common with this prompt", total_tokens))
    changes = _unit_changes(earlier_units, units, known_keys)
    runs = UnitRuns(
        _unit_runs(units, unchanged),
        _unit_runs(units, changes.changed),
        _unit_runs(earlier_units, changes.replaced),
        _unit_runs(earlier_units, changes.gone),
    )
    since = Since(earlier_id, "", total_tokens, *(_delta_units(unit_runs, mask) for unit_runs in runs))
    first_change = next(
        number for number, (piece, new_pieces) in enumerate(pieces_with_new_parts) if new_pieces != [piece]
    )
    notice_position = sum(len(new_pieces) for _, new_pieces in pieces_with_new_parts[:first_change])
    notice = Piece("own", KNOWN_HEADING, tuple(_known_section_lines(since, runs)))
    rendered_text = tidy(text_of_pieces([*kept_pieces[:notice_position], notice, *kept_pieces[notice_position:]]))
    shown_text = tidy(
        name_documents_once(name_paths_in_full(prompt.prompt, rendered_text), {unit.path for unit in units})
    )
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
    """Yield the parts of a piece that are new for the recipient. A unit is known if its key is in `known_keys`.

    A piece of the kind `own` is always new as a whole. Yield nothing if all units of the piece are known. A short known
    part stays, because the header of a second passage would have more tokens.
    """
    if piece.kind == "own" or not any(unit.key in known_keys for unit in piece.units):
        yield piece
    elif piece.kind != "section" and not all(unit.key in known_keys for unit in piece.units):
        yield from _new_passages(piece, known_keys, text)


def _new_passages(piece: Piece, known_keys: set[str], text: ReadText) -> Iterator[Piece]:
    """Yield the passages of a piece, without the long passages that the recipient knows. If the piece has no long known
    passage, yield the whole piece.
    """
    runs: list[list[Unit]] = []
    for is_known, units in itertools.groupby(piece.units, key=lambda unit: unit.key in known_keys):
        units_of_group = list(units)
        lines = document_lines(text(units_of_group[0].path))[units_of_group[0].start - 1 : units_of_group[-1].end]
        if is_known and sum(map(len, lines)) >= MIN_OMITTED_CHARACTERS:
            runs.append([])
        elif runs:
            runs[-1] += units_of_group
        else:
            runs.append(units_of_group)
    passages = [units for units in runs if units]
    if len(passages) == 1 and len(passages[0]) == len(piece.units):
        yield piece
        return
    for passage in passages:
        yield _passage_piece(piece, passage)


def _passage_piece(piece: Piece, units: Sequence[Unit]) -> Piece:
    """Return the part of a piece that has only the consecutive `units`. The piece is a quotation or an entry of the
    reading list.
    """
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
    """Return an entry of the reading list with its number of tokens. If the number in `read` is 0, count the tokens."""
    if read.tokens:
        return read
    lines = document_lines(text(read.path))[read.start - 1 : read.end]
    return msgspec.structs.replace(read, tokens=counter.count("\n".join(lines)))


def _unit_changes(earlier_units: Sequence[Unit], units: Sequence[Unit], known_keys: set[str]) -> UnitChanges:
    """Return the differences between the units of a prompt and of the earlier prompt, section by section.

    `known_keys` are the keys of `earlier_units`.
    """
    earlier_units_by_section, units_by_section = _units_by_section(earlier_units), _units_by_section(units)
    current_keys = {unit.key for unit in units}
    changed = [
        unit for unit in units if unit.key not in known_keys and (unit.path, unit.title) in earlier_units_by_section
    ]
    replaced: list[Unit] = []
    gone: list[Unit] = []
    for section, old_units in earlier_units_by_section.items():
        new_units = units_by_section.get(section, [])
        old_keys, new_keys = ([unit.key for unit in section_units] for section_units in (old_units, new_units))
        matcher = difflib.SequenceMatcher(None, old_keys, new_keys, autojunk=False)
        for kind, start, end, new_start, new_end in matcher.get_opcodes():
            if kind in ("replace", "delete"):
                lost_units = [unit for unit in old_units[start:end] if unit.key not in current_keys]
                # A passage that the earlier prompt also has, at a different place, replaces no passage.
                has_new_content = not known_keys.issuperset(new_keys[new_start:new_end])
                (replaced if has_new_content else gone).extend(lost_units)
    return UnitChanges(changed, replaced, gone)


def _units_by_section(units: Iterable[Unit]) -> dict[tuple[str, str], list[Unit]]:
    """Return a mapping from a section to its units. The key of a section is the path of its document, and its title."""
    sections: dict[tuple[str, str], list[Unit]] = {}
    for unit in units:
        sections.setdefault((unit.path, unit.title), []).append(unit)
    return sections


def _unit_runs(units: Sequence[Unit], chosen_units: Collection[Unit]) -> list[list[Unit]]:
    """Return `chosen_units` as runs. A run is a list of units with only blank lines and thematic breaks between them.

    `units` are all units of the prompt, which show whether two chosen units are neighbours.
    """
    runs: list[list[Unit]] = []
    chosen_set, last_position = {*chosen_units}, -1
    ordered_units = sorted(dict.fromkeys(units), key=lambda unit: (unit.path, unit.start))
    for position, unit in enumerate(ordered_units):
        if unit not in chosen_set:
            continue
        last_unit = runs[-1][-1] if runs and last_position == position - 1 else None
        if (
            last_unit
            and unit.path
            and last_unit.path == unit.path
            and last_unit.end < unit.start <= last_unit.end + MAX_PASSAGE_DISTANCE
        ):
            runs[-1].append(unit)
        else:
            runs.append([unit])
        last_position = position
    return runs


def _delta_units(runs: Iterable[Sequence[Unit]], mask: Callable[[str], str]) -> tuple[DeltaUnit, ...]:
    """Return a `DeltaUnit` for each section in each run. It covers the neighbouring passages of the section. `mask`
    masks credentials in the titles.
    """
    return tuple(
        DeltaUnit(
            section_units[0].path,
            visible_in_one_line(mask(title))[:MAX_TITLE_CHARACTERS],
            section_units[0].start,
            section_units[-1].end,
        )
        for run in runs
        for title, units in itertools.groupby(run, key=lambda unit: unit.title)
        for section_units in [list(units)]
    )


def _known_section_lines(since: Since, runs: UnitRuns) -> Iterator[str]:
    """Yield the lines of the section KNOWN_HEADING: the unchanged, the changed and the gone units."""
    yield f"It is unchanged since the prompt {since.id}. Use it from there; read it again if you no longer have it."
    yield ""
    yield from _document_entries(runs.unchanged)
    if own_titles := [unit.title for unit in since.unchanged if not unit.path]:
        yield f"- sections of that prompt: {', '.join(own_titles)}"
    if any(unit.path for unit in since.changed):
        yield ""
        yield "Changed since then, and in full below or in your reading list:"
        yield ""
        yield from _document_entries(runs.changed, runs.replaced)
    gone_units = [unit for unit in since.gone if unit.path]
    if gone_units:
        current_sections = {(unit.path, unit.title) for unit in (*since.unchanged, *since.changed)}
        gone_names = dict.fromkeys(_gone_section_name(unit, current_sections) for unit in gone_units)
        listed_names = list(gone_names)[:MAX_GONE_SECTIONS]
        more = len(gone_names) - len(listed_names)
        yield ""
        yield f"Gone, or not needed for this step: {'; '.join(listed_names)}{f'; and {more} more' if more else ''}"


def _file_name(path: str) -> str:
    return visible_in_one_line(path.rpartition("/")[2]).replace("`", "'")


def _gone_section_name(unit: DeltaUnit, current_sections: Container[tuple[str, str]]) -> str:
    """Return the name of a section that is gone. If the section still has other passages, its earlier lines follow.

    `current_sections` has the path and the title of each section of the prompt.
    """
    is_passage = (unit.path, unit.title) in current_sections
    lines = f" (then {line_range(unit.start, unit.end)})" if is_passage else ""
    return f"`{_file_name(unit.path)}` {unit.title}".rstrip() + lines


def _document_entries(runs: Iterable[Sequence[Unit]], replaced_runs: Iterable[Sequence[Unit]] = ()) -> Iterator[str]:
    """Yield an entry for each document in `runs`: its path and its ranges of lines.

    If `replaced_runs` has ranges of the same document, the entry also names these earlier ranges.
    """
    replaced_ranges = _ranges_in_words(replaced_runs)
    for path, ranges in _ranges_in_words(runs).items():
        shown_path = visible_in_one_line(path).replace("`", "'")
        earlier_text = f"; before: {', '.join(replaced_ranges[path])}" if path in replaced_ranges else ""
        yield f"- `{shown_path}` {', '.join(ranges)}{earlier_text}"


def _ranges_in_words(runs: Iterable[Sequence[Unit]]) -> dict[str, list[str]]:
    """Return a mapping from the path of a document to the ranges of lines of its runs, in words.

    The ranges are in order, and each occurs once.
    """
    ranges_by_path: dict[str, set[tuple[int, int]]] = {}
    for run in runs:
        if run[0].path:
            ranges_by_path.setdefault(run[0].path, set()).add((run[0].start, run[-1].end))
    return {
        path: [line_range(start, end) for start, end in sorted(ranges)]
        for path, ranges in sorted(ranges_by_path.items())
    }
