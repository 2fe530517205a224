"""`textDocument/completion`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.document import EditorDocument
from planmark.ide.editor import editor_of
from planmark.ide.features import MAX_COMPLETIONS, Completion, CompletionKind
from planmark.lsp.handlers.record_verdict import current_time_text
from planmark.lsp.to_lsp import RequestContext
from planmark.text.visible import visible_in_one_line

COMPLETION_KINDS: dict[CompletionKind, types.CompletionItemKind] = {
    "achievement": types.CompletionItemKind.Event,
    "document": types.CompletionItemKind.File,
    "feature": types.CompletionItemKind.Module,
    "field": types.CompletionItemKind.Field,
    "status": types.CompletionItemKind.EnumMember,
    "section": types.CompletionItemKind.Snippet,
    "template": types.CompletionItemKind.Snippet,
}
"""Mapping from the kind of a completion to its kind in LSP."""


def handle(context: RequestContext, path: str, params: types.CompletionParams) -> types.CompletionList:
    """Return the completions at the cursor."""
    document = context.document(path)
    line_and_column = context.line_and_column(document, params.position)
    items = editor_of(document).complete(document, *line_and_column, current_time_text())
    # The template of a verdict has only a text with tab stops, which needs a client that takes snippets.
    usable_items = [item for item in items if item.text or context.client.takes_snippets]
    return types.CompletionList(
        len(items) == MAX_COMPLETIONS, [_completion_item(context, document, item) for item in usable_items]
    )


def _completion_item(context: RequestContext, document: EditorDocument, item: Completion) -> types.CompletionItem:
    # Until all documents are read, states could be wrong.
    shown_item = item if context.folder.is_complete else item._replace(detail="", documentation="")
    documentation = (
        types.MarkupContent(types.MarkupKind.Markdown, shown_item.documentation) if shown_item.documentation else None
    )
    is_snippet = bool(item.snippet) and context.client.takes_snippets
    return types.CompletionItem(
        label=visible_in_one_line(item.label),
        kind=COMPLETION_KINDS[item.kind],
        detail=visible_in_one_line(shown_item.detail) or None,
        documentation=documentation,
        sort_text=item.sort,
        filter_text=item.label,
        text_edit=types.TextEdit(context.range(document, item.span), item.snippet if is_snippet else item.text),
        insert_text_format=types.InsertTextFormat.Snippet if is_snippet else None,
    )
