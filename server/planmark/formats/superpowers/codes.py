"""The codes of the diagnostics for superpowers plans."""

from __future__ import annotations

from planmark.formats.checkbox.codes import SHARED_CODES
from planmark.plans.diagnostic import CheckInfo

CODES: tuple[CheckInfo, ...] = (
    *SHARED_CODES,
    CheckInfo("boxes-untouched", "information", "a plan without a tick whose files all exist"),
    CheckInfo("step-inside-code-fence", "warning", "a step that lies inside a code block"),
    CheckInfo("earlier-task-open", "hint", "a task without a tick before a task with ticks"),
    CheckInfo("task-not-heading", "hint", "a paragraph that reads like a task"),
    CheckInfo("task-heading-not-found-by-sdd", "information", "a task whose heading superpowers does not find"),
    CheckInfo("duplicate-step-number", "warning", "a step number that one task has twice"),
    CheckInfo("plan-no-tasks", "hint", "a document in the folder of plans that has no task"),
    CheckInfo("plan-superseded", "information", "a plan that a newer version beside it replaces"),
    CheckInfo("status-contradicts-boxes", "information", "a line that says done where most boxes are open"),
)
