"""A run as its journal tells it: its attempts, the ends of its steps, and its end."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from planmark.run.journal import (
    AttemptEnded,
    AttemptStarted,
    Integrated,
    Journal,
    JournalError,
    JournalEvent,
    RunEnded,
    RunStarted,
    StepChosen,
    StepEnded,
)
from planmark.storage.lease_files import LeasePlace


class RunRecord(NamedTuple):
    """A run. `chosen` and `step_ends` are its leased steps and their ends by lease.

    `intended` are steps by item that were about to be leased. `attempts`, `ends` and `integrated` are by number of the
    attempt.
    """

    started: RunStarted
    chosen: dict[str, StepChosen]
    intended: dict[str, StepChosen]
    attempts: dict[int, AttemptStarted]
    ends: dict[int, AttemptEnded]
    step_ends: dict[str, StepEnded]
    integrated: dict[int, Integrated]
    ended: RunEnded | None


def new_run_id() -> str:
    """Return a new id of a run, which sorts by time."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"


def runs_folder(place: LeasePlace) -> Path:
    """Return the folder of all runs of a repository, or of a workspace without git, beside the folder of leases."""
    parent_folder = place.folder.parent
    return (
        parent_folder / "runs"
        if parent_folder.name == "planmark"
        else parent_folder.parent / "runs" / place.folder.name
    )


def digest_of(prompt: str) -> str:
    """Return the digest of a prompt, as the journal keeps it."""
    return hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def empty_record(run_started: RunStarted) -> RunRecord:
    """Return a run that has only begun."""
    return RunRecord(run_started, {}, {}, {}, {}, {}, {}, None)


def with_event(record: RunRecord, event: JournalEvent) -> RunRecord:
    """Return a run with one more event. A resumed run has no end any more."""
    if isinstance(event, RunStarted):
        return record._replace(ended=None)
    if isinstance(event, RunEnded):
        return record._replace(ended=event)
    if isinstance(event, StepChosen):
        if event.lease:
            record.chosen[event.lease] = event
            record.intended.pop(event.achievement, None)
        else:
            record.intended[event.achievement] = event
    elif isinstance(event, AttemptStarted):
        record.attempts[event.n] = event
    elif isinstance(event, AttemptEnded):
        record.ends[event.n] = event
    elif isinstance(event, StepEnded):
        record.step_ends[event.lease] = event
    else:
        record.integrated[event.n] = event
    return record


def record_of(events: Iterable[JournalEvent]) -> RunRecord | None:
    """Return the run of a journal; None if the run has not begun."""
    record: RunRecord | None = None
    for event in events:
        if record is not None:
            record = with_event(record, event)
        elif isinstance(event, RunStarted):
            record = empty_record(event)
    return record


def read_runs(folder: Path) -> tuple[list[RunRecord], list[str]]:
    """Return the readable runs in a folder of runs, the newest last, and the reasons why other runs cannot be read."""
    records, problems = list[RunRecord](), list[str]()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            record = record_of(Journal(path).read()) if path.is_dir() else None
        except JournalError as error:
            problems.append(str(error))
            continue
        if record is not None:
            records.append(record)
    return records, problems
