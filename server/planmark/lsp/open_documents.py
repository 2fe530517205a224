"""The folders and documents that the client has open. Only the event loop uses this module."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from lsprotocol import types

from planmark.lsp.folder_session import FolderSession
from planmark.lsp.uris import ancestor_uri, folder_uri, relative_path, to_path
from planmark.storage.paths import WorkspaceError
from planmark.text.edits import Edit, apply_in_order
from planmark.text.encodings import Encoding
from planmark.text.lines import TextPosition
from planmark.workspace.scan import find_root, is_document

ServeFolder = Callable[[str, Path, dict[str, Any]], FolderSession]
"""The function that begins to serve a folder, given its URI, its path and the client's settings for it.

Raises WorkspaceError or OSError if the folder cannot be read.
"""
MAX_CACHED_URIS = 20_000
"""Maximum number of URIs whose paths are cached, because events of file watchers may name any number of URIs."""

logger = logging.getLogger(__name__)


class FilePath(NamedTuple):
    """A relative path inside a folder that is served."""

    folder: FolderSession
    path: str


@dataclass
class OpenDocument:
    """An open document. `file` is its place in a served folder; None if Planmark does not read the document."""

    uri: str
    version: int
    text: str
    file: FilePath | None


class ClientWorkspace:
    """The folders and documents of one client."""

    def __init__(self, encoding: Encoding, roots: Sequence[str], new_folder: ServeFolder) -> None:
        """Create the workspace of a client.

        `encoding` is the encoding in whose units the client counts columns. `roots` are the URIs of the folders that
        the client has open at the start.
        """
        self._encoding = encoding
        self._new_folder = new_folder
        self.roots = list(dict.fromkeys(roots))
        """URIs of the folders that the client has open. Of nested folders, the server serves the outermost folder."""
        self.folders: dict[str, FolderSession] = {}
        """Mapping from the URI of a served folder to its session, in the order of addition."""
        self.sessions_innermost_first: list[FolderSession] = []
        self.refusal_reasons: dict[str, str] = {}
        """Mapping from the URI of a folder that is not served to the reason."""
        self.documents: dict[str, OpenDocument] = {}
        """Mapping from the URI of an open document to the document."""
        self._files_by_uri: dict[str, FilePath | None] = {}

    def add_folder(self, uri: str, settings: dict[str, Any]) -> FolderSession | None:
        """Serve a folder and return its session.

        Return None if the folder is already served or cannot be served. If it cannot be served, `refusal_reasons` has
        the reason.
        """
        if uri in self.folders:
            return None
        path = to_path(uri)
        if path is None:
            self.refusal_reasons[uri] = f"{uri} is not a folder on this machine: Planmark does not read it"
            return None
        try:
            folder = self._new_folder(uri, path, settings)
        except (WorkspaceError, OSError) as error:
            self.refusal_reasons[uri] = str(error)
            logger.warning("%s", error)
            return None
        self.refusal_reasons.pop(uri, None)
        self.folders[uri] = folder
        self._locate_open_documents()
        return folder

    def folders_by_depth(self) -> list[str]:
        """Return the URIs of the client's folders, each folder after the folders that contain it."""
        return sorted(self.roots, key=lambda uri: len(path.parts) if (path := _resolve_folder(uri)) else 0)

    def is_served_elsewhere(self, uri: str) -> bool:
        """Tell whether the session of a different root serves the folder `uri`, or a folder that contains it."""
        path = _resolve_folder(uri)
        other_folders = [folder for folder in self.folders.values() if folder.uri != uri and folder.uri in self.roots]
        return path is not None and any(path.is_relative_to(folder.root) for folder in other_folders)

    def remove_folder(self, uri: str) -> FolderSession | None:
        """Stop serving a folder and return its session; None if the folder was not served."""
        self.refusal_reasons.pop(uri, None)
        folder = self.folders.pop(uri, None)
        if folder is None:
            return None
        folder.close()
        self._locate_open_documents()
        return folder

    def locate(self, uri: str) -> FilePath | None:
        """Return the served folder that contains a URI, and the relative path in it; None without such a folder.

        Of nested folders, return the innermost folder.
        """
        if uri not in self._files_by_uri:
            if len(self._files_by_uri) >= MAX_CACHED_URIS:
                self._files_by_uri.clear()
            self._files_by_uri[uri] = locate_in_folders(self.sessions_innermost_first, uri)
        return self._files_by_uri[uri]

    def open(self, item: types.TextDocumentItem, settings: dict[str, Any]) -> tuple[OpenDocument, FolderSession | None]:
        """Add a document that the client has opened.

        If no served folder contains the document, serve its workspace with `settings`. Return a tuple: the document,
        and the session of the new workspace, or None.
        """
        new_session = None
        if self.locate(item.uri) is None:
            new_session = self._serve_workspace_of(item.uri, settings)
        document = OpenDocument(item.uri, item.version, item.text, self._locate_document(item.uri))
        self.documents[item.uri] = document
        return document, new_session

    def change(
        self, identifier: types.VersionedTextDocumentIdentifier, changes: Sequence[types.TextDocumentContentChangeEvent]
    ) -> OpenDocument | None:
        """Apply edits to an open document and return the document.

        `identifier` has the URI of the document and its version after the edits. Returns None if the document is not
        open, or is newer than the edits.
        """
        document = self.documents.get(identifier.uri)
        if document is None:
            logger.warning("ignoring an edit of a document that is not open: %s", identifier.uri)
            return None
        if identifier.version < document.version:
            logger.warning(
                "ignoring an edit to version %d: %s is already at version %d",
                identifier.version,
                document.uri,
                document.version,
            )
            return None
        document.text = apply_in_order(document.text, [_edit_of_change(change) for change in changes], self._encoding)
        document.version = identifier.version
        return document

    def close(self, uri: str) -> OpenDocument | None:
        """Remove and return a document that the client has closed; None if the document was not open."""
        document = self.documents.pop(uri, None)
        if document is None:
            logger.warning("ignoring the closing of a document that is not open: %s", uri)
        return document

    def must_be_served(self, folder: FolderSession) -> bool:
        """Tell whether the client has the folder itself open, or a document in the folder."""
        return folder.uri in self.roots or any(
            document.file is not None and document.file.folder is folder for document in self.documents.values()
        )

    def _locate_document(self, uri: str) -> FilePath | None:
        file = self.locate(uri)
        return file if file and is_document(file.path) else None

    def _serve_workspace_of(self, uri: str, settings: dict[str, Any]) -> FolderSession | None:
        """Serve the workspace that contains the document `uri`, and return the session of the workspace.

        Return None if no workspace contains the document, or if the workspace cannot be served.
        """
        path = to_path(uri)
        if path is None or not is_document(path.as_posix().lstrip("/")):
            return None
        try:
            root = find_root(path.parent)
            levels = len(path.resolve().relative_to(root).parts)
        except (WorkspaceError, OSError, ValueError) as error:
            logger.info("no workspace around %s: %s", uri, error)
            return None
        return self.add_folder(ancestor_uri(uri, levels), settings)

    def _locate_open_documents(self) -> None:
        """Locate the open documents again, after folders were added or removed."""
        self.sessions_innermost_first = sorted(self.folders.values(), key=lambda folder: -len(str(folder.root)))
        self._files_by_uri.clear()
        for document in self.documents.values():
            document.file = self._locate_document(document.uri)


