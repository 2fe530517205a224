"""The time of the last change in a work tree, for the limit of an agent that seems to do nothing."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from planmark.storage.git_checkout import GIT_ENTRY


def change_since(folder: Path, since: float, now: float) -> float | None:
    """Return the time of a change after `since` of a file or folder below `folder`; None without such a change.

    Times are in seconds since the epoch. It is the first such change that the walk meets, not the latest. Links are
    not followed, and `.git` is left out. A change after `now`, by a clock that was set back, does not count.
    """
    folders = [str(folder)]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.name == GIT_ENTRY:
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            # A program can set the other time, for example to that of a file in an archive.
            change_time = status.st_mtime if sys.platform == "win32" else status.st_ctime
            if since < change_time <= now:
                return change_time
            if stat.S_ISDIR(status.st_mode):
                folders.append(entry.path)
    return None
