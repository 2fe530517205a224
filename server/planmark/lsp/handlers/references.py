"""`textDocument/references`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.lsp.to_lsp import RequestContext


def handle(context: RequestContext, path: str, params: types.ReferenceParams) -> list[types.Location]:
    """Return every place with a reference to the name under the cursor."""
    page = context.page(path)
    place = context.line_and_column(page, params.position)
    declaration = params.context.include_declaration
    locations = editor_of(page).references(page, *place, declaration)
    return [context.location(*location) for location in locations]
