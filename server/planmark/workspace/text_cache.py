"""The texts of the documents that were requested last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from planmark.workspace.scan import Stamp, read_text
from planmark.workspace.settings import Settings

MAX_CACHED_TEXTS, MAX_TEXT_CHARACTERS = 64, 500_000
"""Maximum number of cached texts, and maximum number of characters per cached text."""


class TextCache:
    """The stamps and texts of the files that were requested last, by path."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[Stamp | None, str]] = {}

    def reader(
        self, root: Path, settings: Settings, overlay: Mapping[str, str], stamps: Mapping[str, Stamp]
    ) -> Callable[[str], str]:
        """Return a function from a path to the current text of a document; "" if the document is unreadable.

        `overlay` are the texts of open documents by path, which take precedence over files. `stamps` are the current
        stamps of all files.
        """
        overlay_texts, cached_texts = dict(overlay), self._texts

        def text(path: str) -> str:
            if (open_text := overlay_texts.get(path)) is not None:
                return open_text
            stamp, cached_text = stamps.get(path), cached_texts.pop(path, None)
            if cached_text is None or stamp is None or cached_text[0] != stamp:
                cached_text = stamp, read_text(root, path, settings)[0] or ""
            if stamp is not None:
                self.put(path, stamp, cached_text[1])
            return cached_text[1]

        return text

    def put(self, path: str, stamp: Stamp, text: str) -> None:
        """Cache the text of a file with the stamp of the file.

        A text with more than MAX_TEXT_CHARACTERS is not cached.
        """
        self._texts.pop(path, None)
        if len(text) <= MAX_TEXT_CHARACTERS:
            self._texts[path] = stamp, text
            if len(self._texts) > MAX_CACHED_TEXTS:
                del self._texts[next(iter(self._texts))]
