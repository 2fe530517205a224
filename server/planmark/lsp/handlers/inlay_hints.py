"""`textDocument/inlayHint`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.lsp.to_lsp import RequestContext
from planmark.text.visible import visible_in_one_line


def handle(context: RequestContext, path: str, params: types.InlayHintParams) -> list[types.InlayHint]:
    """Return a hint with the state of each achievement that a line of the range names."""
    document = context.document(path)
    first_line, last_line = params.range.start.line, params.range.end.line
    if not context.view.snapshot.settings["inlayHints.enable"]:
        return []
    return [
        types.InlayHint(
            context.position(document, hint.line, hint.column),
            visible_in_one_line(hint.text),
            padding_left=True,
            tooltip=visible_in_one_line(hint.tooltip) or None,
        )
        for hint in editor_of(document).hints(document, first_line, last_line)
    ]
