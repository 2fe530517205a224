"""Times and days, their forms as text, and the resolution of the times of files.

A tick is the resolution of the modification time of a file. Two changes within one tick may give the file the same
time.
"""

from __future__ import annotations

import datetime
import functools
import re
import time

FINE_TICK_NS, COARSE_TICK_NS = 20_000_000, 2_000_000_000
"""Upper limits of a fine and of a coarse tick, in nanoseconds.

A fine tick is a few milliseconds. On file systems that store whole seconds, a tick is up to two seconds.
"""
UTC_PATTERN = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
"""Pattern for a time in the form `2026-11-29T14:05:31Z`."""


def is_settled(changed_ns: int, now_ns: int) -> bool:
    """Tell whether a change of a file at `now_ns` or later certainly gives the file a different time than `changed_ns`."""
    return now_ns - changed_ns > (FINE_TICK_NS if changed_ns % 1_000_000_000 else COARSE_TICK_NS)


def timestamp_text(moment: datetime.datetime) -> str:
    """Return a moment in the form of documents, such as `2026-11-29T14:05:31Z`. `moment` has a time zone."""
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_text(seconds: float) -> str:
    """Return a time in the form `2026-11-29T14:05:31Z`. `seconds` is the time in seconds since the epoch.

    Raises ValueError if the time is outside of the years 1 to 9999.
    """
    try:
        return timestamp_text(datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc))
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds} is not a time") from error


# A change of a lease reads the times of all leases under their lock. With `strptime`, it would take twice as long.
@functools.lru_cache(maxsize=4096)
def utc_seconds(text: str) -> float:
    """Return a time in seconds since the epoch. `text` is the time in the form `2026-11-29T14:05:31Z`.

    Raises ValueError if the text has a different form.
    """
    match = UTC_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time such as 2026-11-29T14:05:31Z")
    year, month, day, hour, minute, second = map(int, match.groups())
    return datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.timezone.utc).timestamp()


def now_seconds() -> float:
    """Return the current time in seconds since the epoch."""
    return time.time()


def monotonic_seconds() -> float:
    """Return the time of a clock that is never set back, in seconds. Only the difference of two results has a meaning."""
    return time.monotonic()


def days_between(first: str, last: str) -> int:
    """Return the number of days from `first` to `last`. Both are days in the form `2026-11-29`."""
    return (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days


def days_before(day: str, count: int) -> str:
    """Return the day that is `count` days before `day`. Days have the form `2026-11-29`.

    The earliest result is 0001-01-01.
    """
    date = datetime.date.fromisoformat(day)
    return datetime.date.fromordinal(max(1, date.toordinal() - count)).isoformat()


def weekday(day: str) -> int:
    """Return the day of the week of a day in the form `2026-11-29`; 0 is Monday."""
    return datetime.date.fromisoformat(day).weekday()


def iso_seconds(text: str) -> float:
    """Return the seconds since the epoch of an ISO date or an ISO time.

    A date stands for its midnight in UTC. A time without an offset is in UTC.
    """
    moment = datetime.datetime.fromisoformat(f"{text}T00:00:00" if len(text) == 10 else text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)).total_seconds()


def local_day() -> str:
    """Return the current day in the time zone of this machine, in the form `2026-11-29`."""
    return datetime.datetime.now().astimezone().date().isoformat()
