"""Characters that Planmark reads as their narrow form, and lookalikes that it never reads as what they resemble."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.text.lookalikes import (
    MeantText,
    code_points,
    has_lookalike,
    may_look_like,
    meant_text_of,
    narrowed_text,
    visible_text_of,
)

ZERO = "\u200b"
TEXTS = st.text(alphabet="aA1.:*_ –✅→ü²\u00a0\u200b\u02cd\u0410\u0661１：Ａ\ufeff")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("**Achievement １.１**：退款", "**Achievement 1.1**:退款"),
        ("１．２", "1.2"),
        ("end．", "end．"),
        (f"1.1{ZERO}1", "1.1\u02cd1"),
        (f"Com{ZERO}{ZERO}plete", "Com\u02cd\u02cdplete"),
        (f"{ZERO}Complete{ZERO}", f"{ZERO}Complete{ZERO}"),
        ("👩\u200d💻 1.1", "👩\u200d💻 1.1"),
        ("می\u200cشود", "می\u200cشود"),
        ("\ufeff# PLAN", "\ufeff# PLAN"),
    ],
)
def test_what_is_read(text: str, read: str) -> None:
    assert narrowed_text(text) == read


@given(st.text(st.sampled_from("aZ1.１９：．\u200b\u200d\ufeff\u00ad é🎯\n"), max_size=30))
def test_every_character_keeps_its_place(text: str) -> None:
    read = narrowed_text(text)
    assert len(read) == len(text)
    assert narrowed_text(read) == read
    assert [character == "\n" for character in read] == [character == "\n" for character in text]
    assert (read is text) == (read == text)


@pytest.mark.parametrize(
    ("text", "look"),
    [
        ("\u0410chievement 1.1", "Achievement 1.1"),
        (f"1.{ZERO}1", "1.1"),
        ("\u0421\u043emplete", "Complete"),
        ("\u0661.\u0662", "1.2"),
        ("Ｃomplete", "Complete"),
        ("Готово ✅", "Гoтoвo ✅".replace("т", "t")),
    ],
)
def test_what_a_text_looks_like(text: str, look: str) -> None:
    found = visible_text_of(text)
    assert found.text == look
    assert found.original_part(text, 0, len(look)) == text.strip(ZERO)


@pytest.mark.parametrize(
    ("text", "wanted", "odd"),
    [
        (f"Complete{ZERO}", "Complete", ZERO),
        (f"**Complete**{ZERO} ✅", "**Complete** ✅", ZERO),
        ("👩\u200d💻 Complete", "👩\u200d💻 Complete", ""),
        (f"👩\u200d💻 \u0421om{ZERO}plete", "👩\u200d💻 Complete", f"\u0421{ZERO}"),
    ],
)
def test_what_a_text_was_meant_to_be(text: str, wanted: str, odd: str) -> None:
    assert meant_text_of(text) == MeantText(wanted, odd)


def test_characters_are_named_as_they_stand_in_the_file() -> None:
    assert code_points(f"\u0421om{ZERO}plete{ZERO}") == "U+0421, U+200B"
    assert code_points(narrowed_text(f"Com{ZERO}plete")) == "an unseen character"


@given(TEXTS | st.text())
def test_only_a_text_with_a_lookalike_looks_different(text: str) -> None:
    assert has_lookalike(text) == (visible_text_of(text).text != text)


@given(TEXTS)
def test_a_word_of_lookalikes_is_not_overlooked(text: str) -> None:
    letter = re.compile("[aA]")
    looks_different = visible_text_of(text).text != text
    assert may_look_like(text, letter) == (looks_different and letter.search(visible_text_of(text).text) is not None)
