"""Clients of `planmark mcp`: the SDK's over standard input and output, and one that writes raw lines."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters

T = TypeVar("T")

MODES = ("auto", "legacy", "2026-07-28")
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
ENVELOPE = {VERSION_KEY: "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
HANDSHAKE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "raw", "version": "1"},
}
ANSWER_SECONDS = 60
"""Maximum seconds in which a loaded machine answers."""


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a server: this one's, without what a host would set. Servers share compiled modules."""
    left_out = ("CLAUDE_", "PLANMARK_AGENT", "PYTHONDONTWRITEBYTECODE")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(left_out)}, **more}


@asynccontextmanager
async def client_of(root: Path, mode: str, *arguments: str, **options: Any) -> AsyncIterator[Client]:
    """Yield a client of a server that runs in `root`."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "planmark", "mcp", *arguments], cwd=root, env=environment()
    )
    async with Client(server, mode=mode, **options) as client:
        yield client


def talk(root: Path, mode: str, ask: Callable[[Client], Awaitable[T]], *arguments: str, **options: Any) -> T:
    """Return the result of `ask` with a client of a server that runs in `root`."""

    async def run() -> T:
        async with client_of(root, mode, *arguments, **options) as client:
            return await ask(client)

    return anyio.run(run)


async def text_of(client: Client, tool: str, **given: Any) -> str:
    """Call a tool and return its only text. Raises AssertionError if the answer is an error, or not one text."""
    result = await client.call_tool(tool, given)
    assert not result.is_error, result.content
    return only_text(result)


async def error_of(client: Client, tool: str, **given: Any) -> str:
    """Call a tool and return the text of its error."""
    result = await client.call_tool(tool, given)
    assert result.is_error
    return only_text(result)


def only_text(result: Any) -> str:
    """Return the only text block of a result."""
    assert [block.type for block in result.content] == ["text"]
    assert result.structured_content is None
    text: str = result.content[0].text
    return text


class RawServer:
    """A server in a subprocess that gets lines as they are."""

    def __init__(self, root: Path, *arguments: str, **more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "planmark", "mcp", *arguments],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(**more),
        )
        self.answers: queue.Queue[bytes | None] = queue.Queue()
        self.errors = bytearray()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._log, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put(None)

    def _log(self) -> None:
        assert self.process.stderr is not None
        while data := self.process.stderr.read1():
            self.errors += data

    def write(self, line: bytes) -> None:
        """Write a line; its line end is added."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def read(self) -> Any:
        """Return the next message of the server; None at the end of its output."""
        line = self.answers.get(timeout=ANSWER_SECONDS)
        return None if line is None else json.loads(line)

    def ask(self, method: str, params: Mapping[str, Any] | None = None, number: int | str = 1) -> Any:
        """Send a request and return the message that answers it."""
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": dict(params or {})}
        self.write(json.dumps(message).encode())
        while (answer := self.read()) is not None:
            if answer.get("id") == number:
                return answer
        raise AssertionError(f"no answer to {method}: {self.errors.decode(errors='replace')}")

    def begin(self, revision: str = "2025-11-25") -> Any:
        """Open a session, as before the revision 2026-07-28."""
        answer = self.ask("initialize", {**HANDSHAKE, "protocolVersion": revision}, "begin")
        self.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
        return answer

    def ended(self) -> int:
        """Return the exit code of the server, which ends by itself."""
        return self.process.wait(ANSWER_SECONDS)


@contextmanager
def raw_server(root: Path, *arguments: str, **more: str) -> Iterator[RawServer]:
    """Yield a server that gets lines as they are, and end it."""
    server = RawServer(root, *arguments, **more)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
        for stream in (server.process.stdin, server.process.stdout, server.process.stderr):
            if stream is not None:
                stream.close()
