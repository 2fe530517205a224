"""Diagnostics for a person at a terminal, and for the log of a GitHub workflow."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from planmark.cli.console import SEVERITY_STYLES, line, paragraph, severity_text
from planmark.cli.table import output_width
from planmark.diagnostics.fixes import fixes_for
from planmark.markdown.blocks import split_lines
from planmark.plans.diagnostic import Diagnostic, columns
from planmark.queries.api_types import DiagnosticResult
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.display_width import cell_width
from planmark.text.lines import text_span
from planmark.text.masking import without_secrets
from planmark.text.visible import visible_in_one_line

MAX_QUOTED_CHARACTERS = 100
"""Maximum of characters quoted from a line, around the words that the diagnostic is about."""
MARGIN_CELLS = 13
"""Width of the margin before a quoted line, in cells."""
NO_PLAN = "no plan"
WORKFLOW_COMMANDS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}
"""Severity → the command of a GitHub workflow that annotates a line."""


def diagnostic_lines(view: View, diagnostics: list[Diagnostic], *, brief_hints: bool) -> Iterator[str]:
    """Yield the diagnostics by plan and file, each with its line, its target text, and its fixes.

    With `brief_hints`, hints take one line each.
    """
    ordered_diagnostics = sorted(diagnostics, key=lambda d: (*_plan_order(view.any_plan_of(d.path)), d.path))
    for plan, of_plan in itertools.groupby(ordered_diagnostics, key=lambda d: view.any_plan_of(d.path)):
        own = list(of_plan)
        yield line((plan.feature if plan else NO_PLAN, "bold"))
        for path, group in itertools.groupby(own, key=lambda d: d.path):
            yield line("  ", (path, "underline"))
            lines = split_lines(view.text(path) or "\n")
            for diagnostic in group:
                source = lines[diagnostic.line - 1] if diagnostic.line <= len(lines) else ""
                yield _headline(diagnostic, source)
                if not (brief_hints and diagnostic.severity == "hint"):
                    yield from _explanation(view, diagnostic, source)
        yield line()


def summary(counts: Mapping[str, int], *, brief_hints: bool) -> str:
    """Return the count of each severity, and how to see brief hints in full."""
    list_text = severity_text(counts)
    more = (
        "; hints are abbreviated: use --select CODES or a PATH to see them in full"
        if brief_hints and counts["hint"]
        else ""
    )
    return f"{list_text}{more}" if list_text else "no diagnostics"


def annotation(result: DiagnosticResult) -> str:
    """Return a diagnostic as an annotation command of GitHub Actions, on one line."""
    place = result.range
    values = {
        "file": result.path,
        "line": place.start.line,
        "endLine": place.end.line,
        "col": place.start.column,
        "endColumn": place.end.column,
        "title": result.code,
    }
    list_text = ",".join(f"{name}={_escape_workflow_text(str(value), ',:')}" for name, value in values.items())
    return f"::{WORKFLOW_COMMANDS[result.severity]} {list_text}::{_escape_workflow_text(result.message)}"


def _plan_order(plan: AnyPlan | None) -> tuple[bool, str]:
    return plan is None, plan.path if plan else ""


def _headline(diagnostic: Diagnostic, source: str) -> str:
    start, _ = columns(source, diagnostic.target_text)
    return paragraph(
        f"    {diagnostic.line}:{start + 1} ",
        (diagnostic.severity, SEVERITY_STYLES[diagnostic.severity]),
        " ",
        (diagnostic.code, "bold"),
        f": {diagnostic.message}",
        indent=" " * 6,
    )


def _explanation(view: View, diagnostic: Diagnostic, source: str) -> Iterator[str]:
    """Yield the line of a diagnostic, its target text, and its fixes."""
    start, end = columns(source, diagnostic.target_text)
    if source.strip():
        width = output_width()
        most = MAX_QUOTED_CHARACTERS if width is None else max(1, min(MAX_QUOTED_CHARACTERS, width - MARGIN_CELLS - 2))
        lead, quoted_text, caret = quoted_part(source, start, end, most)
        margin = f"{diagnostic.line:>{MARGIN_CELLS - 3}} │ "
        yield line((margin, "dim"), quoted_text)
        yield line(
            (" " * (len(margin) - 2) + "│ ", "dim"),
            " " * lead,
            ("^" * caret, SEVERITY_STYLES[diagnostic.severity]),
        )
    for fix in fixes_for(view.snapshot, diagnostic, view.text):
        how = "planmark check --fix" if fix.is_preferred else "in the editor"
        yield paragraph("           ", ("fix", "green"), f": {fix.title} ({how})", indent=" " * MARGIN_CELLS)


def quoted_part(line: str, start: int, end: int, most: int = MAX_QUOTED_CHARACTERS) -> tuple[int, str, int]:
    """Return the part of a line around its columns, at most `most` characters.

    The result is (cells before the caret, the text, cells of the caret).
    """
    safe = without_secrets(line)
    if safe != line:
        line, (start, end) = safe, text_span(safe)
    first, last = text_span(line)
    begin = first if end - first <= most else max(first, start - most // 4)
    stop = min(last, begin + most)
    lead = "…" if begin > first else ""
    before, about = (
        visible_in_one_line(line[begin:start]),
        visible_in_one_line(line[max(begin, start) : min(end, stop)]),
    )
    text = f"{lead}{visible_in_one_line(line[begin:stop])}{'…' if stop < last else ''}"
    return cell_width(lead + before), text, max(1, cell_width(about))


def _escape_workflow_text(text: str, also: str = "") -> str:
    """Escape a text for the commands of a workflow: `%25`, `%0D`, `%0A`, and in properties commas and colons."""
    return "".join(f"%{ord(c):02X}" if c in f"%\r\n{also}" else c for c in without_secrets(text))
