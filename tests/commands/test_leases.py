"""`next --lease`, `next --list` and `lease`: what agents and persons get, and what they are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import Result, Run, runner
from fixture import write_files
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, UNREADABLE, WAITING
from planmark.storage import lease_files
from planmark.storage.lease_files import lease_place, lock_leases

HOME = "work-space/plans/PAY"
PLAN = f"{HOME}/PLAN_PAY.md"
FEEDBACKS = f"{HOME}/execution/feedbacks"


def plan(*achievements: tuple[str, str, str], lines: str = "") -> str:
    """Return the text of a PLAN with (id, priority, deliverable)."""
    index = "".join(f"- Achievement {known}: Part {known}\n" for known, _, _ in achievements)
    bodies = ""
    last = ""
    for known, priority, file in achievements:
        bodies += f"\n## Priority {priority}\n" if priority != last else ""
        last = priority
        bodies += f"\n**Achievement {known}**: Part {known}\n\n- Effort: 2 hours\n"
        bodies += f"- **Deliverables**:\n  - `{file}`\n" if file else ""
    return f"# PLAN: Pay\n\n**Status**: In Progress\n{lines}\n## Achievement Index\n\n{index}{bodies}\n## Goal\n\nx\n"


TEXT = plan(("1.1", "1", "a.py"), ("1.2", "1", "b.py"), ("1.3", "1", "a.py"), ("2.1", "2", "c.py"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "ws"
    write_files(root, {PLAN: TEXT, ".git/HEAD": "ref: refs/heads/main\n"})
    for name in ("objects", "refs"):
        (root / ".git" / name).mkdir()
    return root


@pytest.fixture
def planmark(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("PLANMARK_AGENT", raising=False)
    return runner(capsys, "--workspace", str(root))


def lease(planmark: Run, agent: str, *more: str) -> Any:
    """Return the lease that an agent gets."""
    done = planmark("next", *more, "--lease", "--agent", agent, "--json")
    assert done.code == DONE, done.err
    return done.data["lease"]


def given(planmark: Run, agent: str, *more: str) -> str:
    """Return the item that an agent gets."""
    found: str = lease(planmark, agent, *more)["achievement"]
    return found


def test_agents_get_different_steps_and_never_files_that_meet(planmark: Run) -> None:
    assert [given(planmark, agent) for agent in ("ada", "bob")] == ["1.1", "1.2"]
    third = planmark("next", "--lease", "--agent", "cyd")
    assert third.code == WAITING
    assert "PAY 1.1: held by ada until" in third.err
    assert "PAY 1.3: changes a.py, as @PAY 1.1 does, which ada holds" in third.err
    assert third.out == ""


def test_an_agent_that_asks_again_gets_the_same_lease(planmark: Run) -> None:
    first, again = lease(planmark, "ada"), lease(planmark, "ada")
    assert (first["id"], first["generation"]) == (again["id"], again["generation"])


def test_the_prompt_is_the_output_and_the_lease_a_note(planmark: Run) -> None:
    done = planmark("next", "--lease", "--agent", "ada")
    assert done.out.startswith("# PAY 1.1")
    assert done.out == planmark("next", "@PAY", "1.1").out
    assert "ada holds @PAY 1.1 until 20" in done.err
    assert "renew: planmark lease renew lse_" in done.err


def test_the_agent_may_be_named_by_the_environment(planmark: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANMARK_AGENT", "ada")
    assert json.loads(planmark("next", "--lease", "--json").out)["lease"]["agent"] == "ada"


def test_a_name_of_64_characters_holds_a_lease(planmark: Run) -> None:
    name = "a-_.@" + "9" * 59
    assert lease(planmark, name)["agent"] == name


def test_the_note_of_a_lease_is_listed_and_reaches_the_next_agent(planmark: Run) -> None:
    held = lease(planmark, "ada")
    note = "a.py is done,\n  its tests are left"
    assert planmark("lease", "renew", held["id"], "--note", note).code == DONE
    assert "held: a.py is done, its tests are left" in planmark("lease", "list").out
    # A renewal without a note keeps the last one.
    assert planmark("lease", "renew", held["id"]).code == DONE
    assert planmark("lease", "release", held["id"]).code == DONE
    done = planmark("next", "@PAY", "1.1", "--lease", "--agent", "bob", "--json")
    assert 'the note of ada is: "a.py is done, its tests are left"' in done.err
    assert done.data["lease"]["note"] == ""


def test_a_lease_ends_as_done_when_its_step_is_over(planmark: Run, root: Path) -> None:
    assert lease(planmark, "ada")["role"] == "designer"
    write_files(root, {f"{HOME}/subplans/SUBPLAN_PAY_11.md": "**Status**: Design complete\n\n## Approach\n\nx\n"})
    second = lease(planmark, "bob", "@PAY", "1.1")
    assert (second["role"], second["generation"], second["former"][0]["reason"]) == ("executor", 2, "done")


def test_a_higher_priority_is_not_ready_before_the_lower_is_approved(planmark: Run, root: Path) -> None:
    refused = planmark("next", "@PAY", "2.1", "--lease", "--agent", "ada")
    assert refused.code == WAITING
    assert "2.1 is not ready: waits for 1.1, 1.2, 1.3 by the order of the plan (leases.order)" in refused.err
    write_files(root, {"planmark.toml": '[leases]\norder = "none"\n'})
    assert given(planmark, "ada", "@PAY", "2.1") == "2.1"


def test_declared_dependencies_replace_the_priorities(planmark: Run, root: Path) -> None:
    text = TEXT.replace(
        "**Achievement 1.2**: Part 1.2\n\n", "**Achievement 1.2**: Part 1.2\n\n- **Dependencies**: 1.1\n"
    )
    write_files(root, {PLAN: text})
    assert given(planmark, "ada", "@PAY", "2.1") == "2.1"
    refused = planmark("next", "@PAY", "1.2", "--lease", "--agent", "bob")
    assert (refused.code, "1.2 is not ready: waits for 1.1" in refused.err) == (WAITING, True)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["next", "@NONE", "--lease", "--agent", "ada"], BAD_USAGE, "no plan @NONE"),
        (["next", "@PAY", "7.7", "--lease", "--agent", "ada"], BAD_USAGE, "no achievement 7.7"),
        (["next", "--lease"], BAD_USAGE, "name the agent: --agent NAME, or the variable PLANMARK_AGENT"),
        (["next", "--lease", "--agent", "a b"], BAD_USAGE, "`a b` is not a name of an agent"),
        (["next", "--lease", "--agent", "x" * 65], BAD_USAGE, "is not a name of an agent: a name has 1 to 64"),
        (["next", "--lease", "--agent", "a/b"], BAD_USAGE, "`a/b` is not a name of an agent"),
        (["lease", "list", "--note", "x"], BAD_USAGE, "--note is for `planmark lease renew`"),
        (["lease", "steal", "@PAY", "1.1", "--note", "x"], BAD_USAGE, "--note is for `planmark lease renew`"),
        (["lease", "renew", "@PAY", "1.1", "--note", "x" * 201], BAD_USAGE, "--note has 201 characters: at most 200"),
        (["next", "--lease", "--agent", ""], BAD_USAGE, "name the agent"),
        (["next", "--lease", "--agent", "ada", "--role", "boss"], BAD_USAGE, "--role takes strategist, planner"),
        (["next", "--lease", "--agent", "ada", "--process", "-1"], BAD_USAGE, "there is no such process"),
        (["next", "--agent", "ada"], BAD_USAGE, "--agent needs --lease"),
        (["next", "--lease", "--list"], BAD_USAGE, "--lease and --list exclude each other"),
        (["next", "--lease", "--agent", "ada", "--step", "pause"], BAD_USAGE, "--step and --lease exclude each other"),
        (["next", "--lease", "--agent", "ada", "--role", "reviewer"], WAITING, "no step is ready for a reviewer"),
        (["lease", "renew", "lse_0000000000000000"], BAD_USAGE, "there is no lease lse_0000000000000000 here"),
        (["lease", "renew", "@PAY", "1.1", "--agent", "ada"], NOTHING_TO_DO, "1.1 is not leased"),
        (["lease", "renew"], BAD_USAGE, "takes a lease by its id, or a plan and an item"),
        (["lease", "list", "@PAY"], BAD_USAGE, "takes nothing more"),
        (["lease", "list", "--force"], BAD_USAGE, "--force is for `planmark lease steal`"),
        (["lease", "steal", "@PAY", "1.1", "--agent", "ada", "--force"], BAD_USAGE, "--force and --reason need each"),
        (["lease", "assign", "@PAY"], BAD_USAGE, "name the agents"),
        (["lease", "assign", "@PAY", "--to", "a,a"], BAD_USAGE, "--to names a twice"),
        (["lease", "assign", "@PAY", "--to", "a=boss"], BAD_USAGE, "--role takes"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said(planmark: Run, root: Path, arguments: list[str], code: int, says: str) -> None:
    done = planmark(*arguments)
    assert (done.code, says in done.err) == (code, True), done.err
    assert "Traceback" not in done.err
    assert not list((root / ".git/planmark/leases").glob("*/*.json"))


def test_an_approved_item_is_not_leased(planmark: Run, root: Path) -> None:
    write_files(root, {f"{FEEDBACKS}/APPROVED_11.md": "**Review Date**: 2026-01-02\n"})
    done = planmark("next", "@PAY", "1.1", "--lease", "--agent", "ada")
    assert (done.code, "1.1 is approved" in done.err) == (NOTHING_TO_DO, True)


def test_a_held_item_names_its_holder(planmark: Run) -> None:
    lease(planmark, "ada")
    done = planmark("next", "@PAY", "1.1", "--lease", "--agent", "bob", "--json")
    assert done.code == WAITING
    assert "held by ada until" in json.dumps(done.data)


def test_a_claim_that_no_verdict_supports_is_not_leased(planmark: Run, root: Path) -> None:
    write_files(root, {PLAN: TEXT.replace("- Achievement 1.1", "- ✅ Achievement 1.1")})
    done = planmark("next", "--lease", "--agent", "ada")
    assert (done.code, "the plan waits for a person" in done.err) == (WAITING, True)


def test_a_plan_that_is_complete_has_nothing_to_lease(planmark: Run, root: Path) -> None:
    write_files(root, {f"{FEEDBACKS}/APPROVED_{n}.md": "**Review Date**: 2026-01-02\n" for n in (11, 12, 13, 21)})
    for arguments in ([], ["@PAY"]):
        done = planmark("next", *arguments, "--lease", "--agent", "ada")
        assert done.code == NOTHING_TO_DO, done.err


def test_a_paused_plan_is_leased_only_by_its_name(planmark: Run, root: Path) -> None:
    write_files(root, {PLAN: TEXT.replace("In Progress", "Paused")})
    assert planmark("next", "--lease", "--agent", "ada").code == WAITING
    assert given(planmark, "ada", "@PAY") == "1.1"


def test_a_lease_is_renewed_and_released_by_its_id_or_its_item(planmark: Run) -> None:
    known = lease(planmark, "ada")["id"]
    assert planmark("lease", "renew", known).out.startswith(f"{known}: @PAY 1.1 is held until 20")
    assert planmark("lease", "renew", "@PAY", "1.1", "--agent", "ada", "--json").data["id"] == known
    other = planmark("lease", "release", "@PAY", "1.1", "--agent", "bob")
    assert (other.code, "@PAY 1.1 is held by ada until" in other.err) == (WAITING, True)
    assert planmark("lease", "release", known).out == f"{known}: @PAY 1.1 is free\n"
    assert planmark("lease", "release", known).code == NOTHING_TO_DO
    assert planmark("lease", "renew", known).code == WAITING
    assert given(planmark, "bob") == "1.1"


def test_a_person_takes_a_held_step_with_a_reason(planmark: Run) -> None:
    known = lease(planmark, "ada")["id"]
    held = planmark("lease", "steal", "@PAY", "1.1", "--agent", "bob")
    assert held.code == WAITING
    assert 'A person may take it: --force --reason "…"' in held.err
    taken = planmark("lease", "steal", "@PAY", "1.1", "--agent", "bob", "--force", "--reason", "stuck", "--json")
    assert (taken.data["agent"], taken.data["generation"], taken.data["note"]) == ("bob", 2, "stuck")
    told = planmark("lease", "renew", known)
    assert told.code == WAITING
    assert f"{known} of @PAY 1.1 was taken by bob at" in told.err
    assert "by force. Stop; commit nothing. Your work is in" in told.err


def test_a_lease_ends_with_its_process(planmark: Run) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        first = lease(planmark, "ada", "--process", str(child.pid))
        assert planmark("next", "@PAY", "1.1", "--lease", "--agent", "bob").code == WAITING
    finally:
        child.kill()
        child.communicate()
    second = planmark("next", "@PAY", "1.1", "--lease", "--agent", "bob", "--json")
    assert second.data["lease"]["generation"] == first["generation"] + 1
    assert "ada held it before (dead) and may have left work in" in second.err


def test_a_new_lease_is_released_if_its_prompt_does_not_fit(planmark: Run) -> None:
    failed = planmark("next", "--lease", "--agent", "ada", "--budget", "10")
    assert failed.code == BAD_USAGE
    assert planmark("lease", "list").out == "no lease is held\n"
    lease(planmark, "ada")
    assert planmark("next", "--lease", "--agent", "ada", "--budget", "10").code == BAD_USAGE
    assert "held" in planmark("lease", "list").out


def test_every_ready_step_is_listed_with_its_holder(planmark: Run) -> None:
    lease(planmark, "ada")
    shown = planmark("next", "--list")
    lines = [" ".join(line.split()) for line in shown.out.splitlines()]
    assert lines == [
        "PLAN ITEM STEP ROLE HELD BY WAITS",
        "@PAY 1.1 design the SUBPLAN designer ada, 0 min",
        "@PAY 1.2 design the SUBPLAN designer",
        "@PAY 1.3 design the SUBPLAN designer changes a.py, as @PAY 1.1 does, which ada holds",
    ]
    steps = planmark("next", "--list", "--json").data["steps"]
    assert [step["ref"] for step in steps] == ["1.1", "1.2", "1.3"]
    assert [bool(step["holder"]) for step in steps] == [True, False, False]
    assert planmark("next", "--list", "--role", "reviewer").code == WAITING
    assert planmark("next", "--list", "--role", "reviewer", "--json").data["steps"] == []


def test_leases_are_listed_with_those_that_ended(planmark: Run) -> None:
    known = lease(planmark, "ada")["id"]
    assert known in planmark("lease", "list").out
    planmark("lease", "release", known)
    assert planmark("lease", "list").out == "no lease is held\n"
    assert "ended: released" in planmark("lease", "list", "--all").out


def test_a_plan_that_was_renamed_leaves_its_lease_as_an_orphan(planmark: Run, root: Path) -> None:
    lease(planmark, "ada")
    (root / HOME).rename(root / "work-space/plans/TILL")
    (root / "work-space/plans/TILL/PLAN_PAY.md").rename(root / "work-space/plans/TILL/PLAN_TILL.md")
    listed = planmark("lease", "list", "--json").data["leases"]
    assert [(one["lease"]["plan"], one["orphan"]) for one in listed] == [(PLAN, True)]
    assert "not an item of this workspace" in planmark("lease", "list").out


def test_work_is_divided_and_reserved(planmark: Run) -> None:
    made = planmark("lease", "assign", "@PAY", "--to", "ada,bob", "--json").data
    assert [(load["agent"], load["items"], load["hours"]) for load in made["agents"]] == [
        ("ada", ["1.1", "1.3"], 4.0),
        ("bob", ["1.2", "2.1"], 4.0),
    ]
    assert made["imbalance"] == 0
    assert planmark("lease", "list").out == "no lease is held\n"
    shown = planmark("lease", "assign", "@PAY", "--to", "ada,bob", "--write").out
    assert "planmark next --lease --agent NAME" in shown
    assert given(planmark, "bob") == "1.2"
    refused = planmark("next", "@PAY", "1.1", "--lease", "--agent", "bob")
    assert "reserved for ada until" in refused.err
    assert given(planmark, "ada") == "1.1"


def test_an_agent_of_one_role_gets_only_its_steps(planmark: Run) -> None:
    made = planmark("lease", "assign", "@PAY", "--to", "ada=reviewer", "--json").data
    assert made["unassigned"] == ["1.1", "1.2", "1.3", "2.1"]


@pytest.fixture
def busy(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Result]], Result]:
    """A function that runs a command while a different process has the lock."""
    monkeypatch.setattr(lease_files, "LOCK_SECONDS", 0.05)

    def run(command: Callable[[], Result]) -> Result:
        with lock_leases(lease_place(root).folder):
            return command()

    return run


def test_a_busy_lock_is_said_and_readers_go_on(planmark: Run, busy: Callable[[Callable[[], Result]], Result]) -> None:
    done = busy(lambda: planmark("next", "--lease", "--agent", "ada"))
    assert (done.code, "the leases are busy" in done.err) == (WAITING, True)
    for reading in (["next", "--list"], ["lease", "list"], ["status"], ["next"]):
        assert busy(lambda reading=reading: planmark(*reading)).code == DONE


def test_a_folder_that_cannot_be_used_is_said_and_readers_go_on(planmark: Run, root: Path) -> None:
    (root / ".git/planmark").write_text("")
    done = planmark("next", "--lease", "--agent", "ada")
    assert (done.code, "Not a directory" in done.err) == (UNREADABLE, True)
    for reading in (["status"], ["next"], ["why", "@PAY", "1.1"]):
        assert planmark(*reading).code == DONE


def test_an_unreadable_lease_counts_as_held_for_a_time(planmark: Run, root: Path) -> None:
    lease(planmark, "ada")
    (path,) = (root / ".git/planmark/leases").glob("*/1.1.json")
    path.write_text("{")
    done = planmark("next", "@PAY", "1.1", "--lease", "--agent", "bob")
    assert (done.code, "its lease cannot be read" in done.err) == (WAITING, True)
    assert "held until" in planmark("lease", "list").out
    assert "0 not ended, 1 cannot be read, in " in planmark("doctor").out
    past = time.time() - 1000
    os.utime(path, (past, past))
    assert given(planmark, "bob", "@PAY", "1.1") == "1.1"
    assert [one.read_text() for one in path.parent.glob("*.unreadable")] == ["{"]


def test_without_git_the_leases_are_in_the_cache(planmark: Run, root: Path, cache: Path) -> None:
    (root / ".git").rename(root / "git")
    assert given(planmark, "ada") == "1.1"
    assert len(list((cache / "leases").glob("*/*/1.1.json"))) == 1
    assert given(planmark, "bob") == "1.2"


def test_a_workspace_below_the_top_of_its_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path.resolve(), {f"part/{PLAN}": TEXT, "part/planmark.toml": ""})
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    planmark = runner(capsys, "--workspace", str(tmp_path / "part"))
    found = lease(planmark, "ada")
    assert (found["plan"], found["files"]) == (f"part/{PLAN}", ["a.py"])


def test_the_executor_does_not_review_its_own_work(planmark: Run, root: Path) -> None:
    write_files(root, {f"{HOME}/subplans/SUBPLAN_PAY_11.md": "**Status**: Design complete\n\n## Approach\n\nx\n"})
    assert lease(planmark, "ada", "@PAY", "1.1")["role"] == "executor"
    write_files(
        root, {f"{HOME}/execution/EXECUTION_TASK_PAY_11_01.md": "**Status**: Complete\n\nDone.\n", "a.py": "x\n"}
    )
    own = planmark("next", "@PAY", "1.1", "--lease", "--agent", "ada")
    assert own.code == WAITING
    assert "ada executed it, and a different agent reviews it (leases.ownReview)" in own.err
    assert lease(planmark, "bob", "@PAY", "1.1")["role"] == "reviewer"


def test_the_executor_that_a_document_names_does_not_review(planmark: Run, root: Path) -> None:
    write_files(
        root,
        {
            f"{HOME}/subplans/SUBPLAN_PAY_11.md": "**Status**: Design complete\n\n## Approach\n\nx\n",
            f"{HOME}/execution/EXECUTION_TASK_PAY_11_01.md": "**Status**: Complete\n**Executor**: Ada\n\nDone.\n",
            "a.py": "x\n",
        },
    )
    own = planmark("next", "@PAY", "1.1", "--lease", "--agent", "ada")
    assert (own.code, "ada executed it" in own.err) == (WAITING, True)
    assert lease(planmark, "bob", "@PAY", "1.1")["role"] == "reviewer"


def test_finished_work_of_a_different_work_tree_is_not_given_again(
    planmark: Run, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for arguments in (
        ["add", "."],
        [*identity, "commit", "-qm", "Begin"],
        ["worktree", "add", "-q", "../w", "-b", "w"],
    ):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    there = runner(capsys, "--workspace", str(tmp_path / "w"))
    assert given(there, "ada") == "1.1"
    assert given(planmark, "bob") == "1.2"
    design = {f"{HOME}/subplans/SUBPLAN_PAY_11.md": "**Status**: Design complete\n\n## Approach\n\nx\n"}
    write_files(tmp_path / "w", design)
    assert lease(there, "ada")["role"] == "executor"
    planmark("lease", "release", "@PAY", "1.1", "--agent", "ada")
    refused = planmark("next", "@PAY", "1.1", "--lease", "--agent", "cyd")
    assert (refused.code, "ada has done it in" in refused.err) == (WAITING, True)
    forced = ("--agent", "cyd", "--force", "--reason", "the tree is lost")
    assert planmark("lease", "steal", "@PAY", "1.1", *forced, "--json").data["role"] == "designer"


def without_holders(value: Any) -> Any:
    """Return a result without what shows who holds what, and without what differs between two runs."""
    if isinstance(value, dict):
        return {key: without_holders(inner) for key, inner in value.items() if key not in ("holder", "run")}
    return [without_holders(inner) for inner in value] if isinstance(value, list) else value


def without_column(text: str) -> str:
    """Return a table without its last column, HELD BY, and without trailing spaces."""
    lines = text.splitlines()
    header = next(line for line in lines if "HELD BY" in line)
    at = header.index("HELD BY")
    end = lines.index("", lines.index(header)) if "" in lines[lines.index(header) :] else len(lines)
    return "\n".join(
        line[:at].rstrip() if lines.index(header) <= number < end else line for number, line in enumerate(lines)
    )


@pytest.mark.parametrize("arguments", [["status"], ["status", "@PAY"]])
def test_the_status_differs_only_where_it_shows_who_holds_what(planmark: Run, arguments: list[str]) -> None:
    before, before_json = planmark(*arguments).out, planmark(*arguments, "--json").data
    assert "HELD BY" not in before
    lease(planmark, "ada")
    during, during_json = planmark(*arguments).out, planmark(*arguments, "--json").data
    assert "ada" in during
    assert without_column(during) == before.rstrip("\n")
    assert without_holders(during_json) == without_holders(before_json)
    assert during_json["workspaces"] != before_json["workspaces"]
    planmark("lease", "release", "@PAY", "1.1", "--agent", "ada")
    assert planmark(*arguments).out == before
    assert without_holders(planmark(*arguments, "--json").data) == without_holders(before_json)


def test_the_status_names_holder_and_minutes_in_80_columns(planmark: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lease(planmark, "claude-7")
    shown = planmark("status", "@PAY").out
    assert "claude-7, 0 min" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "claude-7" in planmark("status").out
    holder = planmark("status", "--json").data["workspaces"][0]["plans"][0]["achievements"][0]["holder"]
    assert (holder["agent"], holder["state"], holder["role"]) == ("claude-7", "held", "designer")


def test_a_step_about_the_whole_plan_has_one_holder(planmark: Run, root: Path) -> None:
    write_files(root, {PLAN: "# PLAN: Pay\n\n**Status**: In Progress\n**Created**: 2026-01-01\n**Goal**: x\n"})
    assert lease(planmark, "ada")["achievement"] == ""
    assert "PAY: held by ada until" in planmark("next", "--lease", "--agent", "bob").err
    assert "Held by ada, 0 min" in planmark("status", "@PAY").out
    assert planmark("status", "--json").data["workspaces"][0]["plans"][0]["holder"]["agent"] == "ada"


def test_items_without_ids_keep_their_lease_when_lines_move(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path.resolve() / "ws"
    tasks = "# Tasks\n\n## 1. Do\n\n- [ ] Write `a.py`\n- [ ] Write `b.py`\n"
    change = "openspec/changes/add-pay"
    write_files(
        root, {f"{change}/tasks.md": tasks, f"{change}/proposal.md": "## Why\n\nx\n", "openspec/project.md": ""}
    )
    planmark = runner(capsys, "--workspace", str(root))
    first = lease(planmark, "ada")
    assert first["achievement"].startswith(":")
    write_files(root, {f"{change}/tasks.md": f"<!-- note -->\n\n{tasks}"})
    refused = planmark("next", "--lease", "--agent", "bob")
    assert (refused.code, "held by ada until" in refused.err) == (WAITING, True)
    assert lease(planmark, "ada")["id"] == first["id"]
    ticked = tasks.replace("- [ ] Write `a.py`", "- [x] Write `a.py`")
    write_files(root, {f"{change}/tasks.md": f"<!-- note -->\n\n{ticked}", "a.py": "x\n"})
    assert lease(planmark, "bob")["achievement"].rpartition("-")[2] not in first["achievement"]
