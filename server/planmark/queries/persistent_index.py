"""Indexes with a store: they load parsed facts from the store and save new facts, so that the next process parses less."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planmark.plans.document import Document
from planmark.queries.workspace_view import View
from planmark.workspace.index import Index
from planmark.workspace.store import StoreRow, open_store


def open_index(root: Path, overrides: Mapping[str, object] | None = None, *, needs_diagnostics: bool = True) -> Index:
    """Return an index of the workspace `root` with a store.

    If `needs_diagnostics`, the workers of the index also compute diagnostics of each document. `overrides` maps the
    name of a setting to a value that takes precedence over the settings of the workspace. Raises WorkspaceError as
    `Index` does.
    """
    if not needs_diagnostics:
        return Index(root, overrides, None, open_store)
    from planmark.diagnostics.document_diagnostics import check_and_pack
    from planmark.diagnostics.rules import methodology

    methodology()  # Forked workers inherit the imported rules, so that no worker imports the rules again.
    return Index(root, overrides, check_and_pack, open_store)


def unsaved_rows(index: Index, view: View, limit: int | None = None) -> dict[str, StoreRow | None]:
    """Return a mapping from the path of a document to its unsaved row for the store; None for a deleted document.

    A row has the facts and the diagnostics of the document. The mapping has at most `limit` documents, or all documents
    if `limit` is None.
    """
    checked_workspace = view.latest_check
    if checked_workspace is None:
        return index.entries.collect_unsaved(lambda _: b"", limit)
    from planmark.diagnostics.document_diagnostics import pack

    def packed_diagnostics(document: Document) -> bytes:
        checked_document = checked_workspace.documents.get(document.path)
        return (
            pack(checked_document.document_diagnostics)
            if checked_document and checked_document.document is document
            else b""
        )

    return index.entries.collect_unsaved(packed_diagnostics, limit)


def save(index: Index, view: View) -> None:
    """Save new facts and diagnostics in the store of an index, for the next process."""
    if view.latest_check is not None:
        index.entries.mark_unsaved(view.latest_check.documents)
    if index.entries.store is not None and (changes := unsaved_rows(index, view)):
        index.entries.store.save(changes)
