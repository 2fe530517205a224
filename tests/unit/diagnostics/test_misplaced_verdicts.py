"""The rule about misplaced verdicts runs again only after a change that it depends on."""

from __future__ import annotations

from pathlib import Path

import pytest

from planmark.formats.planmark.rules import verdicts
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

FOLDER = "work-space/plans/SHOP"
PLAN = f"{FOLDER}/PLAN_SHOP.md"
PLAN_TEXT = "# PLAN: Shop\n\n**Achievement 1.1**: Receipts\n"
VERDICT_TEXT = "# APPROVED: Achievement 1.1\n\n**Status**: APPROVED\n"
MISPLACED = f"{FOLDER}/notes/APPROVED_11.md"
COUNTED = f"{FOLDER}/execution/feedbacks/APPROVED_11.md"


def _write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Return the index of a workspace with one PLAN, and one verdict in a folder where verdicts do not count."""
    _write(tmp_path, PLAN, PLAN_TEXT)
    _write(tmp_path, MISPLACED, VERDICT_TEXT)
    return Index(tmp_path)


def _view(index: Index, before: View | None = None) -> View:
    return build_view(index.refresh(), index.text_reader(), index.parsed_count, before, index.exists)


def _codes(view: View) -> set[str]:
    return {diagnostic.code for diagnostic in view.diagnostics_at(MISPLACED)}


def test_the_rule_does_not_run_after_a_letter_in_a_plan(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    first_view = _view(index)
    assert "verdict-location" in _codes(first_view)
    asked_paths: list[str] = []
    monkeypatch.setattr(verdicts, "nearest_plan_above", lambda _, path: asked_paths.append(path))
    index.set_overlay(PLAN, f"{PLAN_TEXT}\nA letter.\n")
    assert _codes(_view(index, first_view)) == _codes(first_view)
    assert asked_paths == []


def test_the_rule_follows_the_files(index: Index, tmp_path: Path) -> None:
    view = _view(index)
    _write(tmp_path, COUNTED, VERDICT_TEXT)
    view = _view(index, view)
    assert "duplicate-document" in _codes(view)
    (tmp_path / COUNTED).unlink()
    view = _view(index, view)
    assert "verdict-location" in _codes(view)
    (tmp_path / PLAN).unlink()
    view = _view(index, view)
    assert "orphan-verdict" in _codes(view)
    _write(tmp_path, PLAN, PLAN_TEXT)
    view = _view(index, view)
    assert "verdict-location" in _codes(view)
    (tmp_path / MISPLACED).unlink()
    assert _codes(_view(index, view)) == set()
