"""The meaning of a name or a path: the path of a document means its achievement, a folder means its plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import Run, runner
from fixture import write_files
from planmark.cli.main import main

PLAN = """# PLAN: {0}

**Status**: In Progress

## Achievement Index

- Achievement 1.1: One
- Achievement 1.2: Two
- Achievement 1.3: Three
"""
PAY, SUB = "work-space/plans/PAY", "# SUBPLAN\n\n## Objective\n\nDo it.\n\n## Approach\n\nSo.\n"
TASK = "# EXECUTION_TASK\n\n**Status**: In Progress\n\n## Iteration Log\n\nBegun.\n"
FILES = {
    f"{PAY}/PLAN_PAY.md": PLAN.format("PAY"),
    f"{PAY}/subplans/SUBPLAN_PAY_12.md": SUB,
    f"{PAY}/execution/EXECUTION_TASK_PAY_12_01.md": TASK,
    f"{PAY}/execution/feedbacks/FIX_13.md": "# FIX: Achievement 1.3\n\n**Status**: Needs Fix\n\n- broken\n",
    f"{PAY}/subplans/SUBPLAN_PAY_77.md": SUB,
    "work-space/plans/SEARCH/PLAN_SEARCH.md": PLAN.format("SEARCH"),
    "work-space/plans/old/notes.md": "# Notes\n",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_files(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "--workspace", str(root))


@pytest.mark.parametrize(
    ("named", "about"),
    [
        (f"{PAY}/subplans/SUBPLAN_PAY_12.md", "1.2"),
        (f"@{PAY}/execution/EXECUTION_TASK_PAY_12_01.md", "1.2"),
        (f"{PAY}/execution/feedbacks/FIX_13.md", "1.3"),
        ("SUBPLAN_PAY_12.md", "1.2"),
        ("@SUBPLAN_PAY_12", "1.2"),
    ],
)
def test_a_document_names_its_achievement(run: Run, named: str, about: str) -> None:
    assert run("next", named, "--json").data["achievement"] == about
    assert run("why", named, "--json").data["achievement"] == about
    assert run("why", named, about, "--json").data["achievement"] == about


@pytest.mark.parametrize(
    ("path", "about"),
    [
        (f"{PAY}/subplans/SUBPLAN-PAY-11.md", "1.1"),
        (f"{PAY}/execution/feedbacks/REJECTED_12.md", "1.2"),
        (f"{PAY}/execution/archive/EXECUTION_TASK_PAY_11_01_ARCHIVED.md", "1.1"),
        ("documentation/archive/PAY/subplans/SUBPLAN_PAY_11.md", "1.1"),
    ],
)
def test_so_do_misnamed_and_archived_ones(run: Run, root: Path, path: str, about: str) -> None:
    write_files(root, {path: SUB})
    assert run("why", path, "--json").data["achievement"] == about
    assert run("next", path, "--json").data["achievement"] == about


def test_a_misnamed_file_about_nothing_names_its_plan_only(run: Run, root: Path) -> None:
    write_files(root, {f"{PAY}/subplans/SUBPLAN notes.md": SUB})
    assert "which achievement of PAY?" in run("why", f"{PAY}/subplans/SUBPLAN notes.md").err


def test_a_folder_needs_no_slash(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check that a plan of that name takes precedence over the folder."""
    monkeypatch.chdir(root / PAY)
    assert [p["feature"] for p in run("status", "subplans", "--json").data["workspaces"][0]["plans"]] == ["PAY"]
    (root / PAY / "SEARCH").mkdir()
    assert [p["feature"] for p in run("status", "SEARCH", "--json").data["workspaces"][0]["plans"]] == ["SEARCH"]


def test_create_and_verdict_take_the_path_of_a_document(run: Run, root: Path) -> None:
    created = run("create", "execution", f"{PAY}/subplans/SUBPLAN_PAY_12.md")
    assert (created.code, created.out) == (0, f"{PAY}/execution/EXECUTION_TASK_PAY_12_02.md\n")
    assert created.out.strip() in created.err, "the next command names the file, not `@` and a path"
    given = run("verdict", "fix", f"{PAY}/subplans/SUBPLAN_PAY_12.md", "--reviewer", "Ada", "--note", "It is slow.")
    assert given.code == 0, given.err
    assert list((root / PAY / "execution/feedbacks").glob("FIX_12*.md"))


def test_two_that_differ_are_refused(run: Run, root: Path) -> None:
    for command in (["why"], ["create", "execution"], ["verdict", "approve", "--reviewer", "Ada"]):
        result = run(*command, f"{PAY}/subplans/SUBPLAN_PAY_12.md", "1.3")
        assert result.code == 2
        assert "is about 1.2, not about 1.3" in result.err
    assert not list((root / PAY).rglob("APPROVED*"))


def test_a_document_of_no_achievement_is_refused(run: Run) -> None:
    result = run("next", f"{PAY}/subplans/SUBPLAN_PAY_77.md")
    assert result.code == 2
    assert "is not about an achievement" in result.err
    assert run("why", f"{PAY}/subplans/SUBPLAN_PAY_77.md", "1.1", "--json").data["achievement"] == "1.1"


@pytest.mark.parametrize("named", ["@PAY", f"{PAY}/PLAN_PAY.md", f"{PAY}/"])
def test_what_names_only_a_plan_needs_the_achievement(run: Run, named: str) -> None:
    result = run("why", named)
    assert result.code == 2
    assert "which achievement of PAY? Name it by its id. It has: 1.1, 1.2, 1.3" in result.err
    assert run("next", named, "--json").data["achievement"] == "1.3", "the plan's next"


@pytest.mark.parametrize("folder", [f"{PAY}/", f"./{PAY}", f"{PAY}/subplans", f"{PAY}/execution/feedbacks/"])
def test_a_folder_names_its_plan(run: Run, folder: str) -> None:
    assert [p["feature"] for p in run("status", folder, "--json").data["workspaces"][0]["plans"]] == ["PAY"]


def test_here_is_a_folder_too(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / PAY / "subplans")
    for here in (".", "..", "../"):
        assert [p["feature"] for p in run("status", here, "--json").data["workspaces"][0]["plans"]] == ["PAY"]


def test_a_folder_of_several_plans_lists_them(run: Run) -> None:
    for folder in ("work-space/plans/", "."):
        result = run("next", folder)
        assert result.code == 2
        assert "@PAY" in result.err and "@SEARCH" in result.err


def test_a_folder_without_a_plan_names_none(run: Run) -> None:
    result = run("status", "work-space/plans/old/")
    assert (result.code, result.out) == (2, "")
    assert "no plan is in work-space/plans/old" in result.err
    assert run("status", "work-space/plans/nothing/").code == 5


def test_an_achievement_behind_the_plan_means_the_same_as_the_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = "plans/X/PLAN_X.md"
    write_files(tmp_path, {plan: "# PLAN\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"})

    def prompt(*arguments: str) -> tuple[int, str, str]:
        return (main(["--workspace", str(tmp_path), "next", *arguments]), *capsys.readouterr())

    assert prompt("@X", "1.2") == prompt("@X", "--achievement", "1.2") == prompt(str(tmp_path / plan), "1.2")
    assert prompt("@X", "1.2")[1] != prompt("@X", "1.1")[1] == prompt("@X")[1]
    assert prompt("@X", "9.9")[0] == 2
    code, _, err = prompt("@X", "1.1", "--achievement", "1.2")
    assert (code, "differ" in err) == (2, True)
