"""The credentials in a text, and the text without them.

The search must take no noticeable time, and must only remove secrets. `secret_kinds.py` has the kinds of credentials.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from planmark.text.secret_kinds import (
    CONTEXT_KINDS,
    TOKEN_KINDS,
    CredentialKind,
    compiled_pattern,
    is_made_of_words,
    scanner_kinds,
)

MIN_TOKEN_LENGTH, MAX_DISTANCE = 15, 64
"""The minimum length of a token in the formats of other scanners, and its maximum distance from the name of its service
(characters).
"""
_LONG_WORD = re.compile(rf"\S{{{MIN_TOKEN_LENGTH},}}")
_DIGIT = re.compile(r"\d")
_LINE_START = re.compile(r"\n([> \t]*)[^\n]*")


class MaskResult(NamedTuple):
    """A text without its credentials, and the number of credentials of each kind (`Kind.name`)."""

    text: str
    counts: dict[str, int]


def mask_of(name: str) -> str:
    """Return the text that replaces a credential."""
    return f"[masked: {name}]"


def mask_credentials(text: str) -> MaskResult:
    """Return `text` with a mark in place of each credential.

    The result has the same number of lines; without credentials, the result is `text` itself.
    """
    counts: dict[str, int] = {}
    for kind in _kinds_in(text):
        text = _without_kind(kind, text, counts)
    return MaskResult(text, counts)


def _kinds_in(text: str) -> Iterator[CredentialKind]:
    """Yield the kinds whose hints occur in a text, in the order of the kinds."""
    lowercase_text = _lower_in_place(text)
    yield from (kind for kind in TOKEN_KINDS if any(hint in lowercase_text for hint in kind.hints))
    if surroundings := _surroundings_of_tokens(lowercase_text):
        present_hints = (hint for hint in _format_numbers_by_hint() if hint in surroundings)
        yield from (
            scanner_kinds()[number]
            for number in sorted({number for hint in present_hints for number in _format_numbers_by_hint()[hint]})
        )
    yield from (kind for kind in CONTEXT_KINDS if any(hint in lowercase_text for hint in kind.hints))


def _surroundings_of_tokens(text: str) -> str:
    """Return the parts of a text that may be a token of another scanner, each with the text before it.

    Such a token is a long word with digits. Equal parts occur once.
    """
    words = (match for match in _LONG_WORD.finditer(text) if _DIGIT.search(match[0]) and not is_made_of_words(match[0]))
    return "\n".join({text[max(0, match.start() - MAX_DISTANCE) : match.end()] for match in words})


@functools.cache
def _format_numbers_by_hint() -> dict[str, list[int]]:
    numbers_by_hint: dict[str, list[int]] = {}
    for number, kind in enumerate(scanner_kinds()):
        for hint in kind.hints:
            numbers_by_hint.setdefault(hint, []).append(number)
    return numbers_by_hint


def _without_kind(kind: CredentialKind, text: str, counts: dict[str, int]) -> str:
    parts, end = [], 0
    for hint_offset in _places(kind.hints, text):
        match = _match_of_kind(kind, text, hint_offset, end) if hint_offset >= end else None
        if match is None or not kind.is_credential(match):
            continue
        group = "secret" if "secret" in match.re.groupindex else 0
        counts[kind.name] = counts.get(kind.name, 0) + 1
        lines = "".join(f"\n{prefix}" for prefix in _LINE_START.findall(match[group]))
        parts += [text[end : match.start(group)], mask_of(kind.name), lines]
        end = match.end(group)
    return "".join((*parts, text[end:])) if parts else text


def _match_of_kind(kind: CredentialKind, text: str, hint_offset: int, end: int) -> re.Match[str] | None:
    """Return the match of a kind for a hint at `hint_offset`, after `end`, where the masked text ends."""
    pattern = compiled_pattern(kind.pattern)
    starts = range(max(end, hint_offset - kind.lead), hint_offset + 1)
    return next((match for start in starts if (match := pattern.match(text, start))), None)


def _places(hints: Sequence[str], text: str) -> list[int]:
    """Return the offsets of `hints` in `text`, in upper or lower case."""
    lowercase_text = _lower_in_place(text)
    result: set[int] = set()
    for hint in hints:
        place = lowercase_text.find(hint)
        while place >= 0:
            result.add(place)
            place = lowercase_text.find(hint, place + 1)
    return sorted(result)


@functools.lru_cache(maxsize=1)
def _lower_in_place(text: str) -> str:
    """Return `text` in lower case, with every character at its old offset.

    `İ` is the only character with a longer lower case.
    """
    return text.replace("\u0130", "I").lower()
