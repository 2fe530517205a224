"""The record of a run, made from the events of its journal: its attempts, the ends of its steps, and its end."""

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
    """The record of a run. `chosen` maps the id of a lease to the leased step, and `step_ends` to the end of the step.

    `intended` maps the name of an item to a step that was about to be leased. `attempts`, `ends` and `integrated` map
    the number of an attempt to its start, its end and its integration. `ended` is None if the run has not ended.
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
    """Return a new id for a run. The order of the ids is the order of the runs in time."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"


def runs_folder(place: LeasePlace) -> Path:
    """Return the folder of all runs of a repository, or of a workspace without git.

    It is beside the folder of the leases.
    """
    parent_folder = place.folder.parent
    return (
        parent_folder / "runs"
        if parent_folder.name == "planmark"
        else parent_folder.parent / "runs" / place.folder.name
    )


def digest_of(prompt: str) -> str:
    """Return the digest of a prompt for the journal."""
    return hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def empty_record(run_started: RunStarted) -> RunRecord:
    """Return the record of a run that has only begun."""
    return RunRecord(run_started, {}, {}, {}, {}, {}, {}, None)


def with_event(record: RunRecord, event: JournalEvent) -> RunRecord:
    """Return the record with one more event. The dictionaries of `record` are changed in place.

    After the event of a resumed run, the record has no end.
    """
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
    """Return the record of a run from the events of its journal; None if no event is the start of a run."""
    record: RunRecord | None = None
    for event in events:
        if record is not None:
            record = with_event(record, event)
        elif isinstance(event, RunStarted):
            record = empty_record(event)
    return record


def read_runs(folder: Path) -> tuple[list[RunRecord], list[str]]:
    """Return a tuple of two lists: the records of all readable runs in a folder, and the problems with the other runs.

    The newest run is the last. A problem is a text that says why a run cannot be read.
    """
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
