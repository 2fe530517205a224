"""`textDocument/references`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.lsp.to_lsp import RequestContext


def handle(context: RequestContext, path: str, params: types.ReferenceParams) -> list[types.Location]:
    """Return every place with a reference to the name under the cursor."""
    document = context.document(path)
    line_and_column = context.line_and_column(document, params.position)
    include_declaration = params.context.include_declaration
    locations = editor_of(document).references(document, *line_and_column, include_declaration)
    return [context.location(*location) for location in locations]
