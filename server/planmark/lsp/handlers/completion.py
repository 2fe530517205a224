"""`textDocument/completion`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.document import EditorDocument
from planmark.ide.editor import editor_of
from planmark.ide.features import MAX_ITEMS, Completion, ItemKind
from planmark.lsp.handlers.record_verdict import time_of_documents
from planmark.lsp.to_lsp import RequestContext
from planmark.text.visible import visible_in_one_line

KINDS: dict[ItemKind, types.CompletionItemKind] = {
    "achievement": types.CompletionItemKind.Event,
    "document": types.CompletionItemKind.File,
    "feature": types.CompletionItemKind.Module,
    "field": types.CompletionItemKind.Field,
    "status": types.CompletionItemKind.EnumMember,
    "section": types.CompletionItemKind.Snippet,
    "template": types.CompletionItemKind.Snippet,
}


def handle(context: RequestContext, path: str, params: types.CompletionParams) -> types.CompletionList:
    """Return the completions at the cursor."""
    page = context.page(path)
    place = context.line_and_column(page, params.position)
    items = editor_of(page).complete(page, *place, time_of_documents())
    # The template of a verdict has no plain text, so it needs tab stops.
    usable = [item for item in items if item.text or context.client.takes_snippets]
    return types.CompletionList(len(items) == MAX_ITEMS, [_item(context, page, item) for item in usable])


def _item(context: RequestContext, page: EditorDocument, item: Completion) -> types.CompletionItem:
    # Until all documents are read, states could be wrong.
    says = item if context.folder.complete else item._replace(detail="", documentation="")
    documentation = types.MarkupContent(types.MarkupKind.Markdown, says.documentation) if says.documentation else None
    is_snippet = bool(item.snippet) and context.client.takes_snippets
    return types.CompletionItem(
        label=visible_in_one_line(item.label),
        kind=KINDS[item.kind],
        detail=visible_in_one_line(says.detail) or None,
        documentation=documentation,
        sort_text=item.sort,
        filter_text=item.label,
        text_edit=types.TextEdit(context.range(page, item.span), item.snippet if is_snippet else item.text),
        insert_text_format=types.InsertTextFormat.Snippet if is_snippet else None,
    )
