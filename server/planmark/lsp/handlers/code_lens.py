"""Code lenses and inlay hints."""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.code_lens import lenses, resolve
from planmark.ide.inlay_hints import hints
from planmark.lsp.errors import RequestError
from planmark.lsp.to_lsp import Context
from planmark.text.visible import in_line


def answer(context: Context, path: str, _params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return a lens for each fact or action of a document; `resolved` gives its text."""
    page = context.page(path)
    if not context.view.snapshot.settings["codeLens.enable"]:
        return []
    return [
        types.CodeLens(
            types.Range(types.Position(lens.line, 0), context.position(page, lens.line, len(page.line(lens.line)))),
            data={"uri": context.uri(path), "part": lens.part, "achievement": lens.achievement},
        )
        for lens in lenses(page)
    ]


def resolved(context: Context, path: str, lens: types.CodeLens) -> types.CodeLens:
    """Return the lens with its command, or with an empty command "…" if the document no longer has that lens."""
    assert isinstance(lens.data, dict)
    part, achievement = lens.data.get("part"), lens.data.get("achievement")
    if not isinstance(part, str) or not isinstance(achievement, (str, type(None))):
        raise RequestError("codeLens/resolve: `data` differs from what the server sent")
    found = resolve(context.page(path), part, achievement)
    command = context.command(found) if found else types.Command("…", "")
    return types.CodeLens(lens.range, command, lens.data)


def inlay_hints(context: Context, path: str, params: types.InlayHintParams) -> list[types.InlayHint]:
    """Return the states of the achievements that the lines of a range name."""
    page = context.page(path)
    if not context.view.snapshot.settings["inlayHints.enable"]:
        return []
    return [
        types.InlayHint(
            context.position(page, hint.line, hint.column),
            in_line(hint.text),
            padding_left=True,
            tooltip=in_line(hint.tooltip) or None,
        )
        for hint in hints(page, params.range.start.line, params.range.end.line)
    ]
