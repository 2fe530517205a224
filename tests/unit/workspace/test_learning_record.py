"""The counts of references: what was offered, used and followed by an advance, and the order that follows."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from planmark.plans.model import State
from planmark.storage.cache_dir import cache_folder
from planmark.workspace.learning_record import (
    MAX_OFFERS,
    CurrentItem,
    Offer,
    ReferenceCounts,
    open_learning_record,
    record_offers,
    settle_and_count,
    wilson_lower_bound,
)

PLAN = "work-space/plans/SHOP/PLAN_SHOP.md"


def offer(
    entry: str = "git-lock-exists", item: str = "1.1", occasion: str = "needs_fix 1", *, named: bool = False
) -> Offer:
    return Offer(entry, PLAN, item, "needs_fix", occasion, named)


def now(state: State, occasion: str = "later", *names: str) -> Mapping[str, CurrentItem]:
    return {"1.1": CurrentItem(state, occasion, lambda entry: entry in names)}


def trials(root: Path, items: Mapping[str, CurrentItem] | None = None) -> dict[str, ReferenceCounts]:
    return settle_and_count(root, lambda _: items or {})


@pytest.mark.parametrize(
    ("successes", "number", "expected"),
    [(0, 0, 0.0), (0, 10, 0.0), (5, 5, 0.5655), (1, 1, 0.2065), (8, 10, 0.4902), (50, 100, 0.4038)],
)
def test_lower_bound_is_that_of_wilson(successes: int, number: int, expected: float) -> None:
    assert wilson_lower_bound(successes, number) == pytest.approx(expected, abs=1e-4)


def test_under_five_uses_success_does_not_count() -> None:
    assert ReferenceCounts(9, 4, 4).lower_bound == 0
    assert ReferenceCounts(9, 5, 5).lower_bound > 0.5


def test_same_occasion_counts_once(tmp_path: Path) -> None:
    record_offers(tmp_path, [offer(), offer()])
    record_offers(tmp_path, [offer()])
    record_offers(tmp_path, [offer(occasion="needs_fix 2")])
    assert trials(tmp_path) == {"git-lock-exists": ReferenceCounts(2, 0, 0)}


@pytest.mark.parametrize(
    ("state", "names", "expected"),
    [
        ("fix_resolved", ("git-lock-exists",), ReferenceCounts(1, 1, 1)),
        ("approved", ("git-lock-exists",), ReferenceCounts(1, 1, 1)),
        ("fix_resolved", (), ReferenceCounts(1, 0, 0)),
        ("active_execution", ("git-lock-exists",), ReferenceCounts(1, 1, 0)),
        ("dropped", ("git-lock-exists",), ReferenceCounts(1, 1, 0)),
    ],
)
def test_use_and_advance_are_read_from_the_files(
    tmp_path: Path, state: State, names: tuple[str, ...], expected: ReferenceCounts
) -> None:
    record_offers(tmp_path, [offer()])
    assert trials(tmp_path, now(state, "later", *names)) == {"git-lock-exists": expected}


def test_same_occasion_decides_nothing(tmp_path: Path) -> None:
    record_offers(tmp_path, [offer()])
    assert trials(tmp_path, now("needs_fix", "needs_fix 1", "git-lock-exists")) == {
        "git-lock-exists": ReferenceCounts(1, 0, 0)
    }


def test_reference_that_was_named_before_is_not_used(tmp_path: Path) -> None:
    record_offers(tmp_path, [offer(named=True)])
    assert trials(tmp_path, now("approved", "later", "git-lock-exists")) == {
        "git-lock-exists": ReferenceCounts(1, 0, 0)
    }


def test_store_that_is_deleted_between_offer_and_learning_is_harmless(tmp_path: Path) -> None:
    record_offers(tmp_path, [offer()])
    for path in (cache_folder() / "store").iterdir():
        path.unlink()
    assert trials(tmp_path, now("approved")) == {}
    record_offers(tmp_path, [offer()])
    assert trials(tmp_path) == {"git-lock-exists": ReferenceCounts(1, 0, 0)}


def test_damaged_store_is_harmless(tmp_path: Path) -> None:
    record_offers(tmp_path, [offer()])
    for path in (cache_folder() / "store").glob("*.sqlite"):
        path.write_bytes(b"x" * 9000)
    assert trials(tmp_path, now("approved")) == {}


def test_cache_folder_that_cannot_be_written_is_harmless(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    os.environ["PLANMARK_CACHE"] = str(tmp_path / "file")
    record_offers(tmp_path, [offer()])
    assert trials(tmp_path) == {}
    assert open_learning_record(tmp_path) is None


def test_forgetting_removes_everything(tmp_path: Path) -> None:
    record_offers(tmp_path, [offer(), offer("npm-engine")])
    record = open_learning_record(tmp_path)
    assert record is not None
    assert record.forget() == 2
    record.close()
    assert trials(tmp_path) == {}


def test_old_offers_are_removed(tmp_path: Path) -> None:
    record_offers(tmp_path, [offer(item=str(number)) for number in range(MAX_OFFERS + 10)])
    assert trials(tmp_path)["git-lock-exists"].offered == MAX_OFFERS


def test_two_writers_lose_no_offer(tmp_path: Path) -> None:
    def write(name: str) -> None:
        for number in range(10):
            record_offers(tmp_path, [offer(name, item=str(number))])

    threads = [threading.Thread(target=write, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trials(tmp_path) == {"one": ReferenceCounts(10, 0, 0), "two": ReferenceCounts(10, 0, 0)}


def test_only_the_cache_folder_is_written(tmp_path: Path) -> None:
    record_offers(tmp_path, [offer()])
    assert list(tmp_path.iterdir()) == []
