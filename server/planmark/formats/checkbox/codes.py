"""The codes of diagnostics that several checkbox formats share."""

from __future__ import annotations

from planmark.plans.diagnostic import CheckInfo

SHARED_CODES: tuple[CheckInfo, ...] = (
    CheckInfo("task-id-duplicate", "warning", "an id that two tasks share"),
    CheckInfo("task-marker-unknown", "warning", "a box with a mark that the format does not know"),
    CheckInfo("parent-ticked-early", "warning", "a ticked task with a required sub-task that is open"),
    CheckInfo("parent-not-ticked", "hint", "an open task whose required sub-tasks are all done"),
    CheckInfo("tasks-missing", "information", "a plan without tasks, or without the document that lists them"),
    CheckInfo("task-says-deferred", "hint", "a ticked task whose text says that it was not done"),
    CheckInfo("checkbox-missing", "warning", "a task without a box, or a box that is not a task"),
    CheckInfo("task-number-group", "warning", "a task whose number does not begin with that of its group"),
)
