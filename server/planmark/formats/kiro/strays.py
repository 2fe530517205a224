"""Diagnostics about documents of Kiro that belong to no spec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planmark.formats.kiro.layout import COPY_ROLE
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.format import FormatDocument


def backup_diagnostics(records: Mapping[str, FormatDocument]) -> Iterator[Diagnostic]:
    """Yield one diagnostic for each folder of backups, at the first copy of a spec in this folder."""
    seen_folders: set[str] = set()
    for path, record in sorted(records.items()):
        folder = path.partition("/backups/")[0]
        if record.role == COPY_ROLE and folder not in seen_folders:
            seen_folders.add(folder)
            message = f"`{folder}/backups/` holds copies of specs, such as this one: they are not read"
            yield Diagnostic(path, 1, "hint", "spec-copy", message)
