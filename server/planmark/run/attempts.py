"""The folder of an attempt: its order, its prompt, the output of the agent, and its result.

The supervisor loads this module first, so it imports no large modules.
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
"""The classes that an agent's own report or its start decides."""
SupervisorClass = Literal["timeout", "idle", "crashed", "lost", "cancelled", "stolen"]
"""The classes of an agent that failed, or that did not end by itself."""
WorkClass = Literal["no_progress", "conflict", "outside", "gone", "not_integrated"]
"""The classes that the files decide, or git when it integrates them."""
AttemptClass = Literal[ReportedClass, SupervisorClass, WorkClass]
ResultForm = Literal["claude-json", "codex-jsonl", "gemini-json", "opencode-jsonl", "copilot-jsonl", "exit", "none"]
"""The form in which an agent reports its result on standard output."""
ORDER_FILE, PROMPT, LOG_FILE, RESULT_FILE = "order.json", "prompt.md", "output.log", "result.json"
SUPERVISOR_LOG, AGENT_FILE = "supervisor.log", "agent.json"
CANCEL_FILE = "cancel"
"""The file that tells the supervisor to end its agent."""
LOCKS_FOLDER = ".locks"
"""The folder in the folder of all runs with a lock for each lease, which the supervisor of its agent holds."""
MAX_SAYS_CHARACTERS = 300
"""Maximum characters of the sentence of an agent."""
GRACE_SECONDS = 10.0
"""Time from the request to an agent to end until it is ended by force."""


class AttemptError(Exception):
    """The folder of an attempt cannot be written or read. The message names the file and the reason."""


class AgentTokens(msgspec.Struct, frozen=True):
    """The tokens of an attempt, by the agent's own figures; None for a figure that the agent does not give.

    `input` does not include `cached`, the tokens that were read from the cache of the model.
    """

    input: int | None = None
    cached: int | None = None
    output: int | None = None
    reasoning: int | None = None


class AttemptOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The command line that a supervisor starts, and the limits that it enforces. All times are in seconds.

    `env` are names of the supervisor's own variables that the agent gets, `NAME` or `PREFIX*`; `variables` are added to
    them. So no value of the environment is written to a file. `workspace` is the folder whose leases are renewed. With
    `prompt` "stdin", the agent gets `prompt.md` on standard input, which is then closed.
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

    `kind` is "ok" if nothing speaks against the attempt; only the state of the files tells whether a step is done.
    `exit` is the exit code, 128 + the signal for an agent that a signal ended, and None if the agent did not start.
    `says` is the agent's own sentence, masked, in one line. `denied` are the tools that the agent was not allowed to
    use. `retry_after` is the number of seconds that the agent was told to wait.
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
    """The process of an agent, as `ProcessIdentity`; it leads a process group and a session of its own."""

    pid: int
    started: float
    space: str


def attempt_folder(runs: Path, run: str, attempt: int) -> Path:
    """Return the folder of an attempt. `runs` is the folder of all runs of a repository."""
    return runs / run / str(attempt)


def write_order(folder: Path, order: AttemptOrder, prompt: str) -> None:
    """Create the folder of an attempt with its order and its prompt, readable only by the user. Raises AttemptError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_whole(folder / PROMPT, prompt.encode("utf-8", "surrogatepass"))
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
    """Write the result of an attempt, whole or not at all. Raises AttemptError."""
    try:
        _write_whole(folder / RESULT_FILE, msgspec.json.encode(result))
    except OSError as error:
        raise AttemptError(f"{folder / RESULT_FILE} cannot be written: {error.strerror or error}") from None


def read_result(folder: Path) -> AttemptResult | None:
    """Return the result of an attempt; None if it is missing or incomplete."""
    try:
        return msgspec.json.decode((folder / RESULT_FILE).read_bytes(), type=AttemptResult)
    except (OSError, ValueError):
        return None


def write_agent(folder: Path, process: AgentProcess) -> None:
    """Write the process of the agent of an attempt, for a run that resumes. Raises OSError."""
    _write_whole(folder / AGENT_FILE, msgspec.json.encode(process))


def read_agent(folder: Path) -> AgentProcess | None:
    """Return the process of the agent of an attempt; None if none was started."""
    try:
        return msgspec.json.decode((folder / AGENT_FILE).read_bytes(), type=AgentProcess)
    except (OSError, ValueError):
        return None


def _write_whole(path: Path, data: bytes) -> None:
    """Replace a file by a new one, whose `data` is on disk before it gets the name. Raises OSError."""
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
