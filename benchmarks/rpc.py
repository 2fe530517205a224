"""Client for any language server: raw JSON-RPC over standard input and output, with the time of every arrival.

It uses no code of any server, so that the same client and the same clock measure all of them.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import psutil

PATIENCE_SECONDS = 60.0
WHOLE_TEXTS = 1
"""`TextDocumentSyncKind.Full` of the protocol."""
CONFIGURED = {
    "markdown": {
        "validate": {
            "enabled": True,
            "referenceLinks": {"enabled": "warning"},
            "fragmentLinks": {"enabled": "warning"},
            "fileLinks": {"enabled": "warning", "markdownFragmentLinks": "inherit"},
            "ignoredLinks": [],
            "unusedLinkDefinitions": {"enabled": "hint"},
            "duplicateLinkDefinitions": {"enabled": "warning"},
        },
        "suggest": {"paths": {"enabled": True, "includeWorkspaceHeaderCompletions": "never"}},
        "occurrencesHighlight": {"enabled": False},
    }
}
"""Settings of VS Code's Markdown server, with every check on."""
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "workspaceFolders": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]},
    },
    "window": {"workDoneProgress": True},
    "textDocument": {
        "synchronization": {"didSave": True},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
}


class TimedOutError(Exception):
    """A message that the server did not send in time, or before it ended."""


class RefusedError(Exception):
    """An error response."""


class Arrival(NamedTuple):
    """A message of the server, and the `time.perf_counter` at which its last byte was read."""

    at: float
    message: dict[str, Any]


