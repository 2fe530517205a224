"""Ids, the numbers of file names, and the way back."""

from __future__ import annotations

import pytest

from planmark.formats.planmark.documents.ids import (
    id_named_in,
    ids_and_ranges_in,
    ids_between,
    ids_meant_by_number,
    number_for,
)


@pytest.mark.parametrize(
    ("number", "ids", "found"),
    [
        ("21", ["1.2", "2.1"], ("2.1",)),
        ("111", ["1.11", "11.1"], ("1.11", "11.1")),
        ("01_11", ["1.11", "11.1"], ("1.11",)),
        ("351", ["3.5.1"], ("3.5.1",)),
        ("03_05_01", ["3.5.1", "3.51"], ("3.5.1",)),
        ("34", ["3.5.1"], ()),
        ("1", ["0.1", "1.1"], ()),
    ],
)
def test_a_number_means_only_ids_of_its_plan(number: str, ids: list[str], found: tuple[str, ...]) -> None:
    assert ids_meant_by_number(number, ids) == found


def test_files_get_the_long_form_only_where_it_is_needed() -> None:
    assert number_for("1.1", ["1.1", "2.3"]) == "11"
    assert number_for("1.1", ["1.1", "1.10"]) == "01_01"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2.1", "2.1"),
        ("Achievement 2.1 (Title)", "2.1"),
        ("2.1 - Title", "2.1"),
        ("**Achievement 3.5.1**", "3.5.1"),
        ("Priority 2: Achievement 2.1", "2.1"),
        ("v2.1 of the schema", None),
        ("none", None),
        ("2.1.3.4", None),
        ("Achievement 2", None),
        ("\u0662.\u0661", None),
        ("2.1.\u0663", None),
    ],
)
def test_the_id_that_a_header_names(value: str, found: str | None) -> None:
    assert id_named_in(value) == found


def test_what_a_text_lists() -> None:
    assert ids_and_ranges_in("1.1-1.10 and 2.1") == (("1.1", "1.10"), ("2.1", ""))
    assert ids_and_ranges_in("1.1, 9.9") == (("1.1", ""), ("9.9", ""))


def test_ranges_are_filled_from_the_plan() -> None:
    ids = ["2.1", "1.2", "1.10", "1.1"]
    assert ids_between("1.1", "1.10", ids) == ["1.2", "1.10", "1.1"]
    assert ids_between("1.10", "1.2", ids) == ["1.2", "1.10"]
    assert ids_between("1.1", "1.1", ids) == ["1.1"]
    assert ids_between("3.1", "3.9", ids) == ["3.1", "3.9"]
