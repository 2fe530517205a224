"""Documents with tasks of three formats, and a tick in a workspace as it is on the disk."""

from __future__ import annotations

from pathlib import Path

from planmark.queries.ticks import site_to_tick, tick
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

OPENSPEC = "openspec/changes/add-cart/tasks.md"
KIRO = ".kiro/specs/cart/tasks.md"
SPECKIT = "specs/001-cart/tasks.md"


def view_of(root: Path) -> View:
    """Return a view of a workspace as it is on the disk."""
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def ticked(root: Path, path: str, *refs: str, undo: bool = False) -> str:
    """Return the text of a document after a tick, which is not written."""
    view = view_of(root)
    plan = view.any_plan_of(path)
    assert plan
    return tick(view, site_to_tick(plan), refs, undo=undo).texts.get(path, ("", view.text(path)))[1]
