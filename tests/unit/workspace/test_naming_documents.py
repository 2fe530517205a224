"""Plans that a document names: an edit of it renames them, and no other edit looks for plans again."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.workspace import sites
from planmark.workspace.index import Index

STATE, ROADMAP = ".planning/STATE.md", ".planning/ROADMAP.md"


def names(index: Index) -> list[str]:
    return [site.feature for site in index.snapshot().sites]


def test_a_milestone_renames_its_tree_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {STATE: "---\nmilestone: v1.0\n---\n", ROADMAP: "# Roadmap\n\n### Phase 1: A\n**Goal**: g\n"}
    write_files(tmp_path, files)
    index = Index(tmp_path)
    index.refresh()
    assert names(index) == ["v1.0"]
    index.set_overlay(STATE, "---\nmilestone: v1.1\n---\n")
    assert names(index) == ["v1.1"]
    searched: list[int] = []
    original = sites.find_sites
    monkeypatch.setattr(sites, "find_sites", lambda records: searched.append(1) or original(records))
    for number in range(3):
        index.set_overlay(ROADMAP, files[ROADMAP] + "more\n" * number)
        index.set_overlay(STATE, f"---\nmilestone: v1.1\n---\n{number}\n")
        assert names(index) == ["v1.1"]
    assert searched == []
    index.set_overlay(STATE, "no front matter\n")
    assert names(index) == ["planning"]
    (tmp_path / STATE).unlink()
    index.set_overlay(STATE, None)
    index.refresh()
    assert names(index) == ["planning"]


def test_a_name_that_an_archived_milestone_has_is_not_taken(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            STATE: "---\nmilestone: v1.0\n---\n",
            ROADMAP: "# Roadmap\n\n### Phase 2: B\n**Goal**: g\n",
            ".planning/milestones/v1.0-phases/01-a/01-01-PLAN.md": "---\n---\n",
        },
    )
    index = Index(tmp_path)
    index.refresh()
    assert sorted(names(index)) == ["planning", "v1.0"]
