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
    excerpts: Sequence[Excerpt], kept_excerpts: Sequence[Excerpt], count: Callable[[Excerpt], int]
) -> list[Dropped]:
    """Return the lines of `excerpts` that `kept_excerpts` does not contain, without runs of only blank lines."""
    dropped, kept_runs = [], _line_runs(kept_excerpts)
    for excerpt in excerpts:
        for start, end in _runs_outside(kept_runs.get(excerpt.path, []), excerpt):
            if tokens := count(excerpt._replace(start=start, end=end)):
                dropped.append(
                    Dropped(excerpt.why, f"{excerpt.path} {line_range(start, end)}", tokens, excerpt.path, start, end)
                )
    return dropped


def _line_runs(kept_excerpts: Sequence[Excerpt]) -> dict[str, list[tuple[int, int]]]:
    """Return document → the runs of lines that the excerpts contain, in order, with overlapping runs merged."""
    runs_by_path: dict[str, list[tuple[int, int]]] = {}
    for excerpt in sorted(kept_excerpts):
        runs = runs_by_path.setdefault(excerpt.path, [])
        if runs and excerpt.start <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(runs[-1][1], excerpt.end))
        else:
            runs.append((excerpt.start, excerpt.end))
    return runs_by_path


def _runs_outside(runs: Sequence[tuple[int, int]], excerpt: Excerpt) -> Iterator[tuple[int, int]]:
    """Yield the runs of lines of `excerpt` outside `runs`."""
    start = excerpt.start
    for index in range(bisect.bisect_left(runs, excerpt.start, key=_end_of_range), len(runs)):
        first, last = runs[index]
        if first > excerpt.end:
            break
        if start < first:
            yield start, first - 1
        start = last + 1
    if start <= excerpt.end:
        yield start, excerpt.end


class Excerpt(NamedTuple):
    """Lines to read (1-based and inclusive), and the reason."""

    path: str
    start: int
    end: int
    why: str
