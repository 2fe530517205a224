"""The race: three servers on one workspace, with the same operations and the same client.

The bare server is the floor: pygls with handlers that do nothing. The Markdown server is the one inside VS Code. It does a
different job (links and headings) over the same files, and users wait for it today.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from benchmarks.harness import Ground, Workspace, repeat, summary, timed, walk_and_read, walk_and_stat
from benchmarks.monitor import Monitor
from benchmarks.rpc import BARE, MARKDOWN, OURS, RACE, RefusedError, Server, TimedOutError

STORM_RATE = 60
STORM_FILES = 5_000
"""Workspaces with this many files or more have no storm: a server that falls behind would only do so further."""
STORM_SHARE = 12
"""Factor by which the storm of the race is shorter than that of the scenario `keystrokes`."""
HOVER_EVERY = 6
MEMORY_OF_THE_PEER = {"SERVER_NODE_OPTIONS": "--max-old-space-size=8192"}


class Place(NamedTuple):
    """The place in a document that a request is about: 0-based line and column."""

    line: int
    character: int


def _ready_at_once(_server: Server, _patience: float) -> None:
    """Return at once, because the server reads nothing."""


def _ready_when_it_says(server: Server, patience: float) -> None:
    """Wait until the server has answered the state of every plan."""
    server.told("planmark/serverStatus", lambda status: status["quiescent"], patience=patience)
    result = server.request("planmark/status", None, patience)
    assert all(workspace["complete"] for workspace in result["workspaces"])


def _ready_when_it_finds(server: Server, patience: float) -> None:
    """Wait until the server has searched the headings of all files, open or not."""
    assert server.request("workspace/symbol", {"query": "PLAN"}, patience)


def achievement_of(lines: list[str]) -> Place:
    """Return the place of the first `Achievement 1.1` outside fences. Raises ValueError if the PLAN has none."""
    fenced = False
    for number, line in enumerate(lines):
        if line.startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and "Achievement 1.1" in line:
            return Place(number, line.index("1.1") + 1)
    raise ValueError("a PLAN without Achievement 1.1")


def _title(_lines: list[str]) -> Place:
    return Place(0, 4)


class Contestant(NamedTuple):
    """A server: its command, a function that waits until it is ready, and one that finds the place to ask about."""

    command: tuple[str, ...]
    ready: Callable[[Server, float], None]
    place: Callable[[list[str]], Place]


CONTESTANTS: dict[str, Contestant] = {
    "bare": Contestant(BARE, _ready_at_once, _title),
    "planmark": Contestant(OURS, _ready_when_it_says, achievement_of),
    "markdown": Contestant(MARKDOWN, _ready_when_it_finds, _title),
}


def run(ground: Ground) -> dict[str, Any]:
    """Return size → contestant → results, with the reason if a contestant gave up."""
    found: dict[str, Any] = {}
    for files in ground.profile.race_files:
        workspace = ground.of_files(files)
        found[str(files)] = {"floors": floors(workspace)}
        for name, contestant in CONTESTANTS.items():
            found[str(files)][name] = _raced(name, contestant, workspace, ground)
    return found


def floors(workspace: Workspace) -> dict[str, Any]:
    """Return the seconds of only walking and reading the same files, the best of three; and their number and size."""
    return {
        "walk_and_stat_s": round(min(timed(partial(walk_and_stat, workspace.root)) for _ in range(3)), 5),
        "walk_and_read_s": round(min(timed(partial(walk_and_read, workspace.root)) for _ in range(3)), 5),
        "files": workspace.written.files,
        "bytes": workspace.written.bytes,
        "plans": len(workspace.written.expected),
    }


def missing(name: str) -> str:
    """Return why a contestant cannot run here, or "" if it can."""
    if name != "markdown":
        return ""
    if shutil.which("node") is None:
        return "there is no node on the path"
    return "" if (RACE / "node_modules").is_dir() else "run `npm ci` in benchmarks/race"


def _raced(name: str, contestant: Contestant, workspace: Workspace, ground: Ground) -> dict[str, Any]:
    if reason := missing(name):
        return {"absent": reason}
    figures: dict[str, Any] = {}
    ground.forget_what_was_kept()
    with Server(contestant.command, MEMORY_OF_THE_PEER) as server:
        try:
            _run(server, contestant, workspace, ground, figures)
        except (TimedOutError, RefusedError) as error:
            figures["gave_up"] = str(error)
        if server.process.poll() is None:
            figures["memory_bytes"] = server.memory()
    return figures


def _run(server: Server, contestant: Contestant, workspace: Workspace, ground: Ground, figures: dict[str, Any]) -> None:
    """Run the operations and fill in `figures` after each of them, so that an error keeps the earlier results."""
    patience = ground.profile.patience
    server.initialize(workspace.root, pulls=True, patience=patience)
    figures["initialize_s"] = round(time.perf_counter() - server.started, 4)
    text = workspace.long.read_bytes().decode("utf-8")
    lines = text.replace("\r\n", "\n").split("\n")
    uri = server.open(workspace.long, text)
    figures["ready_s"] = None
    contestant.ready(server, patience)
    figures["ready_s"] = round(time.perf_counter() - server.started, 3)
    place = contestant.place(lines)._asdict()
    document = {"textDocument": {"uri": uri}}
    line = next(i for i, text in enumerate(lines) if i > len(lines) // 2 and text and text[0].isalpha())
    version = [1]

    def edit() -> None:
        version[0] += 1
        server.change(uri, version[0], line, (0, 0), "x")

    def after_edit(method: str, params: dict[str, Any]) -> dict[str, float]:
        def once(_: int) -> float:
            edit()
            return server.timed(method, params, patience)[1]

        return summary(repeat(once, ground.profile.repeats, ground.profile.most_seconds))

    figures["edit_to_diagnostics"] = after_edit("textDocument/diagnostic", document)
    figures["hover_after_edit"] = after_edit("textDocument/hover", {**document, "position": place})
    figures["symbols_after_edit"] = after_edit("textDocument/documentSymbol", document)
    asked = {**document, "position": place, "context": {"includeDeclaration": True}}
    for name in ("references_first_s", "references_again_s"):
        figures[name] = None
        result, spent = server.timed("textDocument/references", asked, patience)
        figures[name], figures["references_found"] = round(spent, 4), len(result or ())
    if workspace.written.files < STORM_FILES:
        _storm(server, edit, {**document, "position": place}, figures, ground)


def _storm(
    server: Server, edit: Callable[[], None], asked: dict[str, Any], figures: dict[str, Any], ground: Ground
) -> None:
    """Type 60 letters a second and ask for a hover at every sixth.

    Records the time of each answer, and how far the last answer is behind the typing.
    """
    waiting: list[tuple[float, int]] = []
    with Monitor(server.process.pid) as monitor:
        began = time.perf_counter()
        for number in range(round(STORM_RATE * ground.profile.storm_seconds / STORM_SHARE)):
            time.sleep(max(0.0, began + number / STORM_RATE - time.perf_counter()))
            edit()
            if number % HOVER_EVERY == 0:
                waiting.append((time.perf_counter(), server.send("textDocument/hover", asked)))
        typed = time.perf_counter()
        answers = [server.answer(number, ground.profile.patience).at - sent for sent, number in waiting]
    figures["storm_hover"] = summary(answers)
    figures["storm_behind_s"] = round(max(0.0, max(sent for sent, _ in waiting) + answers[-1] - typed), 3)
    figures["storm_cpu_percent"] = round(monitor.cpu, 1)
