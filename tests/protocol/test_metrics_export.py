"""Destinations of metrics besides the client: the file of records and an endpoint, and their failures."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import threading
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lsp_client import LocalClient, ProcessClient, eventually
from planmark.lsp import metrics_export
from planmark.lsp.endpoint import MAX_CONNECTIONS
from planmark.lsp.transport import ThreadWriter
from planmark.metrics.events import records_in_lines
from planmark.storage.file_lock import hold_lock
from planmark.storage.metrics_endpoints import running_endpoints
from planmark.workspace.event_log import RECORDS_LOCK_FILE, append_lines, read_records, records_folder
from prometheus_text import read_text
from sample_plan import PLAN

HOVER = "textDocument/hover"
CHECKOUT = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md"


def configured(client: LocalClient | ProcessClient, **metrics: Any) -> None:
    """Set the client's answer to the request for its settings."""
    client.answers["workspace/configuration"] = lambda params: [{"metrics": metrics} for _ in params["items"]]


def hovers(client: LocalClient | ProcessClient, uri: str, number: int = 1) -> None:
    for _ in range(number):
        client.request(HOVER, {"textDocument": {"uri": uri}, "position": {"line": 11, "character": 5}})


# The client


def test_a_client_that_does_not_read_gets_no_metrics(local: LocalClient, pay: Path) -> None:
    local.begin([pay])
    local.server.protocol.writer.get_write_buffer_size = lambda: 2_000_000  # type: ignore[union-attr]
    local.close()
    assert not [known for known in local.notifications if known["method"] == "planmark/metrics"]
    assert local.server.recorder.lost["client"] >= 1


def test_the_writer_counts_the_bytes_that_the_client_has_not_read() -> None:
    reading, writing = os.pipe()
    writer = ThreadWriter(writing, lambda: None)
    data = b"x" * 1_000_000
    writer.write(data)
    writer.write(data)
    assert writer.get_write_buffer_size() >= 1_000_000
    left = 2 * len(data)
    while left:
        left -= len(os.read(reading, left))
    assert eventually(lambda: writer.get_write_buffer_size() == 0)
    writer.close()
    os.close(reading)
    os.close(writing)


# The file of records


def test_every_request_is_recorded_in_the_file(local: LocalClient, example: Path) -> None:
    local.begin([example])
    uri = local.open(example / CHECKOUT)
    hovers(local, uri, 5)
    local.request("planmark/nextPrompt", {"feature": "@CHECKOUT"})
    assert eventually(lambda: local.server._export_settings is not None)
    local.close()
    lines = records_in_lines(read_records())
    assert lines.broken_count == 0
    counted = Counter(record.name for record in lines.records if record.kind == "request")
    figures = local.server.recorder.requests
    assert counted == {name: known.durations.count for name, known in figures.items() if name != "exit"}
    assert {record.feature for record in lines.records if record.name == HOVER} == {"CHECKOUT"}
    (prompt,) = [record for record in lines.records if record.kind == "prompt"]
    assert (prompt.feature, prompt.cache_hit) == ("CHECKOUT", False)
    assert {record.name for record in lines.records if record.kind == "cache"} == {
        "blocks",
        "documents",
        "plans",
        "prompts",
        "store",
    }
    assert local.server.recorder.lost == {}


def test_the_file_can_be_turned_off(local: LocalClient, pay: Path) -> None:
    configured(local, file=False)
    local.begin([pay])
    hovers(local, local.open(pay / PLAN))
    assert eventually(lambda: local.server._export_settings is not None)
    local.close()
    assert not records_folder().exists()


def test_an_unwritable_file_is_logged_once_and_breaks_nothing(process: ProcessClient, pay: Path, cache: Path) -> None:
    cache.mkdir(exist_ok=True)
    (cache / "metrics").write_text("x", encoding="utf-8")
    process.begin([pay])
    uri = process.open(pay / PLAN)
    hovers(process, uri)
    assert eventually(lambda: process.log)
    hovers(process, uri)
    assert eventually(lambda: process.request("planmark/metrics/get")["lost"].get("file", 0) > 3)
    process.close(log="cannot write records, which count as lost")
    assert process.log.count("cannot write records") == 1


def test_records_are_counted_as_lost_if_writing_is_too_slow(
    local: LocalClient, pay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_export, "MAX_PENDING_EVENTS", 10)
    monkeypatch.setattr(metrics_export, "FLUSH_SECONDS", 600.0)
    local.begin([pay])
    hovers(local, local.open(pay / PLAN), 30)
    assert local.server.recorder.lost["file"] >= 20
    local.close()


