"""The fake agent does the steps of plans, so that tests of runs need no model."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_agent import do_step
from fixture import write_files
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from sample_plan import PLAN, TEXT

TASKS = """# Tasks: tip jar

## 1. Ledger

- [x] 1.1 Keep a tip as its own line
- [ ] 1.2 Sum the tips of a day
- [ ] 1.3 Show the sum
"""


def view_of(root: Path) -> View:
    """Return the view of a workspace now."""
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def steps_of(root: Path, monkeypatch: pytest.MonkeyPatch, most: int = 12) -> list[tuple[str, str]]:
    """Let the fake agent do all steps of the only plan, and return them with their items."""
    monkeypatch.chdir(root)
    done: list[tuple[str, str]] = []
    for _ in range(most):
        view = view_of(root)
        plan = (*view.snapshot.plans, *view.snapshot.sites)[0]
        prompt = prompt_of(view, plan)
        if prompt.step in ("complete_plan", "closed", "verify_and_archive"):
            break
        done.append((prompt.step, str(prompt.achievement)))
        do_step(prompt.prompt, {})
    return done


def test_it_takes_every_achievement_to_its_approval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    cycle = ["create_subplan", "create_execution", "request_review"]
    steps = steps_of(tmp_path, monkeypatch)
    assert steps == [(step, item) for item in ("1.1", "1.2") for step in cycle]
    view = view_of(tmp_path)
    assert [one.state for one in view.state(PLAN).achievements] == ["approved", "approved"]


def test_it_answers_a_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    assert len(steps_of(tmp_path, monkeypatch, most=2)) == 2
    fix = "# FIX REQUIRED: Achievement 1.1\n\n**Review Date**: 2026-01-02\n\n## Critical Issues\n\n1. **It is wrong**\n"
    write_files(tmp_path, {"work-space/plans/PAY/execution/feedbacks/FIX_11.md": fix})
    steps = steps_of(tmp_path, monkeypatch)
    assert steps[:2] == [("address_fix", "1.1"), ("re_review", "1.1")] and steps[2][1] == "1.2"


def test_it_ticks_the_boxes_of_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(
        tmp_path,
        {"openspec/changes/tips/tasks.md": TASKS, "openspec/changes/tips/proposal.md": "# Tips\n\n## Why\n\nTips.\n"},
    )
    assert [step for step, _ in steps_of(tmp_path, monkeypatch)] == ["implement_task", "implement_task"]
    assert "[ ]" not in (tmp_path / "openspec/changes/tips/tasks.md").read_text(encoding="utf-8")
