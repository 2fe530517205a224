"""The supervisors of attempts, as a run sees them: their start, the request to end, and the end of agents they left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from planmark.run.agent_process import has_living_group, identity_of
from planmark.run.attempts import (
    CANCEL_FILE,
    GRACE_SECONDS,
    LOCKS_FOLDER,
    SUPERVISOR_LOG,
    AgentProcess,
    AttemptError,
    AttemptResult,
    read_agent,
    read_order,
    read_result,
    write_result,
)
from planmark.storage.file_lock import LOCK_HELD_ERRORS, hold_file
from planmark.storage.machine import process_space
from planmark.storage.processes import ProcessIdentity, has_ended, identify
from planmark.workspace.template_files import ISOLATED_MODULE_CODE

POLL_SECONDS = 0.05


def start_supervisor(folder: Path) -> ProcessIdentity:
    """Start the supervisor of an attempt, whose order is in `folder`, and return its identity. Raises AttemptError.

    The supervisor is in a session of its own, so that it survives this process. It writes the result of the attempt
    before it ends. `python -m planmark.run.shim FOLDER` does the same by hand.
    """
    # The isolated mode keeps modules of the current folder out, which may be a workspace.
    command = [
        sys.executable,
        "-I",
        "-c",
        ISOLATED_MODULE_CODE,
        "planmark.run.shim",
        str(Path(__file__).resolve().parents[2]),
    ]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        descriptor = os.open(folder / SUPERVISOR_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "wb") as log:
            process = subprocess.Popen(
                [*command, str(folder.absolute())],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                creationflags=flags,
            )
    except OSError as error:
        raise AttemptError(f"no supervisor can be started in {folder}: {error.strerror or error}") from None
    identity = identify(process.pid) or ProcessIdentity(process.pid, 0.0, process_space())
    # The thread takes the exit code of the supervisor, which otherwise stays in the list of processes.
    threading.Thread(target=process.wait, daemon=True).start()
    return identity


def cancel_attempt(folder: Path) -> None:
    """Ask the supervisor of an attempt to end its agent, and to write the result. Raises AttemptError."""
    try:
        (folder / CANCEL_FILE).touch(mode=0o600)
    except OSError as error:
        raise AttemptError(f"{folder / CANCEL_FILE} cannot be written: {error.strerror or error}") from None


def end_left_agent(folder: Path, grace: float = GRACE_SECONDS) -> bool:
    """End the agent that a supervisor left running, with its process group. Return whether a process was still running.

    The caller makes sure that the supervisor has ended. A process that only has the number of the agent is not touched.
    """
    agent = read_agent(folder) or _agent_by_variables(folder)
    if agent is None or not _is_alive(agent):
        return False
    for number in (signal.SIGTERM, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                os.kill(agent.pid, number)
            else:
                os.killpg(agent.pid, number)
        end = time.monotonic() + grace
        while _is_alive(agent) and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
    return True


def _is_alive(agent: AgentProcess) -> bool:
    """Tell whether the agent, or a process of its group, has not ended."""
    identity = ProcessIdentity(agent.pid, agent.started, agent.space)
    if not has_ended(identity):
        return True
    # The number of a group is not given again as long as a process of the group lives.
    is_different_process = agent.space != process_space() or identify(agent.pid) is not None
    return sys.platform == "linux" and not is_different_process and has_living_group(agent.pid)


def _agent_by_variables(folder: Path) -> AgentProcess | None:
    """Return the agent of a supervisor that was killed before it wrote the agent's process; None without one."""
    try:
        variables = read_order(folder).variables.items()
    except AttemptError:
        return None
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            is_leader = sys.platform == "win32" or os.getsid(process.pid) == process.pid
            if variables and is_leader and variables <= process.environ().items():
                return identity_of(process.pid)
    return None


def lost_result(folder: Path, lease: str) -> AttemptResult | None:
    """Return the result of an attempt that this process did not start, or whose supervisor has ended.

    Return None while a supervisor works for the lease. Without a supervisor and without a result, the attempt is lost.
    That is written as its result, so that a supervisor that comes up late starts nothing. Raises AttemptError.
    """
    locks = folder.parent.parent / LOCKS_FOLDER
    try:
        locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = hold_file(locks / f"{lease}.lock")
    except OSError as error:
        if error.errno in LOCK_HELD_ERRORS:
            return None
        raise AttemptError(f"{locks} cannot be locked: {error.strerror or error}") from None
    try:
        result = read_result(folder)
        if result is None:
            end_left_agent(folder)
            result = AttemptResult(kind="lost", says="the supervisor of the attempt ended without a result")
            write_result(folder, result)
        return result
    finally:
        os.close(descriptor)
