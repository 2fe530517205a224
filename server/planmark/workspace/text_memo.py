"""Values that are made from the texts of documents, and kept while a text is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

MAX_KEPT_CHARACTERS = 64_000_000
"""Maximum number of characters of the texts whose values are kept."""
ValueT = TypeVar("ValueT")
DigestOf = Callable[[str], bytes]
"""A function from the path of a document to the digest of its text; b"" if the digest is unknown."""


def unknown_digest(_path: str) -> bytes:
    """Return b"", for documents without an index."""
    return b""


class _KeptValue(NamedTuple, Generic[ValueT]):
    digest: bytes
    characters: int
    value: ValueT


class TextMemo(Generic[ValueT]):
    """Path of a document → the value that `make` made from its text, with the digest of that text.

    A value is made again only if the digest has changed. So a question about all texts reads each of them once. Values
    of texts beyond MAX_KEPT_CHARACTERS are made each time.
    """

    def __init__(self, digest_of: DigestOf = unknown_digest) -> None:
        self._digest_of = digest_of
        self._kept: dict[str, _KeptValue[ValueT]] = {}
        self._characters = 0

    def value(self, path: str, read: Callable[[str], str], make: Callable[[str], ValueT]) -> ValueT:
        """Return the value for the current text of a document. `read` returns the text of the document at a path."""
        digest = self._digest_of(path)
        kept_value = self._kept.get(path)
        if kept_value is not None and digest and kept_value.digest == digest:
            return kept_value.value
        if kept_value is not None:
            self._characters -= self._kept.pop(path).characters
        text = read(path)
        value = make(text)
        if digest and self._characters + len(text) <= MAX_KEPT_CHARACTERS:
            self._kept[path] = _KeptValue(digest, len(text), value)
            self._characters += len(text)
        return value
