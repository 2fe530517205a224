"""The journal of a run: one line of JSON for each event, on disk before the run goes on."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import BinaryIO

import msgspec

from planmark.run.attempts import AgentTokens, AttemptClass

JOURNAL_FILE = "journal.jsonl"
BLOCK_BYTES = 4_096
"""Bytes that are read at once in the search for the last end of a line."""


class JournalError(Exception):
    """A journal cannot be written, or a line of a journal cannot be read. The message names the file and the reason."""


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An event. `at` is its time in seconds since the epoch."""

    at: float = 0.0


class NamedByEvent(msgspec.Struct, frozen=True):
    """The plan that an event names, "" without one."""

    plan: str = ""


class RunStarted(JournalEntry, frozen=True, kw_only=True, tag="run.started"):
    """The begin of a run, or its resumption: its command line, its agents by name, and its limits."""

    run: str
    plan: str = ""
    feature: str = ""
    branch: str = ""
    argv: tuple[str, ...]
    agents: dict[str, tuple[str, ...]] = {}
    budget_usd: float | None = None
    budget_tokens: int | None = None
    pid: int = 0


class StepChosen(JournalEntry, frozen=True, kw_only=True, tag="step.chosen"):
    """A step of the run. The event comes twice: before the step is leased, and then with the lease.

    `digest` is the digest of the step's prompt, and `tokens` the size of the prompt.
    """

    plan: str
    achievement: str
    step: str
    agent: str = ""
    role: str = ""
    tier: int | None = None
    lease: str = ""
    digest: str = ""
    tokens: int | None = None


class AttemptStarted(JournalEntry, frozen=True, kw_only=True, tag="attempt.started"):
    """An attempt, with the work tree of the agent. `cap_usd` and `cap_tokens` are the most that the attempt may cost.

    The event is written before the supervisor starts, so that no agent works that a later run does not know.
    """

    n: int
    plan: str
    achievement: str
    step: str
    agent: str
    lease: str
    worktree: str = ""
    branch: str = ""
    base: str = ""
    cap_usd: float = 0.0
    cap_tokens: int = 0


class AttemptEnded(JournalEntry, frozen=True, kw_only=True, tag="attempt.ended"):
    """The end of an attempt, with the figures of the agent; see `AttemptResult`."""

    n: int
    kind: AttemptClass = msgspec.field(name="class")
    exit: int | None = None
    tokens: AgentTokens | None = None
    cost_usd: float | None = None
    seconds: float = 0.0
    turns: int | None = None
    session: str = ""
    says: str = ""


class StepEnded(JournalEntry, frozen=True, kw_only=True, tag="step.ended"):
    """The end of a step: its states before and after, and `by`, the evidence for the state after."""

    plan: str
    achievement: str
    step: str
    lease: str = ""
    before: str
    after: str
    by: str = ""
    kind: AttemptClass = msgspec.field(name="class", default="ok")


class Integrated(JournalEntry, frozen=True, kw_only=True, tag="integrated"):
    """A commit of the integration branch that has the work of an attempt."""

    n: int
    commit: str
    branch: str = ""


class RunEnded(JournalEntry, frozen=True, kw_only=True, tag="run.ended"):
    """The end of a run, with its exit code and the reason."""

    exit: int
    why: str = ""


JournalEvent = RunStarted | StepChosen | AttemptStarted | AttemptEnded | StepEnded | Integrated | RunEnded
_DECODER = msgspec.json.Decoder(JournalEvent)


class Journal:
    """The journal in the folder of a run. One process appends, and others may read at the same time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL_FILE

    def append(self, event: JournalEvent) -> JournalEvent:
        """Append an event, with the current time unless it has one, and return it when it is on disk. Raises JournalError.

        The rest of a line that a killed process or a full disk cut off is removed first.
        """
        timed_event = event if event.at else msgspec.structs.replace(event, at=round(time.time(), 3))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(descriptor, "r+b") as stream:
                stream.truncate(_end_of_last_line(stream))
                stream.seek(0, os.SEEK_END)
                stream.write(msgspec.json.encode(timed_event) + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise JournalError(f"{self.path} cannot be written: {error.strerror or error}") from None
        return timed_event

    def read(self) -> list[JournalEvent]:
        """Return all events in their order; [] without a journal. A line without its end is ignored.

        Raises JournalError for any other line that is not an event, because it may be the start of an attempt.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise JournalError(f"{self.path} cannot be read: {error.strerror or error}") from None
        events: list[JournalEvent] = []
        for number, line in enumerate(data[: _end_of_lines(data)].splitlines(), 1):
            try:
                events.append(_DECODER.decode(line))
            except ValueError as error:
                raise JournalError(
                    f"{self.path}, line {number}, is not an event of this version: {error}. Look at the work trees of this "
                    f"run (git worktree list), and move {self.path.parent} away"
                ) from None
        return events

    def plans(self) -> frozenset[str]:
        """Return the plans that the readable lines name, even if other lines are damaged; empty without a journal."""
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return frozenset()
        plans = set()
        for line in lines:
            with contextlib.suppress(ValueError):
                plans.add(msgspec.json.decode(line, type=NamedByEvent).plan)
        return frozenset(plans - {""})


def _end_of_lines(data: bytes) -> int:
    """Return the number of bytes of the lines that have their end."""
    return data.rfind(b"\n") + 1


def _end_of_last_line(stream: BinaryIO) -> int:
    """Return the position after the last end of a line, 0 without one, in bytes from the start of the file."""
    begin = stream.seek(0, os.SEEK_END)
    while begin:
        end, begin = begin, max(0, begin - BLOCK_BYTES)
        stream.seek(begin)
        if length := _end_of_lines(stream.read(end - begin)):
            return begin + length
    return 0
