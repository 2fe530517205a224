"""Files that Planmark does not read because of their names, in the output of the commands."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from command_line import Run, runner
from fixture import write_files
from planmark.queries.schemas import json_schema

P = "plans/PAY"
PLAN = "# PLAN\n\n**Status**: In Progress\n**Goal**: pay\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"
SUBPLAN, TASK = f"{P}/subplans/SUBPLAN_PAY_1.1.md", f"{P}/execution/execution-task_pay_1.1_01.md"
WORK = {
    f"{P}/PLAN_PAY.md": PLAN,
    SUBPLAN: "# SUBPLAN\n\n**Achievement**: 1.1\n\n## Objective\n\nx\n\n## Approach\n\ny\n",
    TASK: "# TASK\n\n**SUBPLAN**: SUBPLAN_PAY_1.1.md\n**Status**: ✅ Complete\n",
}
ELSEWHERE = {
    "plans/pending/PLAN_STORE_PRICING.md": PLAN,
    "plans/pending/SUBPLAN_STORE_PRICING_11_SEARCH.md": "# SUBPLAN\n\n**Parent**: PLAN_STORE_PRICING.md\n",
    "plans/done/SUBPLAN_STORE_PRICING_12.md": "# SUBPLAN\n\n**Parent**: PLAN_STORE_PRICING.md\n",
}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "--workspace", str(tmp_path))


def test_the_next_prompt_is_to_rename(tmp_path: Path, run: Run) -> None:
    write_files(tmp_path, WORK)
    result = run("next", "--json")
    assert (result.code, result.data["step"], result.data["achievement"]) == (0, "rename_document", "1.1")
    prompt = result.data["prompt"]
    assert f"git mv {SUBPLAN} {P}/subplans/SUBPLAN_PAY_11.md" in prompt
    assert f"git mv {TASK} {P}/execution/EXECUTION_TASK_PAY_11_01.md" in prompt
    assert "planmark check --fix --unsafe --select document-name" in prompt
    assert run("next", SUBPLAN, "--json").data["achievement"] == "1.1"


@pytest.mark.parametrize("kind", ["subplan", "execution"])
def test_nothing_is_created_beside_misnamed_work(tmp_path: Path, run: Run, kind: str) -> None:
    write_files(tmp_path, WORK)
    before = sorted(tmp_path.rglob("*.md"))
    result = run("create", kind, "@PAY", "1.1")
    assert (result.code, result.out) == (4, "")
    assert SUBPLAN in result.err and "SUBPLAN_PAY_11.md" in result.err
    assert sorted(tmp_path.rglob("*.md")) == before
    assert run("create", "subplan", "@PAY", "1.2").code == 0


def test_every_list_has_them(tmp_path: Path, run: Run) -> None:
    write_files(tmp_path, WORK)
    assert "2 misnamed files not read" in run("status").err
    assert f"misnamed, not read: {SUBPLAN}" in run("status", "--all").out
    assert SUBPLAN in run("status", "@PAY").out.replace("\n  ", " ")
    data = run("status", "--json").data
    jsonschema.Draft202012Validator(json.loads(json_schema("status"))).validate(data)
    (workspace,) = data["workspaces"]
    assert [(file["path"], file["achievements"], file["wanted"]) for file in workspace["misnamed"]] == [
        (TASK, ["1.1"], f"{P}/execution/EXECUTION_TASK_PAY_11_01.md"),
        (SUBPLAN, ["1.1"], f"{P}/subplans/SUBPLAN_PAY_11.md"),
    ]
    doctor = run("doctor")
    assert doctor.code == 1 and "2 misnamed, 0 not plans" in doctor.out


def test_one_command_renames_all_with_their_mentions(tmp_path: Path, run: Run) -> None:
    write_files(tmp_path, WORK)
    assert run("check", "--fix", "--select", "document-name").code == 1
    assert (tmp_path / SUBPLAN).exists()
    assert run("check", "--fix", "--unsafe", "--select", "document-name").code == 0
    assert "**SUBPLAN**: SUBPLAN_PAY_11.md" in (tmp_path / f"{P}/execution/EXECUTION_TASK_PAY_11_01.md").read_text(
        "utf-8"
    )
    (plan,) = run("status", "--json").data["workspaces"][0]["plans"]
    assert [known["state"] for known in plan["achievements"]] == ["awaiting_review", "no_subplan"]


@pytest.mark.parametrize("command", ["status", "next"])
def test_without_a_plan_every_file_is_named_with_its_right_name(tmp_path: Path, run: Run, command: str) -> None:
    write_files(tmp_path, ELSEWHERE)
    said = run(command).err
    for path, name in zip(
        ELSEWHERE,
        ("PLAN_STORE-PRICING.md", "SUBPLAN_STORE-PRICING_11.md", "SUBPLAN_STORE-PRICING_12.md"),
        strict=True,
    ):
        assert path in said and f"rename it to {name}" in said


def test_names_with_blanks_and_plans_without_their_prefix_are_followed(tmp_path: Path, run: Run) -> None:
    files = {
        "plans/pending/PLAN_store pricing.md": PLAN,
        "plans/pending/Plan-Search.markdown": PLAN,
        "plans/pending/SUBPLAN_one_1.1.md": "# S\n\n**Parent**: PLAN_store pricing.md\n",
        "plans/other/SUBPLAN_two_1.2.md": "# S\n\n**Plan**: Search\n",
        "plans/other/subplan search 1.1.md": "# S\n",
    }
    write_files(tmp_path, files)
    listed = run("status", "--json").data["workspaces"][0]["misnamed"]
    assert {file["path"]: file["says"].split(",")[0] for file in listed} == {
        "plans/pending/SUBPLAN_one_1.1.md": "rename it to SUBPLAN_STORE-PRICING_11.md",
        "plans/other/SUBPLAN_two_1.2.md": "rename it to SUBPLAN_SEARCH_12.md",
        "plans/other/subplan search 1.1.md": "rename it to SUBPLAN_SEARCH_11.md",
    }
    run("check", "--fix", "--unsafe", "--select", "plan-name,document-name")
    workspace = run("status", "--json").data["workspaces"][0]
    assert [plan["feature"] for plan in workspace["plans"]] == ["SEARCH", "STORE-PRICING"]
    assert workspace["misnamed"] == []


def test_from_names_of_another_kind_to_a_plan_that_is_read(tmp_path: Path, run: Run) -> None:
    write_files(tmp_path, ELSEWHERE)
    run("check", "--fix", "--unsafe", "--select", "plan-name,document-name")
    (plan,) = run("status", "--json").data["workspaces"][0]["plans"]
    assert plan["feature"] == "STORE-PRICING"
    assert [known["state"] for known in plan["achievements"]] == ["design_placeholder", "design_placeholder"]
    assert "PLAN_STORE-PRICING.md" in (tmp_path / "plans/done/SUBPLAN_STORE-PRICING_12.md").read_text("utf-8")


def test_a_plan_of_another_kind_fails_nothing(tmp_path: Path, run: Run) -> None:
    write_files(
        tmp_path, {f"{P}/PLAN_PAY.md": PLAN, "PLAN_V2.md": "# Plan V2\n\n**Status**: ✅ Completed\n\n- [x] read\n"}
    )
    result = run("check", "PLAN_V2.md")
    assert result.code == 0 and "hint plan-name" in result.out
    assert [plan["feature"] for plan in run("status", "--json").data["workspaces"][0]["plans"]] == ["PAY"]


def test_nothing_to_do_names_the_achievements_that_are_not_read(tmp_path: Path, run: Run) -> None:
    done = {f"{P}/execution/feedbacks/APPROVED_{number}.md": "x" for number in ("11", "12")}
    done |= {f"{P}/subplans/SUBPLAN_PAY_{number}.md": "## Objective\n\nx\n" for number in ("11", "12")}
    write_files(
        tmp_path, {f"{P}/PLAN_PAY.md": PLAN.replace("In Progress", "Complete"), **done, "plans/TILL/plan_till.md": PLAN}
    )
    result = run("next")
    assert "plans/TILL/plan_till.md" in result.err and "PLAN_TILL.md" in result.err


def test_check_selects_by_a_former_code(tmp_path: Path, run: Run) -> None:
    write_files(tmp_path, WORK)
    former, now = (
        run("check", "--select", code, "--format", "json").data for code in ("verdict-name", "document-name")
    )
    assert former["diagnostics"] and former["diagnostics"] == now["diagnostics"]
