"""Garbage collection: on the engine's thread, between two jobs, and only among new objects.

Python's own collector would often traverse all facts of a workspace, and would stop every thread meanwhile. With 10,000
documents, each stop would take more than a second.
"""

from __future__ import annotations

import gc

from planmark.lsp.malloc import return_freed_memory

MIN_OBJECTS_TO_COLLECT = 10_000
"""Minimum number of new objects after which garbage is collected."""
MIN_OBJECTS_TO_FREEZE = 100_000
"""Minimum number of new objects that are frozen without a collection; a collection of this size takes about 20 ms."""


def collect_new_garbage() -> None:
    """Free the garbage among the objects made since the last call, and freeze the other objects.

    With fewer new objects than MIN_OBJECTS_TO_COLLECT, do nothing. If one job made MIN_OBJECTS_TO_FREEZE objects or
    more, as a first scan does, the objects are facts and no garbage. So they are frozen without a collection.

    Later collections ignore frozen objects. A frozen object is still freed when its last reference is deleted. Only a
    reference cycle is never freed.
    """
    new_object_count = gc.get_count()[0]
    if new_object_count < MIN_OBJECTS_TO_COLLECT:
        return
    if new_object_count < MIN_OBJECTS_TO_FREEZE:
        gc.collect()
        return_freed_memory()
    gc.freeze()
