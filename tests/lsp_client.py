"""A client of the language server for tests: plain JSON-RPC, to a subprocess or to a server in this process.

It answers the server's requests and remembers its notifications. At the end it asserts what a user must never see: a
request without an answer, a window, a traceback.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from conftest import REPOSITORY
from planmark.cli.commands.serve import import_factory
from planmark.lsp.connection import Connection
from planmark.lsp.server import Server
from planmark.lsp.transport import FrameParser

SECONDS = 120.0
"""Maximum wait in seconds, also on a busy machine. A passing test waits only until the expected message comes."""
RECORDED = REPOSITORY / "tests" / "data" / "initialize_vscode_1.139.json"


class AnswerError(Exception):
    """An error response."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.data = error.get("data")


def frame(message: Any) -> bytes:
    """Return a message with its header."""
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class Client:
    """The part that sends and receives; a transport sets `write`."""

    def __init__(self) -> None:
        self.notifications: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.responses: dict[Any, dict[str, Any]] = {}
        self.answers: dict[str, Callable[[Any], Any]] = {
            "workspace/configuration": lambda params: [None for _ in params["items"]],
            "workspace/applyEdit": lambda _: {"applied": True},
            "window/showDocument": lambda _: {"success": True},
        }
        self.write: Callable[[bytes], None]
        self._frames = FrameParser()
        self._changed = threading.Condition()
        self._number = 0

    def feed(self, data: bytes) -> None:
        """Read the server's bytes."""
        for body in self._frames.feed(data):
            message = json.loads(body)
            assert message["jsonrpc"] == "2.0"
            with self._changed:
                if "method" not in message:
                    assert message["id"] not in self.responses, f"two answers to {message['id']}"
                    self.responses[message["id"]] = message
                elif "id" in message:
                    self.requests.append(message)
                else:
                    self.notifications.append(message)
                self._changed.notify_all()
            if "method" in message and "id" in message:
                answer = self.answers.get(message["method"], lambda _: None)
                result = answer(message.get("params"))
                if result is not NO_ANSWER:
                    self.write(frame({"jsonrpc": "2.0", "id": message["id"], "result": result}))

    def message(self, method: str, params: Any = None) -> tuple[int, bytes]:
        """Return the id and the bytes of a request, without sending it."""
        self._number += 1
        return self._number, frame({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})

    def send(self, method: str, params: Any = None) -> int:
        """Send a request and return its id; `result` waits for its answer."""
        number, data = self.message(method, params)
        self.write(data)
        return number

    def result(self, number: int) -> Any:
        """Return the result of a request. Raises AnswerError for an error response."""
        self.until(lambda: number in self.responses, f"an answer to request {number}")
        response = self.responses[number]
        if "error" in response:
            raise AnswerError(response["error"])
        return response["result"]

    def request(self, method: str, params: Any = None) -> Any:
        """Send a request and wait for its result. Raises AnswerError for an error response."""
        return self.result(self.send(method, params))

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self.write(frame({"jsonrpc": "2.0", "method": method, "params": params}))

    def until(self, true: Callable[[], object], what: str) -> None:
        """Wait until a condition on the received messages is true."""
        with self._changed:
            assert self._changed.wait_for(true, SECONDS), f"waited {SECONDS} s for {what}"

    def told(self, method: str, fits: Callable[[Any], object] = lambda _: True) -> Any:
        """Wait for the first notification that fits, and return its parameters."""

        def found() -> list[Any]:
            return [n["params"] for n in self.notifications if n["method"] == method and fits(n["params"])]

        self.until(found, method)
        return found()[0]

    def asked(self, method: str, number: int = 1) -> Any:
        """Wait for the `number`th request of the server with this method, and return its parameters."""

        def found() -> list[Any]:
            return [r.get("params") for r in self.requests if r["method"] == method]

        self.until(lambda: len(found()) >= number, f"{method} number {number}")
        return found()[number - 1]

    def command(self, name: str, argument: Any = None) -> Any:
        """Run a command of the server."""
        return self.request("workspace/executeCommand", {"command": name, "arguments": [argument] if argument else []})

    def begin(self, roots: Sequence[Path], initialize: dict[str, Any] | None = None) -> dict[str, Any]:
        """Initialize with folders and wait until the server has read them; return the server's capabilities."""
        params = initialize if initialize is not None else with_roots(recorded(), roots)
        result: dict[str, Any] = self.request("initialize", params)
        self.notify("initialized", {})
        self.told("planmark/serverStatus", lambda status: status["quiescent"])
        return result

    def open(self, path: Path, text: str | None = None, version: int = 1) -> str:
        """Open a document and return its URI."""
        uri = path.as_uri()
        text = path.read_bytes().decode("utf-8-sig") if text is None else text
        item = {"uri": uri, "languageId": "markdown", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, version: int, text: str, span: tuple[int, int, int, int] | None = None) -> None:
        """Change a range (lines and columns as in the protocol) of a document, or all of it."""
        change: dict[str, Any] = {"text": text}
        if span is not None:
            start, end = {"line": span[0], "character": span[1]}, {"line": span[2], "character": span[3]}
            change["range"] = {"start": start, "end": end}
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def files_changed(self, *changes: tuple[Path, int]) -> None:
        """Report files that were created (1), changed (2) or deleted (3)."""
        events = [{"uri": path.as_uri(), "type": kind} for path, kind in changes]
        self.notify("workspace/didChangeWatchedFiles", {"changes": events})

    def assert_unseen(self) -> None:
        """Assert that the server showed no window and that every request was answered."""
        windows = [n for n in self.notifications if n["method"] in ("window/showMessage", "window/logMessage")]
        assert windows == []
        assert [r for r in self.requests if r["method"] == "window/showMessageRequest"] == []
        assert set(range(1, self._number + 1)) <= self.responses.keys(), "a request was not answered"


