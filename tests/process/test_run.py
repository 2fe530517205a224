"""`planmark run` with the fake agent: what it starts, integrates, tries again and gives up, and what a kill leaves."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from conftest import REPOSITORY
from lease_processes import SOAK
from planmark.coordination.lease_store import LeaseStore
from planmark.storage.file_lock import lock_file_until_close
from run_workspace import PLAN, RunWorkspace, make_workspace, run_arguments, run_command, runs_of, write_agents

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals of POSIX")
KILLED = str(REPOSITORY / "tests" / "killed_run.py")
ENDED = str(REPOSITORY / "tests" / "ended_lease_run.py")


def held_leases(workspace: RunWorkspace) -> list[str]:
    leases = LeaseStore(workspace.root).read().values()
    return [one.lease.achievement for one in leases if one.lease is not None and one.lease.state != "ended"]


def kinds(workspace: RunWorkspace) -> list[str]:
    return [event["class"] for event in workspace.journal() if event["type"] == "step.ended"]


def test_a_run_does_every_task_in_its_order(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 3)
    before = workspace.git("rev-parse", "main")
    done = run_command(workspace, "--steps", "implement_task")
    assert done.returncode == 4, done.stderr
    assert workspace.boxes() == ["1.1", "1.2", "1.3"]
    assert [workspace.integrated(f"src/part_{number}.py") for number in (1, 2, 3)]
    assert "3 of 3 steps done" in done.stdout and "planmark/parts/main" in done.stdout
    assert workspace.git("rev-parse", "main") == before
    assert workspace.git("status", "--porcelain") == ""
    assert workspace.worktrees() == ["parts-main"] and held_leases(workspace) == []
    order = [event["achievement"] for event in workspace.journal() if event["type"] == "step.ended"]
    assert order == ["1.1", "1.2", "1.3"]


def test_the_person_sees_the_figures_of_the_agents(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 1)
    done = run_command(workspace, "--json", "--steps", "implement_task")
    result = json.loads(done.stdout)
    assert result["steps"][0]["tokens"] == {"input": 6468, "cached": 6000, "output": 92, "reasoning": None}
    assert result["steps"][0]["cost_usd"] == 0.25 and result["totals"][0]["done"] == 1
    assert runs_of(workspace)["runs"][0]["run"] == result["run"]


def test_nothing_is_left_to_do_after_a_run(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 1)
    assert run_command(workspace, "--until", "1.1").returncode == 0
    again = run_command(workspace, "--until", "1.1")
    assert (again.returncode, workspace.boxes()) == (3, ["1.1"])


@pytest.mark.parametrize(
    ("mode", "kind", "code", "tries"),
    [
        ("nothing", "no_progress", 4, 2),
        ("outside", "outside", 4, 1),
        ("crash", "crashed", 1, 2),
        ("error-result", "crashed", 1, 2),
        ("denied", "denied", 1, 1),
        ("unauthorized", "auth", 5, 1),
        ("too-long", "too_long", 1, 2),
        ("invalid-utf8", "crashed", 1, 2),
    ],
)
def test_a_step_that_fails_is_tried_as_often_as_its_class_says(
    tmp_path: Path, mode: str, kind: str, code: int, tries: int
) -> None:
    workspace = make_workspace(tmp_path, 2, mode)
    done = run_command(workspace)
    assert (done.returncode, kinds(workspace)) == (code, [kind]), done.stdout + done.stderr
    assert sum(event["type"] == "attempt.started" for event in workspace.journal()) == tries
    assert workspace.boxes() == [] and held_leases(workspace) == []
    assert kind.replace("_", " ") in done.stdout and "log:" in done.stdout


@pytest.mark.parametrize(("mode", "kind", "tries"), [("fail-late", "ok", 1), ("die-late", "crashed", 2)])
def test_finished_work_counts_if_its_agent_ended_by_itself(tmp_path: Path, mode: str, kind: str, tries: int) -> None:
    # An agent that a signal ended may have been in the middle of a change.
    workspace = make_workspace(tmp_path, 1, mode)
    run_command(workspace, "--until", "1.1")
    assert kinds(workspace) == [kind]
    assert sum(event["type"] == "attempt.started" for event in workspace.journal()) == tries
    assert workspace.boxes() == (["1.1"] if kind == "ok" else [])


def test_a_program_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 2)
    text = (workspace.config / "agents.toml").read_text(encoding="utf-8")
    (workspace.config / "agents.toml").write_text(text.replace(json.dumps(sys.executable), '"no-such-agent"'))
    done = run_command(workspace)
    assert (done.returncode, kinds(workspace)) == (5, ["not_installed"])


def test_the_budget_ends_the_run(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 3)
    done = run_command(workspace, "--max-cost", "0.30")
    assert done.returncode == 1 and "budget" in done.stdout
    assert workspace.boxes() == ["1.1"]


def test_a_second_run_of_the_plan_is_refused(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 1)
    workspace.runs.mkdir(parents=True)
    component = PLAN.replace("/", "%2F")
    lock = lock_file_until_close(workspace.runs / f"{component}.lock")
    try:
        done = run_command(workspace)
    finally:
        os.close(lock)
    assert done.returncode == 4 and "runs already" in done.stderr


@pytest.mark.parametrize(
    ("plan", "code"),
    [("openspec/changes/other/tasks.md", 0), (None, 0), (PLAN, 5)],
)
def test_a_damaged_journal_stops_only_runs_of_its_plan(tmp_path: Path, plan: str | None, code: int) -> None:
    workspace = make_workspace(tmp_path, 1)
    folder = workspace.runs / "20990101-000000-aaaa"
    folder.mkdir(parents=True)
    line = json.dumps({"type": "run.started", "run": folder.name, "plan": plan, "argv": []}) if plan else "broken"
    (folder / "journal.jsonl").write_text(f"{line}\nbroken\n", encoding="utf-8")
    done = run_command(workspace, "--until", "1.1")
    assert done.returncode == code, done.stderr
    assert code == 0 or "journal.jsonl, line 2, is not an event" in done.stderr
    listed = runs_of(workspace)
    assert len(listed["runs"]) == (code == 0) and folder.name in listed["unreadable"][0]


def test_agents_that_work_at_once_integrate_all(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 4, "slow", "--seconds", "0.5", agents=4, order="none")
    done = run_command(workspace, "--agents", "4", "--steps", "implement_task")
    assert sorted(workspace.boxes()) == ["1.1", "1.2", "1.3", "1.4"], done.stdout + done.stderr
    assert workspace.worktrees() == ["parts-main"]


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 1)
    done = run_command(workspace, "--dry-run")
    assert done.returncode == 0 and "fake_agent.py" in done.stdout
    assert workspace.worktrees() == [] and "planmark" not in workspace.git("branch", "--list")
    assert not workspace.runs.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--until", "9.9"), "no task 9.9"),
        (("--until", ""), "no task"),
        (("--steps", "implment_task"), "did you mean implement_task?"),
        (("--steps", "implement_task,qqq"), "There are address_fix"),
        (("--steps", "pause"), "no run does the step `pause`"),
        (("--steps", " , "), "names no step"),
        (("--with", "fak"), "did you mean fake?"),
        (("--max-cost", "nan"), "--max-cost takes a number from"),
        (("--max-tokens", "0"), "--max-tokens takes a number from"),
        (("--agents", "0"), "--agents takes a number from"),
        (("--resume", "none"), "no run none"),
    ],
)
def test_a_wrong_value_starts_nothing(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    workspace = make_workspace(tmp_path, 1)
    done = run_command(workspace, "--json", *arguments)
    assert done.returncode == 2 and says in done.stderr, done.stderr
    assert json.loads(done.stdout)["error"]["exit_code"] == 2
    assert workspace.worktrees() == [] and "planmark" not in workspace.git("branch", "--list")
    assert not workspace.runs.exists() or not [path for path in workspace.runs.iterdir() if path.is_dir()]


def started(workspace: RunWorkspace, *arguments: str) -> subprocess.Popen[str]:
    """Return a run whose first agent works, and waits until the file `go` is in the folder of the configuration."""
    command, environment = run_arguments(workspace, arguments)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "works in" in line:
            break
    return process


def test_work_waits_while_a_person_has_the_integration_branch_checked_out(tmp_path: Path) -> None:
    go, trace = tmp_path / "go", tmp_path / "trace.jsonl"
    workspace = make_workspace(tmp_path, 2, "ok", "--go", str(go), "--trace", str(trace))
    process = started(workspace, "--steps", "implement_task")
    workspace.git("switch", "-q", "planmark/parts/main")
    go.touch()
    out, err = process.communicate()
    assert process.returncode == 4 and "open" in out and "--resume" in err, out + err
    assert "checked out" in " ".join(out.split())
    workspace.git("switch", "-q", "main")
    done = run_command(workspace, "--steps", "implement_task")
    assert workspace.boxes() == ["1.1", "1.2"], done.stdout + done.stderr
    assert trace.read_text(encoding="utf-8").count('"begin"') == 2
    assert workspace.worktrees() == ["parts-main"] and held_leases(workspace) == []


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_conflict_with_the_person_ends_a_run_with_its_table(tmp_path: Path, is_deleted: bool) -> None:
    go = tmp_path / "go"
    workspace = make_workspace(tmp_path, 3, "ok", "--go", str(go))
    process = started(workspace, "--steps", "implement_task")
    if is_deleted:
        workspace.git("rm", "-q", PLAN)
    else:
        (workspace.root / "src").mkdir()
        (workspace.root / "src/part_1.py").write_text("mine = 1\n", encoding="utf-8")
        workspace.git("add", "-A")
    workspace.git("commit", "-q", "-m", "Mine")
    go.touch()
    out, err = process.communicate()
    assert process.returncode == 4, out + err
    assert "1 of 1 step done" in out and "in conflict in" in " ".join(out.split()) and "--resume" in err
    assert held_leases(workspace) == []


def test_leases_that_become_unreadable_stop_the_run(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 2)
    leases = workspace.root / ".git/planmark/leases"
    script = f"import pathlib, shutil; shutil.rmtree({str(leases)!r}); pathlib.Path({str(leases)!r}).touch()"
    path = workspace.config / "agents.toml"
    command = f"command = {json.dumps([sys.executable, '-c', script])}"
    path.write_text("\n".join(command if "command" in line else line for line in path.read_text().splitlines()))
    done = run_command(workspace)
    assert done.returncode == 5 and "Not a directory" in done.stdout + done.stderr, done.stderr
    assert "defect" not in done.stderr


def test_one_agent_does_every_step_in_the_workspace_itself(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 3)
    shutil.rmtree(workspace.root / ".git")
    refused = run_command(workspace)
    assert refused.returncode == 5 and "give --no-worktree" in refused.stderr
    done = run_command(workspace, "--no-worktree", "--until", "1.3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (workspace.root / PLAN).read_text(encoding="utf-8").count("[x]") == 3
    assert (workspace.root / "src/part_3.py").exists()


@pytest.mark.parametrize("option", ["--dry-run", "--until=1.1"])
def test_a_plan_that_is_not_committed_starts_nothing(tmp_path: Path, option: str) -> None:
    workspace = make_workspace(tmp_path, 1)
    with (workspace.root / PLAN).open("a", encoding="utf-8") as stream:
        stream.write("- [ ] 1.2 Write more\n")
    done = run_command(workspace, option)
    assert done.returncode == 4 and done.stdout == ""
    assert "tasks.md (changed)" in done.stderr and "git add" in done.stderr
    assert workspace.worktrees() == [] and not list(workspace.root.glob(".git/planmark/runs/*/journal.jsonl"))


def test_a_folder_of_runs_that_vanishes_is_a_message(tmp_path: Path) -> None:
    go = tmp_path / "go"
    workspace = make_workspace(tmp_path, 1, "ok", "--go", str(go))
    process = started(workspace)
    workspace.runs.rename(tmp_path / "away")
    workspace.runs.write_text("in its place", encoding="utf-8")
    go.touch()
    _, err = process.communicate()
    assert process.returncode == 5, err
    assert "Traceback" not in err and "runs" in err


SEEDS = 200 if SOAK else 1
"""Number of runs that are killed again and again."""
EVENTS = ("run.started", "step.chosen", "step.chosen", "attempt.started", "attempt.ended", "integrated", "step.ended")
"""The events of a run up to the end of its first step, in their order."""


@pytest.mark.parametrize("number", range(1, len(EVENTS) + 1))
def test_a_run_that_is_killed_goes_on(tmp_path: Path, number: int) -> None:
    """After a kill at each event of the journal, the same command does every step once, and loses nothing."""
    trace = tmp_path / "trace.jsonl"
    workspace = make_workspace(tmp_path, 2, "ok", "--trace", str(trace))
    killed = run_command(workspace, "--steps", "implement_task", program=(KILLED, str(number)))
    assert killed.returncode == -signal.SIGKILL
    assert [event["type"] for event in workspace.journal()] == list(EVENTS[:number])
    done = run_command(workspace, "--steps", "implement_task")
    assert workspace.boxes() == ["1.1", "1.2"], done.stdout + done.stderr
    events = workspace.journal()
    assert sum(event["type"] == "run.started" for event in events) == 2
    ended = [(event["achievement"], event["class"]) for event in events if event["type"] == "step.ended"]
    assert [item for item, kind in ended if kind == "ok"] == ["1.1", "1.2"]
    merges = workspace.git("log", "--merges", "--format=%s", "planmark/parts/main").splitlines()
    assert len(merges) == 2
    assert held_leases(workspace) == [] and workspace.worktrees() == ["parts-main"]
    works = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    begun = [one["lease"] for one in works if one["event"] == "begin"]
    assert len(begun) == len(set(begun)) == 2
    assert done.returncode == 4


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_run_that_is_killed_again_and_again_loses_nothing(tmp_path: Path, seed: int) -> None:
    """Kill a run of two agents after a random number of events, until one ends by itself."""
    chance = random.Random(seed)
    trace = tmp_path / "trace.jsonl"
    workspace = make_workspace(tmp_path, 4, "slow", "--seconds", "0.1", "--trace", str(trace), agents=2, order="none")
    arguments = ("--agents", "2", "--steps", "implement_task", "--max-attempts", "20")
    kills, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        done = run_command(workspace, *arguments, program=(KILLED, str(chance.randint(1, 9))))
        code = done.returncode
        kills += code == -signal.SIGKILL
    assert sorted(workspace.boxes()) == ["1.1", "1.2", "1.3", "1.4"], done.stdout + done.stderr
    ended = [
        event["achievement"]
        for event in workspace.every_event()
        if event["type"] == "step.ended" and event["class"] == "ok"
    ]
    assert sorted(ended) == ["1.1", "1.2", "1.3", "1.4"]
    assert len(workspace.git("log", "--merges", "--format=%s", "planmark/parts/main").splitlines()) == 4
    assert held_leases(workspace) == [] and workspace.worktrees() == ["parts-main"]
    assert kills and not running_agents(str(trace))


def running_agents(word: str) -> list[int]:
    """Return the processes with a word in their command lines, other than this one."""
    numbers = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if process.pid != os.getpid() and word in words:
            numbers.append(process.pid)
    return numbers


def start_run(workspace: RunWorkspace, *arguments: str) -> subprocess.Popen[str]:
    """Start `planmark run` as a process that an interrupt reaches."""
    command, environment = run_arguments(workspace, arguments)
    # A shell ignores Ctrl-C for what it starts in the background, and every process below inherits that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)


def write_hook(workspace: RunWorkspace, lines: str) -> None:
    """Write a hook of git that runs before each commit of a work tree."""
    hook = workspace.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{lines}", encoding="utf-8")
    hook.chmod(0o755)


def test_a_list_of_trees_that_git_cannot_make_at_once_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git fails to list the work trees while a different process removes one."""
    workspace = make_workspace(tmp_path, 1)
    folder, failed = tmp_path / "programs", tmp_path / "failed"
    folder.mkdir()
    failed.mkdir()
    git = folder / "git"
    # Two of three lists fail.
    git.write_text(
        f"""#!/bin/sh
case "$*" in *"worktree list"*)
    touch {failed}/$$
    if [ $(($(ls {failed} | wc -l) % 3)) -ne 0 ]; then
        echo "fatal: failed to read 'locked': No such file or directory" >&2
        exit 128
    fi;;
esac
exec {shutil.which("git")} "$@"
""",
        encoding="utf-8",
    )
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    done = run_command(workspace, "--steps", "implement_task")
    assert len(list(failed.iterdir())) > 3
    assert kinds(workspace) == ["ok"] and workspace.boxes() == ["1.1"], done.stdout + done.stderr


