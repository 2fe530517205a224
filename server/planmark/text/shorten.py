"""Texts in fewer cells of a terminal: names lose their middle, sentences break between words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from planmark.text.display_width import cell_width

ELLIPSIS = "…"
_CUT_PLACES = re.compile(r"(?<=[-_./ ])|(?=[-_./ ])")
"""The places where a name may be cut: before and after the characters that join its parts."""
_WORD_WITH_SPACE = re.compile(r"\s*\S+")
_STYLE = re.compile(r"\x1b\[[\d;]*m")
"""The escape sequences that colour a text in a terminal and take no cells."""


def shorten(name: str, width: int) -> str:
    """Return `name` in at most `width` cells, without its middle.

    The name is cut at its joints if the result fills at least half of `width`.

    `CHECKOUT-FLOW-REFACTOR` in 20 cells is `CHECKOUT-…-REFACTOR`.
    """
    if cell_width(name) <= width:
        return name
    joint_cut = _parts_around_mark(_CUT_PLACES.split(name), width)
    if cell_width(joint_cut) * 2 > width and joint_cut.strip(ELLIPSIS):
        return joint_cut
    return _parts_around_mark(list(name), width)


def shorten_all(names: Iterable[str], width: int) -> dict[str, str]:
    """Return name → short name, as `shorten` makes it.

    Names with equal short names are cut differently, so that the short names differ.

    If no cut makes the short names differ, the short names are equal.
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

    `max_lines` is the maximum number of lines (0: no limit). If the text needs more lines, the rest is omitted and the
    last line ends in `…`.
    """
    result = [""]
    for word in text.split():
        short_word = shorten(word, width)
        longer_line = f"{result[-1]} {short_word}" if result[-1] else short_word
        if cell_width(longer_line) <= width:
            result[-1] = longer_line
        else:
            result.append(short_word)
    if max_lines and len(result) > max_lines:
        result = result[:max_lines]
        result[-1] = _with_mark(result[-1], width)
    return result


def reflow(text: str, width: int, indent: str = "") -> list[str]:
    """Return `text` in lines of at most `width` cells that end between words.

    Each line but the first begins with `indent`.

    A word that is longer than a line stays whole. Spaces inside a line stay unchanged, and colours take no cells.
    """
    result: list[str] = []
    for word in _WORD_WITH_SPACE.findall(text):
        if result and cell_width(_STYLE.sub("", result[-1] + word)) > width:
            result.append(indent + word.lstrip())
        else:
            result[-1:] = [(result[-1] if result else "") + word]
    return result or [""]


def _with_mark(line: str, width: int) -> str:
    """Return `line` with a mark that more text follows, without the words that leave no room for the mark."""
    words = line.split(" ")
    while len(words) > 1 and cell_width(" ".join(words)) + 2 > width:
        words.pop()
    kept_text = " ".join(words)
    return f"{kept_text} {ELLIPSIS}" if cell_width(kept_text) + 2 <= width else shorten(f"{kept_text}{ELLIPSIS}", width)


def _parts_around_mark(parts: list[str], width: int) -> str:
    """Return the parts that fit around the mark, taken alternately from the beginning and the end."""
    room = width - cell_width(ELLIPSIS)
    head, tail = 0, len(parts)
    has_room_at = [True, True]
    at_end = False
    while any(has_room_at) and head < tail:
        kept_part = parts[tail - 1] if at_end else parts[head]
        if has_room_at[at_end] and cell_width(kept_part) <= room:
            room -= cell_width(kept_part)
            head, tail = (head, tail - 1) if at_end else (head + 1, tail)
        else:
            has_room_at[at_end] = False
        at_end = not at_end
    return "".join(parts[:head]) + ELLIPSIS + "".join(parts[tail:])


def _by_characters(name: str, width: int) -> str:
    return name if cell_width(name) <= width else _parts_around_mark(list(name), width)


def _end_of_name(name: str, width: int) -> str:
    if cell_width(name) <= width:
        return name
    kept_characters = list(name)
    while kept_characters and cell_width("".join(kept_characters)) >= width:
        kept_characters.pop(0)
    return ELLIPSIS + "".join(kept_characters)


def _beginning_of_name(name: str, width: int) -> str:
    return name if cell_width(name) <= width else _end_of_name(name[::-1], width)[::-1]
