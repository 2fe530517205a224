"""Any text is a query for `planmark find`, and a query can be written and read again."""

from __future__ import annotations

import datetime

from hypothesis import given
from hypothesis import strategies as st

from planmark.queries.find_query import QUERY_KEYS, Term, parse_query, query_of_arguments, written_query
from planmark.text.day_ranges import day_range

PIECES = st.sampled_from(
    [*(f"{key}:" for key in QUERY_KEYS), "-", '"', " ", ",", ":", "..", ">=", "2026-11", "a", "b c", "é", "\n"]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))
WORDS = st.text(st.characters(exclude_categories=["Cs", "Z", "C"], exclude_characters='":-'), min_size=1)
TERMS = st.builds(
    Term,
    st.sampled_from(["", *QUERY_KEYS]),
    WORDS,
    st.booleans(),
    st.booleans(),
)
DAYS = st.dates()


@given(TEXTS)
def test_any_text_is_a_query_that_can_be_written(text: str) -> None:
    terms = parse_query(text)
    assert parse_query(written_query(terms)) == terms


@given(st.lists(TERMS))
def test_written_terms_are_read_again(terms: list[Term]) -> None:
    assert parse_query(written_query(terms)) == tuple(terms)


@given(st.lists(TERMS, min_size=2))
def test_arguments_of_a_shell_are_the_same_query(terms: list[Term]) -> None:
    spaced = [term._replace(value=f"{term.value} x", is_quoted=True) for term in terms]
    unquoted = [written_query([term]).replace('"', "") for term in spaced]
    assert parse_query(query_of_arguments(unquoted)) == tuple(spaced)


@given(TEXTS)
def test_no_text_of_a_range_raises(text: str) -> None:
    days = day_range(text)
    assert days is None or isinstance(days.first, datetime.date)


@given(DAYS, DAYS, DAYS)
def test_ranges_hold_the_days_that_comparisons_name(
    first: datetime.date, last: datetime.date, day: datetime.date
) -> None:
    def holds(value: str) -> bool:
        days = day_range(value)
        assert days is not None
        return days.first <= day <= days.last

    assert holds(f"{first}..{last}") == (first <= day <= last)
    assert holds(f">={first}") == (day >= first)
    assert holds(f"<={first}") == (day <= first)
    assert holds(str(first)) == (day == first)
    assert holds(f"{first:%Y-%m}".zfill(7)) == ((day.year, day.month) == (first.year, first.month))
    if datetime.date.min < first < datetime.date.max:
        assert holds(f">{first}") == (day > first)
        assert holds(f"<{first}") == (day < first)
