"""The most similar of many words to a given word."""

from __future__ import annotations

import difflib
import functools
import re
from collections import Counter
from collections.abc import Iterable

MAX_CACHED_WORDS = 16_384
"""The maximum number of words whose character counts are cached."""
MIN_LIKENESS, MAX_LONGER = 0.75, 2
"""The minimum likeness of a misspelt phrase (0 to 1), and the maximum difference in length (letters)."""
_NEGATIONS = frozenset(
    {"not", "no", "non", "never", "nor", "without", "don", "isn", "wasn", "hasn", "cannot", "un", "in"}
)
BITS_PER_PLACE, PLACE_COUNT = 32, 64
"""The number of bits for each place, and the number of places.

A word with more than BITS_PER_PLACE characters at one place is always compared in full.
"""
_ALL_BITS = (1 << BITS_PER_PLACE * PLACE_COUNT) - 1


def most_similar(word: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the word in `candidates` that `difflib.get_close_matches` ranks first.

    Return None if no word has a similarity of at least `cutoff` (0 to 1).

    Only words that share enough characters with `word`, in any order, are compared, because `difflib` is slow.
    """
    close_candidates = [candidate for candidate in candidates if _max_likeness(word, candidate) >= cutoff]
    return next(iter(difflib.get_close_matches(word, close_candidates, 1, cutoff)), None)


def misspelled_phrase(value: str, phrases: Iterable[str]) -> str | None:
    """Return the phrase that the beginning of `value` misspells.

    Return None if `value` may have a different or the opposite meaning.

    A misspelling begins with the same letter, differs in length by at most MAX_LONGER letters, and adds no negation to
    the phrase.
    """
    words = re.findall(r"[^\W\d_]+", value.casefold())
    candidates = []
    for phrase in phrases:
        parts = phrase.split()
        first_words = words[: len(parts)] if len(words) >= len(parts) else words
        is_alike = (
            "".join(first_words)[:1] == phrase[:1]
            and abs(len("".join(first_words)) - len("".join(parts))) <= MAX_LONGER
        )
        if is_alike and _NEGATIONS.isdisjoint({*words} - {*parts}):
            candidates.append((" ".join(first_words), phrase))
    ratios = {phrase: difflib.SequenceMatcher(None, beginning, phrase).ratio() for beginning, phrase in candidates}
    best_phrase = max(ratios, key=lambda phrase: ratios[phrase], default=None)
    return best_phrase if best_phrase is not None and ratios[best_phrase] >= MIN_LIKENESS else None


def _max_likeness(text: str, other: str) -> float:
    text_bits, other_bits, length = _character_bits(text), _character_bits(other), len(text) + len(other)
    return (
        1.0
        if _ALL_BITS in (text_bits, other_bits) or not length
        else 2.0 * (text_bits & other_bits).bit_count() / length
    )


@functools.lru_cache(maxsize=MAX_CACHED_WORDS)
def _character_bits(word: str) -> int:
    """Return the counts of the characters of a word as bits: a place has one set bit for each of its characters.

    The number of common bits of two words is therefore the number of common characters.

    Different characters of the same place count as equal. Two words may therefore have more common bits than common
    characters, but never fewer.
    """
    counts = Counter(ord(character) % PLACE_COUNT for character in word)
    if max(counts.values(), default=0) > BITS_PER_PLACE:
        return _ALL_BITS
    return sum(((1 << count) - 1) << place * BITS_PER_PLACE for place, count in counts.items())
