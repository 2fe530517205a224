"""The prompt of every step as an agent reads it.

`PLANMARK_GOLDEN=1` writes the files again: read them before committing.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pytest

from conftest import REPOSITORY
from fixture import write_files
from planmark.formats.planmark.commands import scaffold
from planmark.formats.planmark.prompts.next_prompt import SOURCES_BY_STEP
from planmark.plans.model import Step
from planmark.prompts.parts import ChangedPath, WorkUnderReview
from planmark.prompts.prompt import Prompt
from planmark.queries.lookup import achievement_named
from planmark.queries.next import prompt_of
from planmark.queries.parts import part_prompts
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from planmark.workspace.snapshot import PlanDocuments

GOLDEN = REPOSITORY / "tests" / "data" / "prompts"
EXAMPLE = REPOSITORY / "examples" / "workspace"
FILES = {
    "plans/PAY/PLAN_PAY.md": "# PLAN: Payments\n\n**Status**: In Progress\n\n**Achievement 1.1**: Refunds\n\n- Success: money is back in a day\n\n**Achievement 1.2**: Receipts\n",
    "plans/PAY/subplans/SUBPLAN_PAY_11.md": "# SUBPLAN: Refunds\n\n**Model Tier**: 3\n\n## Objective\n\nMoney goes back.\n\n## Approach\n\nBy the provider's refund call.\n",
    "plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md": "# EXECUTION_TASK\n\n**Status**: ⛔ Blocked: no access to the provider's sandbox\n\n## Iteration Log\n\n### Iteration 1\n\nAsked the provider for an account.\n",
    "plans/PAY/subplans/SUBPLAN_PAY_12.md": "# SUBPLAN: Receipts\n\n## Objective\n\nA receipt by mail.\n\n## Approach\n\nBy the mail queue.\n",
    "plans/PAY/execution/EXECUTION_TASK_PAY_12_01.md": "# EXECUTION_TASK: Receipts\n\n**Status**: [In Progress / Complete]\n\n## Iteration Log\n\n[TO BE FILLED: what was tried]\n",
    "plans/TILL/PLAN_TILL.md": "# PLAN: Till\n\n**Status**: In Progress\n\n**Achievement 1.1**: Opens\n\n**Achievement 1.2**: Closes\n",
    "plans/TILL/subplans/SUBPLAN_TILL_1.1.md": "# SUBPLAN: Opens\n\n**Achievement**: 1.1\n",
    "plans/TILL/execution/execution task TILL 1.1.md": "# EXECUTION_TASK: Opens\n\n**Achievement**: 1.1\n",
    "plans/TILL/subplans/subplan_till_11.md": "# SUBPLAN: Opens, second draft\n",
    "plans/TILL/execution/APPROVED-1.1.md": "# APPROVED: Achievement 1.1\n",
}
APPROVED = "# APPROVED: Achievement {}\n\n**Status**: ✅ Approved\n**Reviewer**: Ada\n**Review Date**: 2026-01-02\n"
FILES |= {
    "plans/READY/PLAN_READY.md": "# PLAN: Ready to close\n\n**Status**: In Progress\n**Archive Location**: `archive/ready/`\n\n**Achievement 1.1**: Refunds\n\n**Achievement 1.2**: Receipts\n",
    "plans/READY/execution/EXECUTION_TASK_READY_11_01.md": "# EXECUTION_TASK: Refunds\n\n**Status**: In Progress\n",
    "plans/READY/execution/feedbacks/APPROVED_11.md": APPROVED.format("1.1"),
    "plans/READY/execution/feedbacks/APPROVED_12.md": APPROVED.format("1.2"),
    "plans/FRESH/PLAN_FRESH.md": scaffold.new_plan("FRESH", "plans", "2026-01-02", ()).text,
    "plans/LISTS/PLAN_LISTS.md": "# PLAN: Lists\n\n**Status**: In Progress\n\n## Achievement Index\n\n- Achievement 1.1: Refunds\n- Achievement 1.1: Receipts\n\n## Priority 1\n\n**Achievement 1.1**: Refunds\n\n**Achievement 1.2**: Invoices\n\n- Success: an invoice by mail\n",
    "plans/LISTS/execution/feedbacks/APPROVED_11.md": APPROVED.format("1.1"),
}
WRITTEN = ("PAY", "TILL", "READY", "FRESH", "LISTS")
"""The features whose files are above; the other features are those of the example."""
CASES: dict[Step, tuple[str, str | None]] = {
    "address_fix": ("CHECKOUT", "1.2"),
    "re_review": ("CHECKOUT", "1.3"),
    "continue_execution": ("CHECKOUT", "2.1"),
    "wait": ("CHECKOUT", "2.2"),
    "request_review": ("SEARCH", "1.2"),
    "synthesize": ("SEARCH", "1.3"),
    "next_execution": ("SEARCH", "2.1"),
    "create_execution": ("SEARCH", "2.2"),
    "fill_subplan": ("SEARCH", "2.3"),
    "create_subplan": ("SEARCH", "3.1"),
    "confirm_state": ("ACCOUNTS", None),
    "complete_plan": ("READY", None),
    "define_achievements": ("RETURNS", None),
    "unblock": ("PAY", "1.1"),
    "fill_execution": ("PAY", "1.2"),
    "rename_document": ("TILL", "1.1"),
    "pause": ("SEARCH", None),
    "resume": ("SEARCH", None),
    "verify": ("SEARCH", None),
    "parallel": ("SEARCH", None),
    "finish_execution": ("SEARCH", "1.2"),
    "closed": ("CATALOGUE-IMPORT", None),
    "fill_plan": ("FRESH", None),
    "update_index": ("LISTS", None),
    "review": ("SEARCH", "1.2"),
    "research": ("SEARCH", "3.1"),
}
PART: dict[Step, str] = {"review": "security", "research": "local"}
"""A step that several agents do → the part whose prompt is kept."""
WORK = WorkUnderReview(
    "git diff 1a2b3c4d5e6f", "the merge base with main", (ChangedPath("shop/search/fuzzy.py", "added", 40),), 3
)


def test_every_step_has_one() -> None:
    assert CASES.keys() == set(SOURCES_BY_STEP)
    assert {path.stem for path in GOLDEN.glob("*.md")} == set(SOURCES_BY_STEP)


@pytest.mark.parametrize("step", CASES)
def test_a_prompt_is_as_it_was_read(step: Step, tmp_path: Path) -> None:
    feature, achievement = CASES[step]
    root = EXAMPLE
    if feature in WRITTEN:
        root = tmp_path
        write_files(root, FILES)
    view, other_view = example_views() if root == EXAMPLE else (opened(root), opened(root))
    (plan,) = [plan for plan in view.snapshot.plans if plan.feature == feature]
    prompt = made(view, plan, achievement, step)
    golden = GOLDEN / f"{step}.md"
    if os.environ.get("PLANMARK_GOLDEN"):
        golden.write_text(prompt.prompt, encoding="utf-8", newline="\n")
    assert prompt.prompt == golden.read_text(encoding="utf-8")
    assert prompt.prompt == made(other_view, plan, achievement, step).prompt


def made(view: View, plan: PlanDocuments, achievement: str | None, step: Step) -> Prompt:
    if step not in PART:
        return prompt_of(view, plan, achievement, step)
    about = achievement_named(view.state(plan.path), achievement or "")
    (prompt,) = part_prompts(view, plan, step, about, [PART[step]], WORK)
    return prompt


@functools.cache
def example_views() -> tuple[View, View]:
    """Return two views of the example workspace that share nothing: the prompts of both are the same."""
    return opened(EXAMPLE), opened(EXAMPLE)


def opened(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)
