"""The offsets of the values in a JSON text, for diagnostics about a value. JSON decoders do not return these offsets."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

Step = str | int
"""A key of an object, or a position in a list."""

MAX_DEPTH = 16
"""The maximum depth of a value with a span. The paths of deeper values would take more memory than the text."""
MAX_CACHED_TEXTS = 4
"""The maximum number of texts whose spans are cached. The cache helps if several diagnostics are about one text."""
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+)')


class JsonSpan(NamedTuple):
    """Offsets of a value in the text; `end` is exclusive.

    `key_start` is the offset of the value's key, or of the value itself in a list.
    """

    start: int
    end: int
    key_start: int


@functools.lru_cache(maxsize=MAX_CACHED_TEXTS)
def json_places(text: str) -> Mapping[tuple[Step, ...], JsonSpan]:
    """Return path → span of every value of a valid JSON text, down to MAX_DEPTH.

    If a key occurs twice, the last occurrence counts, as for JSON decoders.
    """
    spans: dict[tuple[Step, ...], JsonSpan] = {}
    open_values: list[tuple[tuple[Step, ...], int, int]] = []
    path: tuple[Step, ...] = ()
    brackets: list[str] = []
    positions: list[int] = []
    key: tuple[str, int] | None = None
    expects_key = False
    for match in _TOKEN.finditer(text):
        token, start, end = match[1], match.start(1), match.end(1)
        if token == ":":
            expects_key = False
        elif token == ",":
            if brackets and brackets[-1] == "{":
                expects_key = True
            elif positions:
                positions[-1] += 1
        elif token in "}]":
            if not open_values:
                break
            path, opened_at, key_start = open_values.pop()
            brackets.pop()
            positions.pop()
            if len(path) <= MAX_DEPTH:
                spans[path] = JsonSpan(opened_at, end, key_start)
            path = path[:-1] if path else ()
            expects_key = False
        elif expects_key and token.startswith('"'):
            key = (token[1:-1], start)
        else:
            step: tuple[Step, ...] = ()
            key_start = start
            if brackets and brackets[-1] == "{" and key is not None:
                step, key_start = (key[0],), key[1]
            elif brackets:
                step = (positions[-1],)
            if token in "{[":
                path = (*path, *step)
                open_values.append((path, start, key_start))
                brackets.append(token)
                positions.append(0)
                expects_key = token == "{"
            elif len(path) < MAX_DEPTH:
                spans[path + step] = JsonSpan(start, end, key_start)
    return spans
