"""What looks like a credential in a text, and the text without it.

It must cost a prompt no time and take nothing from it that is no secret. The kinds of credentials are in `secret_kinds.py`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from planmark.text.secret_kinds import CONTEXTS, TOKENS, Kind, compiled, formats, is_made_of_words

SHORTEST, BEFORE = 15, 64
"""No token of another scanner is shorter, nor farther behind the name that says whose it is."""
_LONG_WORD = re.compile(rf"\S{{{SHORTEST},}}")
_DIGIT = re.compile(r"\d")
_STARTS_LINE = re.compile(r"\n([> \t]*)[^\n]*")


class Masked(NamedTuple):
    """A text without its credentials, and how many of which kind (`Kind.name`) there were."""

    text: str
    found: dict[str, int]


def mask(name: str) -> str:
    """What stands in place of a credential."""
    return f"[masked: {name}]"


def masked(text: str) -> Masked:
    """`text` with a word in place of each credential; it keeps its number of lines, and is the same object without any."""
    found: dict[str, int] = {}
    for kind in _kinds_in(text):
        text = _without(kind, text, found)
    return Masked(text, found)


def _kinds_in(text: str) -> Iterator[Kind]:
    """The kinds whose hints stand in a text, in their order."""
    lowered = _lowered(text)
    yield from (kind for kind in TOKENS if any(hint in lowered for hint in kind.hints))
    if around := _around_tokens(lowered):
        present = (hint for hint in _by_hint() if hint in around)
        yield from (formats()[number] for number in sorted({number for hint in present for number in _by_hint()[hint]}))
    yield from (kind for kind in CONTEXTS if any(hint in lowered for hint in kind.hints))


def _around_tokens(text: str) -> str:
    """What of a text may be a token of another scanner, or stand before one: long words with digits, each once."""
    words = (match for match in _LONG_WORD.finditer(text) if _DIGIT.search(match[0]) and not is_made_of_words(match[0]))
    return "\n".join({text[max(0, match.start() - BEFORE) : match.end()] for match in words})


@functools.cache
def _by_hint() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, row in enumerate(formats()):
        for hint in row.hints:
            found.setdefault(hint, []).append(number)
    return found


def _without(kind: Kind, text: str, found: dict[str, int]) -> str:
    parts, end = [], 0
    for place in _places(kind.hints, text):
        match = _match(kind, text, place, end) if place >= end else None
        if match is None or not kind.holds(match):
            continue
        group = "secret" if "secret" in match.re.groupindex else 0
        found[kind.name] = found.get(kind.name, 0) + 1
        lines = "".join(f"\n{prefix}" for prefix in _STARTS_LINE.findall(match[group]))
        parts += [text[end : match.start(group)], mask(kind.name), lines]
        end = match.end(group)
    return "".join((*parts, text[end:])) if parts else text


def _match(kind: Kind, text: str, place: int, end: int) -> re.Match[str] | None:
    """What a kind finds for a hint at a place, behind what is masked already."""
    pattern = compiled(kind.pattern)
    starts = range(max(end, place - kind.back), place + 1)
    return next((match for start in starts if (match := pattern.match(text, start))), None)


def _places(hints: Sequence[str], text: str) -> list[int]:
    """Where one of `hints` stands in `text`, in any case."""
    lowered = _lowered(text)
    found: set[int] = set()
    for hint in hints:
        place = lowered.find(hint)
        while place >= 0:
            found.add(place)
            place = lowered.find(hint, place + 1)
    return sorted(found)


@functools.lru_cache(maxsize=1)
def _lowered(text: str) -> str:
    """`text` in lower case, each character where it was: only one has a longer lower case."""
    return text.replace("\u0130", "I").lower()
