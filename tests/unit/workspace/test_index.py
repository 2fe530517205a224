"""The index between two snapshots: overlays, changes on disk, interrupted scans."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.workspace import snapshot_builder
from planmark.workspace.index import Index
from planmark.workspace.settings import DEFAULTS, SETTINGS, client_settings

PLAN = "plans/PAY/PLAN_PAY.md"
FILES = {PLAN: "**Achievement 1.1**: A\n", "plans/TILL/PLAN_TILL.md": "**Achievement 1.1**: B\n"}


def index_of(root: Path, files: dict[str, str] = FILES) -> Index:
    write_files(root, files)
    index = Index(root)
    index.refresh()
    return index


def titles(index: Index) -> dict[str, str]:
    return {plan.feature: plan.facts.achievements[0].title for plan in index.snapshot().plans}


def test_nothing_changes_where_nothing_changes(tmp_path: Path) -> None:
    index = index_of(tmp_path)
    before = index.snapshot()
    assert index.refresh() is before
    assert index.parsed_count == 0
    index.set_overlay(PLAN, FILES[PLAN])
    shared = index.snapshot()
    assert shared.plans[1] is before.plans[1]


def test_an_editors_text_counts_until_it_is_closed(tmp_path: Path) -> None:
    index = index_of(tmp_path)
    index.set_overlay(PLAN, "**Achievement 1.1**: In the editor\n")
    assert titles(index)["PAY"] == "In the editor"
    (tmp_path / PLAN).write_text("**Achievement 1.1**: On the disk\n", encoding="utf-8")
    index.refresh()
    assert titles(index)["PAY"] == "In the editor"
    assert index.text_reader()(PLAN) == "**Achievement 1.1**: In the editor\n"
    index.set_overlay(PLAN, None)
    assert titles(index)["PAY"] == "On the disk"


def test_the_text_of_an_ignored_file_does_not_count_until_it_is_ignored_no_more(tmp_path: Path) -> None:
    index = index_of(tmp_path, {**FILES, ".gitignore": "plans/PAY/\n"})
    index.set_overlay(PLAN, "**Achievement 1.1**: In the editor\n")
    assert titles(index) == {"TILL": "B"}
    (tmp_path / ".gitignore").unlink()
    assert not index.mark_stale([".gitignore"])
    index.refresh()
    assert titles(index) == {"PAY": "In the editor", "TILL": "B"}


def test_what_is_touched_is_read_again_and_a_folder_needs_a_look(tmp_path: Path) -> None:
    index = index_of(tmp_path)
    (tmp_path / PLAN).write_text("**Achievement 1.1**: Z\n", encoding="utf-8")
    assert index.mark_stale([PLAN])
    assert titles(index)["PAY"] == "Z"
    assert not index.mark_stale(["plans/TILL"])
    assert not index.mark_stale(["planmark.toml"])
    assert index.mark_stale(["src/main.py", "plans/NOTHING"])


def test_a_file_that_goes_while_the_disk_is_looked_at(tmp_path: Path) -> None:
    """Report a deletion during a scan: it is newer than the listing."""
    index = Index(tmp_path)
    write_files(tmp_path, FILES)
    look = index.scan()
    next(look)
    (tmp_path / "plans/TILL/PLAN_TILL.md").unlink()
    index.mark_stale(["plans/TILL/PLAN_TILL.md"])
    assert index.snapshot().problems == ()
    for _ in look:
        index.snapshot()
    assert titles(index) == {"PAY": "A"}
    assert index.snapshot().problems == ()
    assert index.snapshot().complete


def test_until_everything_is_read_a_snapshot_says_so(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    index = Index(tmp_path)
    assert not index.snapshot().complete
    look = index.scan()
    seen = [(done, of, len(index.snapshot().plans)) for done, of in look]
    assert [(done, plans) for done, of, plans in seen if of] == [(0, 0), (1, 1), (2, 2)]
    assert index.snapshot().complete


def test_an_editor_that_sends_every_default_sets_nothing() -> None:
    nested: dict[str, object] = {}
    for setting in SETTINGS:
        table: dict[str, object] = nested
        *folders, name = setting.key.split(".")
        for folder in folders:
            table = table.setdefault(folder, {})  # type: ignore[assignment]
        table[name] = setting.default
    assert client_settings(nested) == ({}, ())
    assert client_settings({"prompts": {"tokenBudget": 100}, "codeLens": None, "files": {"exclude": None}}) == (
        {"prompts.tokenBudget": 100},
        (),
    )
    values, warnings = client_settings({"prompts": {"tokenBudgets": 100}, "codeLens": {"enable": "no"}})
    assert values == {} and len(warnings) == 2
    assert DEFAULTS["codeLens.enable"] is True


def test_the_text_of_a_changed_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of(tmp_path)
    (tmp_path / PLAN).write_text("**Achievement 1.1**: Changed\n", encoding="utf-8")
    index.mark_stale([PLAN])
    index.snapshot()
    monkeypatch.setattr("planmark.workspace.text_cache.read_text", lambda *_: pytest.fail("read again"))
    assert index.text_reader()(PLAN) == "**Achievement 1.1**: Changed\n"


def test_the_paths_of_one_name_are_sorted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sorted_counts: list[int] = []

    def counting(values: set[str]) -> list[str]:
        sorted_counts.append(len(values))
        return sorted(values)

    monkeypatch.setattr(snapshot_builder, "sorted", counting, raising=False)
    paths = [f"openspec/changes/c{number:02}/tasks.md" for number in range(40)]
    index = index_of(tmp_path, dict.fromkeys(paths, "- [ ] 1.1 A\n"))
    assert index.snapshot().names["tasks.md"] == tuple(paths)
    assert sum(sorted_counts) <= 3 * len(paths)
    (tmp_path / paths[0]).unlink()
    assert index.refresh().names["tasks.md"] == tuple(paths[1:])
