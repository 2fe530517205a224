"""`planmark/at`."""

from __future__ import annotations

from typing import Any

import msgspec
from lsprotocol import types

from planmark.ide.editor import editor_of
from planmark.lsp.params import read_params
from planmark.lsp.readiness import wait_for_scan
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext


class TextDocument(msgspec.Struct, frozen=True):
    """A document, named by its URI."""

    uri: str


class ClientPosition(msgspec.Struct, frozen=True):
    """A 0-based line, and a 0-based column in the client's units."""

    line: int
    character: int


class AtParams(msgspec.Struct, frozen=True, rename="camel"):
    """A document and a position in the document. If `position` is None, the request is about the whole document."""

    text_document: TextDocument
    position: ClientPosition | None = None


async def handle(server: Server, raw_params: Any) -> Any:
    """Return the plan and the achievement at a position; None if the document belongs to no plan."""
    params = read_params(raw_params, AtParams)
    uri = params.text_document.uri
    await wait_for_scan(server, uri)
    return await server.run_for_document(
        uri, lambda context, path: _plan_and_achievement_at(context, path, params.position)
    )


def _plan_and_achievement_at(
    context: RequestContext, path: str, position: ClientPosition | None
) -> dict[str, Any] | None:
    document = context.document(path)
    if not context.folder.is_complete or not context.view.snapshot.has(path):
        return None
    line: int | None = None
    column = 0
    if position is not None:
        line, column = context.line_and_column(document, types.Position(position.line, position.character))
    place = editor_of(document).place_at_line(document, line, column)
    if place is None:
        return None
    achievement = place.achievement
    return {
        "workspace": context.view.snapshot.root,
        "plan": context.view.state(place.plan.path).path,
        "feature": place.plan.feature,
        "achievement": (achievement.id or achievement.ref) if achievement else None,
        "ref": achievement.ref if achievement else None,
        "state": achievement.state if achievement else None,
    }
