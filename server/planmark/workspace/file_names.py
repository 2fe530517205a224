"""The index of file names to paths, updated change by change."""

from __future__ import annotations

import sys

from planmark.workspace.snapshot import Snapshot


def renamed(before: Snapshot, different: set[str], there: set[str]) -> dict[str, tuple[str, ...] | None]:
    """Return the changed part of `names`: file name → its current paths, None if no file has this name any more.

    `different` are the paths to check, and `there` the paths in `different` that exist now.
    """
    found: dict[str, tuple[str, ...] | None] = {}
    for path in different:
        name = sys.intern(path.rpartition("/")[2])
        known = found.get(name, before.names.get(name, ())) or ()
        if (path in known) != (path in there):
            found[name] = tuple(sorted({*known, path} if path in there else {*known} - {path})) or None
    return found
