"""The codes of the diagnostics of Kiro."""

from __future__ import annotations

from planmark.formats.checkbox.codes import SHARED_CODES
from planmark.plans.diagnostic import DiagnosticCode

CODES: tuple[DiagnosticCode, ...] = (
    *SHARED_CODES,
    DiagnosticCode("spec-copy", "hint", "copies of specs in `.kiro/backups/`, which are not read"),
    DiagnosticCode("task-queued", "hint", "a box `[~]`, which Kiro writes for a queued task"),
    DiagnosticCode("task-optional-escaped", "warning", "a mark of an optional task that a formatter has escaped"),
    DiagnosticCode("task-id-form", "warning", "a task number with characters that Kiro does not recognise"),
    DiagnosticCode("task-not-startable", "warning", "a heading in place of a major task with a box"),
    DiagnosticCode("done-before-dependency", "hint", "a task that is done before a task that it depends on"),
    DiagnosticCode("requirement-unknown", "warning", "a requirement number that the spec does not have"),
    DiagnosticCode("wave-task-unknown", "warning", "a number in the dependency graph that no task has"),
    DiagnosticCode("wave-task-missing", "hint", "a task that is in no wave of the dependency graph"),
)
