"""A lock between processes: a file that only one process at a time can lock."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

FIRST_AND_LONGEST_PAUSE_SECONDS = (0.001, 0.016)
"""The first pause and the longest pause between two tries to take the lock, in seconds.

Without pauses, many waiting processes would slow down the holder.
"""
MAX_HOLDERS = 30
"""Maximum number of successive holders of the lock for which a process waits, if its waiting time begins again with
each holder.
"""
APPEND_FLAGS = os.O_CREAT | os.O_RDWR | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""The flags with which `os.open` opens a file to append to it. A missing file is created."""
NO_WAIT_FLAG = getattr(os, "O_NONBLOCK", 0)
"""The flag with which opening a file does not block, even if the file is a pipe."""
LOCK_HELD_ERRORS = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK})
"""Numbers of the errors that mean that another process holds the lock.

Any other error means that the file system has no locks.
"""

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        """Take the lock until the descriptor is closed. Raises OSError if another process has it."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        """Take the lock until the descriptor is closed. Raises OSError if another process has it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_file_until_close(path: Path) -> int:
    """Lock a file, and return its descriptor. The lock lasts until this process ends or closes the descriptor.

    Raises OSError if another process holds the lock.
    """
    descriptor = os.open(path, (APPEND_FLAGS & ~os.O_APPEND) | NO_WAIT_FLAG, 0o600)
    try:
        _try_lock(descriptor)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextlib.contextmanager
def hold_lock(path: Path, seconds: float, *, is_per_holder: bool = False) -> Iterator[None]:
    """Hold the lock of the file `path` during the block of the `with` statement.

    Raises OSError if the file cannot be opened or locked. Raises TimeoutError if other processes hold the lock for
    `seconds` seconds. If `is_per_holder` is True, the time begins again with each new holder, up to MAX_HOLDERS times.
    So a long queue on a slow machine does not fail.
    """
    descriptor = os.open(path, APPEND_FLAGS | NO_WAIT_FLAG, 0o600)
    try:
        start_time, pause = time.monotonic(), FIRST_AND_LONGEST_PAUSE_SECONDS[0]
        deadline, last_deadline = start_time + seconds, start_time + seconds * (MAX_HOLDERS if is_per_holder else 1)
        lock_time = os.fstat(descriptor).st_mtime_ns
        while True:
            try:
                _try_lock(descriptor)
                break
            except OSError as error:
                if error.errno not in LOCK_HELD_ERRORS:
                    raise
                now, new_lock_time = time.monotonic(), os.fstat(descriptor).st_mtime_ns
                if new_lock_time != lock_time:
                    lock_time, deadline = new_lock_time, min(now + seconds, last_deadline)
                if now > deadline:
                    raise TimeoutError(f"another process has held {path.name} for {seconds:g} s") from None
                time.sleep(pause)
                pause = min(2 * pause, FIRST_AND_LONGEST_PAUSE_SECONDS[1])
        if is_per_holder:
            with contextlib.suppress(OSError):
                os.utime(path)  # By the time of the file, a waiting process sees that there is a new holder.
        yield
    finally:
        os.close(descriptor)
