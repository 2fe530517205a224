"""Garbage collection: it collects cycles among new objects, and never scans older objects again."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from planmark.lsp import gc_policy


class Circle:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """No automatic collection before and after the test. Older objects are frozen, so that a collection is quick."""
    gc.freeze()
    gc.collect()  # This also empties the lists of free objects, whose reuse is not counted as an allocation.
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


def test_few_objects_cause_no_collection() -> None:
    known = weakref.ref(Circle())
    gc_policy.collect_new_garbage()
    assert known() is not None


def test_a_new_reference_cycle_is_freed_and_live_objects_are_traversed_once() -> None:
    known = weakref.ref(Circle())
    before = gc.get_freeze_count()
    kept = [[] for _ in range(gc_policy.MIN_OBJECTS_TO_COLLECT)]  # type: ignore[var-annotated]
    gc_policy.collect_new_garbage()
    assert known() is None
    assert len(kept) <= gc.get_freeze_count() - before
    assert gc.get_count()[0] < gc_policy.MIN_OBJECTS_TO_COLLECT


def test_very_many_objects_of_one_job_are_frozen_without_a_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[None] = []
    monkeypatch.setattr(gc_policy.gc, "collect", lambda: collected.append(None))
    before = gc.get_freeze_count()
    kept = [[] for _ in range(gc_policy.MIN_OBJECTS_TO_FREEZE)]  # type: ignore[var-annotated]
    gc_policy.collect_new_garbage()
    assert collected == [] and len(kept) <= gc.get_freeze_count() - before
