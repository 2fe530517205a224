"""The command `planmark.tick`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lsprotocol import types

from planmark.lsp.errors import RequestError
from planmark.lsp.params import PlanParams, read_params
from planmark.lsp.plan_lookup import find_plan
from planmark.lsp.readiness import wait_and_rescan
from planmark.lsp.server import Server
from planmark.lsp.to_lsp import RequestContext, can_apply
from planmark.plans.format import PlanSite
from planmark.queries.ticks import TickResult, site_to_tick, tick
from planmark.text.visible import visible_in_one_line


class TickParams(PlanParams, frozen=True, rename="camel"):
    """The item to tick.

    `achievement` is the ref of the item. Without `achievement`, the item is in the 0-based `line` of the document
    `uri`. If `undo` is True, the box is cleared.
    """

    line: int | None = None
    undo: bool = False


class PendingTick(NamedTuple):
    """The result of a tick, and the workspace edit with the changes of the tick."""

    context: RequestContext
    tick_result: TickResult
    edit: types.WorkspaceEdit


async def handle(server: Server, raw_params: Any) -> Any:
    """Ask the client to tick an item or to clear its box, by a workspace edit.

    Raises RequestError, with the reason, if the item cannot be ticked.
    """
    params = read_params(raw_params, TickParams)
    await wait_and_rescan(server, "the task may have moved")

    def pending_tick(contexts: Sequence[RequestContext]) -> PendingTick:
        resolved_plan = find_plan(contexts, params)
        context, site = resolved_plan.context, site_to_tick(resolved_plan.plan)
        tick_result = tick(context.view, site, [_ref(context, site, params)], undo=params.undo)
        if not server.client.applies_edits or not can_apply(context.client, tick_result.changes):
            raise RequestError(f"this editor does not support such an edit: run `planmark tick @{site.feature} REF`")
        return PendingTick(context, tick_result, context.edit(tick_result.changes))

    context, tick_result, edit = await server.run_for_all(pending_tick)
    (item,) = tick_result.items
    changed_uris = [context.uri(path) for path in sorted({change.path for change in tick_result.changes})]
    answer: dict[str, Any] = {
        "path": item.path,
        "uri": context.uri(item.path),
        "line": item.line,
        "state": item.state,
        "changed": changed_uris,
    }
    notes = [visible_in_one_line(note) for note in tick_result.notes]
    if not tick_result.changes:
        return {**answer, "notes": notes, "applied": True, "failureReason": None}
    label = visible_in_one_line(f"Planmark: tick {item.id or item.ref}")
    edit_result = await server.connection.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
    return {**answer, "notes": notes, "applied": edit_result.applied, "failureReason": edit_result.failure_reason}


def _ref(context: RequestContext, site: PlanSite, params: TickParams) -> str:
    if params.achievement:
        return params.achievement
    path = context.path(params.uri) if params.uri else None
    if path is None or params.line is None:
        raise RequestError("name the item: `achievement`, or `uri` and `line`")
    for item in context.view.state(site.path).achievements:
        if item.path == path and item.line == params.line + 1:
            return item.ref
    raise RequestError(f"{path} has no task in line {params.line + 1}")