class Server:
    """A language server as a child process. The client answers its requests with null.

    `capabilities` are what the server answers to `initialize`.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.started = time.perf_counter()
        self._log: list[bytes] = []
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
        )
        self.capabilities: dict[str, Any] = {}
        self.notifications: list[Arrival] = []
        self._responses: dict[int, Arrival] = {}
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._number = 0
        self._ended = False
        for work in (self._read, self._read_log, self._write_answers):
            threading.Thread(target=work, daemon=True).start()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.end()

    def initialize(self, root: Path, *, pulls: bool = False, patience: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Initialize the server with one folder. With `pulls`, the client says that it pulls diagnostics."""
        document = {**CAPABILITIES["textDocument"], **({"diagnostic": {}} if pulls else {})}
        params = {
            "processId": os.getpid(),
            "clientInfo": {"name": "benchmark"},
            "rootUri": root.as_uri(),
            "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
            "capabilities": {**CAPABILITIES, "textDocument": document},
            "initializationOptions": {"markdownFileExtensions": ["md"]},
        }
        result: dict[str, Any] = self.request("initialize", params, patience)
        self.capabilities = result["capabilities"]
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": CONFIGURED if pulls else {}})
        return result

    def send(self, method: str, params: Any = None) -> int:
        """Send a request; return its number."""
        with self._writing:
            self._number += 1
            number = self._number
        self._write({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return number

    def answer(self, number: int, patience: float = PATIENCE_SECONDS) -> Arrival:
        """Wait for the response to a request, for up to `patience` seconds.

        Raises RefusedError if the response is an error, and TimedOutError if it does not arrive.
        """
        self._wait(lambda: number in self._responses, f"the answer to request {number}", patience)
        arrival = self._responses.pop(number)
        if "error" in arrival.message:
            raise RefusedError(str(arrival.message["error"].get("message")))
        return arrival

    def request(self, method: str, params: Any = None, patience: float = PATIENCE_SECONDS) -> Any:
        """Send a request; return its result. Raises RefusedError and TimedOutError like `answer`."""
        return self.answer(self.send(method, params), patience).message["result"]

    def timed(self, method: str, params: Any = None, patience: float = PATIENCE_SECONDS) -> tuple[Any, float]:
        """Send a request; return its result, and the seconds until the response arrived."""
        started = time.perf_counter()
        arrival = self.answer(self.send(method, params), patience)
        return arrival.message["result"], arrival.at - started

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def told(
        self, method: str, fits: Callable[[Any], bool], since: int = 0, patience: float = PATIENCE_SECONDS
    ) -> Arrival:
        """Wait for the first notification of `method` whose parameters fit, from number `since` (0-based) on.

        Raises TimedOutError if it does not arrive.
        """
        seen = since

        def found() -> bool:
            nonlocal seen
            while seen < len(self.notifications):
                message = self.notifications[seen].message
                if message["method"] == method and fits(message.get("params")):
                    return True
                seen += 1
            return False

        self._wait(found, method, patience)
        return self.notifications[seen]

    def open(self, path: Path, text: str | None = None) -> str:
        """Open a document as version 1; return its URI."""
        uri = path.as_uri()
        text = path.read_bytes().decode("utf-8") if text is None else text
        item = {"uri": uri, "languageId": "markdown", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, version: int, line: int, columns: tuple[int, int], text: str) -> None:
        """Replace a part of one line of an open document."""
        start, end = ({"line": line, "character": column} for column in columns)
        change = {"range": {"start": start, "end": end}, "text": text}
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def takes_whole_texts(self) -> bool:
        """Tell whether the server reads the whole text from each change, instead of the changed part."""
        kind = self.capabilities.get("textDocumentSync")
        return (kind.get("change") if isinstance(kind, dict) else kind) == WHOLE_TEXTS

    def replace(self, uri: str, version: int, text: str, patience: float = PATIENCE_SECONDS) -> None:
        """Replace the whole text of an open document.

        A text is longer than a pipe, so a server that stops reading would block the client. If it does not read the text
        in time, it is killed. Raises TimedOutError if the server does not read the text to its end.
        """
        document = {"uri": uri, "version": version}
        waiting = threading.Timer(patience, self.process.kill)
        waiting.start()
        try:
            self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        except OSError as error:
            raise TimedOutError(f"version {version} of the text was not read") from error
        finally:
            waiting.cancel()

    def memory(self) -> int:
        """Return the resident bytes of the largest of the process and its children.

        The process may only be a wrapper, which is smaller than its server.
        """
        process = psutil.Process(self.process.pid)
        return max(one.memory_info().rss for one in (process, *process.children(recursive=True)))

    def log(self) -> str:
        """Return what the server has written to standard error so far."""
        return b"".join(self._log).decode("utf-8", "replace")

    def end(self, patience: float = 10.0) -> None:
        """Shut the server down. If it does not exit in time, kill it and its children."""
        if self.process.poll() is None:
            children = psutil.Process(self.process.pid).children(recursive=True)
            try:
                self.request("shutdown", None, patience)
                self.notify("exit")
                self.process.wait(patience)
            except (TimedOutError, RefusedError, OSError, subprocess.TimeoutExpired):
                for child in children:
                    if child.is_running():
                        child.kill()
                self.process.kill()
                self.process.wait()

    def _wait(self, true: Callable[[], bool], what: str, patience: float) -> None:
        with self._changed:
            came = self._changed.wait_for(lambda: true() or self._ended, patience)
            if not true():
                raise TimedOutError(f"{what} did not come within {patience:.0f} s" if not came else f"ended: {what}")

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self.process.stdin
        with self._writing:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout
        data = bytearray()
        while chunk := os.read(self.process.stdout.fileno(), 1 << 20):
            at = time.perf_counter()
            data += chunk
            for body in _bodies(data):
                self._take(Arrival(at, json.loads(body)))
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._answers.put(None)

    def _write_answers(self) -> None:
        """Answer the requests of the server, apart from the thread that reads.

        A server may write more before it reads on. The thread that reads must never wait for it.
        """
        while (answer := self._answers.get()) is not None:
            try:
                self._write(answer)
            except OSError:
                return

    def _read_log(self) -> None:
        assert self.process.stderr
        self._log.extend(self.process.stderr)

    def _take(self, arrival: Arrival) -> None:
        message = arrival.message
        if "method" in message and "id" in message:
            items = (message.get("params") or {}).get("items", ()) if "configuration" in message["method"] else None
            result = None if items is None else [None for _ in items]
            self._answers.put({"jsonrpc": "2.0", "id": message["id"], "result": result})
            return
        with self._changed:
            if "method" in message:
                self.notifications.append(arrival)
            else:
                self._responses[message["id"]] = arrival
            self._changed.notify_all()


def _bodies(data: bytearray) -> list[bytes]:
    """Remove every whole message from the front of `data`; return their bodies."""
    bodies = []
    while (end := data.find(b"\r\n\r\n")) >= 0:
        header = bytes(data[:end]).lower()
        length = int(header.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(data) < end + 4 + length:
            break
        bodies.append(bytes(data[end + 4 : end + 4 + length]))
        del data[: end + 4 + length]
    return bodies


RACE = Path(__file__).resolve().parent / "race"
BARE = (sys.executable, str(RACE / "baseline_server.py"))
OURS = (sys.executable, "-m", "planmark", "serve")
WATCHED = (sys.executable, str(RACE / "planmark_server.py"))
"""Planmark with two more messages for the benchmarks (`race/planmark_server.py`)."""
UNDELAYED = (*WATCHED, "--no-debounce")
MARKDOWN = ("node", str(RACE / "markdown.js"))
OXIDE = ("markdown-oxide",)
