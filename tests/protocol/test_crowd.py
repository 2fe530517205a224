"""Many processes on one workspace: no torn file, no lost change, no lock left, and equal answers at the end.

The tests take a few seconds with some processes. `make soak` takes a minute with twenty, and ten for the states after 200 and
500 changes a second, twenty times each.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from concurrent_processes import PLANS, plan_path, plan_text
from conftest import REPOSITORY
from fixture import write_files
from lsp_client import ProcessClient, bare, eventually, with_roots
from planmark.storage.file_lock import hold_lock
from planmark.workspace.atomic_write import UNFINISHED_PREFIX

CROWD = REPOSITORY / "tests" / "concurrent_processes.py"
SOAK = float(os.environ.get("PLANMARK_SOAK_SECONDS", "0"))
SECONDS = SOAK or 3.0
ROLES = {"server": 4, "reader": 6, "writer": 6, "mortal": 2, "toggler": 1, "fixer": 1}
FEW = {"server": 1, "reader": 1, "writer": 2, "mortal": 1, "toggler": 1, "fixer": 1}
WRITERS = 8
RATES = (200, 500)
"""Changes a second."""
RUNS, RUN_SECONDS = (20, 15.0) if SOAK else (1, 4.0)
PATIENCE = 120.0

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the processes are ended by SIGKILL, which Windows has not"
)


def start(role: str, number: int, root: Path, logs: Path) -> subprocess.Popen[str]:
    """Start a process of the crowd."""
    named = "writer" if role == "mortal" else role
    command = [sys.executable, str(CROWD), named, str(number), str(root), str(logs / f"{role}-{number}.log")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def without_run(status: Any) -> Any:
    """Return a status without the parts that may differ between two runs."""
    return [{**known, "plans": sorted(known["plans"], key=lambda plan: plan["path"])} for known in status["workspaces"]]


def fresh_answers(root: Path, cache: Path) -> tuple[Any, Any]:
    """Return the status and all diagnostics of newly started processes that use this cache folder."""
    found = []
    for arguments in (["status", "--json", "--all"], ["check", "--format", "json"]):
        command = [sys.executable, "-m", "planmark", "--workspace", str(root), *arguments]
        environment = {**os.environ, "PLANMARK_CACHE": str(cache)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert "Traceback" not in done.stderr
        found.append(json.loads(done.stdout))
    return without_run(found[0]), found[1]


def says(client: ProcessClient, expected: Any) -> bool:
    """Tell whether a server that is notified of the focus eventually gives the expected status."""

    def asked() -> bool:
        client.notify("planmark/focus", {})
        time.sleep(0.3)
        return bool(without_run(client.request("planmark/status", {})) == expected)

    return eventually(asked, PATIENCE)


def all_have_written(logs: Path, writers: int) -> bool:
    """Tell whether each writer has logged a change."""
    return sum("- note" in log.read_text() for log in logs.glob("writer-*.log")) >= writers


def test_many_processes_lose_no_change(tmp_path: Path, cache: Path) -> None:
    root, logs = tmp_path.resolve() / "ws", tmp_path / "logs"
    logs.mkdir()
    write_files(root, {plan_path(number): plan_text(number) for number in range(PLANS)})
    crowd = ROLES if SOAK else FEW
    servers = [ProcessClient() for _ in range(crowd["server"])]
    # Each writing process has its own number.
    others = [
        (role, n + (100 if role == "mortal" else 0))
        for role, many in crowd.items()
        if role != "server"
        for n in range(many)
    ]
    running: dict[tuple[str, int], subprocess.Popen[str]] = {}
    deaths, problems = 0, []
    chance = random.Random(7)
    try:
        for client in servers:
            client.begin([root], with_roots(bare(), [root]))
        for role, n in others:
            running[role, n] = start(role, n, root, logs)
        end = time.monotonic() + SECONDS
        # On a busy machine a process may take longer than that to begin.
        while time.monotonic() < end or (
            not all_have_written(logs, crowd["writer"]) and time.monotonic() < end + PATIENCE
        ):
            for client in servers:
                client.notify("planmark/focus", {})
                plans = client.request("planmark/status", {})["workspaces"][0]["plans"]
                problems += [f"a server shows {len(plans)} plans"] if len(plans) != PLANS else []
            time.sleep(chance.uniform(0.2, 1.0))
            for role, n in [key for key in running if key[0] == "mortal" and (logs / f"mortal-{key[1]}.log").exists()]:
                dying = running.pop((role, n))
                dying.kill()
                dying.communicate()
                deaths += 1
                running[role, n + 10] = start(role, n + 10, root, logs)
        (logs / "stop").touch()
        for process in running.values():
            problems += process.communicate(timeout=PATIENCE)[0].splitlines()
        assert problems == []

        notes = [line for n in (1, 2) for line in (root / plan_path(n)).read_text().splitlines() if "- note" in line]
        made = [line for log in logs.glob("*.log") for line in log.read_text().splitlines() if "- note" in line]
        assert Counter(made) - Counter(notes) == Counter(), "a write was lost"
        assert max(Counter(notes).values(), default=1) == 1, "a write was made twice"
        assert len(made) >= crowd["writer"]
        # Each killed process may have made one write without logging it.
        assert len(notes) - len(made) <= deaths

        assert not any(not path.read_bytes().strip() for path in root.rglob("*.md")), "an empty document"
        for lock in (cache / "writing").glob("*.lock"):
            with hold_lock(lock, 0.0):
                pass
        fresh = fresh_answers(root, tmp_path / "another-cache")
        assert fresh_answers(root, cache) == fresh
        assert all(says(client, fresh[0]) for client in servers)
        for client in servers:
            client.close()
        left = list(root.rglob(f"{UNFINISHED_PREFIX}*"))
        assert len(left) <= deaths
        turns = Counter(log.name.split("-")[0] for log in logs.glob("*.log") for _ in log.read_text().splitlines())
        print(
            f"crowd: {SECONDS:g} s, {sum(crowd.values())} processes, {dict(turns)}, {len(made)} notes, {deaths} deaths"
        )
    finally:
        (logs / "stop").touch()
        for process in running.values():
            process.kill()
            process.wait()
        for client in servers:
            client.kill()


def change(root: Path, writer: int, turn: int) -> Path:
    """Make one change to the plan of a writer as programs make it: as a whole, in two halves, or as a deletion."""
    folder = root / f"work-space/plans/P{writer}"
    known = 1 + turn // 7 % 9
    names = (
        f"subplans/SUBPLAN_P{writer}_1{known}.md",
        f"execution/EXECUTION_TASK_P{writer}_1{known}_01.md",
        f"execution/feedbacks/APPROVED_1{known}.md",
        f"PLAN_P{writer}.md",
    )
    path = folder / names[turn % 4]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (
        plan_text(writer, 5 + turn % 5) if path.name.startswith("PLAN") else f"**Status**: ✅ Complete\n\nTurn {turn}\n"
    )
    if turn % 11 == 10 and not path.name.startswith("PLAN"):
        path.unlink(missing_ok=True)
    elif turn % 3:
        beside = path.with_name(f".{writer}")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    else:
        with path.open("w", encoding="utf-8") as file:
            file.write(text[: len(text) // 2])
            file.flush()
            file.write(text[len(text) // 2 :])
    return path


@pytest.mark.parametrize("run", range(RUNS))
@pytest.mark.parametrize("rate", RATES)
def test_states_are_right_after_many_concurrent_changes(tmp_path: Path, rate: int, run: int) -> None:
    """Let eight writers make many changes a second, and report each to the server as a watching client would."""
    root = tmp_path.resolve() / "ws"
    write_files(root, {plan_path(number): plan_text(number) for number in range(WRITERS)})
    client = ProcessClient()
    lock = threading.Lock()
    changes = int(RUN_SECONDS * rate / WRITERS)

    def write(writer: int) -> None:
        due = time.monotonic()
        for turn in range(changes):
            path = change(root, writer, turn)
            with lock:
                client.files_changed((path, 2 if path.exists() else 3))
            due += WRITERS / rate
            time.sleep(max(0.0, due - time.monotonic()))

    try:
        client.begin([root])
        began = time.monotonic()
        writers = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()
        seconds = time.monotonic() - began
        fresh, _ = fresh_answers(root, tmp_path / "another-cache")
        assert eventually(lambda: without_run(client.request("planmark/status", {})) == fresh, PATIENCE), (
            "the server says something else than a process that starts now"
        )
        print(f"run {run}, {rate} a second: {changes * WRITERS} changes in {seconds:.0f} s")
        client.close()
    finally:
        client.kill()
