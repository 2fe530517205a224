"""The identity of this machine, of its last start, and of the space in which a process number is unique."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from pathlib import Path

IDENTITY_FILES = ("/etc/machine-id", "/proc/sys/kernel/random/boot_id")
"""Files that identify a machine and its last start.

A container may show the files of its host, although it has process numbers of its own. So these files alone do not
identify the space of process numbers.
"""


def host_name() -> str:
    """Return the name of this machine."""
    name = os.uname().nodename if sys.platform != "win32" else os.environ.get("COMPUTERNAME", "")
    return name or "localhost"


@functools.cache
def process_space_digest() -> str:
    """Return a digest that is equal for all processes that share one space of process numbers.

    The digest is made from the machine, the last start of the machine, and the namespace of process numbers. Each
    container has such a namespace of its own.
    """
    identity_parts = [host_name()]
    for path in IDENTITY_FILES:
        try:
            identity_parts.append(Path(path).read_text(encoding="ascii", errors="replace").strip())
        except OSError:
            identity_parts.append("")
    try:
        identity_parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        identity_parts.append("")
    return hashlib.sha256("\0".join(identity_parts).encode()).hexdigest()[:16]
