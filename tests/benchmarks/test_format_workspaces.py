"""Generated plans of other formats have the states that were written."""

from __future__ import annotations

from pathlib import Path

import pytest

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
