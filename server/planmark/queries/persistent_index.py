"""Indexes that load parsed facts from the store and save new facts there, so that the next process parses less."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planmark.plans.document import Document
from planmark.queries.workspace_view import View
from planmark.workspace.index import Index
from planmark.workspace.store import StoreRow, open_store


def open_index(root: Path, overrides: Mapping[str, object] | None = None, *, needs_diagnostics: bool = True) -> Index:
    """Return an index with a store. With `needs_diagnostics`, its workers also examine the documents.

    Raises WorkspaceError as Index does.
    """
    if not needs_diagnostics:
        return Index(root, overrides, None, open_store)
    from planmark.diagnostics.document_diagnostics import examine_packed
    from planmark.diagnostics.rules import methodology

    methodology()  # Forked workers inherit the imported rules, so that no worker imports the rules again.
    return Index(root, overrides, examine_packed, open_store)


def unsaved_rows(index: Index, view: View, limit: int | None = None) -> dict[str, StoreRow | None]:
    """Return unsaved facts for the store, with the diagnostics of each document; at most `limit` documents."""
    checked_workspace = view.last_checked
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
    """Save new facts and their diagnostics for the next process."""
    if view.last_checked is not None:
        index.entries.mark_unsaved(view.last_checked.documents)
    if index.entries.store is not None and (changes := unsaved_rows(index, view)):
        index.entries.store.save(changes)
