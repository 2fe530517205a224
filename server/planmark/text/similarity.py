"""The search for the word that is most similar to a given word, and for misspelt phrases."""

from __future__ import annotations

import difflib
import functools
import re
from collections import Counter
from collections.abc import Iterable

MAX_CACHED_WORDS = 16_384
"""The maximum number of words whose result of `_character_bits` is cached."""
MIN_SIMILARITY, MAX_LENGTH_DIFFERENCE = 0.75, 2
"""The minimum similarity of a misspelt phrase and the phrase (0 to 1), and the maximum difference of their lengths in
letters.
"""
_NEGATIONS = frozenset(
    {"not", "no", "non", "never", "nor", "without", "don", "isn", "wasn", "hasn", "cannot", "un", "in"}
)
BITS_PER_PLACE, PLACE_COUNT = 32, 64
"""The integer of `_character_bits` has PLACE_COUNT places with BITS_PER_PLACE bits each.

If a word has more than BITS_PER_PLACE characters for one place, `difflib` always compares the word.
"""
_ALL_BITS = (1 << BITS_PER_PLACE * PLACE_COUNT) - 1
"""The result of `_character_bits` for a word that has too many characters for one place."""


def most_similar(word: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the word in `candidates` that `difflib.get_close_matches` ranks first.

    Return None if no word has a similarity of at least `cutoff` (0 to 1).

    Only words that share enough characters with `word`, in any order, are compared, because `difflib` is slow.
    """
    close_candidates = [candidate for candidate in candidates if _max_similarity(word, candidate) >= cutoff]
    return next(iter(difflib.get_close_matches(word, close_candidates, 1, cutoff)), None)


def misspelled_phrase(value: str, phrases: Iterable[str]) -> str | None:
    """Return the phrase that the beginning of `value` misspells; None if there is no such phrase.

    Also return None if `value` may mean the opposite of the phrase.

    A misspelling begins with the same letter, differs in length by at most MAX_LENGTH_DIFFERENCE letters, and adds no negation to
    the phrase.
    """
    words = re.findall(r"[^\W\d_]+", value.casefold())
    candidates = []
    for phrase in phrases:
        phrase_words = phrase.split()
        first_words = words[: len(phrase_words)] if len(words) >= len(phrase_words) else words
        is_alike = (
            "".join(first_words)[:1] == phrase[:1]
            and abs(len("".join(first_words)) - len("".join(phrase_words))) <= MAX_LENGTH_DIFFERENCE
        )
        if is_alike and _NEGATIONS.isdisjoint({*words} - {*phrase_words}):
            candidates.append((" ".join(first_words), phrase))
    ratios = {phrase: difflib.SequenceMatcher(None, beginning, phrase).ratio() for beginning, phrase in candidates}
    best_phrase = max(ratios, key=lambda phrase: ratios[phrase], default=None)
    return best_phrase if best_phrase is not None and ratios[best_phrase] >= MIN_SIMILARITY else None


def _max_similarity(text: str, other: str) -> float:
    """Return an upper bound of the similarity of two words (0 to 1), from their common characters in any order."""
    text_bits, other_bits, total_length = _character_bits(text), _character_bits(other), len(text) + len(other)
    return (
        1.0
        if _ALL_BITS in (text_bits, other_bits) or not total_length
        else 2.0 * (text_bits & other_bits).bit_count() / total_length
    )


@functools.lru_cache(maxsize=MAX_CACHED_WORDS)
def _character_bits(word: str) -> int:
    """Return an integer in which each character of a word sets one bit.

    The integer has PLACE_COUNT places of BITS_PER_PLACE bits. The code point of a character decides in which place the
    character sets a bit. Therefore, the number of common bits of two words shows the number of their common characters.

    Different characters with the same place count as equal. Two words may therefore have more common bits than common
    characters, but never fewer.
    """
    counts = Counter(ord(character) % PLACE_COUNT for character in word)
    if max(counts.values(), default=0) > BITS_PER_PLACE:
        return _ALL_BITS
    return sum(((1 << count) - 1) << place * BITS_PER_PLACE for place, count in counts.items())
