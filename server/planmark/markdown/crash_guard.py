"""The guard that keeps the native parser away from sections that have crashed a process.

Python can catch an exception, but not a crash of native code. Therefore `workspace/`, which stores data between
processes, installs a guard. Before the parser parses a section, it asks the guard whether to skip the section, and
tells the guard when it begins and ends.
"""

from __future__ import annotations

from typing import Protocol


class Guard(Protocol):
    """The interface of a crash guard, which records the section that the parser currently parses."""

    def begin(self, digest: bytes) -> None:
        """Record that the parser begins with a section."""

    def end(self) -> None:
        """Record that the parser has finished the section."""

    def refuses(self, digest: bytes, text: str) -> bool:
        """Tell whether the parser must skip the section with this digest and text."""


class NullGuard:
    """A guard without effect: it records no section and refuses no section."""

    def begin(self, digest: bytes) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""

    def refuses(self, digest: bytes, text: str) -> bool:  # noqa: ARG002
        """Return False."""
        return False


_guard: Guard = NullGuard()


def guard() -> Guard:
    """Return the guard of this process."""
    return _guard


def set_guard(new_guard: Guard) -> None:
    """Make `new_guard` the guard of this process."""
    global _guard
    _guard = new_guard
