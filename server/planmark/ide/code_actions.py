"""The fixes of the diagnostics on some lines of a document."""

from __future__ import annotations

from typing import NamedTuple

from planmark.diagnostics.fixes import fixes_for
from planmark.diagnostics.rule_inputs import Fix
from planmark.ide.document import EditorDocument
from planmark.ide.editor import work_editor
from planmark.plans.diagnostic import Diagnostic
from planmark.workspace.workspace_edits import RenamePath


class Repair(NamedTuple):
    """A diagnostic and one of its fixes."""

    diagnostic: Diagnostic
    fix: Fix


def repairs(document: EditorDocument, first_line: int, last_line: int) -> list[Repair]:
    """Return the fixes of the diagnostics on the 0-based lines `first_line` to `last_line` (inclusive)."""
    return [
        Repair(diagnostic, fix)
        for diagnostic in document.view.diagnostics_at(document.path)
        if first_line <= diagnostic.line - 1 <= last_line
        for fix in _fixes_of_diagnostic(document, diagnostic)
    ]


def _fixes_of_diagnostic(document: EditorDocument, diagnostic: Diagnostic) -> list[Fix]:
    """Return the fixes of a diagnostic. A fix that renames a document also updates every mention of the document."""
    return [
        _with_updated_mentions(document, fix)
        for fix in fixes_for(document.view.snapshot, diagnostic, document.view.text)
    ]


def _with_updated_mentions(document: EditorDocument, fix: Fix) -> Fix:
    renames = [(change.old, change.new) for change in fix.changes if isinstance(change, RenamePath)]
    if not renames:
        return fix
    return fix._replace(changes=(*work_editor().follow_renames(document.view, renames), *fix.changes))
