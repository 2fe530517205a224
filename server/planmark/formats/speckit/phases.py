"""The order of the phases: what they are, and which open phases a phase waits for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from planmark.formats.speckit.reading import Phase

PhaseKind = Literal["before", "story", "after", "sequence"]
"""The part of a phase: before the stories, a story, after a story, or one of a file without stories."""

MAX_BLOCKING_PHASES = 50
"""The maximum number of phases that are named as blocking a phase."""


def kinds_of(phases: Sequence[Phase]) -> tuple[PhaseKind, ...]:
    """Return the kind of each phase."""
    first = next((index for index, phase in enumerate(phases) if phase.stories), None)
    if first is None:
        return tuple("sequence" for _ in phases)
    return tuple(_kind(phase, index < first) for index, phase in enumerate(phases))


def _kind(phase: Phase, is_early: bool) -> PhaseKind:
    if phase.stories:
        return "story"
    return "before" if is_early else "after"


def waits_for(kinds: Sequence[PhaseKind], unfinished_flags: Sequence[bool]) -> tuple[tuple[int, ...], ...]:
    """Return for each phase the positions of the unfinished phases that must come first.

    The phases before the stories block everything. A story waits for nothing else. All other phases wait for every
    earlier one.
    """
    result: list[tuple[int, ...]] = []
    before: tuple[int, ...] = ()
    earlier_phases: tuple[int, ...] = ()
    for index, kind in enumerate(kinds):
        result.append(before if kind == "story" else earlier_phases)
        if unfinished_flags[index] and len(earlier_phases) < MAX_BLOCKING_PHASES:
            earlier_phases = (*earlier_phases, index)
            before = (*before, index) if kind == "before" else before
    return tuple(result)
