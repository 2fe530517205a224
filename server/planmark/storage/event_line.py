"""The line that records a successful event. The code that prints cached results uses this module.

The module avoids the import of `planmark.metrics`, which takes longer. The module `planmark.metrics.events` defines the
format. A test compares the lines of both modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from planmark.storage.plain_json import PlainValue, encode_plain

NO_DETAILS: Mapping[str, PlainValue] = MappingProxyType({})
"""The `details` of an event without other members."""


class EventEnd(NamedTuple):
    """The end of an event. `at` is its time in seconds since 1970, and `timestamp` the same time as ISO 8601 in UTC.

    `pid` is the number of the process.
    """

    at: float
    timestamp: str
    pid: int


def event_line(
    kind: str,
    name: str,
    feature: str | None,
    seconds: float,
    event_end: EventEnd,
    details: Mapping[str, PlainValue] = NO_DETAILS,
) -> str:
    """Return the line that records an event. The function `json_line_of` of `metrics.events` returns the same line.

    `seconds` is the duration of the event. `details` are additional members of the record.
    """
    members: dict[str, PlainValue] = {
        "kind": kind,
        "name": name,
        "feature": feature,
        "duration": round(seconds, 6),
        "timestamp": event_end.timestamp,
        "start": round(event_end.at - seconds, 6),
        "end": round(event_end.at, 6),
        "success": True,
        "outcome": "done",
        "pid": event_end.pid,
        **details,
    }
    return f"{encode_plain(members)}\n"
