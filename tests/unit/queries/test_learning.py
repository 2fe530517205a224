"""References in prompts: which steps have them, how long they are, and that files alone decide about them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fixture import write_files
from learnt import HOME, earlier_work, with_new_problem
from planmark.plans.case import Case
from planmark.prompts.learned import MAX_REFERENCE_TOKENS, case_line, case_reference
from planmark.prompts.prompt import Prompt
from planmark.prompts.tokens import estimate_tokens
from planmark.queries.learning import learn_from_achievement, learn_from_text
from planmark.queries.next import prompt_of
from planmark.queries.recurring import OTHER_ISSUES, recurring_result
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from planmark.workspace.snapshot import PlanDocuments

HEADING = "## What earlier work wrote"
SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def opened(root: Path, files: dict[str, str]) -> View:
    write_files(root, files)
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists, cases=index.cases)


def plan_of(view: View, feature: str) -> PlanDocuments:
    return next(plan for plan in view.snapshot.plans if plan.feature == feature)


def prompt(view: View, feature: str = "FORGE", achievement: str = "1.1", budget: int | None = None) -> Prompt:
    return prompt_of(view, plan_of(view, feature), achievement, token_budget=budget)


def test_prompt_for_a_fix_has_similar_work(tmp_path: Path) -> None:
    made = prompt(opened(tmp_path, with_new_problem()))
    assert made.step == "address_fix"
    assert 1 <= len(made.similar) <= 2
    assert {one.path.split("/")[2] for one in made.similar} == {"MILL"}
    assert HEADING in made.prompt
    assert all(estimate_tokens(case_line(one)) <= MAX_REFERENCE_TOKENS for one in made.similar)
    assert all(f"> {case_line(one)}" in made.prompt for one in made.similar)


def test_prompt_for_a_fix_names_known_failures(tmp_path: Path) -> None:
    files = with_new_problem()
    fix = f"{HOME}/FORGE/execution/feedbacks/FIX_11.md"
    files[fix] += "- **Evidence**: the log ends with `fatal: not a git repository`\n"
    made = prompt(opened(tmp_path, files))
    assert [(one.id, one.path) for one in made.patterns] == [("git-not-a-repository", fix)]
    assert f"- known failure `git-not-a-repository` (`{fix}` line 11): The command ran outside" in made.prompt


def test_prompt_for_a_review_of_a_fix_and_for_a_block_have_references(tmp_path: Path) -> None:
    files = with_new_problem()
    home = f"{HOME}/FORGE/execution"
    resolved = {**files, f"{home}/feedbacks/FIX_11_RESOLUTION.md": "# RESOLUTION\n\n**Status**: Resolved\n\nDone.\n"}
    made = prompt(opened(tmp_path / "a", resolved))
    assert (made.step, bool(made.similar)) == ("re_review", True)
    del files[f"{home}/feedbacks/FIX_11.md"]
    task = f"{home}/EXECUTION_TASK_FORGE_11_01.md"
    files[task] = (
        files[task].replace("✅ Complete", "⛔ Blocked") + "\n**Blocker**: the sluice gate of the wheel freezes\n"
    )
    made = prompt(opened(tmp_path / "b", files))
    assert (made.step, [one.id for one in made.patterns]) == ("unblock", ["git-not-a-repository"])


def test_other_steps_have_no_references(tmp_path: Path) -> None:
    view = opened(tmp_path, with_new_problem())
    made = [prompt(view, "MILL", "1.2"), prompt(view, "FORGE", "1.2")]
    assert [(one.similar, one.patterns, HEADING in one.prompt) for one in made] == [((), (), False)] * 2
    assert not view.cases.was_searched


def test_setting_turns_references_off(tmp_path: Path) -> None:
    view = opened(tmp_path, {**with_new_problem(), "planmark.toml": "[prompts]\nsimilar = false\n"})
    assert HEADING not in prompt(view).prompt


def test_references_are_the_first_to_be_left_out(tmp_path: Path) -> None:
    view = opened(tmp_path, with_new_problem())
    whole = prompt(view)
    shorter = prompt(view, budget=whole.tokens.total - 1)
    assert HEADING not in shorter.prompt
    assert shorter.dropped == ()
    off = {**with_new_problem(), "planmark.toml": "[prompts]\nsimilar = false\n"}
    assert shorter.prompt == prompt(opened(tmp_path / "off", off)).prompt


def test_same_files_give_the_same_prompt_with_and_without_a_store(tmp_path: Path) -> None:
    view = opened(tmp_path, with_new_problem())
    fresh = build_view(view.snapshot, view.text, exists=view.exists)
    assert prompt(fresh).prompt == prompt(view).prompt == prompt(view).prompt


def test_own_documents_are_no_references(tmp_path: Path) -> None:
    view = opened(tmp_path, with_new_problem())
    plan = plan_of(view, "FORGE")
    result = learn_from_achievement(view, plan, view.evaluations[plan.path].by_id["1.1"])
    assert result.similar
    assert all("/FORGE/" not in one.path for one in result.similar)
    assert result.similar[0].feature == "MILL"


def test_credentials_and_controls_of_other_documents_do_not_reach_a_prompt(tmp_path: Path) -> None:
    files = with_new_problem()
    fix = f"{HOME}/MILL/execution/feedbacks/FIX_11.md"
    files[fix] = files[fix].replace("**Issue**: ", f"**Issue**: \u202e\x1b[31m token {SECRET} ")
    made = prompt(opened(tmp_path, files))
    assert fix in [one.path for one in made.similar]
    for text in (made.prompt, *(one.excerpt for one in made.similar)):
        assert SECRET not in text
    assert not re.search("[\u202e\x1b]", made.prompt)


def test_long_path_leaves_no_reference_instead_of_a_long_one() -> None:
    case = Case("fix", "Fix", "the gate was heated " * 40, 10, 90)
    short = case_reference("work/FIX_11.md", case)
    assert short is not None and estimate_tokens(case_line(short)) <= MAX_REFERENCE_TOKENS
    assert short.excerpt.endswith("…")
    assert case_reference("a-very-long-folder-name/" * 20 + "FIX_11.md", case) is None


def test_excerpt_begins_with_the_answer() -> None:
    case = Case("cause", "Gate", "- **Impact**: it stalls at night\n- **Fix**: heat the cable along the gate", 1, 3)
    reference = case_reference("work/FIX_11.md", case)
    assert reference is not None
    assert reference.excerpt == "Fix: heat the cable along the gate"


@pytest.mark.parametrize("text", ["", "purple elephants under a marble moon", '" OR NEAR(', "\u202e\u0000"])
def test_nonsense_finds_nothing(text: str, tmp_path: Path) -> None:
    result = learn_from_text(opened(tmp_path, earlier_work()), text)
    assert (result.failures, result.similar) == ((), ())


def test_large_hostile_log_finds_its_failure(tmp_path: Path) -> None:
    text = (
        "status deliverable missing npm ERR \u202e \x00 '\" OR\n" * 20_000
        + "fatal: refusing to merge unrelated histories\n"
    )
    result = learn_from_text(opened(tmp_path, earlier_work()), text)
    assert "git-unrelated-histories" in [one.id for one in result.failures]


def test_what_recurs(tmp_path: Path) -> None:
    files = earlier_work()
    for feature in ("MILL", "DOCK"):
        fix = f"{HOME}/{feature}/execution/feedbacks/FIX_11.md"
        files[fix] += "\n**2. Missing deliverables**\n\n- **Issue**: two reports are nowhere to be seen in the folder\n"
        task = f"{HOME}/{feature}/execution/EXECUTION_TASK_{feature}_11_01.md"
        files[task] = files[task].replace("## Learning", "### Iteration 2\n\nOnce more.\n\n## Learning")
    view = opened(tmp_path, files)
    result = recurring_result(view, list(view.snapshot.plans), None)
    kinds = [(one.kind, one.count, len(one.files)) for one in result.issues]
    assert kinds == [("work-deliverable-missing", 2, 2), (OTHER_ISSUES, 4, 4)]
    assert result.learnings[0].text == "Measure the whole machine before and after a change."
    assert result.learnings[0].count == 4
    assert [(one.feature, one.achievement, one.iterations) for one in result.executions] == [
        ("DOCK", "1.1", 2),
        ("MILL", "1.1", 2),
    ]
    assert {(one.feature, one.achievement, one.fixes, one.round) for one in result.reviews} == {
        (feature, "1.1", 1, 1) for feature in ("BREW", "DOCK", "LOOM", "MILL")
    }
    assert recurring_result(view, [plan_of(view, "BREW")], "BREW").executions == ()
