"""`textDocument/codeLens` and `codeLens/resolve`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.ide.features import Lens, LensCommand
from planmark.lsp.errors import RequestError
from planmark.lsp.to_lsp import RequestContext

NEXT_PART = "next"
"""The value of `Lens.part` for a lens that shows the next prompt of an achievement. It is the same in every format."""
RUN_PART = "run"
"""The value of `part` for a lens that runs the next steps of an achievement."""
RUN_COMMAND = "planmark.runUntil"
"""The command of clients that lets agents do the next steps until the achievement is done."""


def handle(context: RequestContext, path: str, _params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return a lens for each fact or action of a document. The lenses have no commands; `resolve` adds the commands."""
    document = context.document(path)
    if not context.view.snapshot.settings["codeLens.enable"]:
        return []
    lenses = editor_of(document).lenses(document)
    return [
        types.CodeLens(
            types.Range(
                types.Position(lens.line, 0), context.position(document, lens.line, len(document.line(lens.line)))
            ),
            data={"uri": context.uri(path), "part": lens.part, "achievement": lens.achievement},
        )
        for lens in (_with_run_lenses(lenses) if context.client.runs_steps else lenses)
    ]


def _with_run_lenses(lenses: Iterable[Lens]) -> Iterator[Lens]:
    """Yield `lenses`. After each lens for the next prompt of an achievement, yield a lens that runs the steps of this
    achievement.
    """
    for lens in lenses:
        yield lens
        if lens.part == NEXT_PART:
            yield lens._replace(part=RUN_PART)


def resolve(context: RequestContext, path: str, lens: types.CodeLens) -> types.CodeLens:
    """Return the lens with its command.

    If the document no longer has this lens, the command is "…" and does nothing.
    """
    assert isinstance(lens.data, dict)
    part, achievement = lens.data.get("part"), lens.data.get("achievement")
    if not isinstance(part, str) or not isinstance(achievement, (str, type(None))):
        raise RequestError("codeLens/resolve: `data` differs from what the server sent")
    document = context.document(path)
    resolved_part = NEXT_PART if part == RUN_PART else part
    lens_command = (
        editor_of(document).resolve_lens(document, resolved_part, achievement) if context.folder.is_complete else None
    )
    if lens_command and part == RUN_PART:
        lens_command = LensCommand("Run", RUN_COMMAND, lens_command.argument)
    command = context.command(lens_command) if lens_command else types.Command("…", "")
    return types.CodeLens(lens.range, command, lens.data)
