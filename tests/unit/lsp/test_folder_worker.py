"""The work of a folder in idle time, which never takes longer than a slice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fixture import settle, write_files
from planmark.lsp import folder_worker as folders
from planmark.lsp.folder_worker import FolderWorker
from planmark.metrics.recorder import Recorder


def test_budgets_are_checked_in_slices_and_once_for_each_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"P{number}" for number in range(5)]
    plans = {f"plans/{name}/PLAN_{name}.md": "**Achievement 1.1**: A\n" for name in names}
    write_files(tmp_path, {**plans, "planmark.toml": "[prompts]\ntokenBudget = 9\n"})
    weighed: list[str] = []
    original = folders.over_budget_diagnostic
    monkeypatch.setattr(
        folders, "over_budget_diagnostic", lambda view, files: weighed.append(files.feature) or original(view, files)
    )
    monkeypatch.setattr(folders, "SLICE_SECONDS", -1.0)
    folder = FolderWorker(tmp_path.as_uri(), tmp_path, {}, Recorder(time.perf_counter))
    folder.start_scan()
    while not folder.scan_step().is_finished:
        monkeypatch.setattr(folders, "SLICE_SECONDS", 60.0)
    monkeypatch.setattr(folders, "SLICE_SECONDS", -1.0)
    assert not folder.budget_step().is_finished and len(weighed) == 1
    monkeypatch.setattr(folders, "SLICE_SECONDS", 60.0)
    assert folder.budget_step() == (True, True)
    assert sorted(weighed) == names
    assert {d.path for d in folder.view().diagnostics if d.code == "prompt-over-budget"} == set(plans)
    assert folder.budget_step() == (True, False) and len(weighed) == len(names)


def test_files_are_saved_for_the_next_process_whatever_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_DOCUMENTS_PER_SAVE", 1)
    paths = [f"plans/P{number}/PLAN_P{number}.md" for number in range(4)]
    root = tmp_path / "workspace"
    write_files(root, dict.fromkeys(paths, "**Achievement 1.1**: A\n"))
    settle(root)
    first = looked(root)
    first.index.set_overlay(paths[0], "**Achievement 1.1**: B\n")
    first.close()
    second = looked(root)
    assert second.index.parsed_count == 0 and second.index.entries.load_counts.hits == len(paths)


def looked(root: Path) -> FolderWorker:
    """Return the folder after a complete scan."""
    folder = FolderWorker(root.as_uri(), root, {}, Recorder(time.perf_counter))
    folder.start_scan()
    while not folder.scan_step().is_finished:
        pass
    return folder