NO_ANSWER = object()
"""Return value of an answer function that makes the server wait in vain."""


SLOWNESS = ("slow request: ", " has been running for more than ")
"""Words of the warnings about the time that something takes."""


class ProcessClient(Client):
    """A client of `planmark serve` in a subprocess."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-m", "planmark", "serve")) -> None:
        super().__init__()
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
        self.log = ""
        self.write = self._write
        for work in (self._read, self._read_log):
            threading.Thread(target=work, daemon=True).start()

    def close(self, *, log: str = "") -> None:
        """Shut the server down and assert a clean end. The log may hold warnings only if it contains `log`."""
        self.request("shutdown")
        self.notify("exit")
        assert self.process.wait(SECONDS) == 0
        self.assert_unseen()
        assert "Traceback" not in self.log
        if log:
            assert log in self.log
        else:
            # How slow the machine is depends on what else it does.
            lines = self.log.splitlines()
            assert [line for line in lines if not any(words in line for words in SLOWNESS)] == []

    def kill(self) -> None:
        """Kill the process if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SECONDS)

    def _write(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout
        while data := os.read(self.process.stdout.fileno(), 65536):
            self.feed(data)

    def _read_log(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.log += line.decode()


ENDLESS_LOOPS = 2
"""Background tasks of a server that never end: the watchdog and the housekeeping."""


class LocalClient(Client):
    """A client of a server in this process, so that a test can watch and slow down the server's parts."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = Connection(import_factory)
        self.exit_code: int | None = None
        self._loop = asyncio.new_event_loop()
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._running.wait(SECONDS)
        self.write = self._write

    def close(self) -> None:
        """Shut the server down and assert a clean end."""
        self.request("shutdown")
        self.notify("exit")
        self._thread.join(SECONDS)
        assert self.exit_code == 0
        self.assert_unseen()

    @property
    def server(self) -> Server:
        """The server. It loads some time after `initialize`; the property waits for that."""
        assert eventually(lambda: self.connection.server)
        assert isinstance(self.connection.server, Server)
        return self.connection.server

    def settle(self) -> None:
        """Wait until the server has nothing left to scan or publish: only its two endless loops still run."""

        def is_at_rest() -> bool:
            sessions = list(self.server.workspace.folders.values())
            return len(self.connection._tasks) <= ENDLESS_LOOPS and all(
                session.is_ready and session._publish_timer is None and not session.is_publishing
                for session in sessions
            )

        # The answer tells that the server has received every message before it.
        self.request("planmark/status")
        assert eventually(is_at_rest)

    def stop(self) -> None:
        """End the server without the shutdown sequence, unless it has ended."""
        with contextlib.suppress(RuntimeError):  # Its loop is closed.
            self._loop.call_soon_threadsafe(self.connection.end, "test")
        self._thread.join(SECONDS)

    def _write(self, data: bytes) -> None:
        def deliver() -> None:
            for body in self._incoming.feed(data):
                self.connection.protocol.receive(body)

        self._loop.call_soon_threadsafe(deliver)

    def _run(self) -> None:
        self._incoming = FrameParser()

        class Writer:
            def __init__(self, client: Client) -> None:
                self._client = client

            def write(self, data: bytes) -> None:
                self._client.feed(data)

            def close(self) -> None:
                pass

        async def serve() -> int:
            ended: asyncio.Future[int] = self._loop.create_future()
            self.connection.run(self._loop, ended)
            self.connection.protocol.set_writer(Writer(self))
            self._running.set()
            return await ended

        asyncio.set_event_loop(self._loop)
        try:
            self.exit_code = self._loop.run_until_complete(serve())
        finally:
            self._release()

    def _release(self) -> None:
        """Do what the end of a server's process does: close its files, and collect garbage as usual again."""
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()
        sessions = self.connection.server.workspace.folders.values() if self.connection.server else ()
        for session in sessions:
            if not self.connection.has_stuck_job and (store := session.worker.index.entries.store):
                session.worker._writer.shutdown()
                store.close()
        gc.unfreeze()
        gc.enable()


def recorded() -> dict[str, Any]:
    """Return the parameters of `initialize` as VS Code 1.139 sends them, without its folders."""
    data: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return data


def bare() -> dict[str, Any]:
    """Return the parameters of `initialize` from an editor that supports only the core of the protocol."""
    return {"processId": None, "clientInfo": {"name": "bare"}, "capabilities": {}}


def with_roots(params: dict[str, Any], roots: Sequence[Path]) -> dict[str, Any]:
    """Return the parameters of `initialize` with folders added."""
    uris = [root.as_uri() for root in roots]
    folders = [{"uri": uri, "name": root.name} for uri, root in zip(uris, roots, strict=True)]
    return {**params, "rootUri": uris[0] if uris else None, "rootPath": None, "workspaceFolders": folders or None}


def eventually(true: Callable[[], object], seconds: float = SECONDS) -> bool:
    """Tell whether a condition comes true within `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
