"""Measurement of work: how many lines of the package run, and how that number grows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import planmark

PACKAGE = str(Path(planmark.__file__).parent)
LIMIT = 2.45
"""Maximum ratio of the added work, 2n to 4n over n to 2n: 2 is linear, 2.3 is n log n, 4 is quadratic."""
LEAST = 300
"""Minimum of added work in lines. Less counts as this much, because a difference of a few lines means nothing."""


def counted(work: Callable[[], Any]) -> int:
    """Return the number of executed lines of the package in this thread during `work`."""
    lines = 0

    def local(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return local

    def trace(frame: FrameType, _event: str, _arg: object) -> Any:
        return local if frame.f_code.co_filename.startswith(PACKAGE) else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return lines


def growth(small: int, double: int, large: int) -> float:
    """Return the ratio of the work added from `double` to `large` to the work added from `small` to `double`."""
    return (large - double) / max(double - small, LEAST)
