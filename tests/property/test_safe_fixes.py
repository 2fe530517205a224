"""`source.fixAll.planmark` over random workspaces: it changes one document, and no state, next step or lifecycle."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import hypothesis.strategies as st
import pytest
from hypothesis import given

from benchmarks.workspaces.small import workspace
from fixture import write_files
from planmark.cli.workspace_access import fresh_view
from planmark.queries.safe_fixes import safely_fixed_text
from planmark.queries.unchanged import PlanAnswers, answers_about_plan
from planmark.queries.workspace_view import View
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import changed_text, line_changes
from spoiled import spoiled


def answers(view: View) -> dict[str, PlanAnswers | None]:
    return {plan.path: answers_about_plan(view, plan.path) for plan in view.snapshot.plans}


MOST = 3
"""Documents of one workspace that are fixed: each needs a new process."""


def fixed_documents(root: Path, rng: Random) -> set[str]:
    """Fix some documents of a workspace, each alone, and compare the answers of a new process. Return the fixed codes."""
    view = fresh_view(Index(root))
    before, codes = answers(view), set[str]()
    paths = sorted(path for path in view.checked.by_path if any(d.fix for d in view.diagnostics_at(path)))
    for path in rng.sample(paths, min(MOST, len(paths))):
        old = view.text(path)
        new = safely_fixed_text(view, path)
        assert changed_text(old, line_changes(path, old, new)) == new
        if new == old:
            continue
        (root / path).write_bytes(new.encode("utf-8", "surrogatepass"))
        after = fresh_view(Index(root))
        assert answers(after) == before
        codes |= {d.code for d in view.diagnostics_at(path)} - {d.code for d in after.diagnostics_at(path)}
        assert safely_fixed_text(after, path) == new
        (root / path).write_bytes(old.encode("utf-8", "surrogatepass"))
    return codes


@given(st.integers(0, 2**32))
def test_fixing_a_document_changes_no_state(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    root = tmp_path_factory.mktemp("spoiled").resolve()
    write_files(root, spoiled(workspace(seed).files, Random(seed)))
    fixed_documents(root, Random(seed))
    shutil.rmtree(root)


def test_random_workspaces_have_what_is_fixed(tmp_path: Path) -> None:
    codes = set[str]()
    for seed in range(12):
        root = (tmp_path / str(seed)).resolve()
        write_files(root, spoiled(workspace(seed).files, Random(seed)))
        codes |= fixed_documents(root, Random(seed))
    assert {"checkbox-form", "status-contradicts-files"} <= codes


@given(st.text("ab\n\r", max_size=30), st.text("ab\n\r", max_size=30))
def test_the_changes_of_lines_make_the_text(before: str, after: str) -> None:
    assert changed_text(before, line_changes("a.md", before, after)) == after
