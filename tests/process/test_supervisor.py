"""The supervisor of an attempt as a process: each way in which an agent ends, and what is left of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from attempt_processes import (
    FAKE_AGENT,
    LEASE,
    fake_agent,
    finished_attempt,
    order_of,
    run_attempt,
    wait_until,
    write_attempt,
)
from conftest import REPOSITORY
from fake_agent import COST, FLOOD_BYTES, MODES
from planmark.coordination.lease_rules import DEFAULT_LEASE_TERMS, LeaseRequester, LeaseWork, end_lease, give_lease
from planmark.coordination.lease_store import LeaseStore, current_machine_state
from planmark.run import shim
from planmark.run.agent_process import identity_of
from planmark.run.attempts import (
    LOCKS_FOLDER,
    AgentTokens,
    AttemptClass,
    ReportedClass,
    SupervisorClass,
    read_agent,
    read_result,
)
from planmark.run.output_log import HEAD_BYTES, TAIL_BYTES
from planmark.run.supervision import cancel_attempt, end_left_agent, start_supervisor
from planmark.storage.file_lock import hold_lock
from planmark.storage.machine import host_name
from planmark.storage.processes import ProcessIdentity, has_ended, identify

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals of POSIX")
TOKENS = AgentTokens(6468, 6000, 92)
LIMIT = 0.3
CLASSES: tuple[tuple[str, dict[str, Any], AttemptClass], ...] = (
    ("ok", {}, "ok"),
    ("slow", {}, "ok"),
    ("nothing", {}, "ok"),
    ("outside", {}, "ok"),
    ("approve", {}, "ok"),
    ("delete-plan", {}, "ok"),
    ("hang", {"idle": LIMIT}, "idle"),
    ("hang", {"timeout": LIMIT}, "timeout"),
    ("hang-after-result", {"linger": LIMIT}, "ok"),
    ("ignore-sigterm", {"idle": LIMIT, "grace": LIMIT}, "idle"),
    ("crash", {}, "crashed"),
    ("error-result", {}, "crashed"),
    ("rate-limited", {}, "rate_limited"),
    ("unauthorized", {}, "auth"),
    ("not-logged-in", {}, "auth"),
    ("too-long", {}, "too_long"),
    ("denied", {}, "denied"),
    ("budget", {}, "budget"),
    ("turns", {}, "turns"),
    ("invalid-utf8", {}, "crashed"),
    ("stdin", {}, "ok"),
    ("show", {}, "ok"),
    ("secret", {}, "crashed"),
)
"""Mode of the agent, limits of the attempt → its class."""
ELSEWHERE = {"overloaded", "daemon", "daemon-in-session", "flood", "fail-late", "die-late"}
"""Modes that a test of their own runs."""


@pytest.mark.parametrize(("mode", "limits", "kind"), CLASSES)
def test_each_end_of_an_agent_has_its_class(
    tmp_path: Path, mode: str, limits: dict[str, Any], kind: AttemptClass
) -> None:
    result = run_attempt(tmp_path, mode, **limits)
    assert result.kind == kind, result
    agent = read_agent(tmp_path / "runs" / "run-1" / "1")
    assert agent is not None and has_ended(ProcessIdentity(agent.pid, agent.started, agent.space))


def test_every_mode_and_every_class_of_an_agent_is_tried() -> None:
    assert {mode for mode, _, _ in CLASSES} | ELSEWHERE == set(MODES)
    here = {"overloaded", "not_installed", "cancelled", "stolen"}
    # No process can report that it is lost; `test_a_killed_supervisor_leaves_an_agent_that_is_ended` has that class.
    decided = {*get_args(ReportedClass), *get_args(SupervisorClass)} - {"lost"}
    assert {kind for _, _, kind in CLASSES} | here == decided


def test_an_overloaded_agent_succeeds_at_the_third_start(tmp_path: Path) -> None:
    count = str(tmp_path / "count")
    results = [
        run_attempt(tmp_path, "overloaded", "--count", count, attempt=number, run=f"run-{number}").kind
        for number in (1, 2, 3)
    ]
    assert results == ["overloaded", "overloaded", "ok"]


def test_the_figures_of_the_agent_are_kept(tmp_path: Path) -> None:
    result = run_attempt(tmp_path, "ok")
    assert (result.exit, result.tokens, result.cost_usd, result.turns) == (0, TOKENS, COST, 2)
    assert result.says == "All done." and result.session and result.seconds > 0


def test_a_spent_budget_has_a_cost_and_no_tokens(tmp_path: Path) -> None:
    result = run_attempt(tmp_path, "budget")
    assert (result.tokens, result.cost_usd, result.exit) == (None, 0.5, 1)


def test_the_time_to_wait_and_the_denied_tools_are_told(tmp_path: Path) -> None:
    assert run_attempt(tmp_path, "rate-limited").retry_after == 7
    assert run_attempt(tmp_path, "denied", run="run-2").denied == ("mcp__planmark__next",)


def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    result = finished_attempt(write_attempt(tmp_path, order_of(tmp_path, ("no-such-agent", "-p"))))
    assert (result.kind, result.exit) == ("not_installed", None) and "no-such-agent" in result.says


@pytest.mark.parametrize("place", ["name", "path", "link"])
def test_a_program_of_the_workspace_is_not_started(tmp_path: Path, place: str) -> None:
    order = order_of(tmp_path, ("agent",))
    program = Path(order.cwd) / "agent"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n", encoding="utf-8")
    program.chmod(0o755)
    elsewhere = tmp_path / "bin"
    elsewhere.mkdir()
    (elsewhere / "agent").symlink_to(program)
    argv = {"name": ("agent",), "path": (str(program),), "link": (str(elsewhere / "agent"),)}[place]
    variables = {"PATH": f".{os.pathsep}{os.pathsep}{order.cwd}"}
    result = finished_attempt(write_attempt(tmp_path, msgspec.structs.replace(order, argv=argv, variables=variables)))
    assert result.kind == "not_installed" and not (tmp_path / "started").exists()


def test_modules_in_the_current_folder_are_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("planmark", "queue", "sitecustomize", "msgspec"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    order = order_of(tmp_path, ("/bin/sh", "-c", "exit 0"), result="exit")
    for name in ("queue", "planmark"):
        (Path(order.cwd) / f"{name}.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    assert finished_attempt(write_attempt(tmp_path, order)).kind == "ok"


HOSTILE = (
    "; touch /tmp/x",
    "$(touch /tmp/x)",
    "`id`",
    "a\nb\r\n",
    "--dangerously-skip-permissions",
    "-rf",
    "'\"\\ $HOME *",
    "",
    "é 🎯 \u202e",
)


def test_arguments_reach_the_agent_unchanged(tmp_path: Path) -> None:
    order = order_of(tmp_path, fake_agent("show", *HOSTILE))
    folder = write_attempt(tmp_path, order)
    finished_attempt(folder)
    shown = json.loads(json.loads((folder / "output.log").read_text(encoding="utf-8"))["result"])
    assert tuple(shown["arguments"]) == HOSTILE and shown["folder"] == order.cwd


def test_only_named_variables_are_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_MODEL", "AWS_SECRET_ACCESS_KEY", "PLANMARK_NOTE"):
        monkeypatch.setenv(name, "value-of-the-variable")
    order = order_of(
        tmp_path, fake_agent("show"), env=("PATH", "ANTHROPIC_*"), variables={"PLANMARK_LEASE": LEASE, "OWN": "1"}
    )
    folder = write_attempt(tmp_path, order)
    finished_attempt(folder)
    names = set(json.loads(json.loads((folder / "output.log").read_text(encoding="utf-8"))["result"])["environment"])
    assert {"ANTHROPIC_API_KEY", "ANTHROPIC_MODEL", "PLANMARK_NOTE", "PLANMARK_LEASE", "OWN", "PATH"} <= names
    assert not names & {"AWS_SECRET_ACCESS_KEY", "HOME"}
    # The values stay in the environment, and are in no file.
    assert not any(b"value-of-the-variable" in path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_standard_input_is_closed_with_and_without_a_prompt(tmp_path: Path) -> None:
    assert run_attempt(tmp_path, "stdin", prompt="é" * 200_000).says == "400000 bytes"
    order = order_of(tmp_path, fake_agent("stdin"), run="run-2", prompt="none")
    assert finished_attempt(write_attempt(tmp_path, order, "é")).says == "0 bytes"


def test_a_prompt_that_is_not_read_does_not_stop_anything(tmp_path: Path) -> None:
    assert run_attempt(tmp_path, "show", prompt="x" * 5_000_000).kind == "ok"


@pytest.mark.skipif(sys.platform != "linux", reason="it needs the program `setsid`")
def test_a_process_that_left_and_prints_for_ever_does_not_hold_the_result(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    script = f"setsid sh -c 'echo $$ > {pid_file}; while :; do echo x; done' & while [ ! -s {pid_file} ]; do :; done"
    order = order_of(tmp_path, ("/bin/sh", "-c", script), result="exit")
    try:
        assert finished_attempt(write_attempt(tmp_path, order)).kind == "ok"
    finally:
        # Its pipe is broken after the end of the supervisor, which ends it too.
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid_file.read_text(encoding="utf-8")), signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="the longest argument is that of Linux")
def test_an_argument_that_no_process_can_have_is_too_long(tmp_path: Path) -> None:
    result = finished_attempt(write_attempt(tmp_path, order_of(tmp_path, fake_agent("show", "x" * 200_000))))
    assert (result.kind, result.exit) == ("too_long", None)


def test_a_secret_is_not_in_the_result(tmp_path: Path) -> None:
    folder = write_attempt(tmp_path, order_of(tmp_path, fake_agent("secret")))
    says = finished_attempt(folder).says
    assert "[masked: " in says and "aB3dE5gH7j" not in says
    assert b"aB3dE5gH7j" not in (folder / "result.json").read_bytes()


def test_words_of_an_agent_are_one_line_without_controls(tmp_path: Path) -> None:
    says = run_attempt(tmp_path, "invalid-utf8").says
    assert "broken" in says and says.isprintable()


def test_a_changed_file_is_a_sign_of_work(tmp_path: Path) -> None:
    """Let an agent change a file until the test has seen it do so for longer than it may be idle."""
    code = "import pathlib, sys, time\nwhile not pathlib.Path('stop').exists():\n time.sleep(0.02); pathlib.Path('x').write_text('')\n"
    order = order_of(tmp_path, (sys.executable, "-S", "-c", code), idle=LIMIT, result="exit")
    folder = write_attempt(tmp_path, order)
    supervisor = start_supervisor(folder)
    changed = Path(order.cwd) / "x"
    wait_until(changed.exists, "the first change")
    first = changed.stat().st_mtime
    wait_until(lambda: changed.stat().st_mtime > first + 4 * LIMIT, "changes for longer than the limit")
    assert read_result(folder) is None
    (Path(order.cwd) / "stop").touch()
    wait_until(lambda: has_ended(supervisor), "the end of the supervisor")
    result = read_result(folder)
    assert result is not None and result.kind == "ok"


@pytest.mark.parametrize("mode", ["daemon", "daemon-in-session"])
def test_a_process_that_the_agent_leaves_does_not_hold_the_result(tmp_path: Path, mode: str) -> None:
    pid_file = tmp_path / "pid"
    folder = write_attempt(tmp_path, order_of(tmp_path, fake_agent(mode, "--count", str(pid_file))))
    result = finished_attempt(folder)
    pid = int(pid_file.read_text(encoding="utf-8"))
    left = identify(pid)
    try:
        assert (result.kind, result.tokens) == ("ok", TOKENS)
        # The end of a process in the group is certain; one that left the group is not touched.
        assert (left is None) == (mode == "daemon")
        assert (folder / "supervisor.log").read_bytes() == b""
    finally:
        if left is not None:
            os.kill(pid, signal.SIGKILL)


def test_very_much_output_keeps_its_begin_and_its_end(tmp_path: Path) -> None:
    folder = write_attempt(tmp_path, order_of(tmp_path, fake_agent("flood")))
    assert finished_attempt(folder).tokens == TOKENS
    log = (folder / "output.log").read_bytes()
    assert HEAD_BYTES + TAIL_BYTES < len(log) < HEAD_BYTES + 2 * TAIL_BYTES + 1000 < FLOOD_BYTES
    assert b"bytes are left out here]" in log and b'"type": "result"' in log[-TAIL_BYTES:]
    assert sorted(path.name for path in folder.glob("output.log*")) == ["output.log"]


def test_an_attempt_is_cancelled_by_a_file_and_by_a_signal(tmp_path: Path) -> None:
    for number, way in enumerate(("file", "signal"), 1):
        folder = write_attempt(tmp_path, order_of(tmp_path, fake_agent("hang"), run=f"run-{number}"))
        supervisor = start_supervisor(folder)
        wait_until(lambda folder=folder: read_agent(folder), "the agent")  # type: ignore[misc]
        if way == "file":
            cancel_attempt(folder)
        else:
            os.kill(supervisor.pid, signal.SIGTERM)
        wait_until(lambda supervisor=supervisor: has_ended(supervisor), "the end")  # type: ignore[misc]
        result = read_result(folder)
        assert result is not None and result.kind == "cancelled", way


def test_an_agent_that_does_not_end_when_asked_is_ended_by_force(tmp_path: Path) -> None:
    folder = write_attempt(tmp_path, order_of(tmp_path, fake_agent("ignore-sigterm"), grace=LIMIT))
    supervisor = start_supervisor(folder)
    wait_until(lambda: (folder / "output.log").exists() and (folder / "output.log").read_bytes(), "the agent")
    cancel_attempt(folder)
    wait_until(lambda: has_ended(supervisor), "the end")
    result = read_result(folder)
    assert result is not None and (result.kind, result.exit) == ("cancelled", 128 + signal.SIGKILL)


def test_a_killed_supervisor_leaves_an_agent_that_is_ended(tmp_path: Path) -> None:
    folder = write_attempt(tmp_path, order_of(tmp_path, fake_agent("hang")))
    supervisor = start_supervisor(folder)
    wait_until(lambda: read_agent(folder), "the agent")
    os.kill(supervisor.pid, signal.SIGKILL)
    wait_until(lambda: has_ended(supervisor), "the end of the supervisor")
    agent = read_agent(folder)
    assert agent is not None and read_result(folder) is None
    identity = ProcessIdentity(agent.pid, agent.started, agent.space)
    assert not has_ended(identity)
    assert end_left_agent(folder) and has_ended(identity)
    assert not end_left_agent(folder)


def _killed_supervisor(tmp_path: Path, script: str, variables: dict[str, str]) -> tuple[Path, int]:
    """Kill a supervisor after its agent, a script, has written a number to the file `pid`, and return the number."""
    pid_file = tmp_path / "pid"
    argv = ("/bin/sh", "-c", script.format(pid_file))
    folder = write_attempt(tmp_path, order_of(tmp_path, argv, result="exit", variables=variables))
    supervisor = start_supervisor(folder)
    wait_until(lambda: pid_file.exists() and pid_file.read_bytes().endswith(b"\n"), "the agent")
    wait_until(lambda: read_agent(folder), "the file of the agent")
    os.kill(supervisor.pid, signal.SIGKILL)
    wait_until(lambda: has_ended(supervisor), "the end of the supervisor")
    return folder, int(pid_file.read_text(encoding="utf-8"))


@pytest.mark.skipif(sys.platform != "linux", reason="processes of a group are listed on Linux only")
def test_a_process_of_an_agent_that_has_ended_is_ended(tmp_path: Path) -> None:
    folder, pid = _killed_supervisor(tmp_path, "trap '' TERM; sleep 3600 & echo $! > {}", {})
    agent = read_agent(folder)
    assert agent is not None
    wait_until(lambda: has_ended(ProcessIdentity(agent.pid, agent.started, agent.space)), "the end of the agent")
    assert end_left_agent(folder, LIMIT)
    wait_until(lambda: identify(pid) is None, "the end of the process")
    assert not end_left_agent(folder)


def test_an_agent_that_no_file_names_is_ended(tmp_path: Path) -> None:
    """Remove the file, as if the supervisor had been killed before it wrote the file."""
    variables = {"PLANMARK_LEASE": LEASE, "PLANMARK_RUN": str(tmp_path)}
    folder, pid = _killed_supervisor(tmp_path, "echo $$ > {}; sleep 3600", variables)
    (folder / "agent.json").unlink()
    assert end_left_agent(folder)
    wait_until(lambda: identify(pid) is None, "the end of the agent")
    assert not end_left_agent(folder)


def test_a_process_that_only_has_the_number_of_an_agent_is_not_ended(tmp_path: Path) -> None:
    folder = write_attempt(tmp_path, order_of(tmp_path, fake_agent("hang")))
    agent = identity_of(os.getpid())
    (folder / "agent.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(agent, started=agent.started - 1)))
    assert not end_left_agent(folder)


def test_the_identity_of_a_process_is_that_of_psutil() -> None:
    identity = identity_of(os.getpid())
    assert ProcessIdentity(identity.pid, identity.started, identity.space) == identify(os.getpid())


def test_the_supervisor_survives_the_process_that_started_it(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    code = "import pathlib, time\nwhile not pathlib.Path({!r}).exists(): time.sleep(0.02)\nprint('{{}}')\n"
    order = order_of(tmp_path, (sys.executable, "-S", "-c", code.format(str(gate))), result="exit")
    folder = write_attempt(tmp_path, order)
    starter = (
        "import sys, time; from pathlib import Path; from planmark.run.supervision import start_supervisor\n"
        "print(*start_supervisor(Path(sys.argv[1])), flush=True); time.sleep(3600)"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "server")}
    with subprocess.Popen(
        [sys.executable, "-c", starter, str(folder)], stdout=subprocess.PIPE, env=environment, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, started, space = parent.stdout.readline().split()
        supervisor = ProcessIdentity(int(pid), float(started), space)
        wait_until(lambda: read_agent(folder), "the agent")
        parent.kill()
    assert not has_ended(supervisor)
    gate.touch()
    wait_until(lambda: has_ended(supervisor), "the end of the supervisor")
    result = read_result(folder)
    assert result is not None and result.kind == "ok"


def test_a_second_supervisor_of_an_attempt_starts_no_agent(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    folder = write_attempt(tmp_path, order_of(tmp_path, fake_agent("ok", "--trace", str(trace))))
    supervisors = [start_supervisor(folder) for _ in range(3)]
    for one in supervisors:
        wait_until(lambda one=one: has_ended(one), "the end of the supervisors")  # type: ignore[misc]
    assert [json.loads(line)["event"] for line in trace.read_text(encoding="utf-8").splitlines()] == ["begin", "end"]


def test_a_lease_has_one_supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    trace = tmp_path / "trace"
    folder = write_attempt(tmp_path, order_of(tmp_path, fake_agent("ok", "--trace", str(trace))))
    (tmp_path / "runs" / LOCKS_FOLDER).mkdir()
    monkeypatch.setattr(shim, "MAX_LOCK_WAIT_SECONDS", 0.05)
    with hold_lock(tmp_path / "runs" / LOCKS_FOLDER / f"{LEASE}.lock", 1):
        assert shim.main([str(folder)]) == shim.BUSY
    assert LEASE in capfd.readouterr().err
    assert not trace.exists() and read_result(folder) is None
    assert shim.main([]) == shim.BAD_USAGE


@pytest.mark.parametrize("name", ["result.json", "agent.json"])
def test_a_file_that_cannot_be_written_leaves_no_agent(tmp_path: Path, name: str) -> None:
    pid_file = tmp_path / "pid"
    seconds = 3600 if name == "agent.json" else 0
    folder = write_attempt(
        tmp_path, order_of(tmp_path, ("/bin/sh", "-c", f"echo $$ > {pid_file}; sleep {seconds}"), result="exit")
    )
    (folder / name / "taken").mkdir(parents=True)
    supervisor = start_supervisor(folder)
    wait_until(lambda: has_ended(supervisor), "the end of the supervisor")
    log = (folder / "supervisor.log").read_text(encoding="utf-8")
    assert name in log and "Traceback" not in log and read_result(folder) is None
    # The agent may have been ended before it wrote its number.
    text = pid_file.read_text(encoding="utf-8").strip() if pid_file.exists() else ""
    wait_until(lambda: not text or identify(int(text)) is None, "the end of the agent")


def _leased(root: Path) -> LeaseStore:
    """Return the leases of a folder with one, which an agent holds."""
    store = LeaseStore(root)
    with store.locked_leases() as leases:
        work = LeaseWork("work-space/plans/PAY/PLAN_PAY.md", "1.1", "create_execution", "executor", ())
        asker = LeaseRequester("fake", host_name(), str(root))
        lease = give_lease(work, None, asker, current_machine_state(), DEFAULT_LEASE_TERMS, LEASE)
        store.write(leases, msgspec.structs.replace(lease, renewed="2020-01-01T00:00:00Z"))
    return store


def test_the_lease_is_renewed_while_the_agent_works(tmp_path: Path) -> None:
    order = order_of(tmp_path, fake_agent("hang"), renew_seconds=LIMIT)
    store = _leased(Path(order.workspace))
    folder = write_attempt(tmp_path, order)
    supervisor = start_supervisor(folder)
    wait_until(lambda: [one for one in store.read().values() if one.lease and one.lease.renewed > "2026"], "a renewal")
    cancel_attempt(folder)
    wait_until(lambda: has_ended(supervisor), "the end of the supervisor")


def test_an_agent_whose_lease_is_taken_is_ended(tmp_path: Path) -> None:
    order = order_of(tmp_path, fake_agent("hang"), renew_seconds=LIMIT)
    store = _leased(Path(order.workspace))
    with store.locked_leases() as leases:
        (stored,) = leases.values()
        assert stored.lease is not None
        store.write(leases, end_lease(stored.lease, "stolen", current_machine_state()))
    result = finished_attempt(write_attempt(tmp_path, order))
    assert result.kind == "stolen" and LEASE in result.says


def test_a_supervisor_without_an_order_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "planmark.run.shim", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "server")},
    )
    assert done.returncode == 5 and "order.json" in done.stderr and "Traceback" not in done.stderr


def test_the_start_of_a_supervisor_loads_no_large_module() -> None:
    """Count the modules, because the time of an import depends on the machine."""
    code = "import sys; before = set(sys.modules); import planmark.run.shim; print(*sorted(set(sys.modules) - before))"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "server")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    loaded = set(done.stdout.split())
    own = {name for name in loaded if name.startswith("planmark.")}
    assert len(own) <= 13, own
    assert not {name.partition(".")[0] for name in loaded} & {
        "psutil",
        "jinja2",
        "rich",
        "platformdirs",
        "json",
        "asyncio",
    }


def test_the_fake_agent_loads_nothing_of_the_product() -> None:
    code = f"import sys, runpy; runpy.run_path({str(FAKE_AGENT)!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith("planmark")]
