"""What the names of files say, kept up to date change by change."""

from __future__ import annotations

import sys

from planmark.workspace.snapshot import Snapshot


def renamed(before: Snapshot, different: set[str], there: set[str]) -> dict[str, tuple[str, ...] | None]:
    """The file names that other paths have than before (None: none has it any more)."""
    found: dict[str, tuple[str, ...] | None] = {}
    for path in different:
        name = sys.intern(path.rpartition("/")[2])
        known = found.get(name, before.names.get(name, ())) or ()
        if (path in known) != (path in there):
            found[name] = tuple(sorted({*known, path} if path in there else {*known} - {path})) or None
    return found
