"""The prompt of every step: complete, with real names and exact lines."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from conftest import REPOSITORY
from fixture import write_files
from planmark.formats.planmark.prompts.next_prompt import SOURCES_BY_STEP, next_prompt
from planmark.formats.planmark.workflow.plan_state import evaluate_plan
from planmark.plans.model import Step
from planmark.plans.roles import STEP_ROLES
from planmark.prompts.jinja_env import environment
from planmark.prompts.prompt import NothingToDoError, Prompt, workable_step
from planmark.prompts.tokens import estimate_tokens
from planmark.workspace.index import load_snapshot
from planmark.workspace.reader import WorkspaceReader
from planmark.workspace.snapshot import Snapshot

EXAMPLE = REPOSITORY / "examples" / "workspace"


@functools.cache
def example_snapshot() -> Snapshot:
    """Return the snapshot of the example workspace, which no test here changes."""
    return load_snapshot(EXAMPLE)


def prompt_of(root: Path, feature: str, achievement: str | None = None) -> Prompt:
    snapshot = example_snapshot() if root == EXAMPLE else load_snapshot(root)
    (files,) = [files for files in snapshot.plans if files.feature == feature]
    judged = evaluate_plan(files)
    known = next((known for known in judged.state.achievements if known.id == achievement), None)
    step = workable_step(judged, known) if known else judged.state.next
    reader = WorkspaceReader(
        snapshot, lambda path: (root / path).read_text(encoding="utf-8"), lambda path: (root / path).exists()
    )
    return next_prompt(reader, files, judged, step)


@pytest.mark.parametrize("step", SOURCES_BY_STEP)
def test_every_step_has_a_template_and_a_role(step: Step) -> None:
    assert environment().get_template(f"{step}.md.j2")
    assert STEP_ROLES[step].tier in (1, 2, 3)


@pytest.mark.parametrize(
    ("feature", "achievement", "step", "contains", "writes"),
    [
        (
            "CHECKOUT",
            "1.2",
            "address_fix",
            ["2 critical and 1 minor issue", "lines 16-22"],
            ["execution/feedbacks/FIX_12_RESOLUTION.md"],
        ),
        (
            "CHECKOUT",
            "1.3",
            "re_review",
            ["Codes of the second card network", "FIX_13_R2.md` (to be created"],
            ["execution/feedbacks/APPROVED_13_R2.md", "execution/feedbacks/FIX_13_R2.md"],
        ),
        ("CHECKOUT", "2.1", "continue_execution", ["EXECUTION_TASK_CHECKOUT_21_01.md"], []),
        ("CHECKOUT", "2.2", "wait", ["parallel.json` line 8"], []),
        (
            "SEARCH",
            "1.2",
            "request_review",
            ["`docs/search-quality.md`", "FIX REQUIRED: Achievement 1.2"],
            ["execution/feedbacks/APPROVED_12.md", "execution/feedbacks/FIX_12.md"],
        ),
        ("SEARCH", "1.3", "synthesize", ["EXECUTION_TASK_SEARCH_13_02.md", "Execution Results Synthesis"], []),
        ("SEARCH", "2.1", "next_execution", ["3 planned"], ["execution/EXECUTION_TASK_SEARCH_21_02.md"]),
        ("SEARCH", "2.2", "create_execution", ["SUBPLAN_SEARCH_22.md"], ["execution/EXECUTION_TASK_SEARCH_22_01.md"]),
        ("SEARCH", "2.3", "fill_subplan", ["line 9", "line 13"], []),
        (
            "SEARCH",
            "3.1",
            "create_subplan",
            ["a remembered sentence finds the book"],
            ["subplans/SUBPLAN_SEARCH_31.md"],
        ),
        ("NOTIFICATIONS", "1.1", "unblock", ["the provider has not confirmed our domain"], []),
        ("ACCOUNTS", None, "confirm_state", ["line 12", "--ignore-claims"], []),
        ("RETURNS", None, "define_achievements", ["line 9: ### Achievement 1: Return labels"], []),
        ("CATALOGUE-IMPORT", None, "closed", ["all 2 achievements are approved", "is closed"], []),
    ],
)
def test_the_prompt_of_a_step(
    feature: str, achievement: str | None, step: str, contains: list[str], writes: list[str]
) -> None:
    prompt = prompt_of(EXAMPLE, feature, achievement)
    assert prompt.step == step
    for text in contains:
        assert text in prompt.prompt
    folder = prompt.plan.rpartition("/")[0]
    assert [path.removeprefix(f"{folder}/") for path in prompt.writes] == writes
    assert all(path in prompt.prompt for path in prompt.writes)
    for read in prompt.read:
        lines = (EXAMPLE / read.path).read_text(encoding="utf-8").splitlines()
        assert 1 <= read.start <= read.end <= len(lines)
        assert f"`{read.path}` lines {read.start}-{read.end}" in prompt.prompt
    assert prompt.tokens.total == prompt.tokens.prompt + sum(read.tokens for read in prompt.read)
    assert "\n\n\n" not in prompt.prompt
    assert prompt.prompt == prompt_of(EXAMPLE, feature, achievement).prompt


def test_a_reading_list_names_the_lines_that_it_means() -> None:
    prompt = prompt_of(EXAMPLE, "CHECKOUT", "1.2")
    # The prompt itself quotes short texts, with their places: here all that it needs.
    assert prompt.read == () and "FIX_12.md` lines 1-36, the review that asks for the fix:\n\n> # FIX" in prompt.prompt
    # Neighbouring texts are one quotation.
    assert "SUBPLAN_CHECKOUT_12.md` lines 1-19, its header to correct, objective, approach:\n\n> # SUB" in prompt.prompt


def test_a_long_text_is_named_by_its_lines(tmp_path: Path) -> None:
    fix = (
        "# FIX\n\n### Critical Issues\n\n1. **Refunds**\n"
        + "   They are lost, and the customer gets no mail about it.\n" * 60
    )
    write_files(tmp_path, {"PLAN_X.md": "**Achievement 1.1**: A\n", "execution/feedbacks/FIX_11.md": fix})
    prompt = prompt_of(tmp_path, "X")
    (read,) = prompt.read
    assert (read.path, read.start, read.end) == ("execution/feedbacks/FIX_11.md", 1, 65)
    assert f"`{read.path}` lines 1-65: the review that asks for the fix" in prompt.prompt


def test_a_placeholder_in_a_task(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "PLAN_X.md": "**Achievement 1.1**: A\n",
            "subplans/SUBPLAN_X_11.md": "## Objective\n\nx\n",
            "execution/EXECUTION_TASK_X_11_01.md": "# T\n\n[TO BE FILLED: log]\n",
        },
    )
    prompt = prompt_of(tmp_path, "X")
    assert prompt.step == "fill_execution"
    assert "line 3: [TO BE FILLED: log]" in prompt.prompt


def test_a_fix_in_free_prose_is_read_whole(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"PLAN_X.md": "**Achievement 1.1**: A\n", "execution/feedbacks/FIX_11.md": "No. Do it again.\n"}
    )
    assert "every request in it counts" in prompt_of(tmp_path, "X").prompt


def test_files_get_the_unambiguous_number_where_the_plan_needs_it(tmp_path: Path) -> None:
    write_files(tmp_path, {"PLAN_X.md": "**Achievement 1.1**: A\n\n**Achievement 1.11**: B\n"})
    assert prompt_of(tmp_path, "X", "1.11").writes == ("subplans/SUBPLAN_X_01_11.md",)


def test_a_stale_handoff_is_not_read(tmp_path: Path) -> None:
    plan = "**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n\n## Current Status & Handoff\n\nNext: Achievement {}\n"
    approved = {"execution/feedbacks/APPROVED_11.md": ""}
    write_files(tmp_path / "stale", {"PLAN_X.md": plan.format("1.1"), **approved})
    write_files(tmp_path / "true", {"PLAN_X.md": plan.format("1.2"), **approved})
    assert "the handoff;" not in prompt_of(tmp_path / "stale", "X").prompt
    assert "lines 5-7, the handoff; if it names other steps or paths" in prompt_of(tmp_path / "true", "X").prompt


def test_an_approved_achievement_has_no_step() -> None:
    with pytest.raises(NothingToDoError, match=r"APPROVED_01\.md"):
        prompt_of(EXAMPLE, "CHECKOUT", "0.1")


def test_an_approved_achievement_beside_a_misnamed_fix_has_the_step_that_names_it(tmp_path: Path) -> None:
    plan = "# PLAN\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"
    feedbacks = "execution/feedbacks"
    write_files(tmp_path, {"PLAN_X.md": plan, f"{feedbacks}/APPROVED_11.md": "x", f"{feedbacks}/REJECTED_11.md": "x"})
    assert prompt_of(tmp_path, "X", "1.1").step == "rename_document"


def test_tokens_grow_with_the_text() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("a plan") == 2
    assert estimate_tokens("✅") == 1
    assert estimate_tokens("x " * 100) >= 100
