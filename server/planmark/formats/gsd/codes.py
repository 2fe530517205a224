"""The codes of the diagnostics for GSD."""

from __future__ import annotations

from planmark.plans.diagnostic import DiagnosticCode

CODES: tuple[DiagnosticCode, ...] = (
    DiagnosticCode("plan-ticked-without-summary", "warning", "a plan that ROADMAP ticks although it has no SUMMARY"),
    DiagnosticCode("plan-open-with-summary", "hint", "a plan with a SUMMARY whose box in ROADMAP is open"),
    DiagnosticCode("phase-ticked-incomplete", "warning", "a phase that ROADMAP ticks although plans have no SUMMARY"),
    DiagnosticCode("phase-open-complete", "hint", "a phase whose plans are all done, but whose box is open"),
    DiagnosticCode("progress-row-mismatch", "hint", "a row of the progress table that differs from the files"),
    DiagnosticCode("roadmap-contradicts-itself", "warning", "a phase whose box and whose row in the table disagree"),
    DiagnosticCode("state-count-mismatch", "hint", "a number of plans in STATE that differs from the files"),
    DiagnosticCode("gaps-found-but-complete", "warning", "a phase that is marked as complete although gaps were found"),
    DiagnosticCode("verification-contradicts-itself", "warning", "a VERIFICATION with two different results"),
    DiagnosticCode("verification-unknown", "warning", "a VERIFICATION without a result that GSD knows"),
    DiagnosticCode("verification-name", "hint", "a VERIFICATION with a name that GSD does not look for"),
    DiagnosticCode("summary-without-plan", "information", "a SUMMARY whose PLAN does not exist"),
    DiagnosticCode("plan-name-non-canonical", "hint", "a PLAN whose file name has no number of a phase and a plan"),
    DiagnosticCode("phase-level-summary", "hint", "one SUMMARY for a whole phase"),
    DiagnosticCode("duplicate-phase-directory", "hint", "a second folder for a phase"),
    DiagnosticCode("wave-mismatch", "warning", "a wave that does not follow from the dependencies"),
    DiagnosticCode("phase-not-in-roadmap", "hint", "a folder of a phase that no ROADMAP lists"),
)
