"""The search for credentials in a text, and the replacement of each credential by a mask.

The search must take no noticeable time, and the replacement must not change other text. `secret_kinds.py` has the kinds
of credentials.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.secret_kinds import (
    CONTEXT_KINDS,
    TOKEN_KINDS,
    CredentialKind,
    compiled_pattern,
    is_made_of_words,
    scanner_kinds,
)

MIN_TOKEN_LENGTH, MAX_SERVICE_NAME_DISTANCE = 15, 64
"""In the formats of other scanners: the minimum length of a token, and the maximum distance of a token from the name of
its service, in characters.
"""
_LONG_WORD = lazy_pattern(rf"\S{{{MIN_TOKEN_LENGTH},}}")
_DIGIT = lazy_pattern(r"\d")
_LINE_PREFIX = lazy_pattern(r"\n([> \t]*)[^\n]*")
"""Pattern for a line after the first, with the quote marks and blanks before its text as a group."""


class MaskResult(NamedTuple):
    """A text with a mask in place of each credential. `counts` maps the name of a kind to its number of credentials."""

    text: str
    counts: dict[str, int]


def mask_of(name: str) -> str:
    """Return the mask: the text that replaces a credential of the kind `name`."""
    return f"[masked: {name}]"


def mask_credentials(text: str) -> MaskResult:
    """Return `text` with a mask in place of each credential.

    The new text has as many lines as `text`. If there is no credential, return the same object.
    """
    counts: dict[str, int] = {}
    for kind in _kinds_in(text):
        text = _mask_kind(kind, text, counts)
    return MaskResult(text, counts)


def _kinds_in(text: str) -> Iterator[CredentialKind]:
    """Yield the kinds of credentials whose hints occur in a text, in the order in which they are masked."""
    lowercase_text = _lower_in_place(text)
    yield from (kind for kind in TOKEN_KINDS if any(hint in lowercase_text for hint in kind.hints))
    if surroundings := _possible_tokens(lowercase_text):
        present_hints = (hint for hint in _kind_positions_by_hint() if hint in surroundings)
        yield from (
            scanner_kinds()[number]
            for number in sorted({number for hint in present_hints for number in _kind_positions_by_hint()[hint]})
        )
    yield from (kind for kind in CONTEXT_KINDS if any(hint in lowercase_text for hint in kind.hints))


def _possible_tokens(text: str) -> str:
    """Return the words of a text that may be tokens of `scanner_kinds`, each with the text before the word.

    Such a token is a long word with a digit. The result has one part for each such word, without duplicates, and an LF
    between the parts.
    """
    words = (match for match in _LONG_WORD.finditer(text) if _DIGIT.search(match[0]) and not is_made_of_words(match[0]))
    return "\n".join({text[max(0, match.start() - MAX_SERVICE_NAME_DISTANCE) : match.end()] for match in words})


@functools.cache
def _kind_positions_by_hint() -> dict[str, list[int]]:
    """Return a mapping from each hint to the positions in `scanner_kinds` of the kinds with this hint."""
    numbers_by_hint: dict[str, list[int]] = {}
    for number, kind in enumerate(scanner_kinds()):
        for hint in kind.hints:
            numbers_by_hint.setdefault(hint, []).append(number)
    return numbers_by_hint


def _mask_kind(kind: CredentialKind, text: str, counts: dict[str, int]) -> str:
    """Return `text` with a mask in place of each credential of `kind`, and add the number of masks to `counts`."""
    parts, end = [], 0
    for hint_offset in _hint_offsets(kind.hints, text):
        match = _match_of_kind(kind, text, hint_offset, end) if hint_offset >= end else None
        if match is None or not kind.is_credential(match):
            continue
        group = "secret" if "secret" in match.re.groupindex else 0
        counts[kind.name] = counts.get(kind.name, 0) + 1
        line_beginnings = "".join(f"\n{prefix}" for prefix in _LINE_PREFIX.findall(match[group]))
        parts += [text[end : match.start(group)], mask_of(kind.name), line_beginnings]
        end = match.end(group)
    return "".join((*parts, text[end:])) if parts else text


def _match_of_kind(kind: CredentialKind, text: str, hint_offset: int, end: int) -> re.Match[str] | None:
    """Return the match of a kind for the hint at `hint_offset`, else None.

    The match begins at `end` or later, because the text before `end` is already masked.
    """
    pattern = compiled_pattern(kind.pattern)
    starts = range(max(end, hint_offset - kind.lead), hint_offset + 1)
    return next((match for start in starts if (match := pattern.match(text, start))), None)


def _hint_offsets(hints: Sequence[str], text: str) -> list[int]:
    """Return the sorted offsets of all `hints` in `text`. The case of letters does not matter."""
    lowercase_text = _lower_in_place(text)
    offsets: set[int] = set()
    for hint in hints:
        offset = lowercase_text.find(hint)
        while offset >= 0:
            offsets.add(offset)
            offset = lowercase_text.find(hint, offset + 1)
    return sorted(offsets)


@functools.lru_cache(maxsize=1)
def _lower_in_place(text: str) -> str:
    """Return `text` in lower case, with every character at its old offset.

    So `İ`, the only character whose lower case is longer, first becomes `I`.
    """
    return text.replace("\u0130", "I").lower()
