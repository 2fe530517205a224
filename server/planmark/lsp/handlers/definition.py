"""`textDocument/definition`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.lsp.to_lsp import RequestContext


def handle(context: RequestContext, path: str, params: types.DefinitionParams) -> types.Location | None:
    """Return the definition of the name under the cursor."""
    document = context.document(path)
    line_and_column = context.line_and_column(document, params.position)
    location = editor_of(document).definition(document, *line_and_column)
    return context.location(*location) if location else None
