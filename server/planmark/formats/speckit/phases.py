"""The order of the phases: the kind of each phase, and the open phases that it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from planmark.formats.speckit.reading import Phase

PhaseKind = Literal["before", "story", "after", "sequence"]
"""The kind of a phase.

A phase of a user story has the kind `story`. Any other phase has the kind `before` or `after`: it is before or after
the first phase of a story. In a file without stories, every phase is `sequence`.
"""

MAX_BLOCKING_PHASES = 50
"""Maximum number of blocking phases per phase; more are omitted."""


def kinds_of(phases: Sequence[Phase]) -> tuple[PhaseKind, ...]:
    """Return the kind of each phase. `phases` have the order of the file."""
    first_story_index = next((index for index, phase in enumerate(phases) if phase.stories), None)
    if first_story_index is None:
        return tuple("sequence" for _ in phases)
    return tuple(_kind_of(phase, index < first_story_index) for index, phase in enumerate(phases))


def _kind_of(phase: Phase, is_before_stories: bool) -> PhaseKind:
    """Return the kind of a phase in a file with stories."""
    if phase.stories:
        return "story"
    return "before" if is_before_stories else "after"


def blocking_phases_of(kinds: Sequence[PhaseKind], unfinished_flags: Sequence[bool]) -> tuple[tuple[int, ...], ...]:
    """Return for each phase the positions of the unfinished phases that must come first.

    A phase of a story waits only for the phases before the first story. Every other phase waits for all phases before
    it.
    """
    blocking_phases: list[tuple[int, ...]] = []
    phases_before_stories: tuple[int, ...] = ()
    earlier_phases: tuple[int, ...] = ()
    for index, kind in enumerate(kinds):
        blocking_phases.append(phases_before_stories if kind == "story" else earlier_phases)
        if unfinished_flags[index] and len(earlier_phases) < MAX_BLOCKING_PHASES:
            earlier_phases = (*earlier_phases, index)
            phases_before_stories = (*phases_before_stories, index) if kind == "before" else phases_before_stories
    return tuple(blocking_phases)
