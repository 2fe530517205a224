"""Prompts about withdrawn work, and about executions that were closed without being done."""

from __future__ import annotations

from pathlib import Path

from fixture import write
from planmark.prompts.prompt import Prompt
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

P = "work-space/plans/PAY"
PLAN = f"//- /{P}/PLAN_PAY.md\n# PLAN\n\n**Achievement 1.1**: A\n"
SUBPLAN = f"//- /{P}/subplans/SUBPLAN_PAY_11.md\n# SUBPLAN\n\n**Status**: {{}}\n\n## Objective\n\nPay.\n"
TASK = f"//- /{P}/execution/EXECUTION_TASK_PAY_11_{{}}.md\n# T\n\n**Status**: {{}}\n\nWhat was tried {{}}.\n"


def prompt(root: Path, *documents: str) -> Prompt:
    index = Index(write(root, "\n".join([PLAN, *documents])))
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    return prompt_of(view, view.snapshot.plans[0])


def test_a_subplan_that_is_taken_back_is_quoted(tmp_path: Path) -> None:
    made = prompt(tmp_path, SUBPLAN.format("Superseded by the card design"))
    assert made.step == "create_subplan"
    assert f"`{P}/subplans/SUBPLAN_PAY_11.md` line 3 says" in made.prompt
    assert "> **Status**: Superseded by the card design" in made.prompt
    assert "Nothing exists for it yet" not in made.prompt
    assert "planmark create subplan" not in made.prompt


def test_the_execution_that_failed_is_read_before_the_next_one(tmp_path: Path) -> None:
    made = prompt(tmp_path, SUBPLAN.format("Executing"), TASK.format("01", "Done", 1), TASK.format("02", "Failed", 2))
    assert (made.step, made.writes) == ("next_execution", (f"{P}/execution/EXECUTION_TASK_PAY_11_03.md",))
    assert "What was tried 2." in made.prompt


def test_only_failed_executions_are_followed_by_another_one(tmp_path: Path) -> None:
    made = prompt(tmp_path, SUBPLAN.format("Executing"), TASK.format("01", "❌ Failed", 1))
    assert (made.step, made.writes) == ("create_execution", (f"{P}/execution/EXECUTION_TASK_PAY_11_02.md",))
    assert "What was tried 1." in made.prompt
