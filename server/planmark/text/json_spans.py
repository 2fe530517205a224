"""The offsets of the values in a JSON text, for diagnostics about a value. JSON decoders do not return these offsets."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

JsonKey = str | int
"""A key of an object, or a position in a list."""

MAX_DEPTH = 16
"""The maximum depth of a value with a span. The paths of deeper values would take more memory than the text."""
MAX_CACHED_TEXTS = 4
"""The maximum number of texts whose spans are cached. The cache helps if several diagnostics are about one text."""
_TOKEN = lazy_pattern(r'\s*("(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+)')


class JsonSpan(NamedTuple):
    """The offsets of a value in the text; `end` is exclusive.

    `key_start` is the offset of the key of the value. In a list, which has no keys, it is the same as `start`.
    """

    start: int
    end: int
    key_start: int


@functools.lru_cache(maxsize=MAX_CACHED_TEXTS)
def json_spans_by_path(text: str) -> Mapping[tuple[JsonKey, ...], JsonSpan]:
    """Return a mapping from the path of each value in a valid JSON text to its span, down to the depth MAX_DEPTH.

    A path is a tuple of the keys and list positions around the value, the outermost first. If an object has a key
    twice, the last occurrence counts, as in JSON decoders.
    """
    spans: dict[tuple[JsonKey, ...], JsonSpan] = {}
    # The objects and lists that are open: path, offset of the bracket, offset of the key.
    open_values: list[tuple[tuple[JsonKey, ...], int, int]] = []
    path: tuple[JsonKey, ...] = ()
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
            own_key: tuple[JsonKey, ...] = ()
            key_start = start
            if brackets and brackets[-1] == "{" and key is not None:
                own_key, key_start = (key[0],), key[1]
            elif brackets:
                own_key = (positions[-1],)
            if token in "{[":
                path = (*path, *own_key)
                open_values.append((path, start, key_start))
                brackets.append(token)
                positions.append(0)
                expects_key = token == "{"
            elif len(path) < MAX_DEPTH:
                spans[path + own_key] = JsonSpan(start, end, key_start)
    return spans
