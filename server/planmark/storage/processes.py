"""The check whether a process has certainly ended. A new process with the same number does not count."""

from __future__ import annotations

import sys
from typing import NamedTuple

import psutil

from planmark.storage.machine import process_space


class ProcessIdentity(NamedTuple):
    """A process: its number, the time of its start, and the name of the space in which its number is unique.

    `started` is in seconds since the start of the machine on Linux, where the wall clock may be set back, and since the
    epoch elsewhere.
    """

    pid: int
    started: float
    space: str


def identify(pid: int) -> ProcessIdentity | None:
    """Return the identity of a living process of this space; None without such a process."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return ProcessIdentity(pid, _start_of(process), process_space())
    except (psutil.Error, ValueError, OverflowError):
        return None


def has_ended(process: ProcessIdentity) -> bool:
    """Tell whether a process has certainly ended: it is of this space, and its number is free or has a new owner.

    A process that this user may not look at counts as living.
    """
    if process.space != process_space():
        return False
    try:
        if not psutil.pid_exists(process.pid):
            return True
        running_process = psutil.Process(process.pid)
        return _start_of(running_process) != process.started or running_process.status() == psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError, OverflowError):
        return False


def _start_of(process: psutil.Process) -> float:
    """Return the time of the start of a process; see `ProcessIdentity`."""
    if sys.platform != "linux":
        return round(process.create_time(), 2)
    # psutil adds the boot time, which moves with the wall clock. The boot time must be read first, because older
    # versions of psutil keep it.
    boot_time = psutil.boot_time()
    return round(process.create_time() - boot_time, 2)
