"""The journal of a run. Each event is one line of JSON, which is on disk before the run goes on."""

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
"""Number of bytes that `_end_of_last_line` reads at once."""


class JournalError(Exception):
    """A journal cannot be written, or a line of a journal cannot be read. The message names the file and the reason."""


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a run. `at` is the time of the event, in seconds since the epoch."""

    at: float = 0.0


class PlanOfEvent(msgspec.Struct, frozen=True):
    """The part of an event that names a plan. `plan` is "" if the event names none."""

    plan: str = ""


class RunStarted(JournalEntry, frozen=True, kw_only=True, tag="run.started"):
    """The start of a run, or the moment when the run is resumed.

    `argv` is the command line of the run. `agents` maps the name of an agent to its command. `budget_usd` and
    `budget_tokens` are the limits of the run.
    """

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
    """A step that the run has chosen. The event is written twice: before the step is leased, and then with the lease.

    `digest` is the digest of the step's prompt, and `tokens` the number of tokens of the prompt.
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
    """The start of the attempt with the number `n`, with the work tree of its agent.

    `cap_usd` and `cap_tokens` are the maximum that the attempt may cost. The event is written before the supervisor
    starts. So a later run knows of each agent that works.
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
    """The end of the attempt with the number `n`. The other fields are as in `AttemptResult`."""

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
    """The end of a step. `before` is the state before the step, and `after` the state after it.

    `by` is the evidence for the state after the step.
    """

    plan: str
    achievement: str
    step: str
    lease: str = ""
    before: str
    after: str
    by: str = ""
    kind: AttemptClass = msgspec.field(name="class", default="ok")


class Integrated(JournalEntry, frozen=True, kw_only=True, tag="integrated"):
    """The integration of the work of the attempt with the number `n`. `commit` is the commit of the integration branch."""

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
    """The journal in the folder of a run. One process appends events, and others may read the journal at the same time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL_FILE

    def append(self, event: JournalEvent) -> JournalEvent:
        """Write an event to the end of the journal, and return the event when it is on disk. Raises JournalError.

        An event without a time gets the current time. If the last line is incomplete, because of a killed process or a
        full disk, it is removed first.
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
        """Return all events in their order; [] if there is no journal. An incomplete last line is ignored.

        Raises JournalError if any other line is not an event, because that line may record the start of an attempt.
        """
        try:
            journal_bytes = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise JournalError(f"{self.path} cannot be read: {error.strerror or error}") from None
        events: list[JournalEvent] = []
        for number, line in enumerate(journal_bytes[: _complete_lines_length(journal_bytes)].splitlines(), 1):
            try:
                events.append(_DECODER.decode(line))
            except ValueError as error:
                raise JournalError(
                    f"{self.path}, line {number}, is not an event of this version: {error}. Look at the work trees of this "
                    f"run (git worktree list), and move {self.path.parent} away"
                ) from None
        return events

    def plans(self) -> frozenset[str]:
        """Return the plans that the events name. It is empty if the journal cannot be read.

        A damaged line is ignored.
        """
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return frozenset()
        named_plans = set()
        for line in lines:
            with contextlib.suppress(ValueError):
                named_plans.add(msgspec.json.decode(line, type=PlanOfEvent).plan)
        return frozenset(named_plans - {""})


def _complete_lines_length(data: bytes) -> int:
    """Return the number of bytes up to and including the last end of a line; 0 if there is no end of a line."""
    return data.rfind(b"\n") + 1


def _end_of_last_line(stream: BinaryIO) -> int:
    """Return the position in a file directly after the last end of a line; 0 if there is no end of a line."""
    begin = stream.seek(0, os.SEEK_END)
    while begin:
        end, begin = begin, max(0, begin - BLOCK_BYTES)
        stream.seek(begin)
        if block_end := _complete_lines_length(stream.read(end - begin)):
            return begin + block_end
    return 0
