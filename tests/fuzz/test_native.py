"""The native parser, on text that no splitter has divided: it neither ends the process nor points outside its text.

The test writes each input to `planmark-fuzz-*.txt` in the folder for temporary files, because only that file is left if
the process dies.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutations import documents, scraps
from planmark.markdown.blocks import Blocks, clear_cache, parse_blocks, parse_lines, split_lines
from planmark.markdown.sections import split_into_sections
from planmark.markdown.tables import CellSpan

LAST = Path(tempfile.gettempdir()) / f"planmark-fuzz-{os.getpid()}.txt"


@pytest.fixture(autouse=True)
def remembered() -> Iterator[None]:
    yield
    LAST.unlink(missing_ok=True)


@given(documents() | scraps(), st.integers(0, 3000), st.integers(0, 3000))
def test_any_piece_of_a_text_has_blocks(text: str, start: int, length: int) -> None:
    piece = text[start : start + length] if length % 2 else text
    LAST.write_bytes(piece.encode("utf-8", "surrogatepass"))
    lines = split_lines(piece)
    found = parse_lines(lines)
    check(found, lines)
    assert parse_lines(lines) == found


@given(documents() | scraps())
def test_the_blocks_of_every_section_stand_in_it(text: str) -> None:
    LAST.write_bytes(text.encode("utf-8", "surrogatepass"))
    placed = split_into_sections(text)
    assert "".join(known.section.text for known in placed) == text
    found = [parse_blocks(known.section) for known in placed]
    for known, section in zip(found, placed, strict=True):
        check(known, split_lines(section.section.text))
    clear_cache()
    assert [parse_blocks(known.section) for known in split_into_sections(text)] == found


def check(found: Blocks, lines: list[str]) -> None:
    """Assert that every range and every span is inside the lines."""
    ranges = [*found.opaque_spans, *found.quotes, *((fence.line, fence.end_line) for fence in found.fences)]
    ranges += [(item.line, item.end_line) for item in found.items]
    ranges += [field.body for field in found.fields]
    assert all(0 <= start <= end <= len(lines) for start, end in ranges)
    cells = [cell for table in found.tables for row in table.rows for cell in row.cells]
    spans = [span for field in found.fields for span in (field.name_span, field.value_span)]
    spans += [*(item.span for item in found.items), *(cell.span for cell in cells)]
    assert all(is_inside(span, lines) for span in spans)
    assert all(0 <= line < len(lines) for line in found.thematic_breaks)


def is_inside(span: CellSpan, lines: list[str]) -> bool:
    return 0 <= span.start_line <= span.end_line < len(lines) and 0 <= span.start_column <= span.end_column <= len(
        lines[span.end_line]
    )
