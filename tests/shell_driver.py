"""A driver for interactive shells in a terminal: types keys, and waits for text on the screen."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

DEADLINE_SECONDS = 120.0
"""Time after which a test fails that waits for text on the screen."""
ROWS, COLUMNS = 40, 200
_CONTROLS = re.compile(r"\x1b\[[0-9;?=<>]*[A-Za-z]|\x1b\][^\x07]*(?:\x07|\x1b\\)|\x1b[=>()][0-9A-B]?|[\r\x00\x0f]")


class ShellTerminal:
    """A shell in a terminal of its own, with 200 columns."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._text = ""
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(folder)
            os.execve(command[0], list(command), dict(environment))
        import fcntl
        import termios

        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def __enter__(self) -> ShellTerminal:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.close(self._terminal)
        os.waitpid(self._pid, 0)

    def type(self, keys: str) -> None:
        """Type keys, and forget the text that was on the screen before."""
        self._text = ""
        os.write(self._terminal, keys.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Return the first match of a pattern in the text since the last keys. Raises AssertionError after a time."""
        end = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < end:
            if match := re.search(pattern, _CONTROLS.sub("", self._text)):
                return match
            ready, _, _ = select.select([self._terminal], [], [], 0.2)
            if ready:
                try:
                    self._text += os.read(self._terminal, 65536).decode(errors="replace")
                except OSError:
                    break
        raise AssertionError(f"no {pattern!r} in: {_CONTROLS.sub('', self._text)!r}")


def environment_with(folder: Path, home: Path) -> dict[str, str]:
    """Return an environment whose programs are `planmark` in `folder` and those of the system."""
    launcher = folder / "planmark"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m planmark.cli.main "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)
    keeps = {name: os.environ[name] for name in ("XDG_CACHE_HOME", "PYTHONPATH", "LANG") if name in os.environ}
    return {
        "LANG": "C.UTF-8",
        **keeps,
        "PATH": f"{folder}:/usr/bin:/bin",
        "HOME": str(home),
        "TERM": "xterm",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith("server")),
    }
