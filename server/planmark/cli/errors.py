"""The exit codes of commands, and the exception that ends a command with one of these codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planmark.queries.lookup import NoAnswerCause

DONE = 0
"""The exit code of success."""
PROBLEMS_FOUND = 1
"""The exit code if the command found problems, or if a search found nothing."""
BAD_USAGE = 2
"""The exit code of wrong arguments."""
NOTHING_TO_DO = 3
"""The exit code if the requested work is already done, or if no work is left."""
WAITING = 4
"""The exit code if the command can succeed only after a person, an agent or another process has acted."""
UNREADABLE = 5
"""The exit code if there is no plan, or if a file or folder cannot be read or written."""
DEFECT = 70
"""The code of sysexits.h for an internal software error."""
EXIT_INTERRUPTED = 130
"""The exit code if the user interrupts the command with Ctrl-C."""

EXIT_CODES: dict[NoAnswerCause, int] = {
    "usage": BAD_USAGE,
    "unreadable": UNREADABLE,
    "nothing_to_do": NOTHING_TO_DO,
    "waiting": WAITING,
}
"""Mapping from the cause of a `NoAnswerError` to the exit code of the command."""


class CommandError(Exception):
    """A message for the user, and the exit code of the command."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class NameTakenError(CommandError):
    """A command cannot create a file, because the file already exists."""


def exit_code(error: Exception) -> int | None:
    """Return the exit code for an expected error; None if the error is a defect of Planmark.

    The message of an expected error is for the user.

    The modules that define such errors are imported only in this function, which halves the start time of the language
    server.
    """
    from planmark.queries.lookup import NoAnswerError
    from planmark.storage.paths import WorkspaceError

    if isinstance(error, CommandError):
        return error.code
    if isinstance(error, NoAnswerError):
        return EXIT_CODES[error.cause]
    names_a_file = isinstance(error, OSError) and error.filename is not None
    return UNREADABLE if names_a_file or isinstance(error, WorkspaceError) else None
