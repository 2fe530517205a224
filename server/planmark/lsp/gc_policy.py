"""Garbage collection: on the engine's thread, between two jobs, and only among new objects.

Python's collector would repeatedly traverse all facts of a workspace and stop every thread meanwhile, at 10,000
documents for more than a second.
"""

from __future__ import annotations

import gc

MIN_OBJECTS_TO_COLLECT = 10_000
MIN_OBJECTS_TO_FREEZE = 100_000
"""Minimum number of new objects that are frozen without a collection; a collection of this size takes about 20 ms."""


def collect_new() -> None:
    """Collect garbage among the objects made since the last call, and freeze the survivors.

    If one job made MIN_OBJECTS_TO_FREEZE objects or more, as a first scan does, these objects are facts, so freeze them without a
    collection. A frozen object is still freed when its last reference is deleted. Only a reference cycle is never
    freed.
    """
    new_object_count = gc.get_count()[0]
    if new_object_count < MIN_OBJECTS_TO_COLLECT:
        return
    if new_object_count < MIN_OBJECTS_TO_FREEZE:
        gc.collect()
    gc.freeze()
