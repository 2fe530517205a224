"""The number in the name of a file leads back to the id of its achievement."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.planmark.documents.ids import (
    ids_meant_by_number,
    long_number,
    number_for,
    short_number,
)

PART = st.integers(0, 99)

IDS = st.lists(PART, min_size=2, max_size=3).map(lambda parts: ".".join(map(str, parts)))


@given(st.sets(IDS, min_size=1, max_size=30))
def test_id_to_name_to_id(ids: set[str]) -> None:
    """Check that the number for a new file leads back to its id alone, for any other ids of the plan."""
    for achievement in ids:
        assert ids_meant_by_number(number_for(achievement, ids), sorted(ids)) == (achievement,)


@given(st.sets(IDS, min_size=1, max_size=30))
def test_name_to_id_to_name(ids: set[str]) -> None:
    for achievement in ids:
        for number in (short_number(achievement), long_number(achievement)):
            assert achievement in ids_meant_by_number(number, sorted(ids))
