"""The check whether a process has certainly ended.

A new process with the same number is not the same process.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

import psutil

from planmark.storage.machine import process_space_digest


class ProcessIdentity(NamedTuple):
    """The identity of a process: its number, the time of its start, and the space in which its number is unique.

    On Linux, `started` is in seconds since the start of the machine, because the wall clock may be set back. On other
    systems, it is in seconds since the epoch.
    """

    pid: int
    started: float
    space: str


def identify(pid: int) -> ProcessIdentity | None:
    """Return the identity of a running process of this space; None if no such process runs."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return ProcessIdentity(pid, _start_time_of(process), process_space_digest())
    except (psutil.Error, ValueError, OverflowError):
        return None


def has_ended(process: ProcessIdentity) -> bool:
    """Tell whether a process has certainly ended: its number in this space is free, or belongs to a different process.

    The result is False if the process belongs to a different space, or if the user may not get information about it.
    """
    if process.space != process_space_digest():
        return False
    try:
        if not psutil.pid_exists(process.pid):
            return True
        running_process = psutil.Process(process.pid)
        return _start_time_of(running_process) != process.started or running_process.status() == psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError, OverflowError):
        return False


def _start_time_of(process: psutil.Process) -> float:
    """Return the time of the start of a process, as in `ProcessIdentity.started`."""
    if sys.platform != "linux":
        return round(process.create_time(), 2)
    # psutil adds the boot time, which moves with the wall clock. The boot time must be read first, because older
    # versions of psutil keep it.
    boot_time = psutil.boot_time()
    return round(process.create_time() - boot_time, 2)
