"""Dates and times in documents, converted to comparable ISO text.

Planmark never uses file times (the methodology, §3.3).
"""

from __future__ import annotations

import datetime
import re

from planmark.text.lazy_pattern import lazy_pattern

_MONTH_ABBREVIATIONS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_PATTERN = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE_PATTERNS = tuple(
    lazy_pattern(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>[0-9]{4})[-/.](?P<number>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})(?!\d)",
        rf"\b{_MONTH_PATTERN}\s+(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>[0-9]{{4}})\b",
        rf"\b(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?\.?\s+{_MONTH_PATTERN},?\s+(?P<year>[0-9]{{4}})\b",
    )
)
_TEXT_BEFORE_TIME = lazy_pattern(
    r"T(?=[0-9])|[\sT,@(|\u2013\u2014-]+(?:at\s+)?(?=[0-9]{1,2}(?:[:h][0-9]|\s*[ap]\.?m\b))", re.IGNORECASE
)
"""Pattern for the text between a date and a time."""
_TIME = lazy_pattern(
    r"(?P<hour>[0-9]{1,2})(?:[:h](?P<minute>[0-9][0-9])(?::(?P<second>[0-9][0-9])(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?(?!\d)"
    r"\s*(?P<half>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
_OFFSET = lazy_pattern(
    r"\s*(?:UTC|GMT|Z)?\s*(?P<sign>[+\u2212-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-5][0-9]))?(?![\d:-])"
)
"""Pattern for an offset from UTC after a time, such as `+02:00`."""
_ZONE = lazy_pattern(r"\s*\(?(?P<zone>[A-Z]{1,5})\b")

ZONE_OFFSETS: dict[str, float] = {
    **dict.fromkeys(("Z", "UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("CET", "WEST"), 1),
    **dict.fromkeys(("CEST", "EET"), 2),
    **dict.fromkeys(("EEST", "MSK"), 3),
    "EDT": -4,
    "EST": -5,
    "MDT": -6,
    "PDT": -7,
    "PST": -8,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
}
"""Mapping from the name of a time zone to its offset from UTC in hours. Each of these names has only one meaning."""
AMBIGUOUS_ZONES = frozenset({"CST", "CDT", "IST", "BST", "AST", "ADT", "MST", "SST", "PKT", "AMT"})
"""Names that stand for several time zones. A time with one of these names is not readable."""


def parse_date(value: str) -> str:
    """Return the date in `value` as ISO text: `2026-03-05`, or `2026-03-05T14:30:00+00:00` if a time follows the date.

    Return "" if there is no date, if the day does not exist, or if the time is not readable. A readable date begins
    with the year or has a named month (`2026-03-05`, `March 5, 2026`, `5 Mar 2026`). `03/05/2026` is not readable,
    because it may mean two days. If `value` contains several dates, dates that begin with the year take precedence.

    A time without an offset is in UTC. A time with an offset keeps the day as written, even if the day in UTC differs.
    """
    for pattern in _DATE_PATTERNS:
        if match := pattern.search(value):
            return _iso_text(match, value)
    return ""


def names_several_days(value: str) -> bool:
    """Tell whether `value` names more than one day. Then it is not clear which of them is meant."""
    days = {_iso_text(match, value)[:10] for pattern in _DATE_PATTERNS for match in pattern.finditer(value)}
    return len(days) > 1


def is_later(date: str, other_date: str) -> bool:
    """Tell whether `date` is strictly later than `other_date`.

    If both dates have a time, the moments are compared. Otherwise, the days are compared as written. If one of the
    dates is "", the result is False.
    """
    if not date or not other_date:
        return False
    if "T" in date and "T" in other_date:
        return datetime.datetime.fromisoformat(date) > datetime.datetime.fromisoformat(other_date)
    return date[:10] > other_date[:10]


def _iso_text(match: re.Match[str], value: str) -> str:
    """Return the date in `match` as ISO text, with the time that follows the date in `value`.

    Return "" if this day or this time does not exist, or if the time zone is ambiguous.
    """
    groups = match.groupdict()
    month = int(groups["number"]) if groups.get("number") else _MONTH_ABBREVIATIONS.index(groups["month"].lower()) + 1
    try:
        day = datetime.date(int(groups["year"]), month, int(groups["day"]))
        time_start = _TEXT_BEFORE_TIME.match(value, match.end())
        if time_start is None:
            return day.isoformat()
        moment = datetime.datetime.combine(day, *_time_and_zone(value, time_start.end()))
        return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds")
    except ValueError:
        return ""


def _time_and_zone(value: str, start: int) -> tuple[datetime.time, datetime.timezone]:
    """Return the time that begins at the character offset `start` of `value`, and the zone of this time.

    Raises ValueError if the time does not exist, or if the name of the zone is ambiguous.
    """
    match = _TIME.match(value, start)
    if match is None:
        raise ValueError(value)
    hour, half_of_day = int(match["hour"]), (match["half"] or "").lower()
    if half_of_day:
        if not 1 <= hour <= 12:
            raise ValueError(value)
        hour = hour % 12 + 12 * half_of_day.startswith("p")
    fraction = int(f"{match['fraction'] or 0:0<6}"[:6])
    time = datetime.time(hour, int(match["minute"] or 0), int(match["second"] or 0), fraction)
    return time, datetime.timezone(_utc_offset(value, match.end()))


def _utc_offset(value: str, start: int) -> datetime.timedelta:
    """Return the difference from UTC that `value` states after a time, or zero if it states none.

    `start` is the position of the first character after the time. Raises ValueError if the name of the zone is
    ambiguous.
    """
    if match := _OFFSET.match(value, start):
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        return datetime.timedelta(minutes=minutes if match["sign"] == "+" else -minutes)
    zone = _ZONE.match(value, start)
    if zone and zone["zone"] in AMBIGUOUS_ZONES:
        raise ValueError(value)
    return datetime.timedelta(hours=ZONE_OFFSETS.get(zone["zone"], 0) if zone else 0)
