"""The line ranges that a prompt tells to read, and those of them that it quotes."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.formats.planmark.prompts.context import Material, lines_of
from planmark.formats.planmark.prompts.ladder import ExcerptSource
from planmark.prompts.budget import Excerpt
from planmark.prompts.prompt import SHORT_LINES

QUOTE_FACTOR = 1.5
"""The passages of one document are quoted together if they have at most this multiple of the maximum passage size."""
SHORT_CHARACTERS = 1200
"""Maximum number of characters of a quoted passage that has more than `SHORT_LINES` lines."""


def reading_list(material: Material, sources: Sequence[ExcerptSource]) -> list[Excerpt]:
    """Return the line ranges of all sources, without ranges that a different range contains.

    A range that contains others stands where the first of them stood.
    """
    excerpts = [excerpt for source in sources for excerpt in source(material)]
    position_by_index: dict[int, int] = {}
    container_by_path: dict[str, int] = {}
    # Ranges are ordered by start, longer ranges first. So a range is contained in a different range of its document if
    # that range is earlier in this order and does not end before it.
    for index, excerpt in sorted(
        enumerate(excerpts), key=lambda indexed: (indexed[1].start, -indexed[1].end, indexed[0])
    ):
        container = container_by_path.get(excerpt.path)
        if container is not None and excerpt.end <= excerpts[container].end:
            position_by_index[container] = min(position_by_index[container], index)
        else:
            container_by_path[excerpt.path] = position_by_index[index] = index
    return [excerpts[index] for index in sorted(position_by_index, key=position_by_index.__getitem__)]


def ranges_to_quote(material: Material, reading: Sequence[Excerpt]) -> list[Excerpt]:
    """Return the line ranges to quote.

    These are short ranges, and all needed ranges of a document that are short together.
    """
    excerpts_by_path: dict[str, list[Excerpt]] = {}
    for excerpt in reading:
        excerpts_by_path.setdefault(excerpt.path, []).append(excerpt)
    short_paths = {path for path, parts in excerpts_by_path.items() if _is_short(material, parts, QUOTE_FACTOR)}
    return [excerpt for excerpt in reading if excerpt.path in short_paths or _is_short(material, [excerpt], 1)]


def merge_neighbouring_ranges(reading: Sequence[Excerpt]) -> list[Excerpt]:
    """Return the line ranges, with neighbouring ranges of a document as one range in the place of the first of them."""
    groups: list[list[int]] = []
    for index, excerpt in sorted(enumerate(reading), key=lambda indexed: (indexed[1].path, indexed[1].start)):
        previous_excerpt = reading[groups[-1][-1]] if groups else None
        if previous_excerpt and previous_excerpt.path == excerpt.path and previous_excerpt.end + 1 == excerpt.start:
            groups[-1].append(index)
        else:
            groups.append([index])
    return [
        Excerpt(reading[group[0]].path, reading[group[0]].start, reading[group[-1]].end, _reasons(reading, group))
        for group in sorted(groups, key=min)
    ]


def _reasons(reading: Sequence[Excerpt], group: Sequence[int]) -> str:
    return ", ".join(dict.fromkeys(reading[index].why for index in group))


def _is_short(material: Material, parts: Sequence[Excerpt], factor: float) -> bool:
    """Tell whether the ranges together have at most `factor` times the maximum lines or characters of a quoted passage."""
    if sum(part.end - part.start + 1 for part in parts) <= SHORT_LINES * factor:
        return True
    characters = sum(len(line) + 1 for part in parts for line in without_trailing_blanks(material, part))
    return characters <= SHORT_CHARACTERS * factor


def without_trailing_blanks(material: Material, excerpt: Excerpt) -> list[str]:
    """Return the lines of a range, without blank lines and thematic breaks at the end."""
    part = list(lines_of(material, excerpt.path)[excerpt.start - 1 : excerpt.end])
    while part and part[-1].strip() in ("", "---"):
        part.pop()
    return part
