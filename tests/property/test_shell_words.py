"""Words for shells and cells for spreadsheets: any name is taken literally."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.cli.completion.shell_words import quote_for_bash, quote_for_powershell, read_bash_line
from planmark.cli.status_export import csv_text
from planmark.text.visible import visible_in_one_line

SEPARATORS = " \t\n\"'@><=;|&(:"
NAMES = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), min_size=1).filter(
    str.isprintable
)
"""Texts that a completion may propose."""
QUOTES = st.sampled_from(("", "'", '"'))


@given(NAMES, QUOTES)
def test_a_quoted_word_is_read_as_the_word(name: str, quote: str) -> None:
    read = read_bash_line(f"planmark status {quote}{quote_for_bash(name, quote)}", SEPARATORS)
    assert read.words == ["planmark", "status"] and read.current_word == name


@given(NAMES, QUOTES, st.integers(0, 50))
def test_the_rest_of_a_word_completes_what_was_typed(name: str, quote: str, cut: int) -> None:
    """Write the end of a name behind a beginning that was typed, at the place that bash replaces."""
    typed = f"{quote}{quote_for_bash(name[:cut], quote)}"
    read = read_bash_line(f"planmark {typed}", SEPARATORS)
    again = read_bash_line(f"planmark {typed}{quote_for_bash(name[len(read.current_word) :], read.quote)}", SEPARATORS)
    assert name.startswith(read.current_word) and 0 <= read.kept_length <= len(read.current_word)
    assert again.current_word == name


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@given(st.lists(NAMES, min_size=1, max_size=20))
def test_bash_reads_each_word_literally(names: list[str]) -> None:
    written = " ".join(
        word
        for name in names
        for word in (
            quote_for_bash(name, ""),
            f"'{quote_for_bash(name, chr(39))}'",
            f'"{quote_for_bash(name, chr(34))}"',
        )
    )
    code = f"printf '%s\\0' {written}"
    run = subprocess.run(["bash", "-c", code], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert run.stdout.decode().split("\0")[:-1] == [name for name in names for _ in range(3)]


@given(st.text(max_size=50), st.text(max_size=10))
def test_no_line_is_too_odd_to_read(line: str, separators: str) -> None:
    read = read_bash_line(line, separators)
    assert 0 <= read.kept_length <= len(read.current_word)


@given(NAMES)
def test_a_word_of_powershell_ends_with_its_quote(name: str) -> None:
    written = quote_for_powershell(name)
    assert written == name or (written[0] == written[-1] == "'")
    inner = written[1:-1] if written != name else ""
    signs = [letter for letter in inner if letter in "'\u2018\u2019\u201a\u201b"]
    assert signs[::2] == signs[1::2]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_a_table_has_the_texts_and_no_formula(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(("a", "b"), rows), newline=""), strict=True))
    assert len(read) == len(rows) + 1
    for row, texts in zip(read[1:], rows, strict=True):
        for cell, text in zip(row, texts, strict=True):
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
            assert cell.removeprefix("'") == visible_in_one_line(text).removeprefix("'") or "***" in cell
