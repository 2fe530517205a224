"""Unreadable input is named, and the rest of the workspace still works."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from fixture import write_files
from planmark.formats.planmark.workflow.plan_state import evaluate
from planmark.plans.registry import PROJECT_FOLDERS
from planmark.storage.paths import WorkspaceError, refuse_forbidden
from planmark.workspace.index import Index, load_snapshot
from planmark.workspace.scan import find_root
from planmark.workspace.settings import SETTINGS, read_settings

GOOD = {"plans/PAY/PLAN_PAY.md": "**Achievement 1.1**: A\n"}


def problems(root: Path) -> dict[str, str]:
    return {problem.path: problem.code for problem in load_snapshot(root).problems}


def test_a_binary_file_with_the_name_of_a_plan(tmp_path: Path) -> None:
    write_files(tmp_path, GOOD)
    (tmp_path / "PLAN_X.md").write_bytes(b"\x89PNG\r\n\0\0\0")
    snapshot = load_snapshot(tmp_path)
    assert problems(tmp_path) == {"PLAN_X.md": "binary"}
    assert [rejected.path for rejected in snapshot.not_plans] == ["PLAN_X.md"]
    assert [plan.feature for plan in snapshot.plans] == ["PAY"]


def test_invalid_utf8_is_read_and_named(tmp_path: Path) -> None:
    (tmp_path / "PLAN_X.md").write_bytes(b"# caf\xe9\n\n**Achievement 1.1**: A\n")
    snapshot = load_snapshot(tmp_path)
    assert problems(tmp_path) == {"PLAN_X.md": "encoding"}
    assert "line 1" in snapshot.problems[0].message
    assert snapshot.plans[0].facts.ids == ("1.1",)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark(tmp_path: Path, codec: str) -> None:
    (tmp_path / "PLAN_X.md").write_bytes("**Achievement 1.1**: Ä\n".encode(codec))
    assert load_snapshot(tmp_path).plans[0].facts.achievements[0].title == "Ä"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    write_files(tmp_path, {**GOOD, "PLAN_BIG.md": "**Achievement 1.1**: A\n" + "x" * 30_000_000})
    assert problems(tmp_path) == {"PLAN_BIG.md": "too-large"}
    assert [plan.feature for plan in load_snapshot(tmp_path).plans] == ["PAY"]


def test_an_empty_plan_is_none(tmp_path: Path) -> None:
    write_files(tmp_path, {"PLAN_X.md": ""})
    snapshot = load_snapshot(tmp_path)
    assert not snapshot.plans
    assert [rejected.path for rejected in snapshot.not_plans] == ["PLAN_X.md"]


def test_a_plan_whose_achievements_are_not_written_yet_has_none(tmp_path: Path) -> None:
    write_files(tmp_path, {"PLAN_X.md": "# PLAN\n\n**Status**: Planning\n**Goal**: sell\n"})
    (files,) = load_snapshot(tmp_path).plans
    assert evaluate(files).state == "no_achievements"


def test_an_unreadable_verdict_still_counts_by_its_name(tmp_path: Path) -> None:
    write_files(tmp_path, {**GOOD, "plans/PAY/execution/feedbacks/APPROVED_11.md": "\0"})
    (files,) = load_snapshot(tmp_path).plans
    assert evaluate(files).achievements[0].state == "approved"
    assert problems(tmp_path) == {"plans/PAY/execution/feedbacks/APPROVED_11.md": "binary"}


def test_line_ends_change_nothing(tmp_path: Path) -> None:
    text = "# PLAN: X\n\n**Status**: Ready\n\n**Achievement 1.1**: A\n\n- Effort: 1 hour\n\n**Achievement 1.2**: B\n"
    found = []
    for number, end in enumerate(("\n", "\r\n", "\r")):
        write_files(tmp_path / str(number), {"PLAN_X.md": text.replace("\n", end)})
        found.append(load_snapshot(tmp_path / str(number)).plans[0].facts)
    assert found[0] == found[1] == found[2]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_links_are_followed_only_to_files_inside(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write_files(root, GOOD)
    write_files(outside, {"PLAN_SECRET.md": "**Achievement 1.1**: S\n"})
    (root / "PLAN_LINKED.md").symlink_to(root / "plans/PAY/PLAN_PAY.md")
    (root / "PLAN_SECRET.md").symlink_to(outside / "PLAN_SECRET.md")
    (root / "PLAN_BROKEN.md").symlink_to(root / "nothing.md")
    (root / "PLAN_CYCLE.md").symlink_to(root / "PLAN_CYCLE.md")
    (root / "out").symlink_to(outside, target_is_directory=True)
    (root / "plans/up").symlink_to(root, target_is_directory=True)
    assert [plan.feature for plan in load_snapshot(root).plans] == ["LINKED", "PAY"]
    assert problems(root) == {
        "PLAN_SECRET.md": "outside",
        "PLAN_BROKEN.md": "broken-link",
        "PLAN_CYCLE.md": "broken-link",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs")
def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    write_files(tmp_path, GOOD)
    os.mkfifo(tmp_path / "PLAN_PIPE.md")
    assert problems(tmp_path) == {"PLAN_PIPE.md": "not-a-file"}


def test_an_unreadable_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {**GOOD, "closed/PLAN_X.md": "x"})
    scandir = os.scandir

    def refusing(folder: Path) -> object:
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr("planmark.workspace.scan.os.scandir", refusing)
    assert problems(tmp_path) == {"closed": "unreadable"}
    assert [plan.feature for plan in load_snapshot(tmp_path).plans] == ["PAY"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets any bytes be a file name")
def test_a_name_that_is_no_text_is_named(tmp_path: Path) -> None:
    write_files(tmp_path, GOOD)
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))).mkdir()
    assert list(problems(tmp_path).values()) == ["file-name"]
    assert [plan.feature for plan in load_snapshot(tmp_path).plans] == ["PAY"]


def test_too_many_files_stop_the_walk_visibly(tmp_path: Path) -> None:
    write_files(tmp_path, {"planmark.toml": "[index]\nmaxFiles = 3\n", **{f"n{i}.txt": "" for i in range(9)}, **GOOD})
    assert "too-many-files" in problems(tmp_path).values()


def test_the_home_folder_is_no_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    write_files(home, {"project/notes/x.txt": "", "PLAN_X.md": "x"})
    monkeypatch.setattr(Path, "home", lambda: home)
    for folder in (home, tmp_path, Path(tmp_path.anchor)):
        with pytest.raises(WorkspaceError, match="--workspace"):
            refuse_forbidden(folder)
    with pytest.raises(WorkspaceError, match="--workspace"):
        find_root(home)


def test_the_root_is_the_nearest_folder_with_a_marker(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {"a/work-space/plans/PAY/PLAN_PAY.md": "", "a/work-space/work-space/x.md": "", "b/PLAN_X.md": "", "c/x.md": ""},
    )
    assert find_root(tmp_path / "a/work-space/plans/PAY") == (tmp_path / "a").resolve()
    assert find_root(tmp_path / "a/work-space") == (tmp_path / "a").resolve()
    assert find_root(tmp_path / "b") == (tmp_path / "b").resolve()
    with pytest.raises(WorkspaceError, match="looked for"):
        find_root(tmp_path / "c")


@pytest.mark.parametrize("folder", PROJECT_FOLDERS)
def test_without_a_marker_the_folder_of_a_format_shows_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    write_files(
        tmp_path,
        {
            f"a/{folder}/x/tasks.md": "",
            "a/src/x.py": "",
            f"home/{folder}/x.md": "",
            "home/work/x.md": "",
            "b/.git/x": "",
        },
    )
    write_files(tmp_path, {f"b/inner/{folder}/x.md": ""})
    for start in (f"a/{folder}/x/tasks.md", f"a/{folder}", "a/src", "a"):
        assert find_root(tmp_path / start) == (tmp_path / "a").resolve()
    assert find_root(tmp_path / "b/inner") == (tmp_path / "b").resolve()
    with pytest.raises(WorkspaceError, match="looked for"):
        find_root(tmp_path / "home/work")


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    write_files(tmp_path, {**GOOD, "PLAN_X.md": "**Achievement 1.1**: A\n"})
    index = Index(tmp_path)
    first = index.refresh()
    assert index.parsed_count == 2
    second = index.refresh()
    assert index.parsed_count == 0
    assert second.documents["PLAN_X.md"] is first.documents["PLAN_X.md"]
    write_files(tmp_path, {"PLAN_X.md": "**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"})
    third = index.refresh()
    assert index.parsed_count == 1
    assert (third.revision, index.refresh() is third) == (2, True)
    assert len(third.plans) == 2


def test_settings_that_cannot_be_used_are_warnings() -> None:
    settings = read_settings(
        {"files": {"exclud": []}, "index": {"maxFiles": "many"}, "vocabulary": {"statuses": {"klaar": "complete"}}}, "f"
    )
    assert [(w.message, w.key, w.near) for w in settings.warnings] == [
        ("has the unknown key `files.exclud`; did you mean `files.exclude`?", "files.exclud", "files.exclude"),
        (
            "sets `index.maxFiles` wrongly: expected a whole number, got text; the default holds: 200000",
            "index.maxFiles",
            None,
        ),
    ]
    assert settings["index.maxFiles"] == 200_000
    assert settings["vocabulary.statuses"] == {"klaar": "complete"}


def test_broken_settings_leave_the_defaults(tmp_path: Path) -> None:
    write_files(tmp_path, {**GOOD, "planmark.toml": "= broken"})
    snapshot = load_snapshot(tmp_path)
    assert problems(tmp_path) == {"planmark.toml": "configuration"}
    assert snapshot.settings.values == {setting.key: setting.default for setting in SETTINGS}


def test_words_of_the_workspace_are_understood(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "planmark.toml": '[vocabulary.statuses]\n"fertig" = "complete"\n\n[vocabulary.fields]\nachievement = ["Ziel"]\n',
            "PLAN_X.md": "**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n",
            "execution/EXECUTION_TASK_X_99_01.md": "**Ziel**: 1.2\n**Status**: Fertig\n",
        },
    )
    (files,) = load_snapshot(tmp_path).plans
    assert [known.state for known in evaluate(files).achievements] == ["no_subplan", "awaiting_review"]
