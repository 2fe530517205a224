"""The codes of the diagnostics for superpowers plans."""

from __future__ import annotations

from planmark.formats.checkbox.codes import SHARED_CODES
from planmark.plans.diagnostic import DiagnosticCode

CODES: tuple[DiagnosticCode, ...] = (
    *SHARED_CODES,
    DiagnosticCode("boxes-untouched", "information", "a plan without a tick whose files all exist"),
    DiagnosticCode("step-inside-code-fence", "warning", "a step that lies inside a code block"),
    DiagnosticCode("earlier-task-open", "hint", "a task without a tick before a task with ticks"),
    DiagnosticCode("task-not-heading", "hint", "a paragraph that reads like a task"),
    DiagnosticCode("task-heading-not-found-by-sdd", "information", "a task whose heading superpowers does not find"),
    DiagnosticCode("duplicate-step-number", "warning", "a step number that one task has twice"),
    DiagnosticCode("plan-no-tasks", "hint", "a document in the folder of plans that has no task"),
    DiagnosticCode("plan-superseded", "information", "a plan that a newer version beside it replaces"),
    DiagnosticCode("status-contradicts-boxes", "information", "a line that says done where most boxes are open"),
)
