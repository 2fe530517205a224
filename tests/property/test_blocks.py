"""Blocks never fail, and what they say of a place is there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.syntax.blocks import blocks, prose_lines, split_lines
from planmark.syntax.sections import Section, split

LINES = [
    *(
        "**Field**: value  ",
        "**Field:** value",
        "- **Field**: v",
        "- Effort: 3-4 hours",
        "1. **F**: v",
        "- [ ] **F**: v",
    ),
    *(
        "**✅ Field**: v",
        "  - [x] deep 🎯",
        "- [X] x",
        "- []",
        "| a | b |",
        "|---|---|",
        "| 1 |  |",
        "| 1 \\| 2 | 3 | 4 |",
        "|",
    ),
    *("```py", "```", "~~~", "    code", "<div>", "</div>", "<!--", "-->", "> **Q**: v", "> - i", "---", "***", "", ""),
    *(
        "**Deliverables**:",
        "text **bold** text",
        "# H",
        "\t- tab",
        "1) x",
        "a\fb",
        "\u2028",
        "\ud800",
        "**",
        "****: x",
        "- ",
    ),
]
TEXTS = st.lists(st.sampled_from(LINES), max_size=16).map("\n".join)


def sections(text: str) -> list[Section]:
    return [placed.section for placed in split(text)]


@given(TEXTS | st.text(max_size=80))
def test_every_range_lies_in_the_section(text: str) -> None:
    for section in sections(text):
        found = blocks(section)
        lines = split_lines(section.text)
        ranges = [*found.opaque, *found.quotes, *((f.line, f.end_line) for f in found.fences)]
        ranges += [(item.line, item.end_line) for item in found.items]
        ranges += [field.body for field in found.fields]
        assert all(0 <= start <= end <= len(lines) for start, end in ranges)
        assert all(0 <= row.line < len(lines) for table in found.tables for row in table.rows)


@given(TEXTS | st.text(max_size=80))
def test_fields_items_and_cells_stand_where_they_say(text: str) -> None:
    for section in sections(text):
        lines = split_lines(section.text)
        for field in blocks(section).fields:
            span = field.value_span
            assert lines[span.start_line][span.start_column : span.end_column] == field.value
            named = lines[field.name_span.start_line][field.name_span.start_column : field.name_span.end_column]
            assert field.name and field.name.replace("\\", "") == named.replace("\\", "")
        for item in blocks(section).items:
            assert lines[item.line][item.span.start_column : item.span.end_column] == item.text
        for table in blocks(section).tables:
            for text, (line, start, end_line, end) in [
                *table.header,
                *(cell for row in table.rows for cell in row.cells),
            ]:
                assert line == end_line
                assert lines[line][start:end].replace("\\|", "|") == text == text.strip()


@given(TEXTS)
def test_nothing_is_a_field_and_code_at_once(text: str) -> None:
    for section in sections(text):
        found = blocks(section)
        hidden = {line for start, end in found.opaque for line in range(start, end)}
        assert not hidden & {field.line for field in found.fields}
        assert not hidden & {line for line, _ in prose_lines(section)}
