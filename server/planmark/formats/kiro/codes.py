"""The codes of the diagnostics of Kiro."""

from __future__ import annotations

from planmark.formats.checkbox.codes import SHARED_CODES
from planmark.plans.diagnostic import CheckInfo

CODES: tuple[CheckInfo, ...] = (
    *SHARED_CODES,
    CheckInfo("spec-copy", "hint", "copies of specs in `.kiro/backups/`, which are not read"),
    CheckInfo("task-queued", "hint", "a box `[~]`, which Kiro writes for a queued task"),
    CheckInfo("task-optional-escaped", "warning", "a mark of an optional task that a formatter has escaped"),
    CheckInfo("task-id-form", "warning", "a task number with characters that Kiro does not recognise"),
    CheckInfo("task-not-startable", "warning", "a heading in place of a major task with a box"),
    CheckInfo("done-before-dependency", "hint", "a task that is done before a task that it depends on"),
    CheckInfo("requirement-unknown", "warning", "a requirement number that the spec does not have"),
    CheckInfo("wave-task-unknown", "warning", "a number in the dependency graph that no task has"),
    CheckInfo("wave-task-missing", "hint", "a task that is in no wave of the dependency graph"),
)
