"""The fixes of diagnostics, as changes that an editor can show before applying.

A diagnostic contains the data of its fix. A table maps each kind of fix to a function. This module has the functions of
the kinds that every format may use. The modules with the rules of the methodology have the functions of the other
kinds.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from planmark.diagnostics.rule_inputs import Fix, FixContext
from planmark.diagnostics.rules import MakeFixes, methodology
from planmark.plans.diagnostic import Diagnostic, FixKind, LinesFix, TargetFix, TextFix, columns_of
from planmark.text.lines import line_index, usual_line_end
from planmark.text.masking import without_secrets
from planmark.workspace.snapshot import ReadText, Snapshot
from planmark.workspace.workspace_edits import TextChange


def fixes_for(snapshot: Snapshot, diagnostic: Diagnostic, text: ReadText) -> tuple[Fix, ...]:
    """Return the fixes of a diagnostic, the best first.

    Return () if the diagnostic has no fix, or if no fix applies to the current text.
    """
    if not isinstance(diagnostic.fix, FixKind):
        return ()
    kind = type(diagnostic.fix)
    make_fixes = SHARED_FIXES.get(kind) or methodology().fixes[kind]
    context = FixContext(snapshot, diagnostic, text(diagnostic.path), text)
    return tuple(fix for fix in make_fixes(context, diagnostic.fix) if fix.changes)


def replace_target(context: FixContext, fix: TargetFix) -> Iterator[Fix]:
    """Yield a fix that replaces the target text of the diagnostic, if the line still contains that text."""
    target_text = context.diagnostic.target_text
    if fix.text != target_text and (columns := columns_of(context.line, target_text)):
        shown_text = without_secrets(fix.text)
        shown_text = shown_text if len(shown_text) < 60 else f"{shown_text[:57]}…"
        yield Fix(
            f"Write `{shown_text}`", fix.is_safe, (TextChange(context.path, context.line_number, *columns, fix.text),)
        )


def replace_columns(context: FixContext, fix: TextFix) -> Iterator[Fix]:
    """Yield a fix that replaces a range of columns of a line, if the line still has these columns.

    New lines get the most frequent line end of the document.
    """
    lines = line_index(context.text)
    if fix.line <= len(lines) and fix.end <= len(lines.line(fix.line - 1)):
        text = fix.text.replace("\r\n", "\n").replace("\n", usual_line_end(context.text))
        change = TextChange(context.path, fix.line - 1, fix.start, fix.end, text)
        yield Fix(fix.title, fix.is_safe, (change,))


def edit_lines(context: FixContext, fix: LinesFix) -> Iterator[Fix]:
    """Yield a fix with all `edits` of `fix`, if the text still has the lines and columns of every edit."""
    lines = line_index(context.text)
    if all(edit.line <= len(lines) and edit.end <= len(lines.line(edit.line - 1)) for edit in fix.edits):
        edits = (TextChange(context.path, edit.line - 1, edit.start, edit.end, edit.text) for edit in fix.edits)
        yield Fix(fix.title, False, tuple(edits))


def replace_line(context: FixContext, replacement: str | None, title: str, *, is_preferred: bool) -> Iterator[Fix]:
    """Yield a fix that replaces the line of the diagnostic by `replacement`. Only the columns that differ are changed.

    Yield no fix if `replacement` is None or equals the line.
    """
    if replacement is not None and replacement != context.line:
        line = context.line
        common_prefix_length = len(posixpath.commonprefix([line, replacement]))
        common_suffix_length = len(
            posixpath.commonprefix([line[common_prefix_length:][::-1], replacement[common_prefix_length:][::-1]])
        )
        end, text = (
            len(line) - common_suffix_length,
            replacement[common_prefix_length : len(replacement) - common_suffix_length],
        )
        yield Fix(
            title, is_preferred, (TextChange(context.path, context.line_number, common_prefix_length, end, text),)
        )


SHARED_FIXES: Mapping[type[FixKind], MakeFixes] = {
    TargetFix: replace_target,
    TextFix: replace_columns,
    LinesFix: edit_lines,
}
"""Mapping from a kind of fix to the function that makes the fixes. Every format may use these kinds."""
