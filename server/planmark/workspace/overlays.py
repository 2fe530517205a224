"""The texts of documents that are open in editors, and the selection of texts that count in place of their files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from planmark.markdown.parsed_source import Source
from planmark.workspace.scan import Stamp, is_listed, stamp_of
from planmark.workspace.settings import Settings

NO_FILE_STAMP = Stamp(0, -1)
"""The stamp of an open document that has no file and no unsaved changes. No file has this stamp."""


class OverlayText(NamedTuple):
    """The text of an open document.

    `saved_stamp` is the stamp of the file with this text, None if the text has unsaved changes.
    """

    text: str
    saved_stamp: Stamp | None


class Overlays:
    """The open documents of one workspace, by relative path."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self.settings = settings
        """The settings that decide which files are read."""
        self.counted_texts: dict[str, str] = {}
        """Mapping from the path of an open document to its text, if the text counts instead of the file."""
        self.sources: dict[str, Source] = {}
        """Mapping from a path to the sections of the last text. After an edit, most sections are reused."""
        self.edited_paths: set[str] = set()
        """Paths of open documents whose current text was not parsed yet."""
        self._root = root
        self._open_texts: dict[str, OverlayText] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all open documents."""
        return tuple(self._open_texts)

    def hold(self, path: str, text: str, stamp: Stamp | None) -> bool:
        """Store the text of an open document.

        `stamp` is the stamp of the file with this text, None if the text has unsaved changes. Return True if the
        earlier text of the document counted in place of its file, and the new text counts, too.
        """
        self._open_texts[path] = OverlayText(text, stamp)
        return path in self.counted_texts and (stamp is None or stamp == self._stamp(path))

    def edit(self, path: str, text: str) -> None:
        """Replace the text of a document whose text counts, and mark it as not parsed yet."""
        if self.counted_texts[path] != text:
            self.counted_texts[path] = text
            self.edited_paths.add(path)

    def drop(self, path: str) -> None:
        """Forget a document that is no longer open."""
        self._open_texts.pop(path, None)
        self.counted_texts.pop(path, None)
        self.sources.pop(path, None)

    def text(self, path: str) -> str | None:
        """Return the text of a document in the editor; None if the document is not open.

        The text is also returned if it does not count in place of the file.
        """
        return open_text.text if (open_text := self._open_texts.get(path)) else None

    def apply(self, path: str) -> bool:
        """Decide whether the editor's text of a document counts. Return whether the text that counts has changed.

        The editor's text of an ignored file does not count. A text without unsaved changes counts only while the file
        is unchanged since the editor loaded or saved it. Otherwise another program has changed or deleted the file, and
        the editor may not have noticed.
        """
        open_text = self._open_texts.get(path)
        if open_text is None:
            return False
        is_counted = is_listed(self._root, path, self.settings) and (
            open_text.saved_stamp is None or open_text.saved_stamp == self._stamp(path)
        )
        if self.counted_texts.get(path) == (open_text.text if is_counted else None):
            return False
        if is_counted:
            self.counted_texts[path] = open_text.text
        else:
            del self.counted_texts[path]
            self.sources.pop(path, None)
        return True

    def _stamp(self, path: str) -> Stamp | None:
        """Return the current stamp of a file; None if the file cannot be read."""
        result = stamp_of(self._root, path, self._root / path)
        return result if isinstance(result, Stamp) else None
