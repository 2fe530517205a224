"""Dates and times as people write them, and which of two is later."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.planmark.documents.dates import is_later, parse_date
from planmark.storage.timestamps import timestamp_text


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2026-03-05", "2026-03-05"),
        ("March 5, 2026", "2026-03-05"),
        ("5. March 2026", "2026-03-05"),
        ("2026/3/5", "2026-03-05"),
        ("on 2026-03-05 by Noor", "2026-03-05"),
        ("2026-03-05, 14 files", "2026-03-05"),
        ("2026-03-05 14:30", "2026-03-05T14:30:00+00:00"),
        ("2026-03-05 14:30 UTC", "2026-03-05T14:30:00+00:00"),
        ("5th Mar 2026, 3:05 PM", "2026-03-05T15:05:00+00:00"),
        ("2026-03-05 at 12 am", "2026-03-05T00:00:00+00:00"),
        ("2026-03-05T14:05:31Z", "2026-03-05T14:05:31+00:00"),
        ("2026-03-05T14:05:31.25Z", "2026-03-05T14:05:31.250000+00:00"),
        ("2026-03-05T14:05:31+05:30", "2026-03-05T14:05:31+05:30"),
        ("2026-03-05 14:05 UTC-8", "2026-03-05T14:05:00-08:00"),
        ("2026-03-05 14:05 CEST", "2026-03-05T14:05:00+02:00"),
        ("2026-03-05 14:05 (Noor)", "2026-03-05T14:05:00+00:00"),
    ],
)
def test_what_is_read(value: str, date: str) -> None:
    assert parse_date(value) == date


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "2026-13-05",
        "03/05/2026",
        "05.03.2026",
        "2026年3月5日",
        "\u0662\u0660\u0662\u0666-\u0660\u0663-\u0660\u0665",
        "2026-03-\uff10\uff15",
        "March \u0665, 2026",
        "2026-03-05T25:00:00Z",
        "2026-03-05T14:75",
        "2026-03-05T140531Z",
        "2026-03-05 14:05 IST",
        "2026-03-05 13:05 PM",
        "2026-03-05T14:05+99:00",
    ],
)
def test_what_means_several_or_nothing(value: str) -> None:
    assert parse_date(value) == ""


@pytest.mark.parametrize(
    ("date", "than", "later"),
    [
        ("2026-03-06", "2026-03-05", True),
        ("2026-03-05", "2026-03-05", False),
        ("2026-03-05T18:00Z", "2026-03-05", False),
        ("2026-03-05T18:00Z", "2026-03-05T09:00Z", True),
        ("2026-03-05T14:05:31Z", "2026-03-05T14:05:30Z", True),
        ("2026-03-05T14:05:31Z", "2026-03-05T14:05:31Z", False),
        ("2026-03-05T23:30:00-05:00", "2026-03-06T01:00:00Z", True),
        ("2026-03-05T23:30:00-05:00", "2026-03-06", False),
        ("", "2026-03-05", False),
        ("2026-03-05", "", False),
    ],
)
def test_later_is_strict(date: str, than: str, later: bool) -> None:
    assert is_later(parse_date(date), parse_date(than)) is later


@given(st.datetimes(datetime.datetime(1970, 1, 2), datetime.datetime(9998, 1, 1)), st.integers(-720, 720))
def test_what_is_written_is_read(moment: datetime.datetime, minutes: int) -> None:
    there = moment.replace(microsecond=0, tzinfo=datetime.timezone(datetime.timedelta(minutes=minutes)))
    assert datetime.datetime.fromisoformat(parse_date(timestamp_text(there))) == there
    assert parse_date(there.isoformat()) == there.isoformat()


@given(st.text(alphabet="0123456789-:/T .+ZUTCapm年月", max_size=40))
def test_any_text_gives_a_date_or_nothing(value: str) -> None:
    date = parse_date(value)
    assert not date or datetime.datetime.fromisoformat(date)
