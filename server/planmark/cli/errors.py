"""Exit codes, and the error that carries one."""

from __future__ import annotations

DONE = 0
FOUND = 1
BAD_USAGE = 2
NOTHING_TO_DO = 3
WAITING = 4
UNREADABLE = 5
INTERRUPTED = 130


class CommandError(Exception):
    """A message for the user, and the exit code of the command."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
