"""A job that does not end: the health names it, `shutdown` is answered, and `exit` still ends the process."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsp_client import SECONDS, LocalClient, ProcessClient, eventually
from planmark.lsp import connection, housekeeping, server_status
from planmark.lsp.handlers import hover, lifecycle
from planmark.lsp.to_lsp import RequestContext
from sample_plan import PLAN

HOVER = "textDocument/hover"
ANSWER = hover.handle
PLANTED = """
import sys, threading
from planmark.cli.main import entry
from planmark.lsp import engine
run = engine._run_job
def begun(job):
    if job.name == "textDocument/hover":
        print("it hangs", file=sys.stderr, flush=True)
        threading.Event().wait()
    return run(job)
engine._run_job = begun
sys.argv = ["planmark", "serve"]
entry()
"""


class Endless:
    """A hover that does not end until the test lets it."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, context: RequestContext, path: str, params: Any) -> Any:
        self.begun.set()
        assert self.go_on.wait(SECONDS)
        return ANSWER(context, path, params)


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endless]:
    answer = Endless()
    monkeypatch.setattr(hover, "handle", answer)
    monkeypatch.setattr(housekeeping, "ROUND_SECONDS", 0.01)
    yield answer
    answer.go_on.set()


def _hover(uri: str) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": 11, "character": 5}}


def test_a_job_that_does_not_end_is_reported_in_the_status_and_once_in_the_log(
    endless: Endless, pay: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    local = LocalClient()
    local.begin([pay])
    number = local.send(HOVER, _hover((pay / PLAN).as_uri()))
    assert endless.begun.wait(SECONDS)
    with caplog.at_level(logging.WARNING):
        monkeypatch.setattr(server_status, "OVERDUE_JOB_SECONDS", 0.0)
        status = local.told("planmark/serverStatus", lambda status: HOVER in status["message"])
        assert status["health"] == "warning"
        assert PLAN in status["message"] and "restart" in status["message"]
        ticks = _count_ticks(local, monkeypatch)
        assert eventually(lambda: len(ticks) > 3)
    assert len([record for record in caplog.records if HOVER in record.getMessage()]) == 1
    monkeypatch.setattr(server_status, "OVERDUE_JOB_SECONDS", 3600.0)
    endless.go_on.set()
    local.result(number)
    local.until(
        lambda: (
            [n for n in local.notifications if n["method"] == "planmark/serverStatus"][-1]["params"]["health"] == "ok"
        ),
        "a status without the job",
    )
    local.close()


def _count_ticks(local: LocalClient, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    ticks: list[None] = []
    tell = local.server.publish_overdue_job

    def counted() -> None:
        ticks.append(None)
        tell()

    monkeypatch.setattr(local.server, "publish_overdue_job", counted)
    return ticks


def test_shutdown_is_answered_and_exit_ends_the_server_while_a_job_runs(
    endless: Endless, pay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "CLOSE_SECONDS", 0.01)
    monkeypatch.setattr(connection, "STOP_SECONDS", 0.01)
    local = LocalClient()
    local.begin([pay])
    number = local.send(HOVER, _hover((pay / PLAN).as_uri()))
    assert endless.begun.wait(SECONDS)
    local.close()
    assert local.responses[number]["error"]["code"] == -32800
    assert local.connection.has_stuck_job
    assert not endless.go_on.is_set()


@pytest.mark.parametrize(("last", "code"), [(("shutdown", "exit"), 0), (("exit",), 1)])
def test_a_process_ends_while_a_job_runs(pay: Path, last: tuple[str, ...], code: int) -> None:
    client = ProcessClient((sys.executable, "-c", PLANTED))
    try:
        client.begin([pay])
        client.send(HOVER, _hover((pay / PLAN).as_uri()))
        assert eventually(lambda: "it hangs" in client.log)
        if "shutdown" in last:
            client.request("shutdown")
        client.notify("exit")
        assert client.process.wait(SECONDS) == code
        assert "Traceback" not in client.log
    finally:
        client.kill()
