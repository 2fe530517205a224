"""Preflight: the check before a review. It finds facts in files which show that the work on an item is not complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from planmark.plans.model import State

PREFLIGHT_CODES = (
    *("deliverable-missing", "status-contradicts-files", "criteria-open", "learnings-empty", "log-empty"),
    *("placeholder-left", "merge-conflict", "test-missing", "evidence-missing"),
)
"""The codes of preflight, in the order of its findings."""


class PreflightFinding(msgspec.Struct, frozen=True):
    """A fact that shows that the work on an item is not complete, at a 1-based line of a document."""

    code: str
    path: str
    line: int
    message: str


class Preflight(NamedTuple):
    """The preflight of a format.

    `find` returns the findings about an item. Its parameters are a snapshot, a plan, the inputs of the state of the
    item, and a function that tells whether a file exists. `due_states` are the states in which an item waits for a
    review.
    """

    find: Callable[[Any, Any, Any, Callable[[str], bool]], tuple[PreflightFinding, ...]]
    due_states: tuple[State, ...]
