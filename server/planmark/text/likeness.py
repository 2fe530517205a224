"""Which of many words is written most like another one."""

from __future__ import annotations

import difflib
import functools
import re
from collections import Counter
from collections.abc import Iterable

MAX_KEPT = 16_384
"""Words whose characters are kept counted."""
MISSPELT, MAX_LONGER = 0.75, 2
"""How like a misspelt phrase is (0 to 1), and by how many letters it is longer or shorter at most."""
_NEGATIONS = frozenset(
    {"not", "no", "non", "never", "nor", "without", "don", "isn", "wasn", "hasn", "cannot", "un", "in"}
)
WIDTH, PLACES = 32, 64
"""Characters that are counted at each place, and places; a word with more of one is always compared."""
_EVERY = (1 << WIDTH * PLACES) - 1


def most_like(word: str, others: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of `others` that `difflib.get_close_matches` finds first; None where none is as like as `cutoff` (0 to 1).

    Compared are only those that share enough characters with it, in whatever order.
    """
    near = [other for other in others if _likeness_at_most(word, other) >= cutoff]
    return next(iter(difflib.get_close_matches(word, near, 1, cutoff)), None)


def meant_by(value: str, phrases: Iterable[str]) -> str | None:
    """The phrase that the beginning of `value` misspells; None where it may say something else, or the opposite.

    A misspelling begins with the same letter, is about as long, and denies nothing that the phrase does not deny.
    """
    words = re.findall(r"[^\W\d_]+", value.casefold())
    near = []
    for phrase in phrases:
        parts = phrase.split()
        begins = words[: len(parts)] if len(words) >= len(parts) else words
        alike = "".join(begins)[:1] == phrase[:1] and abs(len("".join(begins)) - len("".join(parts))) <= MAX_LONGER
        if alike and _NEGATIONS.isdisjoint({*words} - {*parts}):
            near.append((" ".join(begins), phrase))
    ratios = {phrase: difflib.SequenceMatcher(None, said, phrase).ratio() for said, phrase in near}
    best = max(ratios, key=lambda phrase: ratios[phrase], default=None)
    return best if best is not None and ratios[best] >= MISSPELT else None


def _likeness_at_most(one: str, other: str) -> float:
    ours, theirs, length = _characters(one), _characters(other), len(one) + len(other)
    return 1.0 if _EVERY in (ours, theirs) or not length else 2.0 * (ours & theirs).bit_count() / length


@functools.lru_cache(maxsize=MAX_KEPT)
def _characters(word: str) -> int:
    """How often each character is there, as so many bits at its place: what two words share is what both have.

    Characters that share a place are taken for the same one, so two words seem to share more than they do, never less.
    """
    counts = Counter(ord(character) % PLACES for character in word)
    if max(counts.values(), default=0) > WIDTH:
        return _EVERY
    return sum(((1 << count) - 1) << place * WIDTH for place, count in counts.items())
