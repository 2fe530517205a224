"""The values of steps that several agents do in parts: a part for one agent, and the work under review."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """A part of a step: its name, its role in the settings, the tier of its model, its task, and its questions."""

    name: str
    role: str
    tier: int
    asks: str
    questions: tuple[str, ...]


class ChangedPath(NamedTuple):
    """A file that the work changed: its path, the kind of the change (`modified`), and the number of changed lines."""

    path: str
    kind: str
    lines: int


class WorkUnderReview(NamedTuple):
    """The work under review.

    `command` is the git command that shows the work. `compared_with` says in words what the work is compared with.
    `files` are the changed files that a prompt lists, and `total` is the number of all changed files. `problem` is the
    reason why the work is unknown, or "".
    """

    command: str = ""
    compared_with: str = ""
    files: tuple[ChangedPath, ...] = ()
    total: int = 0
    problem: str = ""


UNKNOWN_WORK = WorkUnderReview(problem="it was not asked")
"""The work in a prompt for which Planmark did not ask git about changes."""
MAX_LISTED_FILES = 40
"""The maximum number of changed files that a prompt lists."""
