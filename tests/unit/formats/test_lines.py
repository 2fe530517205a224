"""The lines of a text: what is code, comment, front matter or quotation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.checkbox.lines import Heading, full_width_to_ascii, heading_of, indent_of, read_lines, split_lines

KIND = {"text": "t", "fence": "f", "comment": "c", "front_matter": "m", "quote": "q"}


def kinds(text: str) -> str:
    return "".join(KIND[line.kind] for line in read_lines(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n```\nb\n```\nc", "tffft"),
        ("a\n~~~\n```\n~~~\nc", "tffft"),
        ("a\n````markdown\n```js\n```\n````\nc", "tfffft"),
        ("```markdown\n```js\nx\n```\n```\nc", "ffffft"),
        ("```markdown\n```\nc\n```\nd\n```", "fftfff"),
        ("- ```js\n  x\n  ```\n- b", "ffft"),
        ("1. - ```\n     x\n     ```\nb", "ffft"),
        ("```\n- [ ] a\n- [ ] b", "ttt"),
        ("``` a ` b\nc", "tt"),
        ("```\na\n````\nb", "ffft"),
        ("````\na\n```\n````\nb", "fffft"),
        ("<!-- a\nb\n-->\nc", "ccct"),
        ("<!-- a -->\nc", "ct"),
        ("x <!-- a\nb\n-->\nc", "tcct"),
        ("x <!-- a --> y <!-- b\n-->\nc", "tct"),
        ("x `<!--` y\nb\n-->", "ttt"),
        ("<!-- never closed\n- [ ] a", "tt"),
        ("---\na: b\n---\nc", "mmmt"),
        ("---\na: b\nc", "ttt"),
        ("a\n---\nb\n---", "tttt"),
        ("> a\nb\n  > c", "qtq"),
        ("", "t"),
    ],
)
def test_lines_in_blocks_are_told_apart(text: str, expected: str) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_line(end: str) -> None:
    assert split_lines(f"\ufeffa{end}b\x0cc{end}") == ["a", "b\x0cc", ""]


def test_a_tab_goes_to_the_next_multiple_of_four() -> None:
    assert [indent_of(text) for text in ("a", "  a", "\ta", " \ta", "\t a", "    ")] == [0, 2, 4, 4, 5, 4]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("# A", Heading(1, "A")),
        ("### 1.1  B ##", Heading(3, "1.1  B")),
        ("   ## C#", Heading(2, "C#")),
        ("## #", Heading(2, "")),
        ("#A", None),
        ("    # A", None),
        ("####### A", None),
        ("a # b", None),
    ],
)
def test_headings(line: str, expected: Heading | None) -> None:
    assert heading_of(line) == expected


def test_full_width_characters_keep_their_places() -> None:
    assert full_width_to_ascii("１．２：任务（Ｐ）") == "1.2:任务(P)"


@given(st.text(alphabet="`~<>!- \n\r\tmd#ab:", max_size=200))
def test_every_text_has_one_kind_for_each_line(text: str) -> None:
    lines = read_lines(text)
    assert [line.text for line in lines] == split_lines(text)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
