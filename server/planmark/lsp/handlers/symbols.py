"""`textDocument/documentSymbol` and `workspace/symbol`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide import items, symbols
from planmark.ide.editor import editor_of
from planmark.ide.features import Symbol, SymbolKind
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext
from planmark.text.visible import visible_in_one_line

LSP_SYMBOL_KINDS: dict[SymbolKind, types.SymbolKind] = {
    "achievement": types.SymbolKind.Event,
    "document": types.SymbolKind.File,
    "heading": types.SymbolKind.String,
}
"""Mapping from the kind of a symbol to its kind in LSP."""


def handle_document(
    context: RequestContext, path: str, _params: types.DocumentSymbolParams
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    """Return the outline of a document. If the editor shows the headings itself, return only the achievements."""
    document = context.document(path)
    outline = editor_of(document).outline(document, not context.client.has_markdown_server)
    if context.client.nests_symbols:
        return [_nested_symbol(context, path, symbol) for symbol in outline]
    return _flat_symbols(context, path, outline, "")


async def handle_workspace(server: Server, params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
    """Return the matching achievements and documents of all folders; in each folder, the best match first."""
    await server.wait_ready()
    return await server.run_for_all(
        lambda contexts: [
            match
            for context in contexts
            if context.folder.is_complete
            for match in _matching_symbols(context, params.query)
        ]
    )


def _matching_symbols(context: RequestContext, query: str) -> list[types.SymbolInformation]:
    return [
        types.SymbolInformation(
            context.location(match.path, match.span),
            visible_in_one_line(match.name),
            LSP_SYMBOL_KINDS[match.kind],
            container_name=visible_in_one_line(match.container),
        )
        for match in symbols.search(context.view, query, items.symbols(context.view))
    ]


def _nested_symbol(context: RequestContext, path: str, symbol: Symbol) -> types.DocumentSymbol:
    document = context.document(path)
    full_range = context.lines(document, symbol.start, symbol.end)
    selection_range = context.range(document, symbol.span)
    children = [_nested_symbol(context, path, child) for child in symbol.children]
    kind = LSP_SYMBOL_KINDS[symbol.kind]
    return types.DocumentSymbol(
        visible_in_one_line(symbol.name),
        kind,
        full_range,
        selection_range,
        detail=symbol.detail or None,
        children=children,
    )


def _flat_symbols(
    context: RequestContext, path: str, outline: list[Symbol], container: str
) -> list[types.SymbolInformation]:
    flat_symbols = []
    for symbol in outline:
        location = types.Location(context.uri(path), context.lines(context.document(path), symbol.start, symbol.end))
        name = visible_in_one_line(f"{symbol.name} ({symbol.detail})" if symbol.detail else symbol.name)
        flat_symbols.append(
            types.SymbolInformation(location, name, LSP_SYMBOL_KINDS[symbol.kind], container_name=container or None)
        )
        flat_symbols += _flat_symbols(context, path, symbol.children, visible_in_one_line(symbol.name))
    return flat_symbols
