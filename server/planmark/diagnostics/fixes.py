"""The fixes of diagnostics, as changes that an editor shows before it applies them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from planmark.diagnostics.rule_inputs import Fix, FixContext
from planmark.diagnostics.rules import methodology
from planmark.plans.diagnostic import Diagnostic, columns_of
from planmark.text.masking import without_secrets
from planmark.workspace.snapshot import ReadText, Snapshot
from planmark.workspace.workspace_edits import TextChange


def fixes_for(snapshot: Snapshot, diagnostic: Diagnostic, text: ReadText) -> tuple[Fix, ...]:
    """Return the fixes of a diagnostic, the best first.

    Return () if no fix exists, or if the text has changed so that no fix applies.
    """
    mending = FixContext(snapshot, diagnostic, text(diagnostic.path), text)
    make = methodology().fixes.get(diagnostic.code, replace_target)
    return tuple(fix for fix in make(mending) if fix.changes)


def replace_target(m: FixContext) -> Iterator[Fix]:
    """Replace the words of the diagnostic with the wanted text."""
    words, wanted = m.diagnostic.target_text, m.diagnostic.replacement
    if wanted is None or wanted == words:
        return
    if place := columns_of(m.line, words):
        shown = without_secrets(wanted)
        shown = shown if len(shown) < 60 else f"{shown[:57]}…"
        yield Fix(f"Write `{shown}`", m.diagnostic.is_safe, (TextChange(m.path, m.number, *place, wanted),))


def replace_line(m: FixContext, wanted: str | None, title: str, *, preferred: bool) -> Iterator[Fix]:
    """Replace the line of the diagnostic with `replacement`; change only the columns that differ."""
    if wanted is not None and wanted != m.line:
        common = len(posixpath.commonprefix([m.line, wanted]))
        behind = len(posixpath.commonprefix([m.line[common:][::-1], wanted[common:][::-1]]))
        end, text = len(m.line) - behind, wanted[common : len(wanted) - behind]
        yield Fix(title, preferred, (TextChange(m.path, m.number, common, end, text),))
