"""The findings of preflight about one achievement as diagnostics, and as the result of `check --json`."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.diagnostics.codes import catalogue
from planmark.plans.diagnostic import Diagnostic, Severity
from planmark.plans.model import AchievementState
from planmark.plans.preflight import PreflightFinding
from planmark.queries.api_types import CheckResult, diagnostic_result
from planmark.queries.preflight import preflight_of
from planmark.queries.workspace_view import AnyPlan, View


def preflight_diagnostics(view: View, findings: Sequence[PreflightFinding]) -> list[Diagnostic]:
    """Return findings of preflight as diagnostics.

    The settings decide the severity of a diagnostic. If they do not, it is an error or a warning, depending on its
    code.
    """
    severity_setting = view.snapshot.settings["diagnostics.severity"]
    diagnostics = []
    for finding in findings:
        check = catalogue()[finding.code]
        minimum: Severity = "error" if check.severity == "error" else "warning"
        severity = severity_setting.get(finding.code) or minimum
        diagnostics.append(check.at(finding.path, finding.line, finding.message, severity=severity))
    return diagnostics


def preflight_result(view: View, plan: AnyPlan, achievement: AchievementState) -> CheckResult:
    """Return the findings of preflight about an achievement as the result of `check @FEATURE N.N --json`."""
    diagnostics = preflight_diagnostics(view, preflight_of(view, plan, achievement, view.exists))
    return CheckResult(
        workspace=view.snapshot.root, diagnostics=[diagnostic_result(view, diagnostic) for diagnostic in diagnostics]
    )
