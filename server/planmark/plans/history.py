"""The commits of a workspace as evidence: a format may find the names of its tasks in them."""

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
    """The newest commits, the newest first. `unknown` says why there may be others, or "".

    Two histories are the same only if they are one object, so that a format can keep what it made from one.
    """

    commits: tuple[Commit, ...] = ()
    unknown: str = ""


NO_HISTORY = History()


def no_history() -> History:
    """Return no commits, for a plan that is evaluated without a repository."""
    return NO_HISTORY


def no_lines(_path: str) -> None:
    """Return None, for a plan that is evaluated without the files that its tasks change."""
