"""`textDocument/hover`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.lsp.to_lsp import RequestContext


def handle(context: RequestContext, path: str, params: types.HoverParams) -> types.Hover | None:
    """Return the state, evidence and next step of the name at the cursor.

    Before the end of the first scan, return the progress of the scan.
    """
    document = context.document(path)
    line_and_column = context.line_and_column(document, params.position)
    hover = editor_of(document).hover(document, *line_and_column, context.link, context.folder.cost)
    if hover is None:
        return None
    read_progress = context.folder.read_progress
    hover_text = (
        hover.markdown
        if context.folder.is_complete
        else f"Reading {read_progress.done} of {read_progress.of} documents…"
    )
    content = types.MarkupContent(types.MarkupKind.Markdown, hover_text)
    return types.Hover(content, context.range(document, hover.span))
