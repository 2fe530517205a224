"""Fitting a budget: what is read in its short form, or not at all, in a fixed order. The order is a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.prompts import sources
from planmark.prompts.material import Material
from planmark.prompts.sources import Read

Source = Callable[[Material], Iterator[Read]]


class Cut(NamedTuple):
    """One reduction: what is read, and what takes its place; None for nothing."""

    source: Source
    shorter: Source | None


LADDER: tuple[Cut, ...] = (
    Cut(sources.handoff, None),
    Cut(sources.done_tasks, sources.learnings),
    Cut(sources.subplan, sources.design),
    Cut(sources.learnings, sources.first_learnings),
    Cut(sources.open_tasks, sources.last_iteration),
    Cut(sources.blocked_tasks, sources.last_iteration),
    Cut(sources.plan, sources.plan_head),
    Cut(sources.design, sources.objective),
    Cut(sources.first_learnings, None),
    Cut(sources.checks, sources.success),
    Cut(sources.body, sources.criteria),
    Cut(sources.fix, sources.fix_issues),
)
"""From what is missed least. Never left out: objective, success criteria, where to write, and the issues to fix."""


class Dropped(msgspec.Struct, frozen=True):
    """What was left out to fit the budget, where it can be read, and about how many tokens it is."""

    what: str
    where: str
    tokens: int


class OverBudgetError(Exception):
    """What cannot be left out does not fit; the message says what to split."""


def after(wanted: Sequence[Source], cut: Cut) -> list[Source]:
    """What is read after a reduction."""
    replaced = [cut.shorter if source is cut.source else source for source in wanted]
    return list(dict.fromkeys(source for source in replaced if source is not None))


def left_out(before: Sequence[Read], kept: Sequence[Read], count: Callable[[Read], int]) -> list[Dropped]:
    """The lines of `before` that `kept` does not name, by document; blank ones are not missed."""
    found = []
    for read in before:
        named = {n for k in kept if k.path == read.path for n in range(k.start, k.end + 1)}
        for start, end in _runs([n for n in range(read.start, read.end + 1) if n not in named]):
            if tokens := count(read._replace(start=start, end=end)):
                found.append(Dropped(read.why, f"{read.path} lines {start}-{end}", tokens))
    return found


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """The runs of consecutive numbers."""
    start = 0
    for position in range(1, len(numbers) + 1):
        if position == len(numbers) or numbers[position] != numbers[position - 1] + 1:
            yield numbers[start], numbers[position - 1]
            start = position
