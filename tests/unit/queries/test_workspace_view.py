"""A view's answers about one plan."""

from __future__ import annotations

from pathlib import Path

from fixture import write_files
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

PLAN = "# PLAN\n\n**Achievement 1.1**: A\n"
F = "plans/PAY/execution/feedbacks"


def viewed(root: Path, files: dict[str, str]) -> View:
    write_files(root, files)
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def found(view: View, feature: str) -> set[str]:
    (plan,) = [plan for plan in view.snapshot.plans if plan.feature == feature]
    return {diagnostic.path for diagnostic in view.diagnostics_of(plan)}


def test_what_is_found_about_files_in_its_folder_counts_for_a_plan(tmp_path: Path) -> None:
    """Use files that are not documents of the plan: a misnamed verdict, a verdict in a wrong place, and a copy."""
    odd = {f"{F}/REJECTED_11.md": "x", "plans/PAY/APPROVED_11.md": "x", "plans/PAY/old/SUBPLAN_OTHER_11.md": "x"}
    view = viewed(tmp_path, {"plans/PAY/PLAN_PAY.md": PLAN, "plans/TILL/PLAN_TILL.md": PLAN, **odd})
    assert found(view, "PAY") == {"plans/PAY/PLAN_PAY.md", *odd}
    assert found(view, "TILL") == {"plans/TILL/PLAN_TILL.md"}


def test_the_folder_of_a_plan_inside_is_that_plans(tmp_path: Path) -> None:
    view = viewed(
        tmp_path,
        {
            "plans/PAY/PLAN_PAY.md": PLAN,
            "plans/PAY/parts/TILL/PLAN_TILL.md": PLAN,
            "plans/PAY/parts/TILL/execution/feedbacks/REJECTED_11.md": "x",
            "plans/PAY-LATER/notes/FIX-1.md": "x",
        },
    )
    assert found(view, "PAY") == {"plans/PAY/PLAN_PAY.md"}
    assert "plans/PAY/parts/TILL/execution/feedbacks/REJECTED_11.md" in found(view, "TILL")


def test_a_verdict_leaves_the_decisions_about_other_achievements(tmp_path: Path) -> None:
    plan = "plans/PAY/PLAN_PAY.md"
    write_files(tmp_path, {plan: PLAN + "\n**Achievement 1.2**: B\n\n**Dependencies**: 1.1\n"})
    index = Index(tmp_path)
    view = build_view(index.refresh(), index.text_reader())
    before = view.evaluations[plan]
    write_files(tmp_path, {f"{F}/APPROVED_11.md": "# APPROVED: A\n"})
    index.mark_stale([f"{F}/APPROVED_11.md"])
    unread = build_view(index.snapshot(), index.text_reader(), before=view)
    write_files(tmp_path, {f"{F}/FIX_11_R2.md": "# FIX: A\n"})
    index.mark_stale([f"{F}/FIX_11_R2.md"])
    after = build_view(index.snapshot(), index.text_reader(), before=unread).evaluations[plan]
    assert after.own_decisions["1.2"] is before.own_decisions["1.2"]
    assert [item.state for item in after.state.achievements] == ["needs_fix", "blocked"]
    assert [item.state for item in before.state.achievements] == ["no_subplan", "blocked"]
