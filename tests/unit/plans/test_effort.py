"""Amounts of time as documents write them."""

from __future__ import annotations

import pytest

from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.plan import Plan
from planmark.plans.effort import Effort, parse_effort


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("3-4 hours", 3, 4),
        ("3–4 hours (was 2-3)", 3, 4),
        ("~45 minutes", 0.75, 0.75),
        ("1.5 h", 1.5, 1.5),
        ("(4-6h)", 4, 6),
        ("2 to 3 days", 16, 24),
        ("about 30 min", 0.5, 0.5),
    ],
)
def test_an_amount_of_time(written: str, low: float, high: float) -> None:
    assert parse_effort(written) == Effort(low, high)


@pytest.mark.parametrize("written", ["", "small", "3 tests", "version 1.2", "2-3"])
def test_no_amount_of_time(written: str) -> None:
    assert parse_effort(written) is None


def test_the_body_wins_over_its_first_line_and_that_over_the_index() -> None:
    text = """# PLAN
**Estimated Effort**: 20-30 hours

## Achievement Index

- Achievement 1.1: Refunds (1-2h)
- Achievement 1.2: Receipts (1-2h)
- Achievement 1.3: Letters (1-2h)
- Achievement 1.4: Stamps

## Priority 1

**Achievement 1.1**: Refunds ⏱️ 4-6 hours

- Effort: 7-8 hours

**Achievement 1.2**: Receipts ⏱️ 4-6 hours
"""
    document = parse("PLAN_PAY.md", text)
    assert document
    assert isinstance(document.facts, Plan)
    assert document.facts.effort == Effort(20, 30)
    assert [known.effort for known in document.facts.achievements] == [Effort(7, 8), Effort(4, 6), Effort(1, 2), None]
