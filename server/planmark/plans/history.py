"""The commits of a workspace as evidence. A format may search the subjects of commits for the names of its tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Commit(NamedTuple):
    """A commit: its short hash, its day (`2026-01-31`), and its subject."""

    hash: str
    day: str
    subject: str


@dataclass(frozen=True, eq=False)
class History:
    """The newest commits of a workspace, the newest first. `problem` is the reason why commits may be missing, or "".

    Two histories are equal only if they are the same object, so a history can be the key of a cache.
    """

    commits: tuple[Commit, ...] = ()
    problem: str = ""


NO_HISTORY = History()


def no_history() -> History:
    """Return an empty history. This default is for a plan that is evaluated without a repository."""
    return NO_HISTORY


def no_line_count(_path: str) -> None:
    """Return None, because the number of lines is unknown. This default is for a plan that is evaluated from its
    documents alone.
    """
