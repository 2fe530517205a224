"""The properties that the beginning of a document declares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.markdown.declared_fields import declarations_in, front_matter_of


def fields(text: str) -> list[tuple[str, str, int]]:
    return [(field.name, field.value, field.line) for field in declarations_in(text).fields]


def test_header_fields_end_at_the_first_section() -> None:
    text = "# PLAN: Till\n\n**Status**: In Progress\n> **Created:** 2026-11-02\n\n## Goal\n\n**Type**: other\n"
    assert fields(text) == [("Status", "In Progress", 3), ("Created", "2026-11-02", 4)]
    declared = declarations_in(f"intro\n{text}")
    assert (declared.title, declared.title_line) == ("PLAN: Till", 2)


def test_front_matter_has_values_lists_and_comments() -> None:
    text = "---\ntype: PLAN # kind\ntags: [money, 'cash desk']\nlabels:\n  - a\n  - b\nplan: \"TILL\"\n---\n\n# T\n"
    assert fields(text) == [
        ("type", "PLAN", 2),
        ("tags", "money, cash desk", 3),
        ("labels", "a, b", 4),
        ("plan", "TILL", 7),
    ]
    assert front_matter_of(text) == declarations_in(text).fields
    assert front_matter_of("# T\n\n**Type**: PLAN\n") == ()


@pytest.mark.parametrize(
    "text",
    [
        "---\ntype: PLAN\n\n# no end\n",
        "text\n---\ntype: PLAN\n---\n",
        "# T\n\n```\n**Type**: PLAN\n```\n",
        "# T\n\nThe **Type**, as said: PLAN\n",
    ],
)
def test_other_text_declares_nothing(text: str) -> None:
    assert fields(text) == []


def test_a_field_without_value_takes_the_list_below() -> None:
    assert fields("# T\n\n**Tags**:\n\n- `cash`\n- desk\n\ntext\n- no\n") == [("Tags", "`cash`, desk", 3)]


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    declarations_in(f"---\n{text}")
    declarations_in(text)
