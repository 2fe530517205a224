"""`--plan-format NAME` of status, next and check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import Run, runner
from fixture import write

WORKSPACE = """
//- /plans/PAY/PLAN_PAY.md
# PLAN

**Achievement 1.1**: A

- Success: it works
//- /openspec/changes/pay/tasks.md
- [x] 1.1 Create `src/a.py`
- [ ] 1.2 Test it
//- /.kiro/specs/pay/tasks.md
- [x] 1. Create `src/c.ts`
- [ ] 2. Test it
"""
FORMATS = {"planmark": "PAY", "openspec": "pay", "kiro": "pay"}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    write(tmp_path, WORKSPACE)
    return runner(capsys, "--workspace", str(tmp_path))


@pytest.mark.parametrize(("name", "feature"), FORMATS.items())
def test_the_status_of_one_format(run: Run, name: str, feature: str) -> None:
    (workspace,) = json.loads(run("status", "--json", "--plan-format", name).out)["workspaces"]
    assert [(plan["format"], plan["feature"]) for plan in workspace["plans"]] == [(name, feature)]
    lines = run("status", "--plan-format", name).out.splitlines()
    assert [text.split()[0] for text in lines] == ["PLAN", feature]
    (plan,) = json.loads(run("status", "@pay", "--json", "--plan-format", name).out)["workspaces"][0]["plans"]
    assert plan["format"] == name


@pytest.mark.parametrize(("name", "path"), [("openspec", "openspec/changes/pay/"), ("kiro", ".kiro/specs/pay/")])
def test_the_diagnostics_of_one_format(run: Run, name: str, path: str) -> None:
    found = json.loads(run("check", "--json", "--plan-format", name).out)["diagnostics"]
    assert found and all(known["path"].startswith(path) for known in found)
    (workspace,) = json.loads(run("status", "--json", "--plan-format", name).out)["workspaces"]
    assert workspace["plans"][0]["diagnostics"]["warning"] == 1


def test_the_diagnostics_of_plans(run: Run) -> None:
    found = json.loads(run("check", "--json", "--plan-format", "planmark").out)["diagnostics"]
    assert {known["path"] for known in found} == {"plans/PAY/PLAN_PAY.md"}


def test_the_next_prompt_of_one_format(run: Run) -> None:
    for name, feature in FORMATS.items():
        assert json.loads(run("next", "--json", "--plan-format", name).out)["feature"] == feature
        assert json.loads(run("next", "@pay", "--json", "--plan-format", name).out)["feature"] == feature


def test_an_ambiguous_name_without_it(run: Run) -> None:
    result = run("next", "@pay")
    assert result.code == 2
    assert "matches 2 plans" in result.err


@pytest.mark.parametrize("command", ["status", "next", "check"])
def test_an_unknown_format(run: Run, command: str) -> None:
    result = run(command, "--plan-format", "openspc")
    assert (result.code, result.out) == (2, "")
    assert "--plan-format takes planmark, openspec, " in result.err
    assert "not `openspc`; did you mean openspec?" in result.err


def test_a_format_without_plans(run: Run) -> None:
    says = "it has plans of Planmark, OpenSpec, Kiro"
    status = run("status", "--plan-format", "speckit")
    assert (status.code, status.out) == (0, "")
    assert "no plan of spec-kit in" in status.err and says in status.err
    for command in (["next"], ["check"], ["status", "@pay"]):
        result = run(*command, "--plan-format", "speckit")
        assert result.code == 5
        assert "no plan of spec-kit in" in result.err and says in result.err
    assert run("check", "--plan-format", "speckit", "--allow-empty").code == 0


def test_results_of_different_formats_are_not_mixed_up(run: Run) -> None:
    for name in (*FORMATS, *FORMATS):
        (workspace,) = json.loads(run("status", "--json", "--plan-format", name).out)["workspaces"]
        assert [plan["format"] for plan in workspace["plans"]] == [name]
