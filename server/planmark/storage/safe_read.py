"""The safe way to open files of a workspace.

No file outside of the workspace is read, and opening a pipe or a device does not block.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

READ_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""The flags with which `os.open` opens a file to read.

With them, opening a pipe does not block. So the type of the file can be checked before the file is read.
"""


class NotReadError(Exception):
    """A file must not be read. The message is the reason, and `code` is the code of the diagnostic."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_inside(root: Path, path: str, max_bytes: int) -> bytes:
    """Return at most `max_bytes` + 1 bytes of the regular file at `path`.

    `root` is the resolved path of the workspace. A link in `path` must lead to a file inside `root`. Raises
    NotReadError if the file must not be read. Raises OSError if the file cannot be read.
    """
    absolute_path, mode = _path_without_links(root, path) or _resolve_links(root, path)
    if not stat.S_ISREG(mode):
        raise NotReadError("not-a-file", "is not a regular file: it is not read")
    # Check the opened file again, because the file may have been replaced since the first check.
    descriptor = os.open(absolute_path, READ_FLAGS | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as stream:
        opened_status = os.fstat(descriptor)
        if not stat.S_ISREG(opened_status.st_mode):
            raise NotReadError("not-a-file", "is not a regular file: it is not read")
        # Read as many bytes as the file system reports. Some file systems report too few, and the file may grow.
        data = stream.read(min(max_bytes, opened_status.st_size) + 1)
        return data if len(data) <= opened_status.st_size else data + stream.read(max_bytes + 1 - len(data))


def _path_without_links(root: Path, path: str) -> tuple[str, int] | None:
    """Return a tuple: the absolute path of the file at `path`, and its mode.

    Return None if a part of the path is a link, or if this quick check cannot tell. The check calls `lstat` once for
    each part.
    """
    parts = path.split("/")
    if os.name != "posix" or not {"", ".", ".."}.isdisjoint(parts):
        return None
    absolute_path, mode = str(root), stat.S_IFDIR
    for part in parts:
        absolute_path = f"{absolute_path}/{part}"
        try:
            mode = os.lstat(absolute_path).st_mode
        except ValueError:
            return None
        if stat.S_ISLNK(mode):
            return None
    return absolute_path, mode


def _resolve_links(root: Path, path: str) -> tuple[str, int]:
    """Return a tuple: the absolute path of the file at `path`, without links, and the mode of the file.

    Raises NotReadError if the file must not be read.
    """
    try:
        absolute_path = (root / path).resolve()
    except RuntimeError as error:
        raise NotReadError("broken-link", f"cannot be followed: {error}") from None
    except ValueError:
        raise NotReadError("unreadable", "cannot be read: it is not a name of a file") from None
    if not absolute_path.is_relative_to(root):
        raise NotReadError("outside", "is a link that leaves the workspace: it is not read")
    return str(absolute_path), absolute_path.stat().st_mode
