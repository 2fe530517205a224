"""The index of file names to paths, updated change by change."""

from __future__ import annotations

import sys

from planmark.workspace.snapshot import Snapshot


def renamed(before: Snapshot, different: set[str], there: set[str]) -> dict[str, tuple[str, ...] | None]:
    """Map each file name with different paths than `before` to those paths; to None if no file has the name any more.

    `different` are the paths to check, `there` those of them that exist now.
    """
    found: dict[str, tuple[str, ...] | None] = {}
    for path in different:
        name = sys.intern(path.rpartition("/")[2])
        known = found.get(name, before.names.get(name, ())) or ()
        if (path in known) != (path in there):
            found[name] = tuple(sorted({*known, path} if path in there else {*known} - {path})) or None
    return found
