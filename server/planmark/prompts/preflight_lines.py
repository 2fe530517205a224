"""The findings of preflight as variables of a template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planmark.plans.preflight import PreflightFinding

MAX_LISTED_FINDINGS = 12
"""The maximum number of findings of preflight that a prompt lists."""


def preflight_variables(
    findings: Sequence[PreflightFinding], max_findings: int = MAX_LISTED_FINDINGS
) -> dict[str, Any]:
    """Return two variables of a template, `preflight` and `preflight_more`.

    `preflight` has a pair for each document: its path, and a list of entries. An entry is a pair: the lines in words,
    and the message of the findings there. All entries together contain at most `max_findings` findings.
    `preflight_more` is the number of the findings left out.
    """
    shown_findings = findings[:max_findings]
    lines_by_message: dict[tuple[str, str], list[int]] = {}
    for finding in shown_findings:
        lines_by_message.setdefault((finding.path, finding.message), []).append(finding.line)
    entries_by_path: dict[str, list[tuple[str, str]]] = {}
    for (path, message), line_numbers in lines_by_message.items():
        word = "line" if len(line_numbers) == 1 else "lines"
        entries_by_path.setdefault(path, []).append((f"{word} {', '.join(map(str, line_numbers))}", message))
    return {"preflight": list(entries_by_path.items()), "preflight_more": len(findings) - len(shown_findings)}
