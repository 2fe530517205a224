"""Workspaces whose files need not be read by the next process, or by the next command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planmark.answers.view import View
from planmark.documents.document import Document
from planmark.workspace.index import Index
from planmark.workspace.store import Row, open_store


def kept_index(root: Path, overrides: Mapping[str, object] | None = None, *, examined: bool = True) -> Index:
    """An index that knows what was read before, and can tell the next one. With `examined`, findings will be asked for.

    Raises WorkspaceError as Index does.
    """
    if not examined:
        return Index(root, overrides, None, open_store)
    from planmark.checks.examined import examine_packed

    return Index(root, overrides, examine_packed, open_store)


def unsaved(index: Index, view: View, limit: int | None = None) -> dict[str, Row | None]:
    """What the store of an index does not know yet, with what was found in each document; at most `limit` of it."""
    checked = view.last_checked
    if checked is None:
        return index.unsaved(lambda _: b"", limit)
    from planmark.checks.examined import pack

    def examined(document: Document) -> bytes:
        known = checked.documents.get(document.path)
        return pack(known.examined) if known and known.document is document else b""

    return index.unsaved(examined, limit)


def keep(index: Index, view: View) -> None:
    """Keeps what was read, and what was found in it, for the next process."""
    if view.last_checked is not None:
        index.tell_again(view.last_checked.documents)
    if index.store is not None and (changes := unsaved(index, view)):
        index.store.save(changes)
