"""Generated plans of other formats have the states that were written."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.report_sections import formats
from benchmarks.workspaces.formats import GROUP, PLANS, write_plans
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index


@pytest.mark.parametrize("tasks", [2 * GROUP, 6 * GROUP])
@pytest.mark.parametrize("name", PLANS)
def test_what_was_written_comes_back(tmp_path: Path, name: str, tasks: int) -> None:
    written = write_plans(tmp_path, name, 15, tasks)
    index = Index(tmp_path.resolve())
    view = build_view(index.refresh(), index.text_reader())
    assert len(view.snapshot.sites) == 15
    assert all(view.state(site.path).counts == written.counts for site in view.snapshot.sites)
    assert not view.diagnostics
    assert written.tasks_path in {site.path for site in view.snapshot.sites}
    assert len(list(tmp_path.rglob("*.md"))) == written.files


def test_the_page_says_which_format_has_no_single_file() -> None:
    times = {"read_s": 1.0, "typed": {"p50_ms": 1.0, "p99_ms": 2.0}, "tasks": 5000, "plans": 1000}
    figures = {"files": 7502, "first_s": 1.0, "again_s": 1.0, "next_s": 1.0, "wrong": 0}
    found = {name: {**times, "one": figures, "many": figures} for name in PLANS}
    notes = [line for line in formats({"formats": found}) if "7,502 files" in line]
    assert [note.partition(" ")[0] for note in notes] == ["GSD"]
