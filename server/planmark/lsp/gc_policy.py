"""Garbage collection: on the engine's thread, between two jobs, and only among new objects.

Python's collector would traverse all facts of a workspace again and again. Every thread stops meanwhile: at 10,000
documents for more than a second.
"""

from __future__ import annotations

import gc

COLLECT_FROM = 10_000
FREEZE_FROM = 100_000
"""Objects; a collection of this size takes about 20 ms."""


def collect_new() -> None:
    """Collect garbage among the objects made since the last call, and freeze the survivors.

    If one job made FREEZE_FROM objects or more, as a first scan does, they are facts: freeze them without a collection. A
    frozen object is freed when its last reference goes, as every object is. Only a reference cycle stays.
    """
    new = gc.get_count()[0]
    if new < COLLECT_FROM:
        return
    if new < FREEZE_FROM:
        gc.collect()
    gc.freeze()
