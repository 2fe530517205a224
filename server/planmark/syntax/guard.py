"""What the native parser must not be given: sections that have ended a process.

An exception can be caught, a crash of native code cannot. So whoever may keep something between processes (`workspace/`) is told
which section is parsed, and asked about those of which that is suspected.
"""

from __future__ import annotations

from typing import Protocol


class Guard(Protocol):
    """Remembers, where the process may end, what it was about."""

    def begin(self, digest: bytes) -> None:
        """A section is parsed from now on."""

    def end(self) -> None:
        """It was parsed."""

    def refuses(self, digest: bytes, text: str) -> bool:
        """Whether the section with this digest and text must not be parsed."""


class Unguarded:
    """For a process of which nothing is kept."""

    def begin(self, digest: bytes) -> None:
        """Nothing is remembered."""

    def end(self) -> None:
        """Nothing is remembered."""

    def refuses(self, digest: bytes, text: str) -> bool:  # noqa: ARG002
        """Nothing is suspected."""
        return False


_guard: Guard = Unguarded()


def guard() -> Guard:
    """The guard of this process."""
    return _guard


def guard_by(new: Guard) -> None:
    """From now on `new` is told and asked."""
    global _guard
    _guard = new