def test_a_server_waits_while_another_process_writes(
    local: LocalClient, pay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[TimeoutError] = []

    def tried(lines: bytes, max_bytes: int) -> None:
        try:
            append_lines(lines, max_bytes)
        except TimeoutError as error:
            refused.append(error)
            raise

    monkeypatch.setattr(metrics_export, "append_lines", tried)
    monkeypatch.setattr(metrics_export, "FLUSH_SECONDS", 0.05)
    append_lines(b"", 100)
    with hold_lock(records_folder() / RECORDS_LOCK_FILE, 1.0):
        local.begin([pay])
        hovers(local, local.open(pay / PLAN), 3)
        assert eventually(lambda: len(refused) >= 2)
    local.close()
    assert local.server.recorder.lost == {}
    names = [record.name for record in records_in_lines(read_records()).records]
    assert names.count(HOVER) == 3 and names.count("initialize") == 1


# The endpoint


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


def scrape(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        return dict(read_text(answer.read().decode("utf-8")))


def test_the_endpoint_serves_metrics_while_the_server_runs(local: LocalClient, pay: Path, port: int) -> None:
    configured(local, port=port)
    local.begin([pay])
    hovers(local, local.open(pay / PLAN), 3)
    assert eventually(lambda: list(running_endpoints()))
    requests = scrape(port)["planmark_request_total"]
    assert requests.value("planmark_request_total", method=HOVER, outcome="done") == 3
    assert scrape(port)["planmark_index_documents"].value("planmark_index_documents") == 1
    assert [endpoint.url for endpoint in running_endpoints()] == [f"http://127.0.0.1:{port}/metrics"]
    local.close()
    assert list(running_endpoints()) == []

    def closed() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    assert eventually(closed)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:9", 200),
        ("[::1]:9", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("", 403),
    ],
)
def test_the_endpoint_answers_only_programs_of_this_machine(
    local: LocalClient, pay: Path, port: int, host: str, status: int
) -> None:
    configured(local, port=port)
    local.begin([pay])
    assert eventually(lambda: running_endpoints())
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("GET", "/metrics", skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    assert connection.getresponse().status == status
    connection.close()
    local.close()


def test_idle_connections_do_not_pile_up(local: LocalClient, pay: Path, port: int) -> None:
    configured(local, port=port)
    local.begin([pay])
    assert eventually(lambda: running_endpoints())
    idle = [socket.create_connection(("127.0.0.1", port), 30) for _ in range(MAX_CONNECTIONS)]
    assert eventually(lambda: threads_of("process_request_thread") == MAX_CONNECTIONS)
    with socket.create_connection(("127.0.0.1", port), 30) as further:
        assert further.recv(1) == b""
    assert threads_of("process_request_thread") <= MAX_CONNECTIONS
    for connection in idle:
        connection.close()
    assert eventually(lambda: threads_of("process_request_thread") == 0)
    assert "planmark_request_total" in scrape(port)
    local.close()


def threads_of(name: str) -> int:
    """Return the number of threads that run a function of this name."""
    return sum(name in thread.name for thread in threading.enumerate())


def test_a_workspace_cannot_open_the_endpoint(local: LocalClient, pay: Path, port: int) -> None:
    """Check that the settings file of a workspace opens no port, because only the editor's user may do so."""
    (pay / "planmark.toml").write_text(f"[metrics]\nport = {port}\n", encoding="utf-8")
    local.begin([pay])
    assert eventually(lambda: local.server._export_settings is not None)
    assert local.server._export_settings is not None and local.server._export_settings.port == 0
    with pytest.raises(OSError, match="refused"):
        scrape(port)
    local.close()


def test_a_port_closes_with_the_folder_that_asked_for_it(
    local: LocalClient, pay: Path, example: Path, port: int
) -> None:
    """Check that nothing remains of a folder that the client removes."""

    def settings(params: Any) -> list[Any]:
        uris = [item.get("scopeUri") for item in params["items"]]
        return [{"metrics": {"port": port}} if uri == pay.as_uri() else {} for uri in uris]

    local.answers["workspace/configuration"] = settings
    local.begin([pay, example])
    assert eventually(lambda: list(running_endpoints()))
    event = {"added": [], "removed": [{"uri": pay.as_uri(), "name": "pay"}]}
    local.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    assert eventually(lambda: not list(running_endpoints()) and not is_listening(port))
    local.close()


def is_listening(port: int) -> bool:
    """Tell whether a process accepts connections at a port of this machine."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_changed_settings_open_and_close_the_exports(local: LocalClient, pay: Path, port: int) -> None:
    configured(local, port=port)
    local.begin([pay])
    assert eventually(lambda: list(running_endpoints()))
    configured(local, port=0, file=False)
    local.notify("workspace/didChangeConfiguration", {"settings": None})
    assert eventually(lambda: not list(running_endpoints()))
    assert local.server.recorder.event_sink is None
    configured(local, port=port)
    local.notify("workspace/didChangeConfiguration", {"settings": None})
    assert eventually(lambda: list(running_endpoints()))
    hovers(local, local.open(pay / PLAN))
    assert scrape(port)["planmark_request_total"].value("planmark_request_total", method=HOVER, outcome="done") == 1
    local.close()


def test_a_port_in_use_is_logged_and_breaks_nothing(
    local: LocalClient, pay: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        configured(local, port=other.getsockname()[1])
        local.begin([pay])
        assert eventually(lambda: "cannot listen on metrics.port" in caplog.text)
        hovers(local, local.open(pay / PLAN), 2)
        assert list(running_endpoints()) == []
        local.close()
    assert local.server.recorder.requests[HOVER].durations.count == 2


@pytest.mark.parametrize("wrong", [-1, 70_000])
def test_an_invalid_port_is_logged(local: LocalClient, pay: Path, caplog: pytest.LogCaptureFixture, wrong: int) -> None:
    configured(local, port=wrong)
    local.begin([pay])
    assert eventually(lambda: f"cannot listen on metrics.port {wrong}" in caplog.text)
    local.close()


def test_a_scraper_that_does_not_read_delays_no_request(local: LocalClient, pay: Path, port: int) -> None:
    configured(local, port=port)
    local.begin([pay])
    assert eventually(lambda: list(running_endpoints()))
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
    for connection in silent[:3]:
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
    hovers(local, local.open(pay / PLAN), 2)
    assert scrape(port)["planmark_request_total"].value("planmark_request_total", method=HOVER, outcome="done") == 2
    for connection in silent:
        connection.close()
    local.close()


def test_a_deleted_cache_folder_is_created_again(local: LocalClient, pay: Path, cache: Path) -> None:
    local.begin([pay])
    uri = local.open(pay / PLAN)
    hovers(local, uri)
    assert eventually(lambda: records_folder().exists())
    shutil.rmtree(cache)
    hovers(local, uri)
    local.close()
    assert HOVER in {record.name for record in records_in_lines(read_records()).records}
