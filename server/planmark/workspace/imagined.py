"""The preview of a workspace after changes that are not yet written.

The preview parses the changed documents in memory and assigns all documents to plans.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from planmark.plans.document import Document
from planmark.plans.document_format import document_format
from planmark.workspace.file_entries import KINDS_IN_READ_ORDER, kind_of, parse_format_document
from planmark.workspace.ownership import new_ownership
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.settings import vocabulary_of
from planmark.workspace.snapshot import ReadText, Snapshot
from planmark.workspace.workspace_edits import Change, CreateFile, RenamePath, TextChange, changed_text


class WorkspacePreview(NamedTuple):
    """The preview of a workspace: `snapshot` is its snapshot after the changes.

    `text` returns the text of a document after the changes, by its new path. `old_paths` is a mapping from the new path
    of each moved file to its old path.
    """

    snapshot: Snapshot
    text: ReadText
    old_paths: dict[str, str]


def preview_changes(snapshot: Snapshot, text: ReadText, changes: Iterable[Change]) -> WorkspacePreview:
    """Return the preview of the workspace after `changes`. Raises ValueError if text changes overlap.

    `text` returns the present text of a document by its path.
    """
    changes = list(changes)
    texts = texts_after_changes(text, changes)
    old_path_by_path = {path: path for path in snapshot.paths}
    for change in changes:
        if isinstance(change, CreateFile):
            texts[change.path] = change.text
            old_path_by_path[change.path] = change.path
        elif isinstance(change, RenamePath):
            old_path_by_path = {_path_after_move(path, change): old_path for path, old_path in old_path_by_path.items()}

    def read(path: str) -> str:
        old_path = old_path_by_path.get(path, path)
        return texts[old_path] if old_path in texts else text(old_path)

    vocabulary, reader = vocabulary_of(snapshot.settings), document_format()

    def document(path: str, old_path: str) -> Document | None:
        if path == old_path and old_path not in texts:
            return snapshot.documents.get(path)
        if kind_of(path) not in KINDS_IN_READ_ORDER or old_path in snapshot.records:
            return None
        return reader.parse(path, read(path), vocabulary)

    documents_by_path = {
        path: parsed_document
        for path, old_path in old_path_by_path.items()
        if (parsed_document := document(path, old_path)) is not None
    }
    paths, documents = tuple(sorted(old_path_by_path)), PathMap(documents_by_path)
    ownership_result = new_ownership(snapshot.settings).update(
        documents_by_path,
        [path for path in paths if path not in snapshot.records],
        documents,
        lambda path: reader.plan_words(kind_of(path) or "", read(path)),
        lambda path: hashlib.blake2b(read(path).encode("utf-8", "surrogatepass"), digest_size=16).digest(),
    )
    names: dict[str, tuple[str, ...]] = {}
    for path in paths:
        name = path.rpartition("/")[2]
        names[name] = (*names.get(name, ()), path)
    new_records = {path: parse_format_document(path, text) for path, text in texts.items() if path in snapshot.records}
    new_snapshot = replace(
        snapshot,
        records=snapshot.records.changed(new_records) if new_records else snapshot.records,
        paths=paths,
        names=PathMap(names),
        documents=documents,
        table=ownership_result.table,
        plans=ownership_result.plans,
        owners=ownership_result.owners,
        orphans=ownership_result.orphans,
        strays=ownership_result.strays,
        misnamed=ownership_result.misnamed,
    )
    return WorkspacePreview(
        new_snapshot, read, {path: old_path for path, old_path in old_path_by_path.items() if path != old_path}
    )


def texts_after_changes(text: ReadText, changes: Iterable[Change]) -> dict[str, str]:
    """Return a mapping from the path of each document with text changes to its text after the changes.

    `text` returns the present text of a document. Raises ValueError if changes of one document overlap.
    """
    changes_by_path: dict[str, list[TextChange]] = {}
    for change in changes:
        if isinstance(change, TextChange):
            changes_by_path.setdefault(change.path, []).append(change)
    return {path: changed_text(text(path), document_changes) for path, document_changes in changes_by_path.items()}


def _path_after_move(path: str, change: RenamePath) -> str:
    """Return the path of a file after `change`, the move of a file or of a folder."""
    is_moved = path == change.old or path.startswith(f"{change.old}/")
    return change.new + path[len(change.old) :] if is_moved else path
