"""The record line of a successful event, for cached results, without the slower import of `planmark.metrics`.

`planmark.metrics.events` defines the format. A test compares the lines of both modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from planmark.storage.plain_json import PlainValue, encode

NO_DETAILS: Mapping[str, PlainValue] = MappingProxyType({})


class EventEnd(NamedTuple):
    """The end of an event: seconds since 1970, the same time as ISO 8601 in UTC, and the process."""

    at: float
    timestamp: str
    pid: int


def event_line(
    kind: str,
    name: str,
    feature: str | None,
    seconds: float,
    ended_event_end: EventEnd,
    details: Mapping[str, PlainValue] = NO_DETAILS,
) -> str:
    """Return the line that `metrics.events.line_of` returns for the record of the event.

    `details` are the other members of the record.
    """
    members: dict[str, PlainValue] = {
        "kind": kind,
        "name": name,
        "feature": feature,
        "duration": round(seconds, 6),
        "timestamp": ended_event_end.timestamp,
        "start": round(ended_event_end.at - seconds, 6),
        "end": round(ended_event_end.at, 6),
        "success": True,
        "outcome": "done",
        "pid": ended_event_end.pid,
        **details,
    }
    return f"{encode(members)}\n"
