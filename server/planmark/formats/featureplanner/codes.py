"""The codes of the diagnostics of feature-planner."""

from __future__ import annotations

from planmark.formats.checkbox.codes import SHARED_CODES
from planmark.plans.diagnostic import DiagnosticCode

CODES: tuple[DiagnosticCode, ...] = (
    *SHARED_CODES,
    DiagnosticCode("status-contradicts-boxes", "information", "a line that says done where most boxes are open"),
    DiagnosticCode(
        "footer-contradicts-header", "hint", "a plan status at the end that differs from the one at the beginning"
    ),
    DiagnosticCode("gate-open", "information", "a finished phase with open items in its quality gate"),
    DiagnosticCode("phase-skipped", "hint", "an unfinished phase before a finished one"),
    DiagnosticCode(
        "skipped-tests-in-done-plan", "warning", "a plan that is done, with failed or skipped tests on record"
    ),
    DiagnosticCode("no-space-after-box", "hint", "a box without a space behind it"),
)
