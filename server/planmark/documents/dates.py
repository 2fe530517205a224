"""Dates as documents write them, as comparable ISO text. File times are never used (the methodology, §3.3)."""

from __future__ import annotations

import datetime
import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_SHAPES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})[-/.](?P<number>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+{_MONTH},?\s+(?P<year>\d{{4}})\b",
    )
)
_TIME = re.compile(
    r"[\sT,]+(?:at\s+)?(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::\d\d)?\s*(?P<half>[ap]\.?m)?", re.IGNORECASE
)


def parse_date(value: str) -> str:
    """`2026-03-05` or `2026-03-05T14:30` for the first date in `value`; "" where there is none or no such day.

    Year-first and named months are read (`2026-03-05`, `March 5, 2026`, `5 Mar 2026`); `03/05/2026` is not,
    because it means two days.
    """
    for shape in _SHAPES:
        if match := shape.search(value):
            return _iso_day(match) + _iso_time(value, match.end()) if _iso_day(match) else ""
    return ""


def is_later(date: str, than: str) -> bool:
    """Whether `date` is strictly later: by the minute where both state it, else by the day; never where one is ""."""
    if not date or not than:
        return False
    precision = min(len(date), len(than))
    return date[:precision] > than[:precision]


def _iso_day(match: re.Match[str]) -> str:
    groups = match.groupdict()
    month = int(groups["number"]) if groups.get("number") else _MONTHS.index(groups["month"].lower()) + 1
    try:
        return datetime.date(int(groups["year"]), month, int(groups["day"])).isoformat()
    except ValueError:
        return ""


def _iso_time(value: str, end: int) -> str:
    match = _TIME.match(value, end)
    if not match:
        return ""
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    if half.startswith("a") and hour == 12:
        hour = 0
    return f"T{hour:02d}:{match['minute']}"