def test_a_lease_that_a_different_agent_ends_as_done_is_done(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 2)
    done = run_command(workspace, "--steps", "implement_task", program=(ENDED,))
    assert kinds(workspace) == ["ok", "ok"], done.stdout + done.stderr
    assert workspace.boxes() == ["1.1", "1.2"] and workspace.worktrees() == ["parts-main"]


def test_work_of_two_agents_is_finished_at_the_same_time(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 2, agents=2, order="none")
    begun = tmp_path / "begun"
    begun.mkdir()
    # Each commit waits for the other one, which never begins if the run finishes one work after the other.
    write_hook(
        workspace,
        f"""touch {begun}/$$
tries=0
while [ $(ls {begun} | wc -l) -lt 2 ]; do
    [ $tries -lt 600 ] || exit 1
    tries=$((tries + 1))
    sleep 0.1
done
""",
    )
    done = run_command(workspace, "--agents", "2", "--steps", "implement_task")
    assert kinds(workspace) == ["ok", "ok"], done.stdout + done.stderr
    assert workspace.boxes() == ["1.1", "1.2"] and workspace.worktrees() == ["parts-main"]


def test_an_interrupt_lets_work_that_is_being_finished_end(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 2)
    begun, go = tmp_path / "begun", tmp_path / "go"
    write_hook(workspace, f"touch {begun}\nwhile [ ! -e {go} ]; do sleep 0.1; done\n")
    process = start_run(workspace, "--steps", "implement_task")
    while not begun.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    for line in process.stderr:
        if "ending the attempts" in line:
            break
    go.touch()
    out, err = process.communicate()
    assert process.returncode == 130 and "--resume" in err, out + err
    assert kinds(workspace) == ["ok"] and workspace.boxes() == ["1.1"]
    assert workspace.worktrees() == ["parts-main"] and held_leases(workspace) == []
    run_command(workspace, "--resume", "--steps", "implement_task")
    assert workspace.boxes() == ["1.1", "1.2"] and kinds(workspace) == ["ok", "ok"]


def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 1, "hang")
    process = start_run(workspace)
    assert process.stderr is not None
    for line in process.stderr:
        if "works in" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130 and "--resume" in err and "open" in out
    write_agents(workspace.config, {"fake": ("ok",)})
    done = run_command(workspace, "--resume", "--steps", "implement_task")
    assert workspace.boxes() == ["1.1"], done.stdout + done.stderr


def test_a_branch_that_the_person_checks_out_stops_the_run(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 2)
    assert run_command(workspace, "--until", "1.1").returncode == 0
    workspace.git("switch", "-q", "planmark/parts/main")
    done = run_command(workspace)
    assert done.returncode == 4 and "is checked out in" in done.stdout + done.stderr
    assert held_leases(workspace) == []


def test_attempts_that_run_go_on_when_the_last_item_is_reached(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 2, "slow", "--seconds", "1", agents=2, order="none")
    done = run_command(workspace, "--agents", "2", "--until", "1.1", "--steps", "implement_task")
    assert done.returncode == 0 and "1.1" in workspace.boxes()
    assert set(kinds(workspace)) == {"ok"}, done.stdout
