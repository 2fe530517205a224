"""The resolution of file times. Two changes of a file within one tick may have the same time."""

from __future__ import annotations

import datetime
import functools
import re
import time

FINE_TICK_NS, COARSE_TICK_NS = 20_000_000, 2_000_000_000
"""Upper limits of a tick: a few milliseconds, or two seconds on file systems that store whole seconds."""
UTC_PATTERN = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")


def is_settled(changed_ns: int, now_ns: int) -> bool:
    """Tell whether any change from `now_ns` on must give a file a different time than `changed_ns`."""
    return now_ns - changed_ns > (FINE_TICK_NS if changed_ns % 1_000_000_000 else COARSE_TICK_NS)


def timestamp_text(moment: datetime.datetime) -> str:
    """Return a moment (with its zone) as documents write it: `2026-11-29T14:05:31Z`."""
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_text(seconds: float) -> str:
    """Return a time in seconds since the epoch as `2026-11-29T14:05:31Z`. Raises ValueError outside the years 1 to 9999."""
    try:
        return timestamp_text(datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc))
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds} is not a time") from error


# A change of a lease reads the times of all leases under their lock, and `strptime` takes half of its time.
@functools.lru_cache(maxsize=4096)
def utc_seconds(text: str) -> float:
    """Return the seconds since the epoch of a time such as `2026-11-29T14:05:31Z`. Raises ValueError for other texts."""
    match = UTC_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time such as 2026-11-29T14:05:31Z")
    year, month, day, hour, minute, second = map(int, match.groups())
    return datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.timezone.utc).timestamp()


def now_seconds() -> float:
    """Return the current time in seconds since the epoch."""
    return time.time()


def elapsed_seconds() -> float:
    """Return the seconds since an unknown time, by a clock that is never set back."""
    return time.monotonic()


def days_between(first: str, last: str) -> int:
    """Return the number of days from one day to another, both written like `2026-11-29`."""
    return (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days


def days_before(day: str, count: int) -> str:
    """Return the day that is `count` days before a day written like `2026-11-29`; the first day there is at the least."""
    date = datetime.date.fromisoformat(day)
    return datetime.date.fromordinal(max(1, date.toordinal() - count)).isoformat()


def weekday(day: str) -> int:
    """Return the day of the week of a day written like `2026-11-29`: 0 for Monday."""
    return datetime.date.fromisoformat(day).weekday()


def instant(text: str) -> float:
    """Return the seconds since the epoch of an ISO date (its midnight in UTC) or time (in UTC without an offset)."""
    moment = datetime.datetime.fromisoformat(f"{text}T00:00:00" if len(text) == 10 else text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)).total_seconds()


def local_day() -> str:
    """Return the current day of this machine's time zone, `2026-11-29`."""
    return datetime.datetime.now().astimezone().date().isoformat()
