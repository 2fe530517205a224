"""`textDocument/hover`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.hover import hover
from planmark.lsp.to_lsp import RequestContext


def handle(context: RequestContext, path: str, params: types.HoverParams) -> types.Hover | None:
    """Return state, evidence and next step of the thing under the cursor."""
    page = context.page(path)
    found = hover(page, *context.place(page, params.position), context.link, context.folder.cost)
    if found is None:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, found.markdown)
    return types.Hover(content, context.range(page, found.span))
