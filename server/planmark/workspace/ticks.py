"""How finely file systems tell times apart: a file that is changed twice within a tick shows only one of the changes."""

from __future__ import annotations

FINE_TICK_NS, COARSE_TICK_NS = 20_000_000, 2_000_000_000
"""The clocks of file systems tick every few milliseconds, or, where no fraction of a second is kept, every two seconds."""


def is_settled(changed_ns: int, now_ns: int) -> bool:
    """Whether what was changed at one time cannot change any more, from `now_ns` on, without showing another time."""
    return now_ns - changed_ns > (FINE_TICK_NS if changed_ns % 1_000_000_000 else COARSE_TICK_NS)