def _resolve_folder(uri: str) -> Path | None:
    """Return the path of a folder, with symbolic links resolved; None if the folder is not on this machine."""
    try:
        path = to_path(uri)
        return path.resolve() if path else None
    except (OSError, RuntimeError, ValueError):
        return None


def locate_in_folders(folders: Sequence[FolderSession], uri: str) -> FilePath | None:
    """Return the first of `folders` that contains `uri`, and the path in that folder; None if no folder contains it.

    The URIs are compared as text. If no folder matches, the paths are compared with symbolic links resolved.
    """
    for folder in folders:
        if path := relative_path(folder.uri, uri) or relative_path(folder_uri(folder.root), uri):
            return FilePath(folder, path)
    path_of_uri = to_path(uri)
    if path_of_uri is None:
        return None
    try:
        resolved_path = path_of_uri.resolve()
    except (OSError, RuntimeError):
        return None
    for folder in folders:
        if resolved_path != folder.root and resolved_path.is_relative_to(folder.root):
            return FilePath(folder, resolved_path.relative_to(folder.root).as_posix())
    return None


def _edit_of_change(change: types.TextDocumentContentChangeEvent) -> Edit:
    if isinstance(change, types.TextDocumentContentChangePartial):
        start, end = change.range.start, change.range.end
        return Edit((TextPosition(start.line, start.character), TextPosition(end.line, end.character)), change.text)
    return Edit(None, change.text)
