"""The race: four servers on one workspace, with the same operations and the same client.

The bare server is the floor: pygls with handlers that do nothing. The Markdown server is the one inside VS Code. It does a
different job (links and headings) over the same files, and users wait for it today. markdown-oxide does a similar job, in
Rust.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from benchmarks.harness import Ground, Workspace, repeat, summary, timed, walk_and_read, walk_and_stat
from benchmarks.monitor import Monitor
from benchmarks.rpc import BARE, MARKDOWN, OURS, OXIDE, RACE, RefusedError, Server, TimedOutError

STORM_RATE = 60
STORM_FILES = 5_000
"""Workspaces with this many files or more have no storm: a server that falls behind would only do so further."""
STORM_SHARE = 12
"""Factor by which the storm of the race is shorter than that of the scenario `keystrokes`."""
HOVER_EVERY = 6
PUBLISHED = "textDocument/publishDiagnostics"
POLL_SECONDS = 0.02
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
    """Wait until the server finds headings in the files, open or not. Raises TimedOutError if it finds none in time."""
    end = time.perf_counter() + patience
    while not server.request("workspace/symbol", {"query": "PLAN"}, patience):
        if time.perf_counter() > end:
            raise TimedOutError(f"no heading was found within {patience:.0f} s")
        time.sleep(POLL_SECONDS)


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
    """A server: its command, a function that waits until it is ready, and one that finds the place to ask about.

    Each of `needs` is a test whether something is there, and the reason why the server cannot run without it.
    """

    command: tuple[str, ...]
    ready: Callable[[Server, float], None]
    place: Callable[[list[str]], Place]
    needs: tuple[tuple[Callable[[], object], str], ...] = ()


CONTESTANTS: dict[str, Contestant] = {
    "bare": Contestant(BARE, _ready_at_once, _title),
    "planmark": Contestant(OURS, _ready_when_it_says, achievement_of),
    "markdown": Contestant(
        MARKDOWN,
        _ready_when_it_finds,
        _title,
        (
            (partial(shutil.which, MARKDOWN[0]), "there is no node on the path"),
            ((RACE / "node_modules").is_dir, "run `npm ci` in benchmarks/race"),
        ),
    ),
    "oxide": Contestant(
        OXIDE,
        _ready_when_it_finds,
        _title,
        (
            (
                partial(shutil.which, OXIDE[0]),
                "there is no markdown-oxide on the path. Get it with `cargo install --locked --git "
                "https://github.com/Feel-ix-343/markdown-oxide.git markdown-oxide`",
            ),
        ),
    ),
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
    return next((reason for is_there, reason in CONTESTANTS[name].needs if not is_there()), "")


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
    contestant.ready(server, patience)
    figures["ready_s"] = round(time.perf_counter() - server.started, 3)
    place = contestant.place(lines)._asdict()
    document = {"textDocument": {"uri": uri}}
    line = next(i for i, text in enumerate(lines) if i > len(lines) // 2 and text and text[0].isalpha())
    edit = _typist(server, uri, lines, line, patience)
    after_edit = partial(_answered_after, server, edit, patience)
    diagnosed = partial(after_edit, "textDocument/diagnostic", document)
    if not server.capabilities.get("diagnosticProvider"):
        _wait_for_the_opening(server, patience)
        diagnosed = partial(_published_after, server, edit, patience)
    operations = {
        "edit_to_diagnostics": diagnosed,
        "hover_after_edit": partial(after_edit, "textDocument/hover", {**document, "position": place}),
        "symbols_after_edit": partial(after_edit, "textDocument/documentSymbol", document),
    }
    for name, once in operations.items():
        figures[name] = summary(repeat(once, ground.profile.repeats, ground.profile.most_seconds))
    asked = {**document, "position": place, "context": {"includeDeclaration": True}}
    for name in ("references_first_s", "references_again_s"):
        result, spent = server.timed("textDocument/references", asked, patience)
        figures[name], figures["references_found"] = round(spent, 4), len(result or ())
    if workspace.written.files < STORM_FILES:
        _storm(server, edit, {**document, "position": place}, figures, ground)


def _typist(server: Server, uri: str, lines: list[str], line: int, patience: float) -> Callable[[], int]:
    """Return a function that types a letter at the start of a line and returns the version of the document."""
    version = 1

    def edit() -> int:
        nonlocal version
        version += 1
        if server.takes_whole_texts():
            lines[line] = f"x{lines[line]}"
            server.replace(uri, version, "\n".join(lines), patience)
        else:
            server.change(uri, version, line, (0, 0), "x")
        return version

    return edit


def _answered_after(
    server: Server, edit: Callable[[], int], patience: float, method: str, params: dict[str, Any], _: int
) -> float:
    """Edit, then send a request; return the seconds from before the edit is sent until the answer arrives."""
    began = time.perf_counter()
    edit()
    return server.answer(server.send(method, params), patience).at - began


def _published_after(server: Server, edit: Callable[[], int], patience: float, _: int) -> float:
    """Edit; return the seconds from before the edit is sent until its diagnostics are published.

    A server that publishes no versions publishes once for each edit, in their order.
    """
    since, began = len(server.notifications), time.perf_counter()
    version = edit()
    return server.told(PUBLISHED, lambda told: told.get("version") in (None, version), since, patience).at - began


def _wait_for_the_opening(server: Server, patience: float) -> None:
    """Wait for all diagnostics that the opening of the document publishes, so that they count for no edit.

    markdown-oxide publishes them twice. The second time takes less than the time from the spawn to the first.
    """
    first = server.told(PUBLISHED, lambda _: True, patience=patience).at
    while (since := time.perf_counter() - server.notifications[-1].at) < first - server.started:
        time.sleep(min(POLL_SECONDS, first - server.started - since))


def _storm(
    server: Server, edit: Callable[[], int], asked: dict[str, Any], figures: dict[str, Any], ground: Ground
) -> None:
    """Type 60 letters a second and ask for a hover at every sixth.

    Records the time of each answer, and how far the last answer is behind the typing. Times begin when a letter is due,
    because a server that does not read delays the client.
    """
    waiting: list[tuple[float, int]] = []
    with Monitor(server.process.pid) as monitor:
        began = time.perf_counter()
        for number in range(round(STORM_RATE * ground.profile.storm_seconds / STORM_SHARE)):
            due = began + number / STORM_RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            edit()
            if number % HOVER_EVERY == 0:
                waiting.append((due, server.send("textDocument/hover", asked)))
        answers = [server.answer(number, ground.profile.patience).at - asked_at for asked_at, number in waiting]
    figures["storm_hover"] = summary(answers)
    figures["storm_behind_s"] = round(max(0.0, waiting[-1][0] + answers[-1] - due), 3)
    figures["storm_cpu_percent"] = round(monitor.cpu, 1)
