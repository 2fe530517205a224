"""The codes of the diagnostics of spec-kit."""

from __future__ import annotations

from planmark.formats.checkbox.codes import SHARED_CODES
from planmark.plans.diagnostic import DiagnosticCode

CODES: tuple[DiagnosticCode, ...] = (
    *SHARED_CODES,
    DiagnosticCode("template-unchanged", "information", "a list of tasks that is still the template of spec-kit"),
    DiagnosticCode("feature-number-duplicate", "hint", "a feature number that two folders share"),
    DiagnosticCode("plan-md-missing", "information", "a feature of spec-kit without `plan.md`"),
    DiagnosticCode("task-id-missing", "hint", "a list of tasks in which no task has an id"),
    DiagnosticCode("task-id-order", "hint", "a task id that is lower than an id before it"),
    DiagnosticCode("task-id-glued", "warning", "a task id without a space after it"),
    DiagnosticCode("double-checkbox", "warning", "a task with two boxes"),
    DiagnosticCode("earlier-phase-open", "hint", "a phase with open tasks that blocks a phase in which work has begun"),
    DiagnosticCode("story-label-missing", "hint", "a task of a story without the label of the story"),
    DiagnosticCode("checklist-open", "information", "a checklist with open items, at which `/speckit.implement` stops"),
    DiagnosticCode("deliverable-moved", "hint", "a file of a ticked task that exists at a different path"),
)
