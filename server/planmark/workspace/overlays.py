"""The texts of documents that are open in editors, and the selection of texts that count in place of their files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from planmark.markdown.parsed_source import Source
from planmark.workspace.scan import is_listed
from planmark.workspace.settings import Settings


class HeldText(NamedTuple):
    """The text of an open document; `saved` tells whether the text has no unsaved changes."""

    text: str
    saved: bool


class Overlays:
    """The open documents of one workspace, by relative path."""

    def __init__(self, root: Path) -> None:
        self.counting: dict[str, str] = {}
        """Path → the text that counts instead of the file."""
        self.sources: dict[str, Source] = {}
        """Path → the sections of the last text. After an edit, most sections are reused."""
        self.edited: set[str] = set()
        """Paths of open documents whose current text was not parsed yet."""
        self._root = root
        self._held: dict[str, HeldText] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all open documents."""
        return tuple(self._held)

    def hold(self, path: str, text: str, *, saved: bool) -> bool:
        """Store the text of an open document.

        Return whether both the earlier text and the new text of the document count.
        """
        self._held[path] = HeldText(text, saved)
        return path in self.counting and (not saved or self._exists(path))

    def edit(self, path: str, text: str) -> None:
        """Replace the text of a document whose text counts."""
        if self.counting[path] != text:
            self.counting[path] = text
            self.edited.add(path)

    def drop(self, path: str) -> None:
        """Forget a document that is no longer open."""
        self._held.pop(path, None)
        self.counting.pop(path, None)
        self.sources.pop(path, None)

    def apply(self, path: str, settings: Settings) -> bool:
        """Decide whether the editor's text of a document counts. Return whether the text that counts has changed.

        The text of an ignored file does not count. A saved text counts only while its file exists, because a deleted
        document is not evidence, even if its tab is still open.
        """
        held = self._held.get(path)
        if held is None:
            return False
        counts = is_listed(self._root, path, settings) and (not held.saved or self._exists(path))
        if self.counting.get(path) == (held.text if counts else None):
            return False
        if counts:
            self.counting[path] = held.text
        else:
            del self.counting[path]
            self.sources.pop(path, None)
        return True

    def _exists(self, path: str) -> bool:
        return os.path.lexists(self._root / path)
