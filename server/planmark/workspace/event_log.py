"""The records of events: conversion to lines of JSON, and reading of the current and the older file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

from planmark.metrics.events import json_line_of, record_of
from planmark.metrics.recorder import Event
from planmark.plans.document_format import document_format
from planmark.storage.jsonl_log import OLDER_RECORDS_FILE, RECORDS_FILE, RECORDS_LOCK_FILE, append_lines, records_folder

__all__ = [
    "OLDER_RECORDS_FILE",
    "RECORDS_FILE",
    "RECORDS_LOCK_FILE",
    "append_lines",
    "read_records",
    "record_lines",
    "records_folder",
]

MAX_LINE_BYTES = 1_000_000
"""Maximum bytes of a line that is read. A longer line is not a record."""
TimedEvent = tuple[float, Event]
"""A tuple of two parts: the time when an event ended, in seconds since 1970 by the wall clock, and the event."""


def record_lines(events: Iterable[TimedEvent]) -> bytes:
    """Return the lines that the current file gets for `events`."""
    pid = os.getpid()
    return b"".join(
        json_line_of(record_of(event, _feature(event.about), _iso_utc_text(timestamp), timestamp, pid))
        for timestamp, event in events
    )


def read_records() -> Iterator[bytes]:
    """Yield the lines of the older file, then the lines of the current file. Unreadable files are skipped."""
    newer_stream = _open_log(records_folder() / RECORDS_FILE)
    older_stream = _open_log(records_folder() / OLDER_RECORDS_FILE)
    if newer_stream and older_stream and os.path.sameopenfile(newer_stream.fileno(), older_stream.fileno()):
        # The newer file became the older file between the two calls of `_open_log`.
        newer_stream.close()
        newer_stream = None
    for stream in (older_stream, newer_stream):
        if stream is not None:
            with stream:
                yield from iter(lambda stream=stream: stream.readline(MAX_LINE_BYTES), b"")  # type: ignore[misc]


def _open_log(path: Path) -> BinaryIO | None:
    """Open a file of records. Return None if the file does not exist or cannot be opened."""
    try:
        return path.open("rb") if path.is_file() else None
    except OSError:
        return None


def _feature(subject: str | None) -> str | None:
    """Return the feature of an event.

    `subject` is the path of a document, a feature, or None. If it is the path of a document, return the feature in the
    name of this document. Else return `subject`.
    """
    name = (
        document_format().parse_name(subject.rpartition("/")[2])
        if subject and subject.endswith((".md", ".json"))
        else None
    )
    return name.feature if name else subject


def _iso_utc_text(timestamp: float) -> str:
    """Return a time in seconds since 1970 in the ISO format, in UTC."""
    return datetime.fromtimestamp(timestamp, timezone.utc).isoformat(timespec="milliseconds")
