"""Values that are made from the texts of documents, and kept while a text is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

MAX_KEPT_CHARACTERS = 64_000_000
"""Maximum total number of characters of the texts whose values are kept."""
ValueT = TypeVar("ValueT")
DigestOf = Callable[[str], bytes]
"""A function from the path of a document to the digest of its text; b"" if the digest is unknown."""


def unknown_digest(_path: str) -> bytes:
    """Return b"", the digest for a document whose digest is unknown, because there is no index."""
    return b""


class _KeptValue(NamedTuple, Generic[ValueT]):
    """A kept value, and the digest and the number of characters of the text that it was made from."""

    digest: bytes
    characters: int
    value: ValueT


class TextMemo(Generic[ValueT]):
    """Values that are made from the texts of documents, by the path of the document.

    A value is made again only if the digest of the text has changed. If the texts of all kept values would exceed
    MAX_KEPT_CHARACTERS, a new value is not kept, and is made again each time.
    """

    def __init__(self, digest_of: DigestOf = unknown_digest) -> None:
        self._digest_of = digest_of
        self._kept: dict[str, _KeptValue[ValueT]] = {}
        self._kept_characters = 0

    def value(self, path: str, read: Callable[[str], str], make: Callable[[str], ValueT]) -> ValueT:
        """Return the value that `make` returns for the current text of a document.

        `read` returns the text of the document at a path.
        """
        digest = self._digest_of(path)
        kept_value = self._kept.get(path)
        if kept_value is not None and digest and kept_value.digest == digest:
            return kept_value.value
        if kept_value is not None:
            self._kept_characters -= self._kept.pop(path).characters
        text = read(path)
        value = make(text)
        if digest and self._kept_characters + len(text) <= MAX_KEPT_CHARACTERS:
            self._kept[path] = _KeptValue(digest, len(text), value)
            self._kept_characters += len(text)
        return value
