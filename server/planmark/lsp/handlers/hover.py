"""`textDocument/hover`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.lsp.to_lsp import RequestContext


def handle(context: RequestContext, path: str, params: types.HoverParams) -> types.Hover | None:
    """Return the state, evidence and next step of the name at the cursor.

    Before the first complete scan, return the progress.
    """
    page = context.page(path)
    place = context.line_and_column(page, params.position)
    hover = editor_of(page).hover(page, *place, context.link, context.folder.cost)
    if hover is None:
        return None
    reading = context.folder.reading
    statement = hover.markdown if context.folder.complete else f"Reading {reading.done} of {reading.of} documents…"
    content = types.MarkupContent(types.MarkupKind.Markdown, statement)
    return types.Hover(content, context.range(page, hover.span))
