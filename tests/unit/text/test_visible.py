"""The text of a document in a form that is safe to show."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from planmark.text.visible import as_markdown, visible, visible_in_one_line, visible_in_prose

EVERY = [*map(chr, range(0x10000)), *map(chr, range(0xE0000, 0xE0200)), chr(sys.maxunicode)]
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Every character with the property Bidi_Control."""


def controls(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in BIDI


def test_a_terminal_shows_every_control_as_its_escape_and_all_else_as_it_is() -> None:
    for character in EVERY:
        shown = visible(f"a{character}b")
        if controls(character) and character not in "\t\n":
            assert shown.isascii() and shown.isprintable() and shown.startswith("a\\"), ascii(character)
        else:
            assert shown == f"a{character}b", ascii(character)


def test_one_line_has_no_line_end_and_no_tab() -> None:
    assert visible_in_one_line("a\tb\nc\r\u2028") == "a b\\nc\\r\\u2028"
    for character in EVERY:
        shown = visible_in_one_line(character)
        assert len(shown.splitlines()) == 1 and not any(map(controls, shown)), ascii(character)


def test_prose_keeps_what_right_to_left_needs_and_ends_lines_at_line_feeds_alone() -> None:
    assert visible_in_prose("שלום\u200f!\n\tx") == "שלום\u200f!\n\tx"
    for character in EVERY:
        shown = visible_in_prose(f"a{character}b")
        assert len(shown.splitlines()) == (2 if character == "\n" else 1), ascii(character)
        left = [c for c in shown if controls(c)]
        assert left == ([character] if character in "\t\n\u061c\u200e\u200f" else []), ascii(character)


@pytest.mark.parametrize("name", ["", "vso", "teamcity"])
def test_a_log_has_no_command_to_a_build_server(name: str) -> None:
    assert visible(f"a ###{name}[x]") == visible_in_one_line(f"a ###{name}[x]") == f"a ##\\x23{name}[x]"
    assert visible("## [x] #a[1] ## a") == "## [x] #a[1] ## a"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x](https://evil.example)", r"x\](https\://evil.example)"),
        ("![p](a.png)", r"\!\[p\](a.png)"),
        ("<img src=x>", r"\<img src=x\>"),
        ("a&#91;b", r"a\&\#91;b"),
        ("www.evil.example", r"www\.evil.example"),
        ("WWW.evil.example", r"WWW\.evil.example"),
        ("me@evil.example", r"me\@evil.example"),
        ("*a* _b_ `c` ~~d~~ $e$", r"\*a\* \_b\_ \`c\` \~\~d\~\~ \$e\$"),
        ("\\[a](b)", r"\\\[a\](b)"),
        ("a\n\n# b", r"a\\n\\n\# b"),
        ("- a", r"\- a"),
        ("SUBPLAN_PAY_11.md:5 - done, 1.1 + 1.2", "SUBPLAN_PAY_11.md:5 - done, 1.1 + 1.2"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, shown: str) -> None:
    assert as_markdown(text) == shown
