"""Opening a file of a workspace, whatever stands there: nothing outside is read, and nothing that must be waited for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""A pipe is opened without a writer; what was opened is then looked at before it is read."""


class NotReadError(Exception):
    """Why a file is not read; `code` is that of the problem."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_inside(root: Path, path: str, limit: int) -> bytes:
    """At most `limit` + 1 bytes of a regular file at `path` below `root` (resolved), or of one inside that it links to.

    Raises NotReadError for what is not read, OSError for what cannot be.
    """
    place, mode = _as_named(root, path) or _as_led(root, path)
    if not stat.S_ISREG(mode):
        raise NotReadError("not-a-file", "is no regular file: it is not read")
    # Another one may stand there by now.
    descriptor = os.open(place, READING | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as stream:
        opened = os.fstat(descriptor)
        if not stat.S_ISREG(opened.st_mode):
            raise NotReadError("not-a-file", "is no regular file: it is not read")
        # Room for what the file says it has; some systems do not say it, and it may grow.
        data = stream.read(min(limit, opened.st_size) + 1)
        return data if len(data) <= opened.st_size else data + stream.read(limit + 1 - len(data))


def _as_named(root: Path, path: str) -> tuple[str, int] | None:
    """The place that `path` names and its mode, where nothing on the way leads elsewhere: found in one step for each part.

    None where something does, or may.
    """
    parts = path.split("/")
    if os.name != "posix" or not {"", ".", ".."}.isdisjoint(parts):
        return None
    place, mode = str(root), stat.S_IFDIR
    for part in parts:
        place = f"{place}/{part}"
        try:
            mode = os.lstat(place).st_mode
        except ValueError:
            return None
        if stat.S_ISLNK(mode):
            return None
    return place, mode


def _as_led(root: Path, path: str) -> tuple[str, int]:
    """The place that `path` leads to, by links and whatever else a system knows, and its mode."""
    try:
        place = (root / path).resolve()
    except RuntimeError as error:
        raise NotReadError("broken-link", f"cannot be followed: {error}") from None
    except ValueError:
        raise NotReadError("unreadable", "cannot be read: it is no name of a file") from None
    if not place.is_relative_to(root):
        raise NotReadError("outside", "is a link that leaves the workspace: it is not read")
    return str(place), place.stat().st_mode
