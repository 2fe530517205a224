"""Diagnostics about documents of OpenSpec that belong to no change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planmark.formats.openspec.layout import MISPLACED_ROLE
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.format import FormatDocument


def misplaced_change_diagnostics(records: Mapping[str, FormatDocument]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each archived change in a place that OpenSpec does not read."""
    for path, record in sorted(records.items()):
        if record.role == MISPLACED_ROLE:
            message = "OpenSpec reads archived changes in `openspec/changes/archive/`: move the folder there"
            yield Diagnostic(path, 1, "warning", "archive-place", message)
