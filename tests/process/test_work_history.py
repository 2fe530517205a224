"""The history of a workspace from the commits of a real repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from fixture import write_files
from planmark.queries.work_history import HistoryResult, history_result, needed_commits
from planmark.queries.workspace_view import build_view
from planmark.storage import git as git_calls
from planmark.storage.git_history import read_file_log
from planmark.workspace.index import Index
from sample_plan import FEEDBACKS, PLAN, TEXT
from work_helpers import git, isolate_git, needs_git

pytestmark = needs_git
TASKS = "openspec/changes/add-a/tasks.md"
OPEN = "- [ ] 1.1 Begin\n- [ ] 1.2 Go on\n"
TODAY = "2026-02-01"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of a new repository."""
    isolate_git(tmp_path, monkeypatch)
    folder = tmp_path / "repository" / "inner"
    folder.mkdir(parents=True)
    git(folder.parent, "init", "-q", "-b", "main")
    return folder


def commit(root: Path, day: int, files: dict[str, str], *, zone: str = "+0000") -> None:
    """Write files and commit everything on a day of January 2026. The time of the committer is always different."""
    write_files(root, files)
    git(root, "add", "-A")
    dates = {"GIT_AUTHOR_DATE": f"2026-01-{day:02}T10:00:00{zone}", "GIT_COMMITTER_DATE": "2026-01-31T10:00:00+0000"}
    subprocess.run(
        ["git", "commit", "-q", "--allow-empty", "-m", "x"], cwd=root, check=True, env={**os.environ, **dates}
    )


def history(root: Path) -> HistoryResult:
    index = Index(root)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    return history_result(view, TODAY, read_file_log(root, *needed_commits(view, TODAY)))


def curve(root: Path) -> list[tuple[str, int, str]]:
    (plan,) = history(root).plans
    return [(point.at[:10], point.approved, point.event) for point in plan.points]


def test_boxes_have_the_times_of_the_commits_that_ticked_them(root: Path) -> None:
    commit(root, 1, {TASKS: OPEN})
    commit(root, 3, {TASKS: OPEN.replace("[ ] 1.1", "[x] 1.1")})
    commit(root, 5, {TASKS: OPEN.replace("[ ]", "[x]")})
    commit(root, 7, {TASKS: OPEN.replace("[ ] 1.1", "[x] 1.1")})
    assert curve(root) == [
        ("2026-01-03", 1, "1.1 done"),
        ("2026-01-05", 2, "1.2 done"),
        ("2026-01-07", 1, "1.2 reopened"),
    ]
    assert history(root).source == "git"


def test_a_time_keeps_its_offset(root: Path) -> None:
    commit(root, 3, {TASKS: OPEN.replace("[ ] 1.1", "[x] 1.1")}, zone="+0530")
    assert history(root).plans[0].points[0].at == "2026-01-03T10:00:00+05:30"


def test_a_moved_plan_keeps_its_times(root: Path) -> None:
    commit(root, 1, {TASKS: OPEN})
    commit(root, 3, {TASKS: OPEN.replace("[ ]", "[x]")})
    archive = "openspec/changes/archive/2026-01-05-add-a"
    (root / archive).parent.mkdir()
    git(root, "mv", "openspec/changes/add-a", archive)
    commit(root, 5, {})
    assert {at for at, _, _ in curve(root)} == {"2026-01-03"}


def test_a_tick_that_is_not_committed_has_no_time(root: Path) -> None:
    commit(root, 1, {TASKS: OPEN})
    write_files(root, {TASKS: OPEN.replace("[ ] 1.1", "[x] 1.1")})
    (plan,) = history(root).plans
    assert (plan.approved, plan.undated, plan.points) == (1, 1, [])


def test_a_verdict_without_a_date_has_the_time_of_the_commit_that_added_it(root: Path) -> None:
    approved = f"{FEEDBACKS}/APPROVED_11.md"
    commit(root, 1, {PLAN: TEXT})
    commit(root, 4, {approved: "# APPROVED: Refunds\n"})
    commit(root, 8, {approved: "# APPROVED: Refunds\n\nWell done.\n"})
    assert curve(root) == [("2026-01-04", 1, "1.1 approved")]


def test_work_waits_since_its_last_commit(root: Path) -> None:
    task = "work-space/plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md"
    commit(root, 1, {PLAN: TEXT, task: "# EXECUTION_TASK\n\n**Status**: In Progress\n"})
    commit(root, 6, {task: "# EXECUTION_TASK\n\n**Status**: Complete\n"})
    waiting = history(root).plans[0].waiting[0]
    assert (waiting.step, waiting.since[:10], waiting.days) == ("request_review", "2026-01-06", 26)
    write_files(root, {task: "# EXECUTION_TASK\n\n**Status**: Complete\n\nMore.\n"})
    assert history(root).plans[0].waiting[0].days is None


