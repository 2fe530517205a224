"""`textDocument/definition`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide import items, navigation
from planmark.lsp.to_lsp import RequestContext


def handle(context: RequestContext, path: str, params: types.DefinitionParams) -> types.Location | None:
    """Return the definition of the thing under the cursor."""
    page = context.page(path)
    place = context.line_and_column(page, params.position)
    found = items.definition(page, page.site, *place) if page.site else navigation.definition(page, *place)
    return context.location(*found) if found else None
