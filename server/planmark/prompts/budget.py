"""The lines that a prompt drops to fit its budget."""

from __future__ import annotations

import bisect
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.text.pluralize import line_range

_end_of_range = operator.itemgetter(1)


class Dropped(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Lines (1-based, both ends inclusive) that were dropped to fit the budget, with their number of tokens."""

    what: str
    where: str
    tokens: int
    path: str
    start: int
    end: int


class OverBudgetError(Exception):
    """The prompt exceeds its budget even after all reductions; the message says what to split."""


def lines_left_out(
    before: Sequence[Excerpt], kept: Sequence[Excerpt], count: Callable[[Excerpt], int]
) -> list[Dropped]:
    """Return the lines of `before` that `kept` lacks, by document. Runs of only blank lines are omitted."""
    found, named = [], _line_runs(kept)
    for read in before:
        for start, end in _runs_between(named.get(read.path, []), read):
            if tokens := count(read._replace(start=start, end=end)):
                found.append(Dropped(read.why, f"{read.path} {line_range(start, end)}", tokens, read.path, start, end))
    return found


def _line_runs(kept: Sequence[Excerpt]) -> dict[str, list[tuple[int, int]]]:
    """Return document → the runs of lines that the excerpts contain, in order, with overlapping runs merged."""
    found: dict[str, list[tuple[int, int]]] = {}
    for read in sorted(kept):
        runs = found.setdefault(read.path, [])
        if runs and read.start <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(runs[-1][1], read.end))
        else:
            runs.append((read.start, read.end))
    return found


def _runs_between(runs: Sequence[tuple[int, int]], read: Excerpt) -> Iterator[tuple[int, int]]:
    """Yield the runs of lines of `read` outside `runs`."""
    start = read.start
    for at in range(bisect.bisect_left(runs, read.start, key=_end_of_range), len(runs)):
        first, last = runs[at]
        if first > read.end:
            break
        if start < first:
            yield start, first - 1
        start = last + 1
    if start <= read.end:
        yield start, read.end


class Excerpt(NamedTuple):
    """Lines to read (1-based and inclusive), and the reason."""

    path: str
    start: int
    end: int
    why: str
