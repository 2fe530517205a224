"""The process of an agent and its process group: how they are started, identified and ended."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from planmark.run.attempts import AgentProcess
from planmark.storage.machine import process_space_digest

if sys.platform == "win32":
    from planmark.run.windows_job import WindowsJob

ALWAYS_PASSED_PATTERNS = (
    "PLANMARK_*",
    *(("SYSTEMROOT", "TEMP", "TMP", "PATHEXT", "COMSPEC") if sys.platform == "win32" else ()),
)
"""Patterns of the environment variables that every agent gets. Windows needs the listed variables to start a program.
"""


class ProgramMissingError(Exception):
    """The program of an agent cannot be started. The message names the program and the reason."""


def passed_variables(patterns: tuple[str, ...], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of `environment` whose names match `patterns` or ALWAYS_PASSED_PATTERNS."""
    variable_patterns = (*patterns, *ALWAYS_PASSED_PATTERNS)
    names = {pattern for pattern in variable_patterns if not pattern.endswith("*")}
    prefixes = tuple(pattern[:-1] for pattern in variable_patterns if pattern.endswith("*"))
    return {name: value for name, value in environment.items() if name in names or name.startswith(prefixes)}


def program_path(name: str, environment: Mapping[str, str], workspace: Path) -> str:
    """Return the absolute path of the program `name`. Raises ProgramMissingError.

    Only absolute folders of PATH are searched, and a program inside the workspace is refused. So no file of a workspace
    can take the place of an agent.
    """
    folders = [Path(name).parent] if os.path.isabs(name) else _absolute_folders(environment.get("PATH", ""))  # noqa: PTH117
    workspace_folder = workspace.resolve()
    for folder in folders:
        for path in _candidates(folder / Path(name).name, environment):
            if not _is_program(path):
                continue
            if path.resolve().is_relative_to(workspace_folder):
                raise ProgramMissingError(f"{path} is inside the workspace: it is not started")
            return str(path)
    place_text = "" if os.path.isabs(name) else " in a folder of PATH"  # noqa: PTH117
    raise ProgramMissingError(f"the program `{name}` was not found{place_text}: install it, or correct agents.toml")


def _absolute_folders(search_path: str) -> list[Path]:
    # "" is no folder, although `Path` takes it as the current one.
    return [Path(folder) for folder in search_path.split(os.pathsep) if os.path.isabs(folder)]  # noqa: PTH117


def _candidates(path: Path, environment: Mapping[str, str]) -> list[Path]:
    """Return the files that may be the program. On Windows, a `path` without a suffix gets each suffix of PATHEXT."""
    if sys.platform != "win32" or path.suffix:
        return [path]
    return [path.with_name(path.name + suffix) for suffix in environment.get("PATHEXT", ".EXE;.CMD").split(";")]


def _is_program(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode) and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False


class RunningAgent:
    """The process of an agent, and the process group that the process leads."""

    def __init__(self, argv: Sequence[str], folder: Path, environment: Mapping[str, str], *, has_input: bool) -> None:
        """Start the command line `argv` in `folder`, without a shell.

        If `has_input` is True, the standard input of the agent is a pipe; otherwise it is empty. Raises OSError if the
        agent cannot be started. Raises ValueError if an argument holds a NUL character.
        """
        creation_flags = 0
        if sys.platform == "win32":
            creation_flags = subprocess.CREATE_NEW_PROCESS_GROUP
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            argv,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            creationflags=creation_flags,
        )
        if sys.platform == "win32":
            self._job = WindowsJob(self.process.pid)

    def ask_to_end(self) -> None:
        """Ask all processes of the group to end."""
        if sys.platform == "win32":
            with contextlib.suppress(OSError):
                self.process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            self._signal(signal.SIGTERM)

    def end_by_force(self) -> None:
        """End all processes of the group."""
        if sys.platform == "win32":
            self._job.end()
        else:
            self._signal(signal.SIGKILL)

    def is_group_alive(self) -> bool:
        """Tell whether at least one process of the group has not ended."""
        if sys.platform == "win32":
            return self._job.has_processes()
        try:
            os.killpg(self.process.pid, 0)
        except (ProcessLookupError, PermissionError):
            # macOS answers with PermissionError for a group whose processes have all ended.
            return False
        return sys.platform != "linux" or has_living_group(self.process.pid)

    def _signal(self, signal_number: signal.Signals) -> None:
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal_number)


def has_living_group(group_id: int) -> bool:
    """Tell whether at least one process of a group has not ended, by the files of /proc.

    An ended process may stay listed there for seconds; it does not count.
    """
    for entry in os.scandir("/proc"):
        fields = _process_facts(entry.name) if entry.name.isdecimal() else []
        if len(fields) > GROUP_INDEX and int(fields[GROUP_INDEX]) == group_id and fields[STATE] not in (b"Z", b"X"):
            return True
    return False


STATE, GROUP_INDEX, START_INDEX = 0, 2, 19
"""Indexes in the list of `_process_facts`: the state, the process group, and the time of the start in clock ticks."""


def _process_facts(pid: int | str) -> list[bytes]:
    """Return the fields that follow the name of the process in /proc/PID/stat; [] if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return []


def identity_of(pid: int) -> AgentProcess:
    """Return the identity of a child process. On Linux, this is faster than `storage.processes.identify`."""
    if sys.platform == "linux" and (facts := _process_facts(pid)):
        return AgentProcess(pid, round(int(facts[START_INDEX]) / os.sysconf("SC_CLK_TCK"), 2), process_space_digest())
    # Imported only here, because psutil takes as long to import as the supervisor starts.
    from planmark.storage.processes import identify

    identity = identify(pid)
    return AgentProcess(pid, identity.started if identity else 0.0, process_space_digest())
