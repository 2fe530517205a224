"""The detection of open documents without unsaved changes. Only the engine's thread uses this module.

LSP does not tell whether a document has unsaved changes. A text is saved if it equals the text of its file at the
moment when the document was opened, saved or loaded again. The text counts as saved only while the file stays the same.
"""

from __future__ import annotations

import hashlib

from planmark.workspace.index import Index
from planmark.workspace.overlays import NO_FILE_STAMP
from planmark.workspace.scan import Stamp, read_text, stamp_of


class SavedTexts:
    """The stamps and digests of the files of open documents, as they were read last."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._stamps_and_digests: dict[str, tuple[Stamp, bytes]] = {}

    def stamp_if_saved(self, path: str, text: str, *, is_saved: bool) -> Stamp | None:
        """Return the stamp of the file of an open document; None if the document has unsaved changes.

        `text` is the current text of the document. `is_saved` tells that the client has just saved the document. If a
        document was opened without a file, its stamp is NO_FILE_STAMP until the first change of its text. After this change,
        the document has unsaved changes.
        """
        digest = _digest(text)
        stamp_and_digest = self._stamps_and_digests.get(path)
        if not is_saved and stamp_and_digest is not None and stamp_and_digest[1] == digest:
            return stamp_and_digest[0]
        # The index may exclude the document now and include it later, so take the stamp from the disk.
        disk_stamp = stamp_of(self._index.root, path, self._index.root / path)
        stamp = disk_stamp if isinstance(disk_stamp, Stamp) else NO_FILE_STAMP
        if is_saved:
            # The file may have changed since the client loaded the document, and the client may not know that.
            is_on_disk = self._digest_on_disk(path, text) == digest
            self._stamps_and_digests[path] = stamp if is_on_disk else NO_FILE_STAMP, digest
        elif stamp_and_digest is None or stamp not in (NO_FILE_STAMP, stamp_and_digest[0]):
            self._stamps_and_digests[path] = self._stamp_and_digest_when_loaded(
                path, text, stamp, is_new=stamp_and_digest is None
            )
        return self._stamps_and_digests[path][0] if self._stamps_and_digests[path][1] == digest else None

    def forget(self, path: str) -> None:
        """Forget a document that was closed."""
        self._stamps_and_digests.pop(path, None)

    def _stamp_and_digest_when_loaded(self, path: str, text: str, stamp: Stamp, *, is_new: bool) -> tuple[Stamp, bytes]:
        """Return the stamp and the digest of the file that the editor has loaded.

        `is_new` tells whether the document has just been opened. Then its text may be older than the file, because the
        file may change before the message about the document arrives. A document without a file may be the tab of a
        deleted file, so its text counts as saved.
        """
        if stamp == NO_FILE_STAMP:
            return NO_FILE_STAMP, _digest(text)
        read_stamp, digest = self._index.entries.stamp_when_read(path, text), self._digest_on_disk(path, text)
        return (read_stamp, _digest(text)) if is_new and read_stamp and digest != _digest(text) else (stamp, digest)

    def _digest_on_disk(self, path: str, text: str) -> bytes:
        """Return the digest of the text on disk of a file that the client shows with the text `text`.

        Editors and `read_text` decode a file that is not UTF-8 in different ways. For such a file, the client's text
        counts as the text of the file.
        """
        disk_text, problem = read_text(self._index.root, path, self._index.settings)
        return _digest(text if disk_text is None or (problem and problem.code == "encoding") else disk_text)


def _digest(text: str) -> bytes:
    """Return the digest of the lines of a text without line ends, because editors may change line ends on load."""
    lines = "\n".join(text.removeprefix("\ufeff").splitlines())
    return hashlib.blake2b(lines.encode("utf-8", "surrogatepass"), digest_size=16).digest()
