"""The codes of the diagnostics of OpenSpec."""

from __future__ import annotations

from planmark.formats.checkbox.codes import SHARED_CODES
from planmark.plans.diagnostic import DiagnosticCode

CODES: tuple[DiagnosticCode, ...] = (
    *SHARED_CODES,
    DiagnosticCode("change-ready-to-archive", "hint", "a change whose tasks are all done"),
    DiagnosticCode("change-archived-open", "information", "an archived change with open tasks"),
    DiagnosticCode("old-counter-drops", "hint", "a task that older versions of OpenSpec do not count"),
    DiagnosticCode("task-after-archive", "hint", "a task that can only be done after the archive"),
    DiagnosticCode("task-file-name", "warning", "a list of tasks with a file name that OpenSpec does not read"),
    DiagnosticCode("delta-not-merged", "hint", "a file below `specs/` of a change that OpenSpec does not merge"),
    DiagnosticCode("archive-place", "warning", "an archived change outside `openspec/changes/archive/`"),
    DiagnosticCode("change-nested", "warning", "a change that is not directly below `openspec/changes/`"),
)
