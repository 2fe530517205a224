"""The folders and documents that the client has open. Used by the event loop alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from lsprotocol import types

from planmark.lsp.client import Client
from planmark.lsp.folder_worker import Folder
from planmark.lsp.to_lsp import DocumentVersion
from planmark.lsp.uris import above, inside, to_path, uri_of
from planmark.metrics.recorder import Recorder
from planmark.storage.paths import WorkspaceError
from planmark.text.edits import Edit, apply_in_order
from planmark.text.lines import TextPosition
from planmark.workspace.scan import find_root, is_document

MAX_PLACES = 20_000
"""Maximum of URIs whose places are cached, because events of watchers may name any number of them."""

logger = logging.getLogger(__name__)


class FilePath(NamedTuple):
    """A path inside a folder."""

    folder: Folder
    path: str


@dataclass
class OpenDocument:
    """An open document. `place` is set only for a document of a folder."""

    uri: str
    version: int
    text: str
    place: FilePath | None


class ClientWorkspace:
    """The folders and documents of one client."""

    def __init__(self, client: Client, roots: Sequence[str], recorder: Recorder) -> None:
        """`roots` are the URIs of the folders that the client opens with."""
        self.client = client
        self.roots = list(dict.fromkeys(roots))
        """URIs of the folders that the client has open. Of nested ones, the server serves the outermost."""
        self.folders: list[Folder] = []
        self.refused: dict[str, str] = {}
        """URI of a folder that is not served → the reason."""
        self.buffers: dict[str, OpenDocument] = {}
        self._recorder = recorder
        self._implicit: set[str] = set()
        self._places: dict[str, FilePath | None] = {}

    def add_folder(self, uri: str, settings: Mapping[str, Any]) -> Folder | None:
        """Serve a folder and return it; None if it is already served, or if `refused` has a reason against it."""
        if any(folder.uri == uri for folder in self.folders):
            return None
        path = to_path(uri)
        if path is None:
            self.refused[uri] = f"{uri} is not a folder on this machine: Planmark does not read it"
            return None
        try:
            folder = Folder(uri, path, settings, self._recorder)
        except (WorkspaceError, OSError) as error:
            self.refused[uri] = str(error)
            logger.warning("%s", error)
            return None
        self.refused.pop(uri, None)
        self.folders = sorted([*self.folders, folder], key=lambda known: -len(str(known.root)))
        self._moved()
        return folder

    def outermost_first(self) -> list[str]:
        """Return the client's folders, each after those that contain it."""
        return sorted(self.roots, key=lambda uri: len(path.parts) if (path := _resolved(uri)) else 0)

    def is_covered(self, uri: str) -> bool:
        """Tell whether a root is served as part of a different root, or as the same folder in a different spelling."""
        path = _resolved(uri)
        served = [folder for folder in self.folders if folder.uri != uri and folder.uri in self.roots]
        return path is not None and any(path.is_relative_to(folder.root) for folder in served)

    def remove_folder(self, uri: str) -> Folder | None:
        """Stop serving a folder; return it, or None if it was not served."""
        self.refused.pop(uri, None)
        gone = next((folder for folder in self.folders if folder.uri == uri), None)
        self.folders = [folder for folder in self.folders if folder is not gone]
        self._moved()
        return gone

    def locate(self, uri: str) -> FilePath | None:
        """Return the folder and the relative path of a URI: of nested folders, the innermost."""
        if uri not in self._places:
            if len(self._places) >= MAX_PLACES:
                self._places.clear()
            self._places[uri] = located(self.folders, uri)
        return self._places[uri]

    def open_in(self, folder: Folder) -> dict[str, DocumentVersion]:
        """Return the open documents of a folder by their relative paths."""
        return {
            buffer.place.path: DocumentVersion(buffer.uri, buffer.version)
            for buffer in self.buffers.values()
            if buffer.place and buffer.place.folder is folder
        }

    def opened(
        self, document: types.TextDocumentItem, settings: Mapping[str, Any]
    ) -> tuple[OpenDocument, Folder | None]:
        """Add a document that the client has opened.

        Return it, and the folder that is served only because of it, if any.
        """
        served = None
        if self.locate(document.uri) is None:
            served = self._serve_around(document.uri, settings)
        buffer = OpenDocument(document.uri, document.version, document.text, self._document_at(document.uri))
        self.buffers[document.uri] = buffer
        return buffer, served

    def changed(
        self, identifier: types.VersionedTextDocumentIdentifier, changes: Sequence[types.TextDocumentContentChangeEvent]
    ) -> OpenDocument | None:
        """Apply edits to an open document and return it.

        Returns None if the document is not open, or is newer than the edits.
        """
        buffer = self.buffers.get(identifier.uri)
        if buffer is None:
            logger.warning("ignoring an edit of a document that is not open: %s", identifier.uri)
            return None
        if identifier.version < buffer.version:
            logger.warning(
                "ignoring an edit to version %d: %s is already at version %d",
                identifier.version,
                buffer.uri,
                buffer.version,
            )
            return None
        buffer.text = apply_in_order(buffer.text, [_edit(change) for change in changes], self.client.encoding)
        buffer.version = identifier.version
        return buffer

    def closed(self, uri: str) -> tuple[OpenDocument | None, Folder | None]:
        """Remove a document that the client has closed.

        Return it, and the folder that is no longer served because of that, if any.
        """
        buffer = self.buffers.pop(uri, None)
        if buffer is None:
            logger.warning("ignoring the closing of a document that is not open: %s", uri)
            return None, None
        folder = buffer.place.folder if buffer.place else None
        if folder is None or folder.uri not in self._implicit or self.open_in(folder):
            return buffer, None
        self._implicit.discard(folder.uri)
        return buffer, self.remove_folder(folder.uri)

    def _document_at(self, uri: str) -> FilePath | None:
        place = self.locate(uri)
        return place if place and is_document(place.path) else None

    def _serve_around(self, uri: str, settings: Mapping[str, Any]) -> Folder | None:
        """Serve the workspace around a single document that was opened without a folder."""
        path = to_path(uri)
        if path is None or not is_document(path.as_posix().lstrip("/")):
            return None
        try:
            root = find_root(path.parent)
            levels = len(path.resolve().relative_to(root).parts)
        except (WorkspaceError, OSError, ValueError) as error:
            logger.info("no workspace around %s: %s", uri, error)
            return None
        folder = self.add_folder(above(uri, levels), settings)
        if folder is not None:
            self._implicit.add(folder.uri)
        return folder

    def _moved(self) -> None:
        """Locate the open documents again, after folders were added or removed."""
        self._places.clear()
        for buffer in self.buffers.values():
            buffer.place = self._document_at(buffer.uri)


def _resolved(uri: str) -> Path | None:
    """Return the folder of a URI without symbolic links; None if it is not on this machine."""
    try:
        path = to_path(uri)
        return path.resolve() if path else None
    except (OSError, RuntimeError, ValueError):
        return None


def located(folders: Sequence[Folder], uri: str) -> FilePath | None:
    """Return the first of `folders` that contains a URI, and the path inside: by spelling, else by resolved path."""
    for folder in folders:
        if path := inside(folder.uri, uri) or inside(uri_of(folder.root), uri):
            return FilePath(folder, path)
    path_of_uri = to_path(uri)
    if path_of_uri is None:
        return None
    try:
        resolved = path_of_uri.resolve()
    except (OSError, RuntimeError):
        return None
    for folder in folders:
        if resolved != folder.root and resolved.is_relative_to(folder.root):
            return FilePath(folder, resolved.relative_to(folder.root).as_posix())
    return None


def _edit(change: types.TextDocumentContentChangeEvent) -> Edit:
    if isinstance(change, types.TextDocumentContentChangePartial):
        start, end = change.range.start, change.range.end
        return Edit((TextPosition(start.line, start.character), TextPosition(end.line, end.character)), change.text)
    return Edit(None, change.text)
