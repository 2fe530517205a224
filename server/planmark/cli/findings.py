"""Findings as a person reads them in a terminal, and as the log of a workflow shows them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from planmark.answers.results import DiagnosticResult
from planmark.answers.view import View
from planmark.checks.diagnostic import Diagnostic, columns
from planmark.checks.fixes import fixes_of
from planmark.cli.output import SEVERITY_STYLES, print_line, print_text, say, severities
from planmark.cli.table import output_width
from planmark.syntax.blocks import split_lines
from planmark.text.lines import text_span
from planmark.text.masking import without_secrets
from planmark.text.visible import in_line
from planmark.text.width import cell_width
from planmark.workspace.snapshot import PlanFiles

QUOTED = 100
"""Characters of a line that are quoted at most, around what the finding is about."""
MARGIN = 13
"""Cells before a quoted line."""
NO_PLAN = "no plan"
LEVELS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}
"""Severity → the command of a GitHub workflow that annotates a line."""


def show(view: View, found: list[Diagnostic], *, brief_hints: bool) -> None:
    """The findings by plan and file, each with its line, what it is about, and what mends it; hints in brief or not."""
    ordered = sorted(found, key=lambda d: (*_plan_order(view.plan_of(d.path)), d.path))
    for plan, of_plan in itertools.groupby(ordered, key=lambda d: view.plan_of(d.path)):
        own = list(of_plan)
        print_line((plan.feature if plan else NO_PLAN, "bold"))
        for path, group in itertools.groupby(own, key=lambda d: d.path):
            print_line("  ", (path, "underline"))
            lines = split_lines(view.text(path) or "\n")
            for diagnostic in group:
                line = lines[diagnostic.line - 1] if diagnostic.line <= len(lines) else ""
                _show_one(diagnostic, line)
                if not (brief_hints and diagnostic.severity == "hint"):
                    _explain(view, diagnostic, line)
        print_line()


def summarize(counts: Mapping[str, int], *, brief_hints: bool, quiet: bool) -> None:
    """How many there are of each severity, and where there is more to read."""
    listed = severities(counts)
    more = "; hints are shown in brief, whole with --select CODES or a PATH" if brief_hints and counts["hint"] else ""
    say(f"{listed}{more}" if listed else "nothing found", quiet=quiet)


def annotation(found: DiagnosticResult) -> str:
    """A finding as a line that GitHub Actions shows at its place."""
    place = found.range
    values = {
        "file": found.path,
        "line": place.start.line,
        "endLine": place.end.line,
        "col": place.start.column,
        "endColumn": place.end.column,
        "title": found.code,
    }
    listed = ",".join(f"{name}={_escaped(str(value), ',:')}" for name, value in values.items())
    return f"::{LEVELS[found.severity]} {listed}::{_escaped(found.message)}"


def _plan_order(plan: PlanFiles | None) -> tuple[bool, str]:
    return plan is None, plan.path if plan else ""


def _show_one(diagnostic: Diagnostic, line: str) -> None:
    start, _ = columns(line, diagnostic.words)
    print_text(
        f"    {diagnostic.line}:{start + 1} ",
        (diagnostic.severity, SEVERITY_STYLES[diagnostic.severity]),
        " ",
        (diagnostic.code, "bold"),
        f": {diagnostic.message}",
        indent=" " * 6,
    )


def _explain(view: View, diagnostic: Diagnostic, line: str) -> None:
    """The line, what on it the finding is about, and what mends it."""
    start, end = columns(line, diagnostic.words)
    if line.strip():
        width = output_width()
        most = QUOTED if width is None else max(1, min(QUOTED, width - MARGIN - 2))
        lead, quoted, caret = quoted_part(line, start, end, most)
        margin = f"{diagnostic.line:>{MARGIN - 3}} │ "
        print_line((margin, "dim"), quoted)
        print_line(
            (" " * (len(margin) - 2) + "│ ", "dim"),
            " " * lead,
            ("^" * caret, SEVERITY_STYLES[diagnostic.severity]),
        )
    for fix in fixes_of(view.snapshot, diagnostic, view.text):
        how = "planmark check --fix" if fix.preferred else "in the editor"
        print_text("           ", ("fix", "green"), f": {fix.title} ({how})", indent=" " * MARGIN)


def quoted_part(line: str, start: int, end: int, most: int = QUOTED) -> tuple[int, str, int]:
    """(cells before the caret, the text, cells of the caret) of a line, cut to `most` characters around its columns."""
    safe = without_secrets(line)
    if safe != line:
        line, (start, end) = safe, text_span(safe)
    first, last = text_span(line)
    begin = first if end - first <= most else max(first, start - most // 4)
    stop = min(last, begin + most)
    lead = "…" if begin > first else ""
    before, about = in_line(line[begin:start]), in_line(line[max(begin, start) : min(end, stop)])
    text = f"{lead}{in_line(line[begin:stop])}{'…' if stop < last else ''}"
    return cell_width(lead + before), text, max(1, cell_width(about))


def _escaped(text: str, also: str = "") -> str:
    """As the commands of a workflow want it: `%25`, `%0D`, `%0A`, and in properties commas and colons."""
    return "".join(f"%{ord(c):02X}" if c in f"%\r\n{also}" else c for c in without_secrets(text))
