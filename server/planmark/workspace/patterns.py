"""Patterns as git reads them, of settings and of ignore files; those that would take too long to compare are left out."""

from __future__ import annotations

from collections.abc import Iterable

import pathspec

MAX_STARS, MAX_DEEP = 3, 3
"""So many `*`, and so many `**`, a pattern may have: with each, the time to compare it with a long name grows by a power."""


def is_costly(pattern: str) -> bool:
    """Whether a pattern has more stars than are compared."""
    return pattern.count("**") > MAX_DEEP or pattern.replace("**", "").count("*") > MAX_STARS


def spec_of(patterns: Iterable[str]) -> pathspec.GitIgnoreSpec:
    """The patterns that are not costly. Raises ValueError where one cannot be read."""
    return pathspec.GitIgnoreSpec.from_lines(pattern for pattern in patterns if not is_costly(pattern))


def refuse_costly(patterns: Iterable[str]) -> None:
    """Raises ValueError that names a costly pattern."""
    if costly := next((pattern for pattern in patterns if is_costly(pattern)), None):
        raise ValueError(f"{costly[:60]!r} has more than {MAX_STARS} `*` or {MAX_DEEP} `**`: use more patterns")
