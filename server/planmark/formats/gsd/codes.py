"""The codes of the diagnostics for GSD."""

from __future__ import annotations

from planmark.plans.diagnostic import CheckInfo

CODES: tuple[CheckInfo, ...] = (
    CheckInfo("plan-ticked-without-summary", "warning", "a plan that ROADMAP ticks although it has no SUMMARY"),
    CheckInfo("plan-open-with-summary", "hint", "a plan with a SUMMARY whose box in ROADMAP is open"),
    CheckInfo("phase-ticked-incomplete", "warning", "a phase that ROADMAP ticks although plans have no SUMMARY"),
    CheckInfo("phase-open-complete", "hint", "a phase whose plans are all done, but whose box is open"),
    CheckInfo("progress-row-mismatch", "hint", "a row of the progress table that differs from the files"),
    CheckInfo("roadmap-contradicts-itself", "warning", "a phase whose box and whose row in the table disagree"),
    CheckInfo("state-count-mismatch", "hint", "a number of plans in STATE that differs from the files"),
    CheckInfo("gaps-found-but-complete", "warning", "a phase that is marked as complete although gaps were found"),
    CheckInfo("verification-contradicts-itself", "warning", "a VERIFICATION with two different results"),
    CheckInfo("verification-unknown", "warning", "a VERIFICATION without a result that GSD knows"),
    CheckInfo("verification-name", "hint", "a VERIFICATION with a name that GSD does not look for"),
    CheckInfo("summary-without-plan", "information", "a SUMMARY whose PLAN does not exist"),
    CheckInfo("plan-name-non-canonical", "hint", "a PLAN whose file name has no number of a phase and a plan"),
    CheckInfo("phase-level-summary", "hint", "one SUMMARY for a whole phase"),
    CheckInfo("duplicate-phase-directory", "hint", "a second folder for a phase"),
    CheckInfo("wave-mismatch", "warning", "a wave that does not follow from the dependencies"),
    CheckInfo("phase-not-in-roadmap", "hint", "a folder of a phase that no ROADMAP lists"),
)
