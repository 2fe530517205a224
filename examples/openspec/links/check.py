"""The check of one link."""

from __future__ import annotations

from collections.abc import Callable


def status_of(link: str, answers: dict[str, int], ask: Callable[[str], int]) -> int:
    """Return the status of a link, from the cache if it is there."""
    if link not in answers:
        answers[link] = ask(link)
    return answers[link]
