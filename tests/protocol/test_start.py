"""Modules loaded before the first answer: those that it needs, and none that only later answers need."""

from __future__ import annotations

import json
import subprocess
import sys

from lsp_client import SECONDS, LocalClient, frame, recorded, with_roots
from planmark.lsp.handlers.registry import HANDLERS

LISTED = """
import json, sys
from planmark.cli.main import main
from planmark.lsp import transport

class Listing(transport.ThreadWriter):
    def write(self, data):
        print(json.dumps(sorted(sys.modules)), file=sys.stderr, flush=True)
        super().write(data)

transport.ThreadWriter = Listing
main(["serve"])
"""
"""A program that lists the loaded modules at every message of the server; the first message answers `initialize`."""
OURS = {
    "planmark",
    *(
        f"planmark.cli{name}"
        for name in (
            "",
            ".arguments",
            ".command_table",
            ".commands",
            ".commands.serve",
            ".context",
            ".dispatch",
            ".errors",
            ".failure_output",
            ".log_format",
            ".main",
            ".options",
        )
    ),
    *(f"planmark.metrics{name}" for name in ("", ".cache_stats", ".histogram", ".recorder", ".stats", ".trace")),
    "planmark.lsp",
    *(f"planmark.text{name}" for name in ("", ".as_json", ".encodings", ".lazy_pattern", ".visible")),
    *(
        f"planmark.lsp.{name}"
        for name in (
            "capabilities",
            "client",
            "command_titles",
            "connection",
            "engine",
            "errors",
            "gc_policy",
            "handlers",
            "handlers.registry",
            "malloc",
        )
    ),
    *(f"planmark.lsp.{name}" for name in ("lsp_ext", "params", "protocol", "slow_requests", "transport")),
}
FOREIGN = {"attr", "attrs", "cattr", "cattrs", "exceptiongroup", "lsprotocol", "msgspec", "pygls", "typing_extensions"}
"""Libraries, by their top-level names; all except `msgspec` come with pygls."""


def test_initialize_is_answered_before_the_server_is_imported() -> None:
    command = [sys.executable, "-c", LISTED]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as server:
        assert server.stdin and server.stderr
        request = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": with_roots(recorded(), [])}
        server.stdin.write(frame(request))
        server.stdin.flush()
        modules = set(json.loads(server.stderr.readline()))
        server.kill()
        server.wait(SECONDS)
    assert {name for name in modules if name.split(".")[0] == "planmark"} == OURS
    known = {*sys.stdlib_module_names, "planmark", "__main__", "__mp_main__"}
    found = {name.split(".")[0] for name in modules} - known
    assert {name for name in found if not name.startswith(("_", "sitecustomize"))} <= FOREIGN


def test_every_message_of_the_registry_has_a_handler(local: LocalClient) -> None:
    local.begin([])
    assert HANDLERS.keys() == local.server.protocol.fm.features.keys()
