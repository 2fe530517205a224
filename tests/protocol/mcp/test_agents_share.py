"""Several agents on one repository: what one takes, the others see, in its worktrees too."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import REPOSITORY
from mcp_clients import RawServer, raw_server

LEASE = re.compile(r"lse_[0-9a-f]{16}")


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """Two work trees of one repository with the example workspace."""
    main, other = tmp_path / "main", tmp_path / "other"
    shutil.copytree(REPOSITORY / "examples" / "workspace", main)
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "plans"],
        ["worktree", "add", "-q", str(other)],
    ):
        subprocess.run(["git", *arguments], cwd=main, check=True, capture_output=True)
    return main, other


def call(server: RawServer, tool: str, **given: object) -> tuple[str, bool]:
    result = server.ask("tools/call", {"name": tool, "arguments": given})["result"]
    (block,) = result["content"]
    return block["text"], result["isError"]


def test_two_agents_in_two_worktrees_never_get_one_step(trees: tuple[Path, Path]) -> None:
    with raw_server(trees[0], "--agent", "one") as one, raw_server(trees[1], "--agent", "two") as two:
        one.begin()
        two.begin()
        plain = call(one, "next", feature="CHECKOUT", achievement="1.2")[0].split("\n", 2)[2]
        first, is_error = call(one, "next", feature="CHECKOUT", take=True)
        assert not is_error
        head, _, prompt = first.split("\n", 2)
        assert re.fullmatch(r"prompt p_[0-9a-f]{12} · lease lse_[0-9a-f]{16} until \d\d:\d\d UTC · tier 2", head)
        assert prompt == plain
        (held,) = LEASE.findall(head)
        second = call(two, "next", feature="CHECKOUT", take=True)[0]
        assert LEASE.findall(second) not in ([], [held])
        assert "# CHECKOUT 1.2" not in second
        # The same agent gets the same lease again.
        assert (
            call(one, "next", feature="CHECKOUT", achievement="1.2", take=True)[0].split("\n")[2:]
            == first.split("\n")[2:]
        )
        table = call(two, "status")[0]
        assert held in table
        assert "one, 0 min" in table
        text, is_error = call(two, "next", feature="CHECKOUT", achievement="1.2", take=True)
        assert not is_error
        assert text.startswith("waiting · held · ask again")
        assert "held by one" in text
        text, is_error = call(two, "lease", action="steal", feature="CHECKOUT", achievement="1.2")
        assert is_error
        assert "one" in text
        assert call(one, "lease", action="renew", lease=held, note="tests are left")[0].startswith(held)
        assert "tests are left" in call(two, "status")[0]
        text, is_error = call(
            one, "record", kind="resolution", feature="CHECKOUT", achievement="1.2", text="x", lease=held
        )
        assert not is_error
        assert call(one, "lease", action="release", lease=held)[0].startswith(held)
        before = sorted(trees[0].rglob("*"))
        for _ in range(2):
            text, is_error = call(one, "record", kind="subplan", feature="SEARCH", achievement="3.1", lease=held)
            assert is_error
            assert held in text
        assert sorted(trees[0].rglob("*")) == before


def test_a_role_chooses_the_step(trees: tuple[Path, Path]) -> None:
    with raw_server(trees[0], "--agent", "one") as one:
        one.begin()
        text, is_error = call(one, "next", role="reviewer")
        assert not is_error
        assert "You are the **Reviewer**" in text
        taken, is_error = call(one, "next", role="designer", take=True)
        assert not is_error
        assert "You are the **Designer**" in taken
        assert len(LEASE.findall(taken.split("\n")[0])) == 1
        for given in ({"role": "executioner"}, {"take": "yes"}, {"agent": "../x", "take": True}):
            assert call(one, "next", **given)[1]


def test_a_lease_ends_with_its_server(trees: tuple[Path, Path]) -> None:
    with raw_server(trees[0], "--agent", "one") as one:
        one.begin()
        (held,) = LEASE.findall(call(one, "next", feature="CHECKOUT", achievement="1.2", take=True)[0].split("\n")[0])
    with raw_server(trees[1], "--agent", "two") as two:
        two.begin()
        text, is_error = call(two, "next", feature="CHECKOUT", achievement="1.2", take=True)
        assert not is_error
        assert LEASE.findall(text.split("\n")[0]) not in ([], [held])


def test_a_lease_needs_a_name_or_an_id(trees: tuple[Path, Path]) -> None:
    with raw_server(trees[0], "--agent", "one") as one:
        one.begin()
        assert call(one, "lease", action="renew") == (
            "name the lease by `lease`, or by `feature` and `achievement`",
            True,
        )
        text, is_error = call(one, "lease", action="renew", lease="lse_0000000000000000")
        assert is_error
        assert "there is no lease" in text
        assert call(one, "lease", action="take")[1]


def since_an_earlier_session(root: Path) -> str:
    """Return what a server says about a prompt that an earlier server gave."""
    with raw_server(root) as first:
        first.begin()
        prompt = call(first, "next", feature="CHECKOUT")[0].split("\n")[0].removeprefix("prompt ").split(" ")[0]
        says = call(first, "next", feature="CHECKOUT", since=prompt)[0].split("\n")[1]
        assert says.endswith(" tokens are new")
    with raw_server(root) as second:
        second.begin()
        says = call(second, "next", feature="CHECKOUT", since=prompt)[0].split("\n")[1]
    assert says.startswith(f"since {prompt}: ")
    return says.removeprefix(f"since {prompt}: ")


def test_a_new_session_may_name_a_prompt_of_the_last_day(trees: tuple[Path, Path]) -> None:
    assert since_an_earlier_session(trees[0]).endswith(" tokens are new")


def test_without_a_cache_a_new_session_knows_no_earlier_prompt(trees: tuple[Path, Path]) -> None:
    (trees[0] / "planmark.toml").write_text("[cache]\nenable = false\n")
    said = since_an_earlier_session(trees[0])
    assert said == "no prompt of the last day in this workspace has this id; read all of it"
