"""Diagnostics for a person at a terminal, and for the log of a GitHub workflow."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from planmark.cli.console import SEVERITY_STYLES, line, paragraph, severity_text
from planmark.cli.table import output_width
from planmark.diagnostics.fixes import fixes_for
from planmark.markdown.blocks import split_lines
from planmark.plans.diagnostic import Diagnostic, columns_or_whole_line
from planmark.queries.api_types import DiagnosticResult
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.display_width import cell_width
from planmark.text.lines import nonblank_span
from planmark.text.masking import without_secrets
from planmark.text.visible import visible_in_one_line

MAX_QUOTED_CHARACTERS = 100
"""Maximum number of characters that are quoted from the line of a diagnostic."""
QUOTE_MARGIN_CELLS = 13
"""Width of the margin before a quoted line, in cells."""
NO_PLAN_HEADING = "no plan"
"""The heading above the diagnostics of documents that belong to no plan."""
WORKFLOW_COMMANDS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}
"""Mapping from a severity to the command with which a GitHub workflow annotates a line."""


def diagnostic_lines(view: View, diagnostics: list[Diagnostic], *, abbreviates_hints: bool) -> Iterator[str]:
    """Yield the output of diagnostics, grouped by plan and then by file.

    The message of a diagnostic is followed by the line of the document, carets below the target text, and the fixes.
    With `abbreviates_hints`, only the message of a hint is shown.
    """
    ordered_diagnostics = sorted(diagnostics, key=lambda d: (*_plan_sort_key(view.any_plan_of(d.path)), d.path))
    for plan, group_of_plan in itertools.groupby(ordered_diagnostics, key=lambda d: view.any_plan_of(d.path)):
        plan_diagnostics = list(group_of_plan)
        yield line((plan.feature if plan else NO_PLAN_HEADING, "bold"))
        for path, file_diagnostics in itertools.groupby(plan_diagnostics, key=lambda d: d.path):
            yield line("  ", (path, "underline"))
            source_lines = split_lines(view.text(path) or "\n")
            for diagnostic in file_diagnostics:
                source_line = source_lines[diagnostic.line - 1] if diagnostic.line <= len(source_lines) else ""
                yield _message_lines(diagnostic, source_line)
                if not (abbreviates_hints and diagnostic.severity == "hint"):
                    yield from _explanation_lines(view, diagnostic, source_line)
        yield line()


def severity_summary(counts: Mapping[str, int], *, abbreviates_hints: bool) -> str:
    """Return the number of diagnostics of each severity, in words. `counts` maps a severity to this number.

    With `abbreviates_hints`, the text also says how to see the hints in full.
    """
    list_text = severity_text(counts)
    hint_note = (
        "; hints are abbreviated: use --select CODES or a PATH to see them in full"
        if abbreviates_hints and counts["hint"]
        else ""
    )
    return f"{list_text}{hint_note}" if list_text else "no diagnostics"


def annotation(result: DiagnosticResult) -> str:
    """Return the command, in one line, that makes GitHub Actions show a diagnostic at its line of the document."""
    text_range = result.range
    values = {
        "file": result.path,
        "line": text_range.start.line,
        "endLine": text_range.end.line,
        "col": text_range.start.column,
        "endColumn": text_range.end.column,
        "title": result.code,
    }
    properties_text = ",".join(f"{name}={_escape_workflow_text(str(value), ',:')}" for name, value in values.items())
    return f"::{WORKFLOW_COMMANDS[result.severity]} {properties_text}::{_escape_workflow_text(result.message)}"


def _plan_sort_key(plan: AnyPlan | None) -> tuple[bool, str]:
    return plan is None, plan.path if plan else ""


def _message_lines(diagnostic: Diagnostic, source_line: str) -> str:
    start, _ = columns_or_whole_line(source_line, diagnostic.target_text)
    return paragraph(
        f"    {diagnostic.line}:{start + 1} ",
        (diagnostic.severity, SEVERITY_STYLES[diagnostic.severity]),
        " ",
        (diagnostic.code, "bold"),
        f": {diagnostic.message}",
        indent=" " * 6,
    )


def _explanation_lines(view: View, diagnostic: Diagnostic, source_line: str) -> Iterator[str]:
    """Yield the output below the message of a diagnostic.

    It quotes `source_line`, marks the target text with carets in a second line, and then lists the fixes.
    """
    start, end = columns_or_whole_line(source_line, diagnostic.target_text)
    if source_line.strip():
        width = output_width()
        max_characters = (
            MAX_QUOTED_CHARACTERS
            if width is None
            else max(1, min(MAX_QUOTED_CHARACTERS, width - QUOTE_MARGIN_CELLS - 2))
        )
        cells_before, quoted_text, caret_cells = quoted_part(source_line, start, end, max_characters)
        margin = f"{diagnostic.line:>{QUOTE_MARGIN_CELLS - 3}} │ "
        yield line((margin, "dim"), quoted_text)
        yield line(
            (" " * (len(margin) - 2) + "│ ", "dim"),
            " " * cells_before,
            ("^" * caret_cells, SEVERITY_STYLES[diagnostic.severity]),
        )
    for fix in fixes_for(view.snapshot, diagnostic, view.text):
        way_to_apply = "planmark check --fix" if fix.is_preferred else "in the editor"
        yield paragraph(
            "           ", ("fix", "green"), f": {fix.title} ({way_to_apply})", indent=" " * QUOTE_MARGIN_CELLS
        )


def quoted_part(line: str, start: int, end: int, max_characters: int = MAX_QUOTED_CHARACTERS) -> tuple[int, str, int]:
    """Quote a line, with carets below the 0-based columns `start` to `end`.

    Return a tuple: the number of cells before the first caret, the quoted text, and the number of carets. The text has
    at most `max_characters` characters of the line.
    """
    masked_line = without_secrets(line)
    if masked_line != line:
        line, (start, end) = masked_line, nonblank_span(masked_line)
    first, last = nonblank_span(line)
    begin = first if end - first <= max_characters else max(first, start - max_characters // 4)
    stop = min(last, begin + max_characters)
    ellipsis = "…" if begin > first else ""
    text_before, target_text = (
        visible_in_one_line(line[begin:start]),
        visible_in_one_line(line[max(begin, start) : min(end, stop)]),
    )
    text = f"{ellipsis}{visible_in_one_line(line[begin:stop])}{'…' if stop < last else ''}"
    return cell_width(ellipsis + text_before), text, max(1, cell_width(target_text))


def _escape_workflow_text(text: str, extra_characters: str = "") -> str:
    """Return a text for a command of a GitHub workflow.

    Credentials are masked. Percent signs, line ends and `extra_characters` become escapes such as `%0A`.
    """
    return "".join(f"%{ord(c):02X}" if c in f"%\r\n{extra_characters}" else c for c in without_secrets(text))
