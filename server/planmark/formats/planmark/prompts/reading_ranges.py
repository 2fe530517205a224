"""The line ranges that a prompt tells the agent to read, and the ranges that the prompt quotes instead."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.formats.planmark.prompts.context import Material, lines_of
from planmark.formats.planmark.prompts.ladder import ExcerptSource
from planmark.prompts.budget import Excerpt
from planmark.prompts.prompt import MAX_SHORT_PASSAGE_LINES

QUOTE_FACTOR = 1.5
"""The prompt quotes all ranges of a document if their total size is at most this factor times the maximum size of one
quoted range.
"""
MAX_QUOTED_CHARACTERS = 1200
"""Maximum number of characters of a short range, if the range has more than `MAX_SHORT_PASSAGE_LINES` lines.
`QUOTE_FACTOR` raises this limit for all ranges of a document together.
"""


def reading_list(material: Material, sources: Sequence[ExcerptSource]) -> list[Excerpt]:
    """Return the line ranges of all sources, in the order of the sources.

    A range inside a longer range is left out. The longer range then takes the position of the range that comes first in
    the list.
    """
    excerpts = [excerpt for source in sources for excerpt in source(material)]
    position_by_index: dict[int, int] = {}
    container_index_by_path: dict[str, int] = {}
    # Ranges are ordered by start, longer ranges first. So a range is contained in a different range of its document if
    # that range is earlier in this order and does not end before it.
    for index, excerpt in sorted(
        enumerate(excerpts), key=lambda indexed: (indexed[1].start, -indexed[1].end, indexed[0])
    ):
        container_index = container_index_by_path.get(excerpt.path)
        if container_index is not None and excerpt.end <= excerpts[container_index].end:
            position_by_index[container_index] = min(position_by_index[container_index], index)
        else:
            container_index_by_path[excerpt.path] = position_by_index[index] = index
    return [excerpts[index] for index in sorted(position_by_index, key=position_by_index.__getitem__)]


def ranges_to_quote(material: Material, reading: Sequence[Excerpt]) -> list[Excerpt]:
    """Return the line ranges that the prompt quotes.

    A range is quoted if it is short, or if all ranges of its document together are short.
    """
    excerpts_by_path: dict[str, list[Excerpt]] = {}
    for excerpt in reading:
        excerpts_by_path.setdefault(excerpt.path, []).append(excerpt)
    short_paths = {
        path
        for path, excerpts_of_path in excerpts_by_path.items()
        if _is_short(material, excerpts_of_path, QUOTE_FACTOR)
    }
    return [excerpt for excerpt in reading if excerpt.path in short_paths or _is_short(material, [excerpt], 1)]


def merge_neighbouring_ranges(reading: Sequence[Excerpt]) -> list[Excerpt]:
    """Return the line ranges, after merging the ranges of a document that directly follow each other.

    A merged range takes the position of the range that came first in `reading`.
    """
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
    """Return the reasons for reading the excerpts with the indexes in `group`, joined and without duplicates."""
    return ", ".join(dict.fromkeys(reading[index].why for index in group))


def _is_short(material: Material, excerpts: Sequence[Excerpt], factor: float) -> bool:
    """Tell whether line ranges together are short enough to be quoted.

    The limit is `factor` times the maximum number of lines, or of characters, of one quoted passage.
    """
    if sum(excerpt.end - excerpt.start + 1 for excerpt in excerpts) <= MAX_SHORT_PASSAGE_LINES * factor:
        return True
    character_count = sum(len(line) + 1 for excerpt in excerpts for line in without_trailing_blanks(material, excerpt))
    return character_count <= MAX_QUOTED_CHARACTERS * factor


def without_trailing_blanks(material: Material, excerpt: Excerpt) -> list[str]:
    """Return the lines of a range, without blank lines and thematic breaks at the end."""
    lines = list(lines_of(material, excerpt.path)[excerpt.start - 1 : excerpt.end])
    while lines and lines[-1].strip() in ("", "---"):
        lines.pop()
    return lines
