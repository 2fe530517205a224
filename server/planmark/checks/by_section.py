"""What is found in a section is found once: the section is what rules look at, and what an edit changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from planmark.syntax.sections import Section

MAX_SECTIONS = 20_000
"""What was found in so many sections is kept; then all of it is forgotten, and found again as it is needed."""
Found = TypeVar("Found")


def by_section(find: Callable[[Section], Found]) -> Callable[[Section], Found]:
    """`find`, which is asked once for each digest of a section."""
    known: dict[bytes, Found] = {}

    def found(section: Section) -> Found:
        if section.digest not in known:
            if len(known) >= MAX_SECTIONS:
                known.clear()
            known[section.digest] = find(section)
        return known[section.digest]

    return found
