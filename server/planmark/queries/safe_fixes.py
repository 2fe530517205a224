"""Safe fixes: fixes that change only the text of one document, and that change no state, next step or lifecycle."""

from __future__ import annotations

import json
from collections.abc import Sequence

from planmark.diagnostics.fixes import fixes_for
from planmark.diagnostics.rule_inputs import Fix
from planmark.queries.unchanged import first_difference
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.imagined import preview_changes
from planmark.workspace.workspace_edits import TextChange, changed_text

MAX_TRIES = 200
"""Maximum number of tries of one call of `safely_fixed_text`. The remaining fixes are left out."""


def changes_only_text_of(fix: Fix, path: str) -> bool:
    """Tell whether a fix changes only the text of the document at `path`, and creates or renames no file."""
    return all(isinstance(change, TextChange) and change.path == path for change in fix.changes)


def text_after(text: str, changes: Sequence[TextChange]) -> str | None:
    """Return `text` after all `changes`.

    Return None if two changes overlap. Return None also if two changes insert at the same place, because the result
    would depend on their order.
    """
    insertions = [(change.line, change.start) for change in changes if (change.end, change.lines) == (change.start, 0)]
    if len(insertions) > len(set(insertions)):
        return None
    try:
        return changed_text(text, changes)
    except ValueError:
        return None


def unfit_reason(before: View, after: View, path: str, code: str) -> str:
    """Return the reason why fixes for the diagnostic code `code` are unfit; "" if they are fit.

    They are unfit if the document at `path` is no longer valid JSON, or does not get fewer diagnostics of the code.
    `before` is the view without the fixes, `after` is the view with the fixes.
    """
    if path.endswith(".json") and _is_json(before.text(path)) and not _is_json(after.text(path)):
        return "the file would not be valid JSON"
    if _diagnostic_count(after, path, code) >= _diagnostic_count(before, path, code):
        return "the diagnostic would remain"
    return ""


def safely_fixed_text(view: View, path: str) -> str:
    """Return the text of a document after all its safe preferred fixes.

    All fixes for the same code are applied together if that is safe. Otherwise each of them is tried alone.
    """
    tried_changes: set[tuple[TextChange, ...]] = set()
    texts = {view.text(path)}
    for _ in range(MAX_TRIES):
        code_and_changes = _next_changes(view, path, tried_changes)
        if code_and_changes is None:
            break
        code, changes = code_and_changes
        tried_changes.add(changes)
        text = text_after(view.text(path), changes)
        next_view = None if text is None or text in texts else _view_after(view, changes)
        if next_view is None or unfit_reason(view, next_view, path, code) or first_difference(view, next_view):
            continue
        # The applied changes may have moved lines, so refused changes are tried again in the new view.
        view, tried_changes = next_view, set()
        texts.add(next_view.text(path))
    return view.text(path)


def _next_changes(
    view: View, path: str, tried_changes: set[tuple[TextChange, ...]]
) -> tuple[str, tuple[TextChange, ...]] | None:
    """Return a pair: a diagnostic code, and changes that were not tried; None if all changes were tried.

    For each code, the changes of all its fixes in the document come first. Then come the changes of each fix alone.
    """
    changes_by_code: dict[str, list[tuple[TextChange, ...]]] = {}
    for diagnostic in view.diagnostics_at(path):
        fixes = fixes_for(view.snapshot, diagnostic, view.text)
        fix = next((fix for fix in fixes if fix.is_preferred and changes_only_text_of(fix, path)), None)
        if fix is not None:
            text_changes = tuple(change for change in fix.changes if isinstance(change, TextChange))
            changes_by_code.setdefault(diagnostic.code, []).append(text_changes)
    for code, change_groups in changes_by_code.items():
        all_changes = tuple(dict.fromkeys(change for changes in change_groups for change in changes))
        for changes in (all_changes, *change_groups):
            if changes not in tried_changes:
                return code, changes
    return None


def _view_after(view: View, changes: Sequence[TextChange]) -> View:
    """Return the view of the workspace as it would be after `changes`. No file is written."""
    after = preview_changes(view.snapshot, view.text, changes)
    return build_view(
        after.snapshot,
        after.text,
        before=view,
        exists=view.exists,
        extra_diagnostics=view.extra_diagnostics,
        changed_ns=view.changed_at,
        branch=view.branch,
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _diagnostic_count(view: View, path: str, code: str) -> int:
    """Return the number of diagnostics with the code `code` in the file at `path`."""
    return sum(diagnostic.code == code for diagnostic in view.diagnostics_at(path))
