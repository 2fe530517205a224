"""The reductions that fit a prompt into its budget: a table that shortens or removes sources in a fixed order."""

from __future__ import annotations

import bisect
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.prompts import excerpts
from planmark.prompts.context import Material
from planmark.prompts.excerpts import Excerpt
from planmark.text.pluralize import line_range

Source = Callable[[Material], Iterator[Excerpt]]


class Reduction(NamedTuple):
    """One reduction: a source, and the source that replaces it, or None if it is removed."""

    source: Source
    shorter: Source | None


_last = operator.itemgetter(1)

LADDER: tuple[Reduction, ...] = (
    Reduction(excerpts.plan_head, None),
    Reduction(excerpts.handoff, None),
    Reduction(excerpts.done_tasks, excerpts.learnings),
    Reduction(excerpts.subplan, excerpts.design),
    Reduction(excerpts.learnings, excerpts.first_learnings),
    Reduction(excerpts.open_tasks, excerpts.last_iteration),
    Reduction(excerpts.blocked_tasks, excerpts.last_iteration),
    Reduction(excerpts.plan, excerpts.plan_head),
    Reduction(excerpts.design, excerpts.objective),
    Reduction(excerpts.first_learnings, None),
    Reduction(excerpts.checks, excerpts.success),
    Reduction(excerpts.body, excerpts.criteria),
    Reduction(excerpts.fix, excerpts.fix_issues),
)
"""The reductions, the least important source first.

The objective, the success criteria, the paths to write and the issues to fix always remain.
"""


class Dropped(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Text that was left out to fit the budget, its lines (1-based and inclusive), and its number of tokens."""

    what: str
    where: str
    tokens: int
    path: str
    start: int
    end: int


class OverBudgetError(Exception):
    """The prompt exceeds its budget even after all reductions; the message says what to split."""


def after(sources: Sequence[Source], cut: Reduction) -> list[Source]:
    """Return the sources that remain after a reduction."""
    replaced = [cut.shorter if source is cut.source else source for source in sources]
    return list(dict.fromkeys(source for source in replaced if source is not None))


def left_out(before: Sequence[Excerpt], kept: Sequence[Excerpt], count: Callable[[Excerpt], int]) -> list[Dropped]:
    """Return the lines of `before` that `kept` does not name, by document, without blank runs."""
    found, named = [], _runs(kept)
    for read in before:
        for start, end in _between(named.get(read.path, []), read):
            if tokens := count(read._replace(start=start, end=end)):
                found.append(Dropped(read.why, f"{read.path} {line_range(start, end)}", tokens, read.path, start, end))
    return found


def _runs(kept: Sequence[Excerpt]) -> dict[str, list[tuple[int, int]]]:
    """Return the runs of lines that are named in each document, in order and separate from each other."""
    found: dict[str, list[tuple[int, int]]] = {}
    for read in sorted(kept):
        runs = found.setdefault(read.path, [])
        if runs and read.start <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(runs[-1][1], read.end))
        else:
            runs.append((read.start, read.end))
    return found


def _between(runs: Sequence[tuple[int, int]], read: Excerpt) -> Iterator[tuple[int, int]]:
    """Yield the runs of lines of `read` outside `runs`."""
    start = read.start
    for at in range(bisect.bisect_left(runs, read.start, key=_last), len(runs)):
        first, last = runs[at]
        if first > read.end:
            break
        if start < first:
            yield start, first - 1
        start = last + 1
    if start <= read.end:
        yield start, read.end
