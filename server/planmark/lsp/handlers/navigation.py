"""Definition, references, document links, and symbols of a document or workspace."""

from __future__ import annotations

import re

from lsprotocol import types

from planmark.ide import navigation, symbols
from planmark.ide.symbols import Symbol, SymbolKind
from planmark.lsp.to_lsp import Context
from planmark.text.visible import in_line

KINDS: dict[SymbolKind, types.SymbolKind] = {
    "achievement": types.SymbolKind.Event,
    "document": types.SymbolKind.File,
    "heading": types.SymbolKind.String,
}
_LINK_TARGET = re.compile(r"\]\([^()\n]*\)")


def definition(context: Context, path: str, params: types.DefinitionParams) -> types.Location | None:
    """Return the definition of the thing under the cursor."""
    page = context.page(path)
    found = navigation.definition(page, *context.place(page, params.position))
    return context.location(*found) if found else None


def references(context: Context, path: str, params: types.ReferenceParams) -> list[types.Location]:
    """Return every place that names the thing under the cursor."""
    page = context.page(path)
    place = context.place(page, params.position)
    found = navigation.references(page, *place, declaration=params.context.include_declaration)
    return [context.location(*location) for location in found]


def links(context: Context, path: str, _params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    """Return the document names in a text. If the editor has a Markdown server, leave out those in Markdown links."""
    page = context.page(path)
    found = []
    for link in navigation.links(page):
        line = page.line(link.span.line)
        in_link = any(m.start() <= link.span.start < m.end() for m in _LINK_TARGET.finditer(line))
        if not (in_link and context.client.has_markdown):
            target = context.link(link.path, link.line)
            found.append(types.DocumentLink(context.range(page, link.span), target, tooltip=in_line(link.path)))
    return found


def document_symbols(
    context: Context, path: str, _params: types.DocumentSymbolParams
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    """Return the outline. If the editor already has an outline of the headings, return only the achievements."""
    page = context.page(path)
    outline = symbols.outline(page, headings=not context.client.has_markdown)
    if context.client.nests_symbols:
        return [_nested(context, path, symbol) for symbol in outline]
    return _flat(context, path, outline, "")


def workspace_symbols(context: Context, params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
    """Return the achievements and documents that match, best first."""
    return [
        types.SymbolInformation(
            context.location(found.path, found.span),
            in_line(found.name),
            KINDS[found.kind],
            container_name=in_line(found.container),
        )
        for found in symbols.search(context.view, params.query)
    ]


def _nested(context: Context, path: str, symbol: Symbol) -> types.DocumentSymbol:
    page = context.page(path)
    whole = context.lines(page, symbol.start, symbol.end)
    selection = context.range(page, symbol.span)
    inside = [_nested(context, path, child) for child in symbol.children]
    kind = KINDS[symbol.kind]
    return types.DocumentSymbol(
        in_line(symbol.name), kind, whole, selection, detail=symbol.detail or None, children=inside
    )


def _flat(context: Context, path: str, outline: list[Symbol], container: str) -> list[types.SymbolInformation]:
    found = []
    for symbol in outline:
        where = types.Location(context.uri(path), context.lines(context.page(path), symbol.start, symbol.end))
        name = in_line(f"{symbol.name} ({symbol.detail})" if symbol.detail else symbol.name)
        found.append(types.SymbolInformation(where, name, KINDS[symbol.kind], container_name=container or None))
        found += _flat(context, path, symbol.children, in_line(symbol.name))
    return found
