"""The next day on which a plant needs water."""

from datetime import date, timedelta


def next_day(last: date, every: int) -> date:
    """Return the day that is `every` days after the last water."""
    return last + timedelta(days=every)
