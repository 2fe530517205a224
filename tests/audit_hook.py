"""Runs `planmark` and records what the interpreter opens, lists, makes, moves, starts and connects to.

    python audit_hook.py FILE ARGUMENT...

Each line of FILE is the name of an audit event and its first argument, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

EVENTS = frozenset(
    (
        *(
            "open",
            "os.listdir",
            "os.scandir",
            "os.mkdir",
            "os.rename",
            "os.remove",
            "os.rmdir",
            "os.link",
            "os.symlink",
        ),
        *("os.chmod", "os.chown", "os.truncate", "os.utime", "shutil.copyfile", "shutil.move", "sqlite3.connect"),
        *("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "socket.connect", "socket.bind"),
    )
)


def watch(log: str) -> None:
    """Begin to record the audit events."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event in EVENTS and not isinstance(arguments[0], int):
            about = arguments[1] if event.startswith("socket.") else arguments[0]
            text = os.fsdecode(about) if isinstance(about, (str, bytes, os.PathLike)) else str(about)
            os.write(descriptor, json.dumps([event, text]).encode() + b"\n")

    sys.addaudithook(note)


if __name__ == "__main__":
    watch(sys.argv[1])
    from planmark.cli.main import main

    sys.exit(main(sys.argv[2:]))
