"""The codes of diagnostics that several checkbox formats share."""

from __future__ import annotations

from planmark.plans.diagnostic import DiagnosticCode

SHARED_CODES: tuple[DiagnosticCode, ...] = (
    DiagnosticCode("task-id-duplicate", "warning", "an id that two tasks share"),
    DiagnosticCode("task-marker-unknown", "warning", "a box with a mark that the format does not know"),
    DiagnosticCode("parent-ticked-early", "warning", "a ticked task with a required sub-task that is open"),
    DiagnosticCode("parent-not-ticked", "hint", "an open task whose required sub-tasks are all done"),
    DiagnosticCode("tasks-missing", "information", "a plan without tasks, or without the document that lists them"),
    DiagnosticCode("task-says-deferred", "hint", "a ticked task whose text says that it was not done"),
    DiagnosticCode("checkbox-missing", "warning", "a task without a box, or a box that is not a task"),
    DiagnosticCode("task-number-group", "warning", "a task whose number does not begin with that of its group"),
)
