"""The tokens of all roles of an achievement: what is known, what is not, and what to shorten first."""

from __future__ import annotations

from pathlib import Path

from fixture import write_files
from planmark.queries.feature_costs import AchievementTokens, FeatureBudgetResult, budget_result
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

HOME = "plans/SHOP"
LONG = "\n".join(f"- step {number} of an approach that has many of them, each in a line" for number in range(300))
FILES = {
    f"{HOME}/PLAN_SHOP.md": "# PLAN: Shop\n\n**Status**: In Progress\n\n**Achievement 1.1**: Cart\n\n- Success: it sums\n\n"
    "**Achievement 1.2**: Till\n\n**Achievement 1.3**: ~~Gone~~ (DROPPED: not wanted)\n",
    f"{HOME}/subplans/SUBPLAN_SHOP_11.md": f"# SUBPLAN: Cart\n\n**Achievement**: 1.1\n\n## Objective\n\nA cart.\n\n## Approach\n\n{LONG}\n",
    f"{HOME}/execution/EXECUTION_TASK_SHOP_11_01.md": "# EXECUTION_TASK: Cart\n\n**Status**: ✅ Complete\n\n## Learnings\n\nIt sums.\n",
}


def result_of(root: Path, settings: str = "") -> FeatureBudgetResult:
    write_files(root, {**FILES, "planmark.toml": settings})
    index = Index(root)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    return budget_result(view, view.snapshot.plans)


def by_id(result: FeatureBudgetResult) -> dict[str, AchievementTokens]:
    return {one.achievement: one for one in result.features[0].achievements}


def test_every_role_with_its_documents_counts(tmp_path: Path) -> None:
    result = result_of(tmp_path)
    found = by_id(result)
    assert found.keys() == {"1.1", "1.2"}
    roles = [one.role for one in found["1.1"].roles]
    assert roles == [
        *("researcher-local", "researcher-web", "planner", "implementer", "reviewer", "security-auditor", "doc-master")
    ]
    assert found["1.1"].total == sum(one.tokens for one in found["1.1"].roles)
    assert found["1.1"].session == sum(one.new for one in found["1.1"].roles) <= found["1.1"].total
    assert found["1.2"].unknown == ("implementer", "reviewer", "security-auditor", "doc-master")
    feature = result.features[0]
    assert feature.total == sum(one.total for one in feature.achievements)
    assert feature.within == 1


def test_the_passage_that_costs_most_is_to_be_shortened_first(tmp_path: Path) -> None:
    first = by_id(result_of(tmp_path))["1.1"].shorten_first
    assert first is not None
    assert (first.path, first.title) == (f"{HOME}/subplans/SUBPLAN_SHOP_11.md", "Approach")
    assert first.prompts > 2
    assert first.tokens > 3000


def test_an_achievement_over_the_budget_names_what_is_left_out_next(tmp_path: Path) -> None:
    found = by_id(result_of(tmp_path))["1.1"]
    assert found.total > 8000
    assert len(found.reductions) == 1
    assert found.reductions[0].endswith("suffices: split the achievement")
    assert not by_id(result_of(tmp_path))["1.2"].reductions


def test_a_role_whose_prompt_does_not_fit_is_a_problem(tmp_path: Path) -> None:
    found = by_id(result_of(tmp_path, "[prompts]\ntokenBudget = 500\n"))["1.1"]
    assert any("reviewer: " in problem for problem in found.problems)
