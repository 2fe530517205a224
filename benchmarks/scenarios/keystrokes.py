"""Typing in a PLAN of 3,000 lines, as a user feels it: diagnostics, hovers and lenses after each letter.

The server waits for a pause in typing before it sends diagnostics. Here that wait is off, as the goals ask. Only the storm
keeps it, as users have it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.harness import Ground, Workspace, repeat, summary
from benchmarks.intervals import ratio
from benchmarks.monitor import Monitor
from benchmarks.operations import LIFE, take_turn, targets
from benchmarks.rpc import BARE, UNDELAYED, WATCHED, Server
from benchmarks.scenarios.race import HOVER_EVERY, STORM_RATE, achievement_of, floors

ASKED = {
    "hover": "textDocument/hover",
    "lenses": "textDocument/codeLens",
    "actions": "textDocument/codeAction",
    "symbols": "textDocument/documentSymbol",
}
SETTLED_SECONDS = 0.5
PATIENCE_SECONDS = 120.0
BURST_TASKS = 1.3
"""Tasks for each file of the burst; more than one, because some files hold several."""
SECTIONS = 5
"""Number of keystrokes for which the parsed sections are counted."""


def run(ground: Ground) -> dict[str, Any]:
    """Return the results by number of files, and those of scenarios that run on one size."""
    sizes = ground.profile.typing_files
    return {
        "starts": _starts(ground, ground.of_files(sizes[0])),
        "empty_bytes": _empty(ground),
        "files": {str(files): _typed(ground, ground.of_files(files)) for files in sizes},
        "storm": _storm(ground, ground.of_files(sizes[0])),
        "burst": _burst(ground),
    }


class Editor:
    """A client with the long PLAN open in a server."""

    def __init__(self, server: Server, workspace: Workspace) -> None:
        text = workspace.long.read_bytes().decode("utf-8")
        self.lines = text.replace("\r\n", "\n").split("\n")
        self.line = next(
            i for i, line in enumerate(self.lines) if i > len(self.lines) // 2 and line and line[0].isalpha()
        )
        self.server, self.uri, self.version = server, server.open(workspace.long, text), 1
        self.document = {"textDocument": {"uri": self.uri}}
        self.place = {**self.document, "position": achievement_of(self.lines)._asdict()}

    def edit(self, line: int, columns: tuple[int, int] = (0, 0), text: str = "x") -> None:
        """Replace a part of one line."""
        self.version += 1
        self.server.change(self.uri, self.version, line, columns, text)

    def published(self, line: int, columns: tuple[int, int] = (0, 0), text: str = "x") -> float:
        """Replace a part of one line; return the seconds until diagnostics that include the change arrive.

        No earlier change may be pending.
        """
        since, started = len(self.server.notifications), time.perf_counter()
        self.edit(line, columns, text)
        # Only one edit is pending, so the next diagnostics include it, even if they name a different version.
        arrival = self.server.told(
            "textDocument/publishDiagnostics", lambda params: params["uri"] == self.uri, since, PATIENCE_SECONDS
        )
        return arrival.at - started

    def settle(self) -> None:
        """Wait until the server has sent no notification for `SETTLED_SECONDS`."""
        seen = -1
        while seen != len(self.server.notifications):
            seen = len(self.server.notifications)
            time.sleep(SETTLED_SECONDS)

    def asked(self, name: str) -> Callable[[int], float]:
        """Return a function that edits, sends request `name` at once, and returns the seconds until the response."""
        whole = {"start": {"line": self.line, "character": 0}, "end": {"line": self.line, "character": 1}}
        further: dict[str, dict[str, Any]] = {
            "actions": {"range": whole, "context": {"diagnostics": []}},
            "hover": self.place,
        }
        params = {**self.document, **further.get(name, {})}

        def once(_: int) -> float:
            self.edit(self.line)
            return self.server.timed(ASKED[name], params)[1]

        return once


def _starts(ground: Ground, workspace: Workspace) -> dict[str, Any]:
    """Start both servers in turns; return percentiles of the milliseconds from the start of the process."""
    found: dict[str, list[float]] = {"bare_initialize": [], "initialize": [], "first_findings": []}
    for _ in range(ground.profile.starts):
        ground.interpreter()
        with Server(BARE) as server:
            server.initialize(workspace.root)
            found["bare_initialize"].append(time.perf_counter() - server.started)
        with Server(WATCHED) as server:
            server.initialize(workspace.root)
            found["initialize"].append(time.perf_counter() - server.started)
            found["first_findings"].append(_first_findings(server, workspace))
    pairs = list(zip(found["bare_initialize"], found["initialize"], strict=True))
    interval = [round(value, 3) for value in ratio(pairs)] if len(pairs) > 5 else None
    return {**{name: summary(times) for name, times in found.items()}, "ratio": interval}


def _first_findings(server: Server, workspace: Workspace) -> float:
    uri = server.open(workspace.long)
    arrival = server.told("textDocument/publishDiagnostics", lambda params: params["uri"] == uri, patience=600)
    return arrival.at - server.started


def _empty(ground: Ground) -> int:
    """Return the resident bytes of a server whose folder has no documents."""
    root = ground.folder / "empty"
    (root / "work-space").mkdir(parents=True, exist_ok=True)
    with Server(WATCHED) as server:
        server.initialize(root)
        server.told("planmark/serverStatus", lambda status: status["quiescent"])
        server.request("planmark/status")
        return server.memory()


def _typed(ground: Ground, workspace: Workspace) -> dict[str, Any]:
    profile = ground.profile

    def many(work: Callable[[int], float]) -> dict[str, float]:
        return summary(repeat(work, profile.repeats, profile.most_seconds))

    ground.forget_what_was_kept()
    with Server(UNDELAYED) as server:
        server.initialize(workspace.root)
        first = _first_findings(server, workspace)
        server.told("planmark/serverStatus", lambda status: status["quiescent"], patience=600)
    with Server(UNDELAYED) as server:
        server.initialize(workspace.root)
        initialized = time.perf_counter()
        server.open(workspace.long)
        server.told("planmark/serverStatus", lambda status: status["quiescent"], patience=600)
        server.request("planmark/status")
        found: dict[str, Any] = {
            "floors": floors(workspace),
            "first_findings_s": round(first, 4),
            "start_after_initialize_s": round(time.perf_counter() - initialized, 4),
            "memory_bytes": server.memory(),
            "documents_read": server.request("planmark/metrics/get")["index"]["documentsRead"],
        }
        server.notify("textDocument/didClose", {"textDocument": {"uri": workspace.long.as_uri()}})
        editor = Editor(server, workspace)
        before = _sections(server)
        for _ in range(SECTIONS):
            editor.edit(editor.line)
            server.request("textDocument/hover", editor.place)
        found["sections_per_keystroke"] = (_sections(server) - before) / SECTIONS
        editor.settle()
        found["keystroke"] = many(lambda _: editor.published(editor.line))
        found["fence"] = many(lambda turn: editor.published(editor.line, (0, 0 if turn % 2 == 0 else 3), _fence(turn)))
        for name in ASKED:
            found[name] = many(editor.asked(name))
        result, spent = server.timed("workspace/symbol", {"query": "a"})
        found["workspace_symbols"] = {"found": len(result), "ms": round(spent * 1000, 2)}
        asked = {**editor.place, "context": {"includeDeclaration": True}}
        result, spent = server.timed("textDocument/references", asked)
        found["references_first"] = {"found": len(result or ()), "ms": round(spent * 1000, 2)}
        found["counting"] = _counting(server, editor, profile.repeats)
    return found


def _fence(turn: int) -> str:
    """Return the text that opens a fence in even turns, and the empty text that removes it in odd ones."""
    return "```" if turn % 2 == 0 else ""


def _sections(server: Server) -> int:
    parsed: int = server.request("planmark/metrics/get")["index"]["sectionsParsed"]
    return parsed


def _counting(server: Server, editor: Editor, repeats: int) -> dict[str, Any]:
    """Compare the slowest request (symbols of the long PLAN) with metrics counted and not counted, in pairs."""

    def spent(counting: bool) -> float:
        server.notify("bench/count", {"on": counting})
        return min(server.timed(ASKED["symbols"], editor.document)[1] for _ in range(3))

    pairs = []
    for pair in range(max(10, repeats // 5)):
        first = spent(pair % 2 == 0)
        second = spent(pair % 2 == 1)
        pairs.append((second, first) if pair % 2 == 0 else (first, second))
    return {"request": ASKED["symbols"], "ratio": [round(value, 4) for value in ratio(pairs)]}


def _storm(ground: Ground, workspace: Workspace) -> dict[str, Any]:
    """Type sixty letters a second, with hovers between them."""
    waiting: list[tuple[float, int]] = []
    with Server(WATCHED) as server:
        server.initialize(workspace.root)
        server.told("planmark/serverStatus", lambda status: status["quiescent"])
        editor = Editor(server, workspace)
        server.request("textDocument/hover", editor.place)
        with Monitor(server.process.pid) as monitor:
            began = time.perf_counter()
            for number in range(round(STORM_RATE * ground.profile.storm_seconds)):
                time.sleep(max(0.0, began + number / STORM_RATE - time.perf_counter()))
                editor.edit(editor.line)
                if number % HOVER_EVERY == 0:
                    waiting.append((time.perf_counter(), server.send(ASKED["hover"], editor.place)))
            answers = [server.answer(number, 300).at - sent for sent, number in waiting]
    return {
        "seconds": ground.profile.storm_seconds,
        "hover": summary(answers),
        "memory_last_over_first": round(monitor.between(0.8, 1.0) / monitor.between(0.1, 0.3), 4),
        "cpu_percent": round(monitor.cpu, 1),
    }


def _burst(ground: Ground) -> dict[str, Any]:
    """Imitate a branch switch: write every file again, change some states, and send one message about all of it."""
    workspace = ground.of_tasks(round(BURST_TASKS * ground.profile.burst_files), name="burst")
    root = workspace.root
    files = sorted(root.rglob("*.md"))[: ground.profile.burst_files]
    with Server(WATCHED) as server:
        server.initialize(root)
        server.told("planmark/serverStatus", lambda status: status["quiescent"], patience=600)
        server.request("planmark/status")
        server.request("bench/felt")
        events = [{"uri": path.as_uri(), "type": 2} for path in files]
        for path in files:
            path.write_bytes(path.read_bytes() + b"\n")
        wanted = {}
        for target in targets(workspace.written.expected)[:50]:
            for turn in range(len(LIFE) - 1):
                wanted[target.plan, target.achievement], paths = take_turn(root, target, turn)
                events += [{"uri": (root / path).as_uri(), "type": 1} for path in paths]
        started = time.perf_counter()
        server.notify("workspace/didChangeWatchedFiles", {"changes": events})
        result = server.request("planmark/status", None, 600)
        spent = time.perf_counter() - started
        felt = server.request("bench/felt")
    told = {
        (plan["path"], known["id"]): known["state"]
        for plan in result["workspaces"][0]["plans"]
        for known in plan["achievements"]
    }
    return {
        "events": len(events),
        "files": workspace.written.files,
        "seconds": round(spent, 3),
        "longest_turn_ms": round(felt["longest_turn"] * 1000, 2),
        "wrong": sum(told.get(name) != state for name, state in wanted.items()),
    }
