"""Return of freed memory to the system."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable


def return_freed_memory() -> None:
    """Let the C library glibc return unused memory to the system. With a different C library, do nothing.

    Without this call, a few small objects can keep megabytes of unused memory in the process.
    """
    if (trim := _malloc_trim()) is not None:
        trim(0)


@functools.cache
def _malloc_trim() -> Callable[[int], int] | None:
    """Return the function `malloc_trim` of glibc; None if the process does not use glibc."""
    if sys.platform != "linux":
        return None
    # Imported only here: the server starts faster without this module, and has no memory to return before the first
    # collection of garbage.
    import ctypes

    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim
