"""A snapshot with the texts of its documents and the existence of files: the input of every answer."""

from __future__ import annotations

from typing import NamedTuple

from planmark.workspace.snapshot import Exists, ReadText, Snapshot


class WorkspaceReader(NamedTuple):
    """One state of a workspace.

    `text` returns the text of a document by its path, "" if the document is unreadable. `exists` tells whether a file
    exists.
    """

    snapshot: Snapshot
    text: ReadText
    exists: Exists
