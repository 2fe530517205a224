"""Fields, items, tables and fences in every form that real documents have."""

from __future__ import annotations

import textwrap

import pytest

from planmark.markdown.blocks import MAX_SECTION_CHARACTERS, Blocks, parse_blocks, reason_not_parsed
from planmark.markdown.sections import split_into_sections


def parse(text: str) -> Blocks:
    """Return the blocks of a text that is one section."""
    (placed,) = split_into_sections(textwrap.dedent(text).strip("\n") + "\n")
    return parse_blocks(placed.section)


def fields(text: str) -> list[tuple[str, str]]:
    return [(field.name, field.value) for field in parse(text).fields]


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("**Status**: ✅ **COMPLETE**  ", "Status", "✅ **COMPLETE**"),
        ("**Status:** Ready", "Status", "Ready"),
        ("**Archive Location** `./archive`", "Archive Location", "`./archive`"),
        ("**✅ Status**: done", "✅ Status", "done"),
        ("✅ **Status**: done", "Status", "done"),
        ("- **Effort**: 3-4 hours", "Effort", "3-4 hours"),
        ("- Effort: 3-4 hours", "Effort", "3-4 hours"),
        ("1. **Goal**: x", "Goal", "x"),
        ("- [ ] **Goal**: x", "Goal", "x"),
        (r"**Mother\_Plan**: `PLAN\_X`", "Mother_Plan", r"`PLAN\_X`"),
    ],
)
def test_a_field_in_every_shape(line: str, name: str, value: str) -> None:
    assert fields(line) == [(name, value)]


@pytest.mark.parametrize(
    "line", ["text **bold** text", "**Bold sentence** goes on.", "# **Not**: this", "Effort: 3", "```\n**F**: v\n```"]
)
def test_what_is_no_field(line: str) -> None:
    assert fields(line) == []


def test_a_header_paragraph_is_a_field_on_each_line() -> None:
    found = parse("# T\n\n**A**: 1  \n**B**: 2\n**C**:\n").fields
    assert [(f.name, f.value, f.line, f.depth) for f in found] == [("A", "1", 2, 0), ("B", "2", 3, 0), ("C", "", 4, 0)]


def test_a_list_below_an_empty_field_belongs_to_it() -> None:
    found = parse(
        """
        **Deliverables**:

        - `a.py`
        - `b.py`

        Prose.
        **Next**: x
        """
    ).fields
    assert found[0].body == (1, 4)
    assert found[1].name == "Next"


def test_items_know_their_nesting_and_boxes() -> None:
    found = parse(
        """
        - [ ] open
          - [x] done
        1. first
        """
    ).items
    assert [(i.depth, i.marker, i.box, i.text, i.line, i.end_line) for i in found] == [
        (0, "-", " ", "open", 0, 2),
        (1, "-", "x", "done", 1, 2),
        (0, "1.", None, "first", 2, 3),
    ]


def test_a_table_keeps_empty_cells_escapes_and_odd_rows() -> None:
    (table,) = parse(
        r"""
        | NN_EE | Status |
        |---|---|
        | 01_01 |  |
        | a \| b | c | d |
        """
    ).tables
    assert [cell.text for cell in table.header] == ["NN_EE", "Status"]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["01_01", ""], ["a | b", "c", "d"]]


def test_a_fence_that_is_not_closed() -> None:
    (fence,) = parse("```py\nx\n").fences
    assert (fence.line, fence.end_line, fence.info, fence.is_closed) == (0, 2, "py", False)
    (fence,) = parse("~~~\nx\n~~~\n").fences
    assert fence.is_closed


def test_an_enormous_section_is_not_parsed() -> None:
    (placed,) = split_into_sections("x" * (MAX_SECTION_CHARACTERS + 1))
    assert reason_not_parsed(placed.section) == "too long"
    assert parse_blocks(placed.section).opaque_spans == ((0, 1),)


def test_ten_thousand_nested_quotes_end() -> None:
    (placed,) = split_into_sections(">" * 10_000 + " x")
    assert reason_not_parsed(placed.section) == ""
    assert parse_blocks(placed.section).opaque_spans == ()
