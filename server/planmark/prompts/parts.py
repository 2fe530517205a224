"""The parts of a step that several agents do in parallel, and the changed files that they look at, as values."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """A part of a step: its name, its role in the settings, its tier of model, its subject, and its questions."""

    name: str
    role: str
    tier: int
    asks: str
    questions: tuple[str, ...]


class ChangedPath(NamedTuple):
    """A file that the work changed: its path, the change in words, and the number of changed lines."""

    path: str
    kind: str
    lines: int


class WorkUnderReview(NamedTuple):
    """The work under review: the command that shows it, the base in words, the files, and the number of all files.

    `problem` is the reason why the work is unknown, or "".
    """

    command: str = ""
    compared_with: str = ""
    files: tuple[ChangedPath, ...] = ()
    total: int = 0
    problem: str = ""


UNKNOWN_WORK = WorkUnderReview(problem="it was not asked")
MAX_FILES = 40
"""The maximum number of changed files that a prompt lists."""
