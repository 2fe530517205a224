"""The codes of the diagnostics of feature-planner."""

from __future__ import annotations

from planmark.formats.checkbox.codes import SHARED_CODES
from planmark.plans.diagnostic import CheckInfo

CODES: tuple[CheckInfo, ...] = (
    *SHARED_CODES,
    CheckInfo("status-contradicts-boxes", "information", "a line that says done where most boxes are open"),
    CheckInfo(
        "footer-contradicts-header", "hint", "a plan status at the end that differs from the one at the beginning"
    ),
    CheckInfo("gate-open", "information", "a finished phase with open items in its quality gate"),
    CheckInfo("phase-skipped", "hint", "an unfinished phase before a finished one"),
    CheckInfo("skipped-tests-in-done-plan", "warning", "a plan that is done, with failed or skipped tests on record"),
    CheckInfo("no-space-after-box", "hint", "a box without a space behind it"),
)
