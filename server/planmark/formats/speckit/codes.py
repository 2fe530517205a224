"""The codes of the diagnostics of spec-kit."""

from __future__ import annotations

from planmark.formats.checkbox.codes import SHARED_CODES
from planmark.plans.diagnostic import CheckInfo

CODES: tuple[CheckInfo, ...] = (
    *SHARED_CODES,
    CheckInfo("template-unchanged", "information", "a list of tasks that is still the template of spec-kit"),
    CheckInfo("feature-number-duplicate", "hint", "a feature number that two folders share"),
    CheckInfo("plan-md-missing", "information", "a feature of spec-kit without `plan.md`"),
    CheckInfo("task-id-missing", "hint", "a list of tasks in which no task has an id"),
    CheckInfo("task-id-order", "hint", "a task id that is lower than an id before it"),
    CheckInfo("task-id-glued", "warning", "a task id without a space after it"),
    CheckInfo("double-checkbox", "warning", "a task with two boxes"),
    CheckInfo("earlier-phase-open", "hint", "a phase with open tasks that blocks a phase in which work has begun"),
    CheckInfo("story-label-missing", "hint", "a task of a story without the label of the story"),
    CheckInfo("checklist-open", "information", "a checklist with open items, at which `/speckit.implement` stops"),
    CheckInfo("deliverable-moved", "hint", "a file of a ticked task that exists at a different path"),
)
