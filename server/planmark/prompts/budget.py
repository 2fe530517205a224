"""The lines that a prompt leaves out to fit its budget."""

from __future__ import annotations

import bisect
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.text.pluralize import line_range

_end_of_range = operator.itemgetter(1)


class Dropped(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Lines (1-based, both ends inclusive) that a prompt leaves out to fit its budget, with their number of tokens."""

    what: str
    where: str
    tokens: int
    path: str
    start: int
    end: int


class OverBudgetError(Exception):
    """The prompt exceeds its budget even after all reductions. The message says what the user can do."""


def lines_left_out(
    excerpts: Sequence[Excerpt], kept_excerpts: Sequence[Excerpt], count_tokens: Callable[[Excerpt], int]
) -> list[Dropped]:
    """Return the ranges of lines in `excerpts` that are not in `kept_excerpts`. The result has no ranges without
    tokens.

    `count_tokens` returns the number of tokens of an excerpt, 0 if all its lines are blank.
    """
    dropped, kept_runs_by_path = [], _line_runs(kept_excerpts)
    for excerpt in excerpts:
        for start, end in _runs_outside(kept_runs_by_path.get(excerpt.path, []), excerpt):
            if tokens := count_tokens(excerpt._replace(start=start, end=end)):
                dropped.append(
                    Dropped(excerpt.why, f"{excerpt.path} {line_range(start, end)}", tokens, excerpt.path, start, end)
                )
    return dropped


def _line_runs(kept_excerpts: Sequence[Excerpt]) -> dict[str, list[tuple[int, int]]]:
    """Return a mapping from the path of a document to the ranges of lines in `kept_excerpts`, in order.

    A range is a pair of its first and its last line. Ranges that overlap or touch are merged.
    """
    runs_by_path: dict[str, list[tuple[int, int]]] = {}
    for excerpt in sorted(kept_excerpts):
        runs = runs_by_path.setdefault(excerpt.path, [])
        if runs and excerpt.start <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(runs[-1][1], excerpt.end))
        else:
            runs.append((excerpt.start, excerpt.end))
    return runs_by_path


def _runs_outside(runs: Sequence[tuple[int, int]], excerpt: Excerpt) -> Iterator[tuple[int, int]]:
    """Yield the ranges of lines of `excerpt` that are outside `runs`, which are sorted ranges of the same document.

    A range is a pair of its first and its last line. Lines are 1-based, and both ends are inclusive.
    """
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
    """A range of lines of a document to read (1-based and inclusive), and the reason to read it."""

    path: str
    start: int
    end: int
    why: str
