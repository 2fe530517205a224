"""Prompts for all steps of an achievement that one agent can do: the design with its log, then the work up to its review."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.formats.planmark.prompts.through import DESIGN_STEPS, JOINED_STEPS
from planmark.plans.model import Step
from planmark.prompts.prompt import Prompt
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

HOME = "plans/SHOP"
LOG = f"{HOME}/execution/EXECUTION_TASK_SHOP_11_01.md"
SUBPLAN = f"{HOME}/subplans/SUBPLAN_SHOP_11.md"
PLAN = {
    f"{HOME}/PLAN_SHOP.md": "# PLAN: Shop\n\n**Status**: In Progress\n\n**Achievement 1.1**: Cart\n\n- Success: it sums\n"
}
DESIGNED = {
    SUBPLAN: "# SUBPLAN: Cart\n\n**Achievement**: 1.1\n\n## Objective\n\nA cart.\n\n## Approach\n\nSum.\n\n**Execution Count**: 2\n"
}
BEGUN = {
    LOG: "# EXECUTION_TASK: Cart\n\n**Status**: In Progress\n\n## Iteration Log\n\n### Iteration 1\n\n**Result**: begun\n"
}
DONE = {LOG: BEGUN[LOG].replace("In Progress", "✅ Complete")}
SECOND = {LOG.replace("_01.md", "_02.md"): DONE[LOG]}
FIX = {f"{HOME}/execution/feedbacks/FIX_11.md": "# FIX REQUIRED: 1.1\n\n### Critical Issues\n\n1. **It is wrong**\n"}
SYNTHESIS = {SUBPLAN: DESIGNED[SUBPLAN] + "\n## Execution Results Synthesis\n\nIt sums.\n"}
LIFE: tuple[tuple[Step, dict[str, str]], ...] = (
    ("create_subplan", {}),
    ("create_execution", DESIGNED),
    ("continue_execution", DESIGNED | BEGUN),
    ("next_execution", DESIGNED | DONE),
    ("synthesize", DESIGNED | DONE | SECOND),
    ("address_fix", SYNTHESIS | DONE | SECOND | FIX),
)
"""Step → the documents of the achievement, in the order of its life."""


def view_of(root: Path, files: dict[str, str]) -> View:
    write_files(root, PLAN | files)
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def prompt_in(view: View, through: str | None = "request_review", budget: int | None = None) -> Prompt:
    return prompt_of(view, view.plans[0], "1.1", through=through, token_budget=budget)


@pytest.mark.parametrize(("step", "files"), LIFE, ids=[step for step, _ in LIFE])
def test_every_step_before_the_review_goes_on_to_it(tmp_path: Path, step: Step, files: dict[str, str]) -> None:
    view = view_of(tmp_path, files)
    alone, prompt = prompt_in(view, None), prompt_in(view)
    assert alone.step == prompt.step == step
    assert prompt.through == JOINED_STEPS[step]
    assert not alone.through
    assert not {"request_review", "re_review"} & set(prompt.through)
    assert "no verdict" in prompt.prompt or "the verdict is the reviewer's" in prompt.prompt
    if step in DESIGN_STEPS:
        assert prompt.writes == (SUBPLAN, LOG)
        assert "## The form of the EXECUTION_TASK" in prompt.prompt
        assert "you write no EXECUTION_TASK" not in prompt.prompt
        assert "you write no code" in prompt.prompt
    else:
        assert "planmark check @SHOP 1.1" in prompt.prompt
        assert prompt.prompt.endswith("the review is the work of another agent.\n")
        assert ("Execution Results Synthesis" in prompt.prompt.rpartition("## Then go on")[2]) is (
            "synthesize" in prompt.through
        )


def test_the_hand_offs_of_a_life_become_two_prompts(tmp_path: Path) -> None:
    first = prompt_in(view_of(tmp_path / "a", {}))
    second = prompt_in(view_of(tmp_path / "b", DESIGNED | BEGUN))
    assert first.through == ("create_subplan", "create_execution")
    assert second.through == ("continue_execution", "next_execution", "synthesize", "finish_execution")
    last = view_of(tmp_path / "c", SYNTHESIS | DONE | SECOND)
    with pytest.raises(NoAnswerError, match=r"1\.1 waits for its review"):
        prompt_in(last)


def test_hand_offs_that_do_not_fit_say_so(tmp_path: Path) -> None:
    with pytest.raises(NoAnswerError, match=r"the budget is 300: .*one by one: planmark next @SHOP 1\.1"):
        prompt_in(view_of(tmp_path, DESIGNED), budget=300)


@pytest.mark.parametrize(
    ("through", "files", "says"),
    [
        ("synthesize", {}, "--through takes request_review, not synthesize"),
        ("", {}, "--through takes request_review"),
        (
            "request_review",
            DESIGNED | {LOG: BEGUN[LOG].replace("In Progress", "⛔ Blocked: no key")},
            "lift what blocks",
        ),
        ("request_review", {f"{HOME}/execution/feedbacks/APPROVED_11.md": "# APPROVED: 1.1\n"}, "is approved"),
    ],
)
def test_what_only_a_person_can_go_on_with_has_no_such_prompt(
    tmp_path: Path, through: str, files: dict[str, str], says: str
) -> None:
    with pytest.raises(NoAnswerError, match=says):
        prompt_in(view_of(tmp_path, files), through)
