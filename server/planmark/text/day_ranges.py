"""Days and ranges of days as a query writes them: `2026-11-30`, `2026-11`, `>=2026-11-01`, `2026-11-01..2026-11-30`."""

from __future__ import annotations

import calendar
import datetime
from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

_DAY_MONTH_OR_YEAR = lazy_pattern(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?$")
_COMPARISON = lazy_pattern(r"(?P<sign>>=|<=|>|<|=)(?P<day>.+)$")


class DayRange(NamedTuple):
    """The days from `first` to `last`, both included."""

    first: datetime.date
    last: datetime.date


def day_range(value: str) -> DayRange | None:
    """Return the range of days that `value` names; None if `value` is not a day, a month, a year or a range of these."""
    value = value.strip()
    if match := _COMPARISON.match(value):
        days = _named_days(match["day"].strip())
        return _range_of_comparison(match["sign"], days) if days else None
    begin, separator, end = value.partition("..")
    if not separator:
        return _named_days(value)
    first_range, last_range = _named_days(begin) if begin else ALL_DAYS, _named_days(end) if end else ALL_DAYS
    return DayRange(first_range.first, last_range.last) if first_range and last_range and (begin or end) else None


def _range_of_comparison(sign: str, days: DayRange) -> DayRange:
    if sign == ">=":
        return DayRange(days.first, ALL_DAYS.last)
    if sign == "<=":
        return DayRange(ALL_DAYS.first, days.last)
    if sign == ">":
        return DayRange(_shifted_day(days.last, 1), ALL_DAYS.last)
    return DayRange(ALL_DAYS.first, _shifted_day(days.first, -1)) if sign == "<" else days


def _shifted_day(day: datetime.date, days: int) -> datetime.date:
    """Return `day` plus `days`, which may be negative. If the calendar does not have the result, return `day`."""
    try:
        return day + datetime.timedelta(days)
    except OverflowError:
        return day


def _named_days(value: str) -> DayRange | None:
    """Return the range of the day, the month or the year that `value` names; None if the calendar does not have it."""
    match = _DAY_MONTH_OR_YEAR.match(value)
    if match is None:
        return None
    year, month, day = (int(match[part]) if match[part] else None for part in ("year", "month", "day"))
    try:
        first = datetime.date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day is not None:
        return DayRange(first, first)
    last_month = month or 12
    return DayRange(first, first.replace(month=last_month, day=calendar.monthrange(first.year, last_month)[1]))


ALL_DAYS = DayRange(datetime.date.min, datetime.date.max)
"""All days of the calendar: the range without a limit."""
