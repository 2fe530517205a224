"""The first day of a report, as a user writes it: a date, a number of days or weeks, or a day of the week."""

from __future__ import annotations

from planmark.cli.errors import BAD_USAGE, CommandError
from planmark.storage.timestamps import days_before, days_between, weekday
from planmark.text.lazy_pattern import lazy_pattern

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEFAULT_REPORT_DAYS = 7
"""Number of days before today at which a report begins without `--since`."""
MAX_COUNT_DIGITS = 5
"""Maximum number of digits of a number of days or weeks."""
_DAYS_OR_WEEKS_AGO = lazy_pattern(r"(?P<count>[0-9]+)\s*(?P<unit>d|days?|w|weeks?)(?: ago)?")
_DATE = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EXAMPLE_DAYS_TEXT = "a date (2026-11-24), `7d`, `2w`, `monday`, `yesterday` or `today`"


def since_day(text: str | None, today: str) -> str:
    """Return the day that `text` names, such as `2026-11-24`. If `text` is None, return the day a week before `today`.

    `monday` means the last Monday before `today`. Raises CommandError if the text names no day, a day that does not
    exist, or a day after `today`.
    """
    if text is None:
        return days_before(today, DEFAULT_REPORT_DAYS)
    day_text = " ".join(text.casefold().split())
    if day_text in ("today", "yesterday"):
        return days_before(today, int(day_text == "yesterday"))
    if day_text in WEEKDAYS:
        return days_before(today, (weekday(today) - WEEKDAYS.index(day_text) - 1) % 7 + 1)
    if (ago_match := _DAYS_OR_WEEKS_AGO.fullmatch(day_text)) and len(ago_match["count"]) <= MAX_COUNT_DIGITS:
        return days_before(today, int(ago_match["count"]) * (7 if ago_match["unit"].startswith("w") else 1))
    if not _DATE.fullmatch(day_text):
        raise CommandError(f"--since: `{text}` is no day that can be read. Write {EXAMPLE_DAYS_TEXT}", BAD_USAGE)
    try:
        is_future = days_between(day_text, today) < 0
    except ValueError:
        raise CommandError(f"--since: {text} is no day of the calendar. Write {EXAMPLE_DAYS_TEXT}", BAD_USAGE) from None
    if is_future:
        raise CommandError(f"--since: {text} is after today ({today}). Write {EXAMPLE_DAYS_TEXT}", BAD_USAGE)
    return day_text
