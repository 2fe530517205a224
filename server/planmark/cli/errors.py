"""Exit codes, and the error that carries one."""

from __future__ import annotations

from planmark.answers.find import Cause

DONE = 0
FOUND = 1
BAD_USAGE = 2
NOTHING_TO_DO = 3
WAITING = 4
UNREADABLE = 5
INTERRUPTED = 130

CAUSES: dict[Cause, int] = {"usage": BAD_USAGE, "unreadable": UNREADABLE, "nothing_to_do": NOTHING_TO_DO}
"""Why there is no answer → exit code."""


class CommandError(Exception):
    """A message for the user, and the exit code of the command."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
