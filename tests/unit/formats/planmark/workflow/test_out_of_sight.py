"""Work that may exist in unread places: Planmark neither asks for it again nor treats it as done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixture import write_files
from planmark.cli.main import main
from planmark.formats.planmark.workflow.plan_state import evaluate
from planmark.plans.model import PlanState, Step
from planmark.queries.status_result import workspace_result
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index, load_snapshot

P = "work-space/plans/PAY"
PLAN = f"{P}/PLAN_PAY.md"
TEXT = "# PLAN: PAY\n\n**Status**: In Progress\n\n**Achievement 1.1**: Refunds\n\n**Achievement 1.2**: Receipts\n"
SUBPLAN = f"{P}/subplans/SUBPLAN_PAY_11.md"
TASK = f"{P}/execution/EXECUTION_TASK_PAY_11_01.md"
FEEDBACKS = f"{P}/execution/feedbacks"
APPROVED = {f"{FEEDBACKS}/APPROVED_{n}.md": f"# APPROVED: Achievement 1.{n[1]}\n" for n in ("11", "12")}
BOTH_DONE = {PLAN: TEXT, **APPROVED}


def made(root: Path, files: dict[str, str]) -> Path:
    write_files(root, files)
    return root


def state_of(root: Path, feature: str = "PAY") -> PlanState:
    return next(evaluate(files) for files in load_snapshot(root).plans if files.feature == feature)


def is_link(root: Path, path: str) -> None:
    """Replace a folder or a file by a link to a place outside the workspace."""
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (root / path).rename(elsewhere / Path(path).name)
    (root / path).symlink_to(elsewhere / Path(path).name)


def is_gone(root: Path, path: str) -> None:
    """Replace a folder or a file by a broken link."""
    (root / path).rename(root.parent / "gone")
    (root / path).symlink_to(root.parent / "nowhere")


def is_link_to_itself(root: Path, path: str) -> None:
    """Leaves a link that leads round in a circle."""
    is_gone(root, path)
    (root / path).unlink()
    (root / path).symlink_to(Path(path).name)


def is_ignored(root: Path, path: str) -> None:
    (root / ".gitignore").write_text(f"/{path}\n")


def is_ignored_by_name(root: Path, path: str) -> None:
    (root / ".gitignore").write_text(f"{Path(path).name}\n")


def is_excluded(root: Path, path: str) -> None:
    (root / "planmark.toml").write_text(f'[files]\nexclude = ["{path}"]\n')


def is_checkout(root: Path, path: str) -> None:
    (root / path / ".git").mkdir()


FOLDER_WAYS = [is_link, is_gone, is_link_to_itself, is_ignored, is_ignored_by_name, is_excluded, is_checkout]


@pytest.mark.parametrize("folder", [f"{P}/execution", FEEDBACKS])
@pytest.mark.parametrize("way", FOLDER_WAYS)
def test_what_is_approved_out_of_sight_is_not_begun_again(tmp_path: Path, way: object, folder: str) -> None:
    root = made(tmp_path / "root", BOTH_DONE)
    assert state_of(root).next.step == "complete_plan"
    way(root, folder)  # type: ignore[operator]
    state = state_of(root)
    assert (state.next.step, state.next.achievement, state.state) == ("confirm_state", "1.1", "needs_attention")
    assert folder in state.next.reason and folder in state.notes[0]
    assert state.also_ready == ()


@pytest.mark.parametrize("way", FOLDER_WAYS)
def test_nothing_is_complete_over_a_folder_that_is_not_read(tmp_path: Path, way: object) -> None:
    files = {**BOTH_DONE, SUBPLAN: "# SUBPLAN\n", f"{P}/PLAN_PAY.md": TEXT.replace("In Progress", "✅ Complete")}
    root = made(tmp_path / "root", files)
    assert state_of(root).next.step == "closed"
    way(root, f"{P}/subplans")  # type: ignore[operator]
    state = state_of(root)
    assert (state.next.step, state.next.achievement, state.state) == ("confirm_state", None, "needs_attention")


@pytest.mark.parametrize(
    ("hidden", "steps"),
    [
        (f"{P}/subplans/SUBPLAN_PAY_12.md", ["create_execution", "confirm_state"]),
        (f"{FEEDBACKS}/FIX_12.md", ["create_execution", "confirm_state"]),
        (f"{FEEDBACKS}/FIX_12_R2.md", ["create_execution", "confirm_state"]),
        (TASK, ["confirm_state", "create_subplan"]),
        (f"{FEEDBACKS}/APPROVED_11.md", ["confirm_state", "create_subplan"]),
        (f"{P}/parallel.json", ["confirm_state", "confirm_state"]),
        (f"old/{Path(TASK).name}", ["confirm_state", "create_subplan"]),
        (f"{P}/subplans/SUBPLAN_TILL_12.md", ["create_execution", "create_subplan"]),
        (f"old/{Path(FEEDBACKS).name}/APPROVED_11.md", ["create_execution", "create_subplan"]),
    ],
)
@pytest.mark.parametrize("way", [is_link, is_ignored])
def test_a_document_out_of_sight_stops_what_it_may_be_about(
    tmp_path: Path, way: object, hidden: str, steps: list[Step]
) -> None:
    till = {"work-space/plans/TILL/PLAN_TILL.md": TEXT.replace("PAY", "TILL")}
    root = made(tmp_path / "root", {PLAN: TEXT, SUBPLAN: "# SUBPLAN\n\n## Objective\n\nx\n", **till, hidden: "x\n"})
    way(root, hidden)  # type: ignore[operator]
    assert [known.step for known in state_of(root).achievements] == steps


@pytest.mark.parametrize(
    ("settings", "text", "path"),
    [
        ("[files]\nmaxBytes = 1000\n", "x" * 2000, SUBPLAN),
        ("", "a\0b", SUBPLAN),
        ("", "a\0b", TASK),
    ],
)
def test_a_document_that_cannot_be_read_is_not_made_again(tmp_path: Path, settings: str, text: str, path: str) -> None:
    root = made(tmp_path, {PLAN: TEXT, path: text, "planmark.toml": settings})
    assert [known.step for known in state_of(root).achievements] == ["confirm_state", "create_subplan"]


def test_what_the_walk_did_not_reach_is_not_known(tmp_path: Path) -> None:
    many = {f"a/{number}.txt": "x" for number in range(20)}
    root = made(tmp_path, {PLAN: TEXT, "planmark.toml": "[index]\nmaxFiles = 1\n", **many, **APPROVED})
    for files in load_snapshot(root).plans:
        assert evaluate(files).next.step == "confirm_state"
    made(root, {"planmark.toml": ""})
    assert state_of(root).next.step == "complete_plan"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="who may do everything can read everything")
@pytest.mark.parametrize("mode", [0o000, 0o100, 0o400])
def test_a_folder_that_may_not_be_read(tmp_path: Path, mode: int) -> None:
    root = made(tmp_path, BOTH_DONE)
    (root / FEEDBACKS).chmod(mode)
    try:
        assert state_of(root).next.step == "confirm_state"
    finally:
        (root / FEEDBACKS).chmod(0o755)


@pytest.mark.parametrize(
    "files",
    [
        {".gitignore": "build/\nold/\n", "build/execution/x.md": "x", "old/x.md": "x"},
        {".gitignore": "work-space/\n", "planmark.toml": '[files]\ninclude = ["**/PAY/**"]\n'},
        {".gitignore": "SUBPLAN_PAY_11.md\n", "old/SUBPLAN_PAY_11.md": "x", f"{P}/notes/x.md": "x"},
    ],
)
def test_what_concerns_no_plan_is_left_out_in_silence(tmp_path: Path, files: dict[str, str]) -> None:
    own = {} if "SUBPLAN" in files[".gitignore"] else {SUBPLAN: "# SUBPLAN\n\n## Objective\n\nx\n"}
    state = state_of(made(tmp_path, {PLAN: TEXT, **own, **files}))
    assert bool(state.notes) == ("SUBPLAN" in files[".gitignore"])
    assert state.next.step == ("confirm_state" if state.notes else "create_execution")


def test_work_in_a_flat_folder_out_of_sight_concerns_every_plan_of_the_work_space(tmp_path: Path) -> None:
    till = {"work-space/plans/TILL/PLAN_TILL.md": TEXT.replace("PAY", "TILL")}
    root = made(tmp_path / "root", {PLAN: TEXT, **till, "work-space/subplans/SUBPLAN_PAY_11.md": "# S\n"})
    is_link(root, "work-space/subplans")
    assert [state_of(root, feature).next.step for feature in ("PAY", "TILL")] == ["confirm_state"] * 2


def test_what_is_read_where_it_stands_is_not_out_of_sight(tmp_path: Path) -> None:
    root = made(tmp_path, {PLAN: TEXT, "work-space/subplans/SUBPLAN_PAY_11.md": "# S\n\n## Objective\n\nx\n"})
    (root / P / "subplans").mkdir()
    (root / SUBPLAN).symlink_to(root / "work-space/subplans/SUBPLAN_PAY_11.md")
    assert state_of(root).notes == ()


def doors(root: Path, capsys: pytest.CaptureFixture[str], *commands: str) -> dict[str, str]:
    said = {}
    for command in commands:
        main(["--workspace", str(root), *command.split()])
        captured = capsys.readouterr()
        said[command] = captured.out + captured.err
    return said


def test_every_door_says_what_was_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = made(tmp_path / "root", BOTH_DONE)
    is_link(root, FEEDBACKS)
    commands = ("next @PAY", "next @PAY --json", "status @PAY", "status --json", "why @PAY 1.1", "why @PAY 1.1 --json")
    for command, said in doors(root, capsys, *commands, "check").items():
        assert f"{FEEDBACKS} is a link" in " ".join(said.split()), command
    assert "1 plan with work that may be in unread folders" in doors(root, capsys, "status")["status"]
    assert "@PAY" in doors(root, capsys, "doctor")["doctor"]
    index = Index(root)
    view: View = build_view(index.refresh(), index.text_reader())
    assert workspace_result(view).plans[0].notes == view.evaluations[PLAN].state.notes != ()


FIX_LATER = "# FIX REQUIRED: Achievement 1.1\n\n**Review Date**: 2030-01-01\n"
ASTRAY = ["execution", ".", "feedbacks", "execution/Feedbacks", "execution/feedbacks/old", "reviews", "subplans"]


@pytest.mark.parametrize("folder", ASTRAY)
def test_a_verdict_where_none_counts_is_not_passed_over(tmp_path: Path, folder: str) -> None:
    path = os.path.normpath(f"{P}/{folder}")
    root = made(tmp_path, {PLAN: TEXT, f"{path}/APPROVED_11.md": APPROVED[f"{FEEDBACKS}/APPROVED_11.md"]})
    assert [known.step for known in state_of(root).achievements] == ["confirm_state", "create_subplan"]
    made(root, {**APPROVED, f"{path}/FIX_11.md": FIX_LATER})
    state = state_of(root)
    assert (state.next.step, state.state) == ("confirm_state", "needs_attention")
    assert state.notes == (f"{path}/FIX_11.md lies where no verdict counts: what it holds for PAY is not known",)


@pytest.mark.parametrize(
    "files",
    [
        {f"{P}/archive/FIX_11.md": FIX_LATER},
        {f"{P}/execution/APPROVED_11.md": "# APPROVED\n"},
        {"work-space/plans/TILL/execution/FIX_11.md": FIX_LATER, "work-space/plans/TILL/PLAN_TILL.md": TEXT},
        {f"{P}/subplans/SUBPLAN_OLD_11_ARCHIVED.md": "# SUBPLAN\n"},
    ],
)
def test_what_is_archived_or_another_plans_or_a_copy_is_no_doubt(tmp_path: Path, files: dict[str, str]) -> None:
    assert state_of(made(tmp_path, {**BOTH_DONE, **files})).next.step == "complete_plan"


def test_a_verdict_far_away_that_names_its_plan_is_not_passed_over(tmp_path: Path) -> None:
    stray = {"feedbacks/APPROVED_11.md": "# APPROVED: Achievement 1.1\n\n**Plan**: PAY\n"}
    assert state_of(made(tmp_path, {PLAN: TEXT, **stray})).next.step == "confirm_state"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{FEEDBACKS}/APPROVED_111.md", "# APPROVED\n"),
        (f"{P}/subplans/SUBPLAN_PAY_111.md", "# SUBPLAN\n\n## Objective\n\nx\n"),
        (f"{P}/execution/EXECUTION_TASK_PAY_111_01.md", "# T\n\n**Status**: Complete\n"),
        (f"{P}/subplans/SUBPLAN_OLD-PAY_111.md", "# SUBPLAN\n\n## Objective\n\nx\n"),
        (f"{P}/execution/EXECUTION_TASK_OLD-PAY_111_01.md", "# T\n\n**Status**: Complete\n"),
    ],
)
def test_work_that_counts_for_nothing_is_not_done_again(tmp_path: Path, path: str, text: str) -> None:
    both = TEXT.replace("1.1**", "1.11**").replace("1.2**", "11.1**")
    state = state_of(made(tmp_path, {PLAN: both, path: text}))
    assert [known.step for known in state.achievements] == ["confirm_state", "confirm_state"]


def test_a_fix_of_several_achievements_may_reopen_them(tmp_path: Path) -> None:
    both = {PLAN: TEXT.replace("1.1**", "1.11**").replace("1.2**", "11.1**")}
    done = {f"{FEEDBACKS}/APPROVED_{number}.md": "# APPROVED\n" for number in ("01_11", "11_01")}
    root = made(tmp_path, {**both, **done})
    assert state_of(root).next.step == "complete_plan"
    assert state_of(made(root, {f"{FEEDBACKS}/FIX_111.md": FIX_LATER})).next.step == "confirm_state"


def test_a_verdict_in_a_shared_folder_that_names_no_plan_is_not_passed_over(tmp_path: Path) -> None:
    plans = {f"plans/PLAN_{name}.md": TEXT.replace("PAY", name) for name in ("PAY", "TILL")}
    verdict = "execution/feedbacks/APPROVED_11.md"
    root = made(tmp_path, {**plans, verdict: "# APPROVED\n"})
    assert [state_of(root, name).achievements[0].step for name in ("PAY", "TILL")] == ["confirm_state"] * 2
    made(root, {verdict: "# APPROVED\n\n**Plan**: TILL\n"})
    assert [state_of(root, name).achievements[0].step for name in ("PAY", "TILL")] == ["create_subplan", "wait"]
    done = {verdict.replace("11", number): "# APPROVED\n\n**Plan**: TILL\n" for number in ("11", "12")}
    made(root, {**done, verdict.replace("APPROVED_11", "APPROVED_11_R2"): "# APPROVED\n"})
    assert state_of(root, "TILL").next.step == "complete_plan"
    made(root, {verdict.replace("APPROVED", "FIX"): "# FIX\n"})
    assert state_of(root, "TILL").next.step == "confirm_state"


def test_what_is_said_of_each_achievement_is_bounded(tmp_path: Path) -> None:
    astray = {f"{P}/x{number}/APPROVED_11.md": "# APPROVED\n" for number in range(30)}
    state = state_of(made(tmp_path, {PLAN: TEXT, **astray}))
    assert (len(state.notes), len(state.achievements[0].evidence)) == (30, 11)
