"""`textDocument/prepareCallHierarchy`, `callHierarchy/incomingCalls` and `callHierarchy/outgoingCalls`.

An achievement calls the achievements that it depends on.
"""

from __future__ import annotations

from lsprotocol import types

from planmark.ide.editor import work_editor
from planmark.ide.features import AchievementTarget, DependencyCall
from planmark.lsp.errors import RequestError
from planmark.lsp.to_lsp import RequestContext
from planmark.plans.phrases import marked_label
from planmark.text.visible import visible_in_one_line


def prepare(
    context: RequestContext, path: str, params: types.CallHierarchyPrepareParams
) -> list[types.CallHierarchyItem] | None:
    """Return the achievement under the cursor."""
    document = context.document(path)
    target = work_editor().achievement_at(document, *context.line_and_column(document, params.position))
    return [_call_hierarchy_item(context, target)] if target else None


def incoming_calls(
    context: RequestContext, path: str, params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall]:
    """Return the achievements that depend on the achievement of an item of the call hierarchy."""
    calls = []
    for call in work_editor().dependents(context.document(path), _achievement_of_item(context, params.item)):
        caller = _call_hierarchy_item(context, call.target)
        calls.append(types.CallHierarchyIncomingCall(caller, [_declaring_range(context, call, caller)]))
    return calls


def outgoing_calls(
    context: RequestContext, path: str, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall]:
    """Return the achievements on which the achievement of an item of the call hierarchy depends."""
    calls = work_editor().dependencies(context.document(path), _achievement_of_item(context, params.item))
    return [
        types.CallHierarchyOutgoingCall(
            _call_hierarchy_item(context, call.target), [_declaring_range(context, call, params.item)]
        )
        for call in calls
    ]


def _call_hierarchy_item(context: RequestContext, target: AchievementTarget) -> types.CallHierarchyItem:
    achievement = target.state
    document = context.document(target.plan.path)
    line = achievement.line - 1
    defined_achievement = target.plan.facts.by_id.get(achievement.id)
    end = (
        target.plan.document.lines(defined_achievement.body)[1]
        if defined_achievement and defined_achievement.body
        else line + 1
    )
    return types.CallHierarchyItem(
        name=visible_in_one_line(f"{achievement.id} {achievement.title}".rstrip()),
        kind=types.SymbolKind.Event,
        uri=context.uri(target.plan.path),
        range=context.lines(document, line, max(end, line + 1)),
        selection_range=context.range(document, document.span_of_line_text(line)),
        detail=visible_in_one_line(f"{marked_label(achievement)} · {target.plan.feature}"),
        data={"uri": context.uri(target.plan.path), "achievement": achievement.id},
    )


def _achievement_of_item(context: RequestContext, item: types.CallHierarchyItem) -> AchievementTarget:
    achievement_ref = item.data.get("achievement") if isinstance(item.data, dict) else None
    for plan in context.view.snapshot.plans:
        if context.uri(plan.path) == item.uri and (
            target := work_editor().achievement_with_id(context.view, plan, str(achievement_ref))
        ):
            return target
    raise RequestError("the achievement no longer exists: request the call hierarchy again from the document")


def _declaring_range(context: RequestContext, call: DependencyCall, caller: types.CallHierarchyItem) -> types.Range:
    """Return the range of the text that declares a dependency, in the document of `caller`.

    If a different file declares the dependency, return the range of `caller`.
    """
    if context.uri(call.declaration.path) == caller.uri:
        return context.range(context.document(call.declaration.path), call.declaration.span)
    return caller.selection_range
