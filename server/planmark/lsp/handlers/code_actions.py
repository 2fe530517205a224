"""`textDocument/codeAction` and `codeAction/resolve`: prompts, files to create, and fixes of diagnostics.

The action `source.fixAll.planmark` never changes a state of an achievement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from planmark.ide import code_actions
from planmark.ide.document import EditorDocument
from planmark.ide.editor import editor_of
from planmark.ide.features import LensCommand
from planmark.lsp.errors import RequestError
from planmark.lsp.to_lsp import RequestContext, can_apply
from planmark.plans.diagnostic import Diagnostic
from planmark.queries.safe_fixes import safely_fixed_text
from planmark.text.visible import visible_in_one_line
from planmark.workspace.workspace_edits import TextChange, line_changes

FIX_ALL_KIND = "source.fixAll.planmark"
"""The kind of the action that applies all safe fixes. Editors can run it when a document is saved."""


def handle(
    context: RequestContext, path: str, params: types.CodeActionParams
) -> list[types.CodeAction] | list[types.Command]:
    """Return the actions for a range: fixes of diagnostics first, then next steps."""
    document = context.document(path)
    line, column = context.line_and_column(document, params.range.start)
    offered_commands = [context.command(command) for command in _commands(document, line, column)]
    if not context.client.has_code_action_literals:
        return offered_commands
    kinds = params.context.only
    actions: list[types.CodeAction] = []
    if _is_requested(types.CodeActionKind.QuickFix, kinds):
        actions += _fix_actions(context, path, params)
    # Compute this action only if a client requests its kind, because trying all fixes at every cursor move is slow.
    if kinds and _is_requested(FIX_ALL_KIND, kinds) and (changes := _changes_of_safe_fixes(context, path)):
        action_data = {"uri": context.uri(path), "all": True}
        action = types.CodeAction("Apply all safe fixes of this document", kind=FIX_ALL_KIND, data=action_data)
        if not context.client.resolves_edits:
            action.edit = context.edit(changes)
        actions.append(action)
    if _is_requested(types.CodeActionKind.Empty, kinds):
        actions += [types.CodeAction(command.title, command=command) for command in offered_commands]
    return actions


def _commands(document: EditorDocument, line: int, column: int) -> list[LensCommand]:
    return editor_of(document).commands(document, line, column)


def resolve(context: RequestContext, path: str, action: types.CodeAction) -> types.CodeAction:
    """Return the action with an edit of the current text of the document.

    Raises RequestError if the diagnostic of the action no longer exists.
    """
    action_data = action.data if isinstance(action.data, dict) else {}
    if action_data.get("all"):
        action.edit = context.edit(_changes_of_safe_fixes(context, path))
        return action
    line = action_data.get("line")
    for repair in code_actions.repairs(context.document(path), line - 1, line - 1) if isinstance(line, int) else ():
        if (repair.diagnostic.code, visible_in_one_line(repair.fix.title)) == (action_data.get("code"), action.title):
            return _with_edit(context, action, repair)
    raise RequestError("the diagnostic no longer exists: there is nothing left to fix")


def _changes_of_safe_fixes(context: RequestContext, path: str) -> list[TextChange]:
    """Return the changes that apply all safe fixes of a document; an empty list if it has no safe fix."""
    old_text = context.view.text(path)
    return line_changes(path, old_text, safely_fixed_text(context.view, path))


def _fix_actions(context: RequestContext, path: str, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    for repair in code_actions.repairs(context.document(path), params.range.start.line, params.range.end.line):
        diagnostic = repair.diagnostic
        if not can_apply(context.client, repair.fix.changes):
            continue
        fixed_diagnostics = [
            shown_diagnostic
            for shown_diagnostic in params.context.diagnostics
            if _is_same_diagnostic(shown_diagnostic, diagnostic)
        ]
        action = types.CodeAction(
            visible_in_one_line(repair.fix.title),
            kind=types.CodeActionKind.QuickFix,
            diagnostics=fixed_diagnostics or [context.diagnostic(diagnostic)],
            is_preferred=repair.fix.is_preferred,
            data={"uri": context.uri(path), "code": diagnostic.code, "line": diagnostic.line},
        )
        yield action if context.client.resolves_edits else _with_edit(context, action, repair)


def _with_edit(context: RequestContext, action: types.CodeAction, repair: code_actions.Repair) -> types.CodeAction:
    action.edit = context.edit(repair.fix.changes)
    return action


def _is_same_diagnostic(client_diagnostic: types.Diagnostic, diagnostic: Diagnostic) -> bool:
    return (
        client_diagnostic.source == "planmark"
        and client_diagnostic.code == diagnostic.code
        and client_diagnostic.range.start.line == diagnostic.line - 1
    )


def _is_requested(kind: str, kinds: Sequence[str] | None) -> bool:
    """Tell whether a client asks for `kind`. Dots separate the levels of a kind; the empty kind contains all kinds."""
    wanted_kinds = [getattr(kind_name, "value", kind_name) for kind_name in kinds or ()]
    return not wanted_kinds or any(
        kind_name in ("", kind) or kind.startswith(f"{kind_name}.") for kind_name in wanted_kinds
    )
