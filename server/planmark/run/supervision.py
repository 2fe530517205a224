"""The supervisors of attempts, as a run uses them.

A run starts a supervisor, asks it to end its agent, and ends an agent that a supervisor has left running.
"""

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
from planmark.storage.file_lock import LOCK_HELD_ERRORS, lock_file_until_close
from planmark.storage.machine import process_space_digest
from planmark.storage.processes import ProcessIdentity, has_ended, identify
from planmark.workspace.template_files import ISOLATED_MODULE_CODE

POLL_SECONDS = 0.05
"""Seconds between two checks whether a process has ended."""


def start_supervisor(folder: Path) -> ProcessIdentity:
    """Start the supervisor of an attempt, and return the identity of its process. Raises AttemptError.

    `folder` is the folder of the attempt, and contains the order. The supervisor has a session of its own. So the
    supervisor goes on after this process has ended. The supervisor writes the result of the attempt before it ends. A
    person can start a supervisor with `python -m planmark.run.shim FOLDER`.
    """
    # With `-I`, Python imports no module from the current folder, which may be a workspace.
    command = [
        sys.executable,
        "-I",
        "-c",
        ISOLATED_MODULE_CODE,
        "planmark.run.shim",
        str(Path(__file__).resolve().parents[2]),
    ]
    creation_flags = 0
    if sys.platform == "win32":
        creation_flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
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
                creationflags=creation_flags,
            )
    except OSError as error:
        raise AttemptError(f"no supervisor can be started in {folder}: {error.strerror or error}") from None
    identity = identify(process.pid) or ProcessIdentity(process.pid, 0.0, process_space_digest())
    # The thread reads the exit code of the supervisor. Otherwise its ended process would stay listed.
    threading.Thread(target=process.wait, daemon=True).start()
    return identity


def cancel_attempt(folder: Path) -> None:
    """Ask the supervisor of an attempt to end its agent, and to write the result. Raises AttemptError."""
    try:
        (folder / CANCEL_FILE).touch(mode=0o600)
    except OSError as error:
        raise AttemptError(f"{folder / CANCEL_FILE} cannot be written: {error.strerror or error}") from None


def end_left_agent(folder: Path, grace_seconds: float = GRACE_SECONDS) -> bool:
    """End the agent that a supervisor has left running, with its process group.

    Return whether a process of the agent still ran. The caller makes sure that the supervisor has ended. After
    `grace_seconds`, the agent is ended by force. If the process number of the agent now belongs to a different process,
    that process is not touched.
    """
    agent = read_agent(folder) or _agent_by_variables(folder)
    if agent is None or not _is_alive(agent):
        return False
    for signal_number in (signal.SIGTERM, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                os.kill(agent.pid, signal_number)
            else:
                os.killpg(agent.pid, signal_number)
        deadline = time.monotonic() + grace_seconds
        while _is_alive(agent) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    return True


def _is_alive(agent: AgentProcess) -> bool:
    """Tell whether the process of the agent, or a different process of its group, has not ended."""
    identity = ProcessIdentity(agent.pid, agent.started, agent.space)
    if not has_ended(identity):
        return True
    # The number of a group is not given again as long as a process of the group lives.
    is_different_process = agent.space != process_space_digest() or identify(agent.pid) is not None
    return sys.platform == "linux" and not is_different_process and has_living_group(agent.pid)


def _agent_by_variables(folder: Path) -> AgentProcess | None:
    """Return the agent of an attempt, found by the environment variables in its order; None if there is none.

    A supervisor that was killed early may not have written the identity of its agent.
    """
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


def lost_result(folder: Path, lease_id: str) -> AttemptResult | None:
    """Return the result of an attempt that this process did not start, or whose supervisor has ended.

    Return None while a supervisor works for the lease. If there is neither a supervisor nor a result, the attempt is
    lost: its agent is ended, and the result "lost" is written. With this result, a supervisor that starts late does not
    start an agent. Raises AttemptError.
    """
    locks = folder.parent.parent / LOCKS_FOLDER
    try:
        locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = lock_file_until_close(locks / f"{lease_id}.lock")
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