def test_the_end_of_a_shallow_clone_adds_nothing(root: Path, tmp_path: Path) -> None:
    commit(root, 1, {TASKS: OPEN.replace("[ ] 1.1", "[x] 1.1")})
    commit(root, 3, {"other.md": "x\n"})
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", (tmp_path / "repository").as_uri(), str(clone))
    result = history(clone / "inner")
    assert (result.plans[0].undated, result.plans[0].points) == (1, [])
    assert result.notes == ["Git has older commits, which are not read."]


def test_the_limit_of_commits_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_calls, "MAX_COMMITS", 2)
    commit(root, 1, {TASKS: OPEN.replace("[ ] 1.1", "[x] 1.1")})
    for day in (2, 3):
        commit(root, day, {TASKS: OPEN.replace("[ ] 1.1", "[x] 1.1") + f"\nDay {day}\n"})
    result = history(root)
    assert (result.plans[0].undated, result.notes) == (1, ["Git has older commits, which are not read."])


@pytest.mark.parametrize("name", ["ta sks [1].md", 'quo"te.md', "grün.md", "-p.md"])
def test_names_that_git_quotes_or_matches(root: Path, name: str) -> None:
    if os.name == "nt" and '"' in name:
        pytest.skip("Windows has no such name")
    path = f"a/{name}"
    commit(root, 1, {path: OPEN})
    commit(root, 3, {path: OPEN.replace("[ ]", "[x]")})
    log = read_file_log(root, [name], [name])
    assert [(one.author_time[:10], one.path, one.kind) for one in log.commits] == [
        ("2026-01-03", path, "changed"),
        ("2026-01-01", path, "added"),
    ]
    assert [(one.path, one.kind, one.hunks[0].added_lines) for one in log.line_commits] == [
        (path, "changed", ("- [x] 1.1 Begin", "- [x] 1.2 Go on")),
        (path, "added", ("- [ ] 1.1 Begin", "- [ ] 1.2 Go on")),
    ]


def test_git_is_called_a_fixed_number_of_times(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        commit(
            root,
            1 + number,
            {f"openspec/changes/add-{number}/tasks.md": OPEN, f"{FEEDBACKS}/APPROVED_1{number}.md": "x\n"},
        )
    calls: list[str] = []
    call = git_calls.call

    def counted(repository: git_calls.Repository, *arguments: str, **options: object) -> git_calls.Output:
        calls.append(arguments[0])
        return call(repository, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(git_calls, "call", counted)
    read_file_log(root, ["APPROVED_11.md"], ["tasks.md"])
    assert sorted(calls) == ["config", "diff", "log", "log", "rev-parse", "rev-parse"]


def test_a_commit_of_an_impossible_time_gives_no_time(root: Path) -> None:
    commit(root, 1, {TASKS: OPEN})
    commit(root, 3, {TASKS: OPEN.replace("[ ] 1.1", "[x] 1.1")})
    write_files(root, {TASKS: OPEN.replace("[ ]", "[x]")})
    git(root, "add", "-A")
    tree, parent = git(root, "write-tree"), git(root, "rev-parse", "HEAD")
    person = "N <n@example.org> 1769600000 +9999"
    content = f"tree {tree}\nparent {parent}\nauthor {person}\ncommitter {person}\n\nx\n"
    done = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        cwd=root,
        check=True,
        capture_output=True,
        input=content.encode(),
    )
    git(root, "update-ref", "HEAD", done.stdout.decode().strip())
    (plan,) = history(root).plans
    assert ([point.event for point in plan.points], plan.undated) == (["1.1 done"], 1)


def test_a_folder_in_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(tmp_path, monkeypatch)
    assert "no git repository" in read_file_log(tmp_path, ["a.md"], []).problem


def test_a_repository_without_a_commit(root: Path) -> None:
    assert read_file_log(root, ["a.md"], []).problem == "the repository has no commit"


def test_settings_of_the_repository_do_not_change_the_answer(root: Path) -> None:
    commit(root, 1, {TASKS: OPEN})
    commit(root, 3, {TASKS: OPEN.replace("[ ] 1.1", "[x] 1.1"), ".gitattributes": "*.md -diff\n"})
    for name, value in {
        "log.follow": "true",
        "log.showRoot": "false",
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "color.ui": "always",
        "log.date": "relative",
        "diff.renames": "false",
        "format.pretty": "oneline",
        "diff.external": "false",
        "log.showSignature": "true",
        "log.decorate": "full",
        "diff.context": "7",
    }.items():
        git(root, "config", name, value)
    assert curve(root) == [("2026-01-03", 1, "1.1 done")]
