"""The texts of documents that are open in editors, and the selection of texts that count in place of their files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from planmark.markdown.parsed_source import Source
from planmark.workspace.scan import Stamp, is_listed, stamp_of
from planmark.workspace.settings import Settings

NO_FILE = Stamp(0, -1)
"""The stamp of a document without unsaved changes that has no file; no file has this stamp."""


class OverlayText(NamedTuple):
    """The text of an open document. `saved` is the stamp of the file with this text; None with unsaved changes."""

    text: str
    saved: Stamp | None


class Overlays:
    """The open documents of one workspace, by relative path."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self.settings = settings
        """The settings that decide which files are read."""
        self.counted_texts: dict[str, str] = {}
        """Path → the text that counts instead of the file."""
        self.sources: dict[str, Source] = {}
        """Path → the sections of the last text. After an edit, most sections are reused."""
        self.edited: set[str] = set()
        """Paths of open documents whose current text was not parsed yet."""
        self._root = root
        self._held: dict[str, OverlayText] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all open documents."""
        return tuple(self._held)

    def hold(self, path: str, text: str, stamp: Stamp | None) -> bool:
        """Store the text of an open document.

        Return whether both the earlier text and the new text of the document count.
        """
        self._held[path] = OverlayText(text, stamp)
        return path in self.counted_texts and (stamp is None or stamp == self._stamp(path))

    def edit(self, path: str, text: str) -> None:
        """Replace the text of a document whose text counts."""
        if self.counted_texts[path] != text:
            self.counted_texts[path] = text
            self.edited.add(path)

    def drop(self, path: str) -> None:
        """Forget a document that is no longer open."""
        self._held.pop(path, None)
        self.counted_texts.pop(path, None)
        self.sources.pop(path, None)

    def text(self, path: str) -> str | None:
        """Return the text of an open document, whether or not it counts; None for a document that is not open."""
        return held_text.text if (held_text := self._held.get(path)) else None

    def apply(self, path: str) -> bool:
        """Decide whether the editor's text of a document counts. Return whether the text that counts has changed.

        The editor's text of an ignored file is not used. A text without unsaved changes counts only while its file is the
        one that the editor loaded or saved: the file is the evidence, and an editor may miss that it changed or went.
        """
        held_text = self._held.get(path)
        if held_text is None:
            return False
        counts = is_listed(self._root, path, self.settings) and (
            held_text.saved is None or held_text.saved == self._stamp(path)
        )
        if self.counted_texts.get(path) == (held_text.text if counts else None):
            return False
        if counts:
            self.counted_texts[path] = held_text.text
        else:
            del self.counted_texts[path]
            self.sources.pop(path, None)
        return True

    def _stamp(self, path: str) -> Stamp | None:
        result = stamp_of(self._root, path, self._root / path)
        return result if isinstance(result, Stamp) else None
