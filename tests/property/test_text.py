"""Positions and edits compared with slow, obvious versions of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.text.edits import Edit, Replacement, apply_at_once, apply_in_order
from planmark.text.encodings import Encoding, to_column, to_units
from planmark.text.lines import LineIndex, TextPosition

PIECES = st.sampled_from(
    ["a", "Ω", "🎯", "👩‍💻", "\n", "\r\n", "\r", "\f", "\x85", "\u2028", " ", "e\u0301", "\ud800", "\t"]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)
ENCODINGS = st.sampled_from(["utf-8", "utf-16", "utf-32"])
CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
WIDTH = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


def slow_lines(text: str) -> list[tuple[int, str]]:
    """Return (offset, content) of every line, character by character."""
    lines, start, offset = [], 0, 0
    while offset < len(text):
        if text[offset] in "\r\n":
            lines.append((start, text[start:offset]))
            offset += 2 if text[offset : offset + 2] == "\r\n" else 1
            start = offset
        else:
            offset += 1
    return [*lines, (start, text[start:])]


def slow_units(text: str, encoding: Encoding) -> int:
    return len(text.encode(CODECS[encoding], "surrogatepass")) // WIDTH[encoding]


@given(TEXTS)
def test_lines_are_those_of_the_slow_version(text: str) -> None:
    index, slow = LineIndex(text), slow_lines(text)
    assert len(index) == len(slow)
    assert [index.line(number) for number in range(len(index))] == [content for _, content in slow]


@given(TEXTS, st.integers(-2, 40))
def test_a_position_leads_back_to_its_offset(text: str, offset: int) -> None:
    index = LineIndex(text)
    position = index.position(offset)
    start, content = slow_lines(text)[position.line]
    bounded = min(max(0, offset), len(text))
    inside_crlf = text[bounded - 1 : bounded + 1] == "\r\n"
    assert index.offset(position) == (bounded - 1 if inside_crlf else bounded)
    assert 0 <= position.column <= len(content)
    assert start <= bounded


@given(TEXTS, st.integers(-1, 12), st.integers(-1, 40))
def test_any_position_is_clamped_into_its_line(text: str, line: int, column: int) -> None:
    slow = slow_lines(text)
    offset = LineIndex(text).offset(TextPosition(line, column))
    if line >= len(slow):
        assert offset == len(text)
    else:
        start, content = slow[max(0, line)]
        assert offset == start + min(max(0, column), len(content))


@given(
    st.lists(PIECES.filter(lambda piece: piece not in "\r\n"), max_size=20).map("".join), st.integers(0, 30), ENCODINGS
)
def test_units_count_what_the_codec_writes(line: str, column: int, encoding: Encoding) -> None:
    assert to_units(line, column, encoding) == slow_units(line[:column], encoding)


@given(
    st.lists(PIECES.filter(lambda piece: piece not in "\r\n"), max_size=20).map("".join), st.integers(-1, 90), ENCODINGS
)
def test_a_column_is_the_last_one_that_the_units_reach(line: str, units: int, encoding: Encoding) -> None:
    reached = [column for column in range(len(line) + 1) if slow_units(line[:column], encoding) <= max(0, units)]
    assert to_column(line, units, encoding) == reached[-1]


@given(TEXTS, st.data(), ENCODINGS, TEXTS)
def test_an_edit_replaces_what_lies_between_its_positions(
    text: str, data: st.DataObject, encoding: Encoding, new: str
) -> None:
    slow = slow_lines(text)
    offsets = sorted(data.draw(st.tuples(_inside(slow), _inside(slow))))
    positions = tuple(_slow_position(slow, offset, encoding) for offset in offsets)
    edited = apply_in_order(text, [Edit((positions[0], positions[1]), new)], encoding)
    assert edited == text[: offsets[0]] + new + text[offsets[1] :]


@given(TEXTS, TEXTS)
def test_an_edit_without_a_range_replaces_all(text: str, new: str) -> None:
    assert apply_in_order(text, [Edit(None, "x"), Edit(None, new)], "utf-16") == new


@given(st.text("abc", max_size=20), st.data())
def test_replacements_at_once_equal_replacements_from_the_back(text: str, data: st.DataObject) -> None:
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = list(zip(borders[::2], borders[1::2], strict=False))
    replacements = [Replacement(start, end, "<new>") for start, end in pairs]
    expected = text
    for start, end, new in reversed(replacements):
        expected = expected[:start] + new + expected[end:]
    assert (
        apply_at_once(text, data.draw(st.permutations(replacements)) if not _touching(pairs) else replacements)
        == expected
    )


def _touching(pairs: list[tuple[int, int]]) -> bool:
    """Tell whether ranges begin at one place. Only the given order orders empty ranges at one place."""
    return len({start for start, _ in pairs}) < len(pairs)


def _inside(lines: list[tuple[int, str]]) -> st.SearchStrategy[int]:
    return st.sampled_from([start + column for start, content in lines for column in range(len(content) + 1)])


def _slow_position(lines: list[tuple[int, str]], offset: int, encoding: Encoding) -> TextPosition:
    number, (start, content) = [(n, line) for n, line in enumerate(lines) if line[0] <= offset][-1]
    return TextPosition(number, slow_units(content[: offset - start], encoding))
