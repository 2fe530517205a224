"""The folder of an attempt: the order, the prompt, the output of the agent, and the result.

The supervisor loads this module first. So this module imports no large modules.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Literal

import msgspec

ReportedClass = Literal[
    "ok", "rate_limited", "overloaded", "auth", "not_installed", "too_long", "denied", "budget", "turns"
]
"""The classes that depend on the report of an agent, or on the start of the agent."""
SupervisorClass = Literal["timeout", "idle", "crashed", "lost", "cancelled", "stolen"]
"""The classes of attempts whose agent failed, or did not end by itself."""
WorkClass = Literal["no_progress", "conflict", "outside", "gone", "not_integrated"]
"""The classes that depend on the files of the step, or on their integration by git."""
AttemptClass = Literal[ReportedClass, SupervisorClass, WorkClass]
ResultForm = Literal["claude-json", "codex-jsonl", "gemini-json", "opencode-jsonl", "copilot-jsonl", "exit", "none"]
"""The form in which an agent reports its result on standard output."""
ORDER_FILE, PROMPT_FILE, LOG_FILE, RESULT_FILE = "order.json", "prompt.md", "output.log", "result.json"
SUPERVISOR_LOG, AGENT_FILE = "supervisor.log", "agent.json"
CANCEL_FILE = "cancel"
"""The name of the file that tells the supervisor to end its agent."""
LOCKS_FOLDER = ".locks"
"""The name of the folder of locks, inside the folder of all runs.

The supervisor of an agent holds the lock of the agent's lease.
"""
MAX_SAYS_CHARACTERS = 300
"""Maximum number of characters that a result keeps of the last sentence of an agent."""
GRACE_SECONDS = 10.0
"""Seconds between the request to an agent to end, and its end by force."""


class AttemptError(Exception):
    """The folder of an attempt cannot be written or read. The message names the file and the reason."""


class AgentTokens(msgspec.Struct, frozen=True):
    """The tokens of an attempt, by the report of its agent. A figure is None if the agent does not give it.

    `input` does not include `cached`, the tokens that were read from the cache of the model.
    """

    input: int | None = None
    cached: int | None = None
    output: int | None = None
    reasoning: int | None = None


class AttemptOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The command line that a supervisor starts, and the limits that it enforces. All times are in seconds.

    `env` names the variables of the supervisor's environment that the agent gets: `NAME` or `PREFIX*`. Their values are
    not in this file. `variables` are further variables of the agent, with their values. `workspace` is the folder whose
    leases are renewed. If `prompt` is "stdin", the agent gets the content of `prompt.md` on standard input. `result` is
    the form of the agent's result. `timeout`, `idle` and `linger` are as in `AgentProgram`. `grace` is the time between
    the request to end and the end by force. `renew_seconds` is the time between two renewals.
    """

    run: str
    attempt: int
    lease: str
    agent: str
    argv: tuple[str, ...]
    cwd: str
    workspace: str
    prompt: Literal["stdin", "none"] = "stdin"
    result: ResultForm = "exit"
    env: tuple[str, ...] = ()
    variables: dict[str, str] = {}
    timeout: float = 2700.0
    idle: float = 600.0
    linger: float = 30.0
    grace: float = GRACE_SECONDS
    renew_seconds: float = 300.0


class AttemptResult(msgspec.Struct, frozen=True, kw_only=True):
    """The end of an attempt, as the supervisor saw it.

    `kind` is the class of the attempt. It is "ok" if the supervisor saw no failure; only the files tell whether the
    step is done. `exit` is the exit code of the agent. It is 128 + the number of the signal if a signal ended the
    agent, and None if the agent did not start. `says` is the last sentence of the agent, in one line and with its
    secrets masked. `denied` are the tools that the agent was not allowed to use. `retry_after` is the number of seconds
    that the agent was told to wait.
    """

    kind: AttemptClass
    exit: int | None = None
    tokens: AgentTokens | None = None
    cost_usd: float | None = None
    seconds: float = 0.0
    turns: int | None = None
    session: str = ""
    says: str = ""
    denied: tuple[str, ...] = ()
    retry_after: float | None = None


class AgentProcess(msgspec.Struct, frozen=True):
    """The process of an agent, with the fields of `ProcessIdentity`. The process leads a process group of its own."""

    pid: int
    started: float
    space: str


def attempt_folder(runs: Path, run: str, attempt: int) -> Path:
    """Return the folder of an attempt, by the id of its run and its number in the run.

    `runs` is the folder of all runs of a repository.
    """
    return runs / run / str(attempt)


def write_order(folder: Path, order: AttemptOrder, prompt: str) -> None:
    """Create the folder of an attempt, and write the order and the prompt into it. Raises AttemptError.

    Only the user can read the files.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_whole(folder / PROMPT_FILE, prompt.encode("utf-8", "surrogatepass"))
        _write_whole(folder / ORDER_FILE, msgspec.json.encode(order))
    except OSError as error:
        raise AttemptError(f"{folder} cannot be written: {error.strerror or error}") from None


def read_order(folder: Path) -> AttemptOrder:
    """Return the order of an attempt. Raises AttemptError."""
    try:
        return msgspec.json.decode((folder / ORDER_FILE).read_bytes(), type=AttemptOrder)
    except (OSError, ValueError) as error:
        raise AttemptError(f"{folder / ORDER_FILE} cannot be read: {error}") from None


def write_result(folder: Path, result: AttemptResult) -> None:
    """Write the result of an attempt. The file is complete or does not change. Raises AttemptError."""
    try:
        _write_whole(folder / RESULT_FILE, msgspec.json.encode(result))
    except OSError as error:
        raise AttemptError(f"{folder / RESULT_FILE} cannot be written: {error.strerror or error}") from None


def read_result(folder: Path) -> AttemptResult | None:
    """Return the result of an attempt; None if the file is missing or cannot be decoded."""
    try:
        return msgspec.json.decode((folder / RESULT_FILE).read_bytes(), type=AttemptResult)
    except (OSError, ValueError):
        return None


def write_agent(folder: Path, process: AgentProcess) -> None:
    """Write the identity of an agent's process into the folder of its attempt. Raises OSError.

    A run that continues after an interruption reads the file.
    """
    _write_whole(folder / AGENT_FILE, msgspec.json.encode(process))


def read_agent(folder: Path) -> AgentProcess | None:
    """Return the identity of the agent's process of an attempt; None if no agent was started."""
    try:
        return msgspec.json.decode((folder / AGENT_FILE).read_bytes(), type=AgentProcess)
    except (OSError, ValueError):
        return None


def _write_whole(path: Path, data: bytes) -> None:
    """Replace the file at `path` by a new file with the content `data`. Raises OSError.

    The content is on disk before the new file gets its name.
    """
    unfinished_path = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(unfinished_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished_path.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished_path.unlink(missing_ok=True)
        raise
