"""A lock between processes: a file that at most one process locks."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PAUSE_SECONDS = (0.001, 0.016)
"""First and longest pause between two tries. Many processes that tried all the time would slow down the holder."""
MAX_HOLDERS = 30
"""Maximum number of holders that a process waits for, each for the whole time."""
APPEND_FLAGS = os.O_CREAT | os.O_RDWR | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
NO_WAIT_FLAG = getattr(os, "O_NONBLOCK", 0)
"""The flag that avoids waiting if a pipe has the name of the file."""
LOCK_HELD_ERRORS = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK})
"""The errors of a lock that another process holds. Any other error means that the file system has no locks."""

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


def hold_file(path: Path) -> int:
    """Lock a file until this process ends or closes the returned descriptor.

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
def hold_lock(path: Path, seconds: float, *, each: bool = False) -> Iterator[None]:
    """Hold the lock for a block.

    Raises OSError if the lock file cannot be opened or locked, TimeoutError if other processes hold the lock for
    `seconds`. With `each`, the time begins again with every new holder, up to MAX_HOLDERS times. So a long queue on a
    slow machine does not fail.
    """
    descriptor = os.open(path, APPEND_FLAGS | NO_WAIT_FLAG, 0o600)
    try:
        start_time, pause = time.monotonic(), PAUSE_SECONDS[0]
        end, last = start_time + seconds, start_time + seconds * (MAX_HOLDERS if each else 1)
        lock_time = os.fstat(descriptor).st_mtime_ns
        while True:
            try:
                _try_lock(descriptor)
                break
            except OSError as error:
                if error.errno not in LOCK_HELD_ERRORS:
                    raise
                now, since = time.monotonic(), os.fstat(descriptor).st_mtime_ns
                if since != lock_time:
                    lock_time, end = since, min(now + seconds, last)
                if now > end:
                    raise TimeoutError(f"another process has held {path.name} for {seconds:g} s") from None
                time.sleep(pause)
                pause = min(2 * pause, PAUSE_SECONDS[1])
        if each:
            with contextlib.suppress(OSError):
                os.utime(path)  # A waiting process sees by the time of the file that the holder has changed.
        yield
    finally:
        os.close(descriptor)
