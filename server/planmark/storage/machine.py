"""The identity of this machine, of its start, and of the space of its process numbers."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from pathlib import Path

IDENTITY_FILES = ("/etc/machine-id", "/proc/sys/kernel/random/boot_id")
"""Files that identify a machine and its start. A container may have the host's files, but not its process numbers."""


def host_name() -> str:
    """Return the name of this machine."""
    name = os.uname().nodename if sys.platform != "win32" else os.environ.get("COMPUTERNAME", "")
    return name or "localhost"


@functools.cache
def process_space() -> str:
    """Return a digest that is the same for processes that see each other by their numbers.

    It covers the machine, its start, and the namespace of process numbers, which each container has for itself.
    """
    parts = [host_name()]
    for path in IDENTITY_FILES:
        try:
            parts.append(Path(path).read_text(encoding="ascii", errors="replace").strip())
        except OSError:
            parts.append("")
    try:
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        parts.append("")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
