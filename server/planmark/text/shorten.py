"""Texts in fewer cells of a terminal: names lose their middle, sentences break between words."""

from __future__ import annotations

from collections.abc import Iterable

from planmark.text.display_width import cell_width
from planmark.text.lazy_pattern import lazy_pattern

ELLIPSIS = "…"
_CUT_PLACES = lazy_pattern(r"(?<=[-_./ ])|(?=[-_./ ])")
"""The places where a name may be cut: before and after the characters that join its parts."""
_WORD_WITH_SPACE = lazy_pattern(r"\s*\S+")
_COLOUR_ESCAPE = lazy_pattern(r"\x1b\[[\d;]*m")
"""The escape sequences that colour a text in a terminal and take no cells."""


def shorten(name: str, width: int) -> str:
    """Return `name` in at most `width` cells. If `name` is longer, `…` replaces its middle.

    The name is cut at _CUT_PLACES if the result then fills more than half of `width`. Otherwise, it is cut anywhere.

    `CHECKOUT-FLOW-REFACTOR` in 20 cells is `CHECKOUT-…-REFACTOR`.
    """
    if cell_width(name) <= width:
        return name
    joint_cut = _parts_around_ellipsis(_CUT_PLACES.split(name), width)
    if cell_width(joint_cut) * 2 > width and joint_cut.strip(ELLIPSIS):
        return joint_cut
    return _parts_around_ellipsis(list(name), width)


def shorten_all(names: Iterable[str], width: int) -> dict[str, str]:
    """Return a mapping from each name to its short name, as `shorten` makes it.

    If several names would have the same short name, they are cut differently, so that their short names differ. If no
    cut makes them differ, their short names stay equal.
    """
    names_by_short: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        names_by_short.setdefault(shorten(name, width), []).append(name)
    result: dict[str, str] = {}
    for short_name, group in names_by_short.items():
        all_cuts = [[cut(name, width) for name in group] for cut in (_by_characters, _end_of_name, _beginning_of_name)]
        distinct_cuts = (
            short_names
            for short_names in all_cuts
            if len(set(short_names)) == len(group) and names_by_short.keys().isdisjoint({*short_names} - {short_name})
        )
        result |= zip(group, next(distinct_cuts, all_cuts[0]) if len(group) > 1 else [short_name], strict=True)
    return result


def wrap(text: str, width: int, max_lines: int = 0) -> list[str]:
    """Return `text` in lines of at most `width` cells that end between words. A longer word is shortened.

    `max_lines` is the maximum number of lines (0: no limit). If the text needs more lines, the last line ends in `…`,
    and the words after it are omitted.
    """
    lines = [""]
    for word in text.split():
        short_word = shorten(word, width)
        longer_line = f"{lines[-1]} {short_word}" if lines[-1] else short_word
        if cell_width(longer_line) <= width:
            lines[-1] = longer_line
        else:
            lines.append(short_word)
    if max_lines and len(lines) > max_lines:
        lines = lines[:max_lines]
        lines[-1] = _with_ellipsis(lines[-1], width)
    return lines


def reflow(text: str, width: int, indent: str = "") -> list[str]:
    """Return `text` in lines of at most `width` cells that end between words.

    Each line but the first begins with `indent`.

    A word that is longer than a line stays whole. Spaces inside a line stay unchanged, and colours take no cells.
    """
    lines: list[str] = []
    for word in _WORD_WITH_SPACE.findall(text):
        if lines and cell_width(_COLOUR_ESCAPE.sub("", lines[-1] + word)) > width:
            lines.append(indent + word.lstrip())
        else:
            lines[-1:] = [(lines[-1] if lines else "") + word]
    return lines or [""]


def _with_ellipsis(line: str, width: int) -> str:
    """Return `line` with `…` at its end, because more text follows. Words that leave no room for `…` are omitted."""
    words = line.split(" ")
    while len(words) > 1 and cell_width(" ".join(words)) + 2 > width:
        words.pop()
    kept_text = " ".join(words)
    return f"{kept_text} {ELLIPSIS}" if cell_width(kept_text) + 2 <= width else shorten(f"{kept_text}{ELLIPSIS}", width)


def _parts_around_ellipsis(parts: list[str], width: int) -> str:
    """Return `…` between the parts that fit in `width` cells, taken alternately from the beginning and the end."""
    free_cells = width - cell_width(ELLIPSIS)
    head, tail = 0, len(parts)
    has_room_at = [True, True]
    takes_from_end = False
    while any(has_room_at) and head < tail:
        kept_part = parts[tail - 1] if takes_from_end else parts[head]
        if has_room_at[takes_from_end] and cell_width(kept_part) <= free_cells:
            free_cells -= cell_width(kept_part)
            head, tail = (head, tail - 1) if takes_from_end else (head + 1, tail)
        else:
            has_room_at[takes_from_end] = False
        takes_from_end = not takes_from_end
    return "".join(parts[:head]) + ELLIPSIS + "".join(parts[tail:])


def _by_characters(name: str, width: int) -> str:
    return name if cell_width(name) <= width else _parts_around_ellipsis(list(name), width)


def _end_of_name(name: str, width: int) -> str:
    if cell_width(name) <= width:
        return name
    kept_characters = list(name)
    while kept_characters and cell_width("".join(kept_characters)) >= width:
        kept_characters.pop(0)
    return ELLIPSIS + "".join(kept_characters)


def _beginning_of_name(name: str, width: int) -> str:
    return name if cell_width(name) <= width else _end_of_name(name[::-1], width)[::-1]
