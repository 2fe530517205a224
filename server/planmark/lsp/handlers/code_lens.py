"""`textDocument/codeLens` and `codeLens/resolve`."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.lsp.errors import RequestError
from planmark.lsp.to_lsp import RequestContext


def handle(context: RequestContext, path: str, _params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return a lens without text for each fact or action of a document; `resolve` adds the text."""
    page = context.page(path)
    if not context.view.snapshot.settings["codeLens.enable"]:
        return []
    return [
        types.CodeLens(
            types.Range(types.Position(lens.line, 0), context.position(page, lens.line, len(page.line(lens.line)))),
            data={"uri": context.uri(path), "part": lens.part, "achievement": lens.achievement},
        )
        for lens in editor_of(page).lenses(page)
    ]


def resolve(context: RequestContext, path: str, lens: types.CodeLens) -> types.CodeLens:
    """Return the lens with its command, or with an empty command "…" if the document has no such lens now."""
    assert isinstance(lens.data, dict)
    part, achievement = lens.data.get("part"), lens.data.get("achievement")
    if not isinstance(part, str) or not isinstance(achievement, (str, type(None))):
        raise RequestError("codeLens/resolve: `data` differs from what the server sent")
    page = context.page(path)
    resolved = editor_of(page).resolve_lens(page, part, achievement) if context.folder.complete else None
    command = context.command(resolved) if resolved else types.Command("…", "")
    return types.CodeLens(lens.range, command, lens.data)
