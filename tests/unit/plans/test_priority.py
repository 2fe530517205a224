"""The priority of a PLAN, in the forms in which people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.plans.priority import PRIORITY_LEVELS, PriorityLevel, parse_priority, rank_of


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("CRITICAL", "critical"),
        ("CRITICAL - Blocking All Other Work", "critical"),
        ("🔴 High (Quick Win)", "high"),
        ("HIGH - Critical for graph quality", "high"),
        ("**High**", "high"),
        ("`high`", "high"),
        ("MEDIUM", "medium"),
        ("LOW-MEDIUM", "low"),
        ("low (was high)", "low"),
        ("~~High~~ Low", "low"),
        ("Very high", "high"),
        ("Priority 1", "high"),
        ("P0", "critical"),
        ("p1 (must have)", "high"),
        ("P-2", "medium"),
        ("P3 - nice to have", "low"),
        ("0", "critical"),
        ("1", "high"),
        ("3 (lowest)", "low"),
        ("17", "lowest"),
        ("Eventually", "unknown"),
        ("Highly unusual", "unknown"),
        ("not high", "unknown"),
        ("🤷", "unknown"),
        ("1.5", "unknown"),
    ],
)
def test_the_first_word_or_number_decides(value: str, level: PriorityLevel) -> None:
    priority = parse_priority(value)
    assert priority is not None
    assert priority.level == level


@pytest.mark.parametrize("value", ["[HIGH / MEDIUM / LOW]", "[TO BE FILLED]", "", "~~High~~", "**"])
def test_a_placeholder_gives_none(value: str) -> None:
    assert parse_priority(value) is None


def test_what_is_not_known_comes_after_what_is() -> None:
    ranks = [rank_of(parse_priority(word)) for word in ("P0", "high", "medium", "low", "lowest", "soon", "")]
    assert ranks == [0, 1, 2, 3, 4, 5, 5]


@given(st.text(max_size=40))
def test_no_value_fails(value: str) -> None:
    priority = parse_priority(value)
    assert priority is None or (priority.level in PRIORITY_LEVELS and priority.text)
