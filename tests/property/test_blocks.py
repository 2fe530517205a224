"""Parsing blocks never fails, and every place that a block names exists."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from planmark.markdown.blocks import (
    _plain_blocks,
    first_thematic_break,
    parse_blocks,
    parse_lines,
    prose_lines,
    split_lines,
)
from planmark.markdown.sections import KINDS_THAT_END_BLOCKS, Section, split_into_sections

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
    return [placed.section for placed in split_into_sections(text)]


@given(TEXTS | st.text(max_size=80))
def test_every_range_lies_in_the_section(text: str) -> None:
    for section in sections(text):
        found = parse_blocks(section)
        lines = split_lines(section.text)
        ranges = [*found.opaque_spans, *found.quotes, *((f.line, f.end_line) for f in found.fences)]
        ranges += [(item.line, item.end_line) for item in found.items]
        ranges += [field.body for field in found.fields]
        assert all(0 <= start <= end <= len(lines) for start, end in ranges)
        assert all(0 <= row.line < len(lines) for table in found.tables for row in table.rows)


@given(TEXTS | st.text(max_size=80))
def test_fields_items_and_cells_stand_where_they_say(text: str) -> None:
    for section in sections(text):
        lines = split_lines(section.text)
        for field in parse_blocks(section).fields:
            span = field.value_span
            assert lines[span.start_line][span.start_column : span.end_column] == field.value
            named = lines[field.name_span.start_line][field.name_span.start_column : field.name_span.end_column]
            assert field.name and field.name.replace("\\", "") == named.replace("\\", "")
        for item in parse_blocks(section).items:
            assert lines[item.line][item.span.start_column : item.span.end_column] == item.text
        for table in parse_blocks(section).tables:
            for text, (line, start, end_line, end) in [
                *table.header,
                *(cell for row in table.rows for cell in row.cells),
            ]:
                assert line == end_line
                assert lines[line][start:end].replace("\\|", "|") == text == text.strip()


@given(TEXTS)
def test_nothing_is_a_field_and_code_at_once(text: str) -> None:
    for section in sections(text):
        found = parse_blocks(section)
        hidden = {line for start, end in found.opaque_spans for line in range(start, end)}
        assert not hidden & {field.line for field in found.fields}
        assert not hidden & {line for line, _ in prose_lines(section)}


MARGIN = st.lists(
    st.sampled_from(
        [
            *(
                "# H",
                "**Achievement 1.1**: T",
                "**Field**: value",
                "**Field** `./x`",
                "text **bold**:",
                "✅ **F**: v",
                "é: x",
            ),
            *(
                "```",
                "```py",
                "``` a`b",
                "````",
                "~~~",
                "~~~~ x",
                "---",
                "----- ",
                "***",
                "",
                "",
                " ",
                "a | b",
                "--- | ---",
            ),
            *(
                "===",
                "<div>",
                "<!-- c",
                "-->",
                "  ```",
                "    code",
                "  # in",
                "[a]: b",
                "\0",
                "\ud800",
                "\f",
                "a\fb",
                "\u2028x",
            ),
            *(
                "> ```",
                "> q",
                "- ```",
                "- a",
                "-     code",
                "- <!-- x",
                "1. b",
                "  in",
                "* * *",
                "- - -",
                "_ _ _",
                "+++",
            ),
        ]
    ),
    max_size=12,
).map(lambda lines: "".join(f"{line}\n" for line in lines))
"""Lines at the margin, and lines that hide them."""
WANTED: list[Callable[[str], bool]] = [lambda _: True, lambda line: "a" in line, lambda line: line[:1] in "*#-"]


@settings(max_examples=1500)
@given(MARGIN | TEXTS)
def test_what_is_seen_without_the_parser_is_what_it_sees(text: str) -> None:
    for section in sections(text):
        lines = split_lines(section.text)
        parsed = parse_lines(lines)
        assert _plain_blocks(section, lines) in (None, parsed)
        assert first_thematic_break(section) == next(iter(parsed.thematic_breaks), None)
        hidden = {line for start, end in parsed.opaque_spans for line in range(start, end)}
        for wanted in WANTED if section.kind in KINDS_THAT_END_BLOCKS else ():
            shown = [(n, line) for n, line in enumerate(lines) if wanted(line) and n not in hidden]
            assert list(prose_lines(section, wanted)) == shown


def test_plain_sections_need_no_parser() -> None:
    (section,) = sections("# A\n\n**Status**: done\n**Next**: x\n\n```py\n- x\n```\n\n---\n\ntext\n")
    found = _plain_blocks(section, split_lines(section.text))
    assert found is not None
    assert [(field.name, field.line, field.body) for field in found.fields] == [
        ("Status", 2, (3, 3)),
        ("Next", 3, (4, 4)),
    ]
    assert (found.opaque_spans, found.thematic_breaks) == (((5, 8),), (9,))
