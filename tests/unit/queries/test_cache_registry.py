"""The caches of the table: their hits, their evictions and their bounds, counted instead of timed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixture import write_files
from planmark.markdown import blocks
from planmark.markdown.sections import split_into_sections
from planmark.metrics.cache_stats import CacheCounts, CacheFigures
from planmark.prompts.cache import PromptCache
from planmark.queries.cache_registry import CACHE_ROWS, WorkspaceCaches, cache_figures
from planmark.workspace.index import Index

PLAN = "plans/PAY/PLAN_PAY.md"
FILES = {
    PLAN: "# PLAN\n\n**Achievement 1.1**: Refunds\n",
    "plans/TILL/PLAN_TILL.md": "# PLAN\n\n**Achievement 1.1**: Cash\n",
    "plans/PAY/subplans/SUBPLAN_PAY_11.md": "## Objective\n\nx\n",
}


def index_of(root: Path) -> Index:
    write_files(root, FILES)
    index = Index(root)
    index.refresh()
    return index


def figures(index: Index, name: str) -> CacheFigures:
    return next(known for known in cache_figures([WorkspaceCaches(index, PromptCache())]) if known.name == name)


def counted(index: Index) -> tuple[int, int]:
    plans = figures(index, "plans")
    return plans.hits, plans.misses


def test_the_first_time_every_plan_is_a_miss(tmp_path: Path) -> None:
    assert counted(index_of(tmp_path)) == (0, 2)


def test_a_plan_that_did_not_change_is_found_again(tmp_path: Path) -> None:
    index = index_of(tmp_path)
    index.refresh()
    assert counted(index) == (2, 2)
    assert index.parsed_count == 0


def test_of_ten_looks_nine_hit(tmp_path: Path) -> None:
    index = index_of(tmp_path)
    for _ in range(9):
        index.refresh()
    assert figures(index, "plans").hit_rate == 0.9
    assert (figures(index, "documents").hits, figures(index, "documents").misses) == (27, 3)


@pytest.mark.parametrize("change", ["text", "time"])
def test_a_plan_that_changed_is_parsed_again(tmp_path: Path, change: str) -> None:
    """Check that either a new size or a new modification time makes the index parse the plan again."""
    index = index_of(tmp_path)
    path = tmp_path / PLAN
    status = path.stat()
    if change == "text":
        path.write_text(FILES[PLAN] + "\n**Achievement 1.2**: Receipts\n", encoding="utf-8")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        path.write_text(FILES[PLAN].replace("Refunds", "Returns"), encoding="utf-8")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
        assert path.stat().st_size == status.st_size
    plans = index.refresh().plans
    assert counted(index) == (1, 3)
    assert [known.title for known in plans[0].facts.achievements] in (["Refunds", "Receipts"], ["Returns"])


def test_a_plan_that_was_touched_is_read_again_and_parsed_where_its_text_is_another(tmp_path: Path) -> None:
    """Check that the index compares the content, not the time, after an editor has reported a change."""
    index = index_of(tmp_path)
    before = index.snapshot()
    index.mark_stale([PLAN])
    assert index.snapshot() is before
    assert counted(index) == (1, 2)
    status = (tmp_path / PLAN).stat()
    (tmp_path / PLAN).write_text(FILES[PLAN].replace("Refunds", "Returns"), encoding="utf-8")
    os.utime(tmp_path / PLAN, ns=(status.st_atime_ns, status.st_mtime_ns))
    index.mark_stale([PLAN])
    assert index.snapshot() is not before
    assert counted(index) == (1, 3)


def test_a_new_file_is_in_the_next_listing_and_a_deleted_one_is_not(tmp_path: Path) -> None:
    index = index_of(tmp_path)
    write_files(tmp_path, {"plans/NEW/PLAN_NEW.md": FILES[PLAN]})
    (tmp_path / PLAN).unlink()
    index.refresh()
    assert (figures(index, "plans").size, figures(index, "documents").size) == (2, 3)
    assert counted(index) == (1, 3)


def test_no_entry_has_an_age(tmp_path: Path) -> None:
    """Check that age alone evicts no entry, because the stamp shows each change."""
    assert [row.ttl_seconds for row in CACHE_ROWS] == [None] * len(CACHE_ROWS)
    index = index_of(tmp_path)
    os.utime(tmp_path / PLAN, (0, 0))
    index.refresh()
    before = counted(index)
    index.refresh()
    assert counted(index) == (before[0] + 2, before[1])


def test_sections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MAX_CACHED_SECTIONS", 5)
    monkeypatch.setattr(blocks, "counts", CacheCounts())
    blocks._cache.clear()
    text = "".join(f"## Section {number}\n\ntext\n\n" for number in range(12))
    for placed in split_into_sections(text):
        blocks.parse_blocks(placed.section)
    assert blocks.cache_size() == 5
    assert blocks.counts.evictions == blocks.counts.misses - 5 >= 7


def test_several_workspaces_are_summed_and_what_they_share_is_counted_once(tmp_path: Path) -> None:
    one, other = index_of(tmp_path / "a"), index_of(tmp_path / "b")
    both = {
        known.name: known
        for known in cache_figures([WorkspaceCaches(one, PromptCache()), WorkspaceCaches(other, PromptCache())])
    }
    alone = {known.name: known for known in cache_figures([WorkspaceCaches(one, PromptCache())])}
    assert list(both) == [row.name for row in CACHE_ROWS] == ["blocks", "documents", "plans", "store", "prompts"]
    assert (both["plans"].misses, both["plans"].size) == (4, 4)
    assert both["prompts"].max_size == 2 * alone["prompts"].max_size
    assert both["blocks"].size == alone["blocks"].size
    assert cache_figures([]) == []
