"""Attempts for tests: an order for the fake agent, its supervisor as a process, and what is left of both."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from conftest import REPOSITORY
from planmark.run.attempts import AttemptOrder, AttemptResult, attempt_folder, read_result, write_order
from planmark.run.supervision import start_supervisor
from planmark.storage.processes import has_ended

FAKE_AGENT = REPOSITORY / "tests" / "fake_agent.py"
LEASE = "lse_00000000000000aa"
SECONDS = 180.0
"""Time after which a condition counts as never true."""


def fake_agent(mode: str, *arguments: str) -> tuple[str, ...]:
    """Return the command line of the fake agent in a mode."""
    return (sys.executable, "-S", "-E", str(FAKE_AGENT), mode, *arguments)


def order_of(base: Path, argv: tuple[str, ...], **changes: Any) -> AttemptOrder:
    """Return an order with short limits. The agent works in a folder below `base`."""
    tree = base / "tree"
    tree.mkdir(exist_ok=True)
    order = AttemptOrder(
        run="run-1",
        attempt=1,
        lease=LEASE,
        agent="fake",
        argv=argv,
        cwd=str(tree),
        workspace=str(tree),
        result="claude-json",
        env=("PATH", "HOME"),
        timeout=SECONDS,
        idle=SECONDS,
        linger=SECONDS,
        grace=SECONDS,
        renew_seconds=SECONDS,
    )
    return msgspec.structs.replace(order, **changes)


def write_attempt(base: Path, order: AttemptOrder, prompt: str = "# PAY 1.1: Refunds\n") -> Path:
    """Write an order, and return the folder of its attempt."""
    folder = attempt_folder(base / "runs", order.run, order.attempt)
    write_order(folder, order, prompt)
    return folder


def finished_attempt(folder: Path) -> AttemptResult:
    """Start a supervisor, wait for its end, and return the result."""
    supervisor = start_supervisor(folder)
    wait_until(lambda: has_ended(supervisor), "the end of the supervisor")
    result = read_result(folder)
    assert result is not None, (folder / "supervisor.log").read_text(encoding="utf-8")
    return result


def run_attempt(base: Path, mode: str, *arguments: str, prompt: str = "# PAY 1.1\n", **changes: Any) -> AttemptResult:
    """Run the fake agent in a mode under a supervisor, and return the result."""
    return finished_attempt(write_attempt(base, order_of(base, fake_agent(mode, *arguments), **changes), prompt))


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Return when a condition is true. Fails after SECONDS."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, f"waited {SECONDS:g} s for {what}"
        time.sleep(0.02)
