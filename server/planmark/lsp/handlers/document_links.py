"""`textDocument/documentLink`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.lsp.to_lsp import RequestContext
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.visible import visible_in_one_line

_LINK_TARGET = lazy_pattern(r"\]\([^()\n]*\)")
"""The target of a Markdown link, with its brackets."""


def handle(context: RequestContext, path: str, _params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    """Return a link for each name in a document that links to a document.

    If the editor has a Markdown server, omit names inside Markdown links, because that server provides those links.
    """
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
