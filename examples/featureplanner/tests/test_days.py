from datetime import date

from watering.days import next_day


def test_the_next_day() -> None:
    assert next_day(date(2026, 3, 1), 3) == date(2026, 3, 4)
