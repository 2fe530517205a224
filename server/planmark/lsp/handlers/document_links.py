"""`textDocument/documentLink`."""

from __future__ import annotations

import re

from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.lsp.to_lsp import RequestContext
from planmark.text.visible import visible_in_one_line

_LINK_TARGET = re.compile(r"\]\([^()\n]*\)")


def handle(context: RequestContext, path: str, _params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    """Return links for the document names in a text. If the editor has a Markdown server, omit names in Markdown links."""
    document = context.document(path)
    links = []
    for link in editor_of(document).links(document):
        line = document.line(link.span.line)
        is_in_link = any(m.start() <= link.span.start < m.end() for m in _LINK_TARGET.finditer(line))
        if not (is_in_link and context.client.has_markdown_server):
            target = context.link(link.path, link.line)
            links.append(
                types.DocumentLink(context.range(document, link.span), target, tooltip=visible_in_one_line(link.path))
            )
    return links
