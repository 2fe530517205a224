"""When garbage is collected: by the engine's thread, between two jobs, and only among what is new.

Python's collector would look through everything that is known of a workspace again and again, and while it does every
thread stands still: at 10,000 documents for more than a second.
"""

from __future__ import annotations

import gc

FEW = 10_000
MANY = 100_000
"""Objects; to look through so many takes some 20 ms."""


def collect_new() -> None:
    """Collects among the objects that were made since the last time; what is left is not looked through again.

    Where one job made very many, as the first look at a workspace does, they are facts, and are not looked through at all.
    What lives on and becomes garbage later is freed as all objects are, when nothing refers to it; only a circle stays.
    """
    new = gc.get_count()[0]
    if new < FEW:
        return
    if new < MANY:
        gc.collect()
    gc.freeze()
