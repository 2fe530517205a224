"""Texts for counts of nouns, and for ranges of lines."""

from __future__ import annotations


def counted_noun(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 plan`, `2 plans`. Pass `plural` if the plural is not the noun with an s."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def line_range(start: int, end: int) -> str:
    """Return 1-based lines, both ends inclusive: `line 12`, `lines 12-40`."""
    return f"line {start}" if start == end else f"lines {start}-{end}"
