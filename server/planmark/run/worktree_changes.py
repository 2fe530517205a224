"""The search for a file of a work tree that has changed since a given time. The supervisor uses it before it ends an
agent that seems to do nothing.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from planmark.storage.git_checkout import GIT_ENTRY


def time_of_change_since(folder: Path, since: float, now: float) -> float | None:
    """Return the time of a change below `folder` after the time `since`; None if there is no such change.

    All times are in seconds since the epoch. The search ends at the first such change, which may not be the newest.
    Links are not followed, and `.git` is left out. A change after `now` does not count: the clock was set back.
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
            # A program can set the modification time, for example when it unpacks an archive. So this time is not used.
            change_time = status.st_mtime if sys.platform == "win32" else status.st_ctime
            if since < change_time <= now:
                return change_time
            if stat.S_ISDIR(status.st_mode):
                folders.append(entry.path)
    return None
