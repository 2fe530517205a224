"""The detection of open documents without unsaved changes. Only the engine's thread uses this module.

LSP does not tell whether a document has unsaved changes. A text is saved if it equals the text of its file when the
document was opened or saved, or when an editor loaded the file again.
"""

from __future__ import annotations

import hashlib

from planmark.workspace.index import Index
from planmark.workspace.scan import Stamp, read_text, stamp_of


class SavedTexts:
    """Relative path of an open document → the last known stamp and digest of its file."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._saved: dict[str, tuple[Stamp | None, bytes]] = {}

    def is_saved(self, path: str, text: str, *, by_client: bool) -> bool:
        """Tell whether the text of an open document has no unsaved changes.

        `by_client` tells that the client has just saved the document. Without a file, only an empty document has no
        unsaved changes.
        """
        digest = _digest(text)
        saved = self._saved.get(path)
        if not by_client and saved is not None and saved[1] == digest:
            return True
        # Settings and ignore files may exclude the document today, and no longer tomorrow.
        found = stamp_of(self._index.root, path, self._index.root / path)
        stamp = found if isinstance(found, Stamp) else None
        if by_client:
            self._saved[path] = stamp, digest
        elif saved is None or (stamp is not None and stamp != saved[0]):
            self._saved[path] = stamp, self._on_disk(path, text, stamp)
        return self._saved[path][1] == digest

    def forget(self, path: str) -> None:
        """Forget a document that was closed."""
        self._saved.pop(path, None)

    def _on_disk(self, path: str, text: str, stamp: Stamp | None) -> bytes:
        """Return the digest of the file's text; without a file, the digest of the last known text, or of an empty text.

        Editors and `read_text` decode a file that is not UTF-8 in different ways. For such a file, the client's text
        counts as the text of the file.
        """
        if stamp is None:
            return _digest(text if self._index.entries.has_text(path, text) else "")
        read, problem = read_text(self._index.root, path, self._index.settings)
        return _digest(text if read is None or (problem and problem.code == "encoding") else read)


def _digest(text: str) -> bytes:
    """Return the digest of the lines of a text without line ends, because editors may change line ends on load."""
    lines = "\n".join(text.removeprefix("\ufeff").splitlines())
    return hashlib.blake2b(lines.encode("utf-8", "surrogatepass"), digest_size=16).digest()
