"""`planmark status` of a GRAMMAPLAN."""

from __future__ import annotations

from pathlib import Path

import pytest

from check_cases import APPROVED, CHILDREN, GRAMMAPLAN, PLAN, TWO
from command_line import runner
from fixture import write_files


def test_a_grammaplan_shows_the_real_progress_of_its_plans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {PLAN: TWO, GRAMMAPLAN: CHILDREN.format("Planning", "0%", "CART", "Planning", "0%"), **APPROVED}
    write_files(tmp_path, files | {"plans/TILL/PLAN_TILL.md": TWO})
    run = runner(capsys, "--workspace", str(tmp_path))
    for wanted in ("@SHOP", "@shop", "GRAMMAPLAN_SHOP", GRAMMAPLAN):
        shown = run("status", wanted)
        assert shown.code == 0
        assert "SHOP  GRAMMAPLAN  2/2 approved  1 of 2 plans exist" in shown.out
        assert "TILL" not in shown.out
    (workspace,) = run("status", "@SHOP", "--json").data["workspaces"]
    assert [plan["feature"] for plan in workspace["plans"]] == ["PAY"]
    (found,) = workspace["grammaplans"]
    told = [(child["feature"], child["path"], child["approved"], child["achievements"]) for child in found["children"]]
    assert told == [("PAY", PLAN, 2, 2), ("CART", None, 0, 0)]
    (workspace,) = run("status", "--json").data["workspaces"]
    assert len(workspace["plans"]) == 2
    assert [known["feature"] for known in workspace["grammaplans"]] == ["SHOP"]


def test_a_plan_goes_before_a_grammaplan_of_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TWO, GRAMMAPLAN.replace("SHOP", "PAY"): "# GRAMMAPLAN: Pay\n"})
    run = runner(capsys, "--workspace", str(tmp_path))
    assert run("status", "@PAY").out.startswith("PAY  active")
    assert run("status", "GRAMMAPLAN_PAY").out.startswith("PAY  GRAMMAPLAN")
