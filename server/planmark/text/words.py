"""Words about numbers."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 plan`, `2 plans`; with `plural` where that is not the noun with an s."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"
