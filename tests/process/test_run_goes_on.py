"""A run that goes on after its surroundings have changed, and one whose goal cannot be reached."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from planmark.coordination.lease_store import LeaseStore
from run_workspace import RunWorkspace, make_workspace, run_arguments, run_command, write_agents
from work_helpers import isolate_git, repository

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals of POSIX")


def kill_at_work(workspace: RunWorkspace) -> None:
    """End a run by force when its first agent works."""
    command, environment = run_arguments(workspace, ("--steps", "implement_task"))
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "works in" in line:
            break
    process.kill()
    process.communicate()


def held(workspace: RunWorkspace) -> list[str]:
    leases = LeaseStore(workspace.root).read().values()
    return [one.lease.achievement for one in leases if one.lease is not None and one.lease.state != "ended"]


@pytest.mark.parametrize(("mode", "code", "boxes"), [("ok", 4, ["1.1", "1.2"]), ("crash", 5, [])])
def test_a_run_goes_on_without_an_agent_that_was_removed(
    tmp_path: Path, mode: str, code: int, boxes: list[str]
) -> None:
    # Its finished work is integrated. Its unfinished step ends, so that a later run gives it to a different agent.
    go = tmp_path / "go"
    workspace = make_workspace(tmp_path, 2, mode, "--go", str(go))
    kill_at_work(workspace)
    go.touch()
    write_agents(workspace.config, {"other": ("ok",)})
    done = run_command(workspace, "--steps", "implement_task")
    assert done.returncode == code, done.stdout + done.stderr
    assert workspace.boxes() == boxes and held(workspace) == []
    if mode == "crash":
        assert "fake is not among the agents of this run any more: other" in " ".join(done.stdout.split())
    run_command(workspace, "--steps", "implement_task")
    assert workspace.boxes() == ["1.1", "1.2"]


def test_a_run_ends_when_its_goal_is_given_up(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, 3, "denied")
    (workspace.root / "planmark.toml").write_text('[leases]\norder = "none"\n', encoding="utf-8")
    workspace.git("add", "-A")
    workspace.git("commit", "-q", "-m", "Any order")
    done = run_command(workspace, "--until", "1.1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert [event["achievement"] for event in workspace.journal() if event["type"] == "attempt.started"] == ["1.1"]


def test_a_run_until_an_item_does_no_other_step_while_a_person_reviews_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate_git(tmp_path, monkeypatch)
    workspace = RunWorkspace(repository(tmp_path), tmp_path / "config")
    write_agents(workspace.config, {"fake": ("ok",)}, review="person")
    command, environment = run_arguments(workspace, ("--until", "1.2"))
    # 1.3 of this plan is ready, and 1.2 waits for its reviewer.
    command[command.index("@parts")] = "@SEARCH"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert "1.2: a person reviews" in done.stdout and "1.3" not in done.stdout
    assert [event["type"] for event in workspace.journal()] == ["run.started", "run.ended"]
