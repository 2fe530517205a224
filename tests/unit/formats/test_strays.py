"""Diagnostics about documents that belong to no plan, and fixes of several lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import runner
from fixture import write_files
from planmark.diagnostics.fixes import fixes_for
from planmark.plans.diagnostic import Diagnostic
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import TextChange, changed_text

TASKS = "- [ ] 1.1 A\n"
SPECKIT = "specs/001-cart/tasks.md"


def view_of(root: Path) -> View:
    """Return a view of a workspace as it is on the disk."""
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def found(root: Path, code: str) -> list[Diagnostic]:
    """Return the diagnostics of a workspace with one code."""
    return [one for one in view_of(root).diagnostics if one.code == code]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("openspec/archive/2026-01-02-add-cart/tasks.md", "archive-place"),
        ("packages/web/openspec/archive/add-cart/tasks.md", "archive-place"),
        (".kiro/backups/2026/specs/cart/tasks.md", "spec-copy"),
        ("app/.kiro/backups/a/b/specs/cart/tasks.md", "spec-copy"),
    ],
)
def test_a_file_in_the_wrong_place_is_named(tmp_path: Path, path: str, code: str) -> None:
    write_files(tmp_path, {path: TASKS})
    assert [one.path for one in found(tmp_path, code)] == [path]
    assert view_of(tmp_path).plans == ()


@pytest.mark.parametrize(
    "path",
    [
        "openspec/changes/archive/add-cart/tasks.md",
        "openspec/archive/tasks.md",
        "openspec/archive/add-cart/notes.md",
        ".claude/openspec/archive/add-cart/tasks.md",
        ".kiro/settings/templates/specs/tasks.md",
        ".kiro/specs/cart/tasks.md",
        ".kiro/.kiro/backups/x/specs/cart/tasks.md",
        "backups/specs/cart/tasks.md",
    ],
)
def test_other_files_are_not(tmp_path: Path, path: str) -> None:
    write_files(tmp_path, {path: TASKS})
    assert not [one for one in view_of(tmp_path).diagnostics if one.code in ("archive-place", "spec-copy")]


def test_a_folder_of_copies_is_named_once(tmp_path: Path) -> None:
    write_files(tmp_path, {f".kiro/backups/{name}/specs/cart/tasks.md": TASKS for name in ("a", "b", "c")})
    assert len(found(tmp_path, "spec-copy")) == 1


def test_tasks_without_ids_are_numbered_in_file_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "# Tasks\n\n- [ ] Sum\n- [X] [P] Show\n"
    write_files(tmp_path, {SPECKIT: text, "specs/001-cart/plan.md": "# Plan\n"})
    view = view_of(tmp_path)
    (diagnostic,) = (one for one in view.diagnostics if one.code == "task-id-missing")
    (fix,) = fixes_for(view.snapshot, diagnostic, view.text)
    assert not fix.is_preferred
    changes = [change for change in fix.changes if isinstance(change, TextChange)]
    assert changed_text(text, changes) == "# Tasks\n\n- [ ] T001 Sum\n- [X] T002 [P] Show\n"
    write_files(tmp_path, {SPECKIT: changed_text(text, changes)})
    assert found(tmp_path, "task-id-missing") == []
    shown = runner(capsys, "--workspace", str(tmp_path))("status", "@001-cart").out
    assert "T001" in shown and "T002" in shown


@pytest.mark.parametrize(("path", "named"), [("backlog/tasks/task-1.md", True), ("backlog/notes.md", False)])
def test_plans_of_a_format_that_is_not_read_are_named_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str, named: bool
) -> None:
    write_files(tmp_path, {path: "# Task\n", "openspec/changes/add-cart/tasks.md": TASKS})
    run = runner(capsys, "--workspace", str(tmp_path))
    assert ("plans of Backlog.md in backlog/ not read" in run("status").err) == named
    assert ("plans of Backlog.md, not read: backlog/" in run("status", "--all").out) == named
