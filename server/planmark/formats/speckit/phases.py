"""The order of the phases: the kind of each phase, and the open phases that it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from planmark.formats.speckit.reading import Phase

PhaseKind = Literal["before", "story", "after", "sequence"]
"""The kind of a phase: before the first story, a story, after the first story, or in a file without stories."""

MAX_BLOCKING_PHASES = 50
"""Maximum number of phases that are listed as blocking a phase; more are omitted."""


def kinds_of(phases: Sequence[Phase]) -> tuple[PhaseKind, ...]:
    """Return the kind of each phase."""
    first_story = next((index for index, phase in enumerate(phases) if phase.stories), None)
    if first_story is None:
        return tuple("sequence" for _ in phases)
    return tuple(_kind_of(phase, index < first_story) for index, phase in enumerate(phases))


def _kind_of(phase: Phase, is_early: bool) -> PhaseKind:
    if phase.stories:
        return "story"
    return "before" if is_early else "after"


def blocking_phases_of(kinds: Sequence[PhaseKind], unfinished_flags: Sequence[bool]) -> tuple[tuple[int, ...], ...]:
    """Return for each phase the positions of the unfinished phases that must come first.

    The phases before the stories block all later phases. A story waits for no other phase. Each phase of a different
    kind waits for every earlier phase.
    """
    blocking_phases: list[tuple[int, ...]] = []
    early_phases: tuple[int, ...] = ()
    earlier_phases: tuple[int, ...] = ()
    for index, kind in enumerate(kinds):
        blocking_phases.append(early_phases if kind == "story" else earlier_phases)
        if unfinished_flags[index] and len(earlier_phases) < MAX_BLOCKING_PHASES:
            earlier_phases = (*earlier_phases, index)
            early_phases = (*early_phases, index) if kind == "before" else early_phases
    return tuple(blocking_phases)
