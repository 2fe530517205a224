"""Emoji that were decoded as Mac Roman are restored; everything else stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.text.mojibake import repair_mojibake


@pytest.mark.parametrize("text", ["## 🎯 Objective", "✅ Complete – done", "naïve → 100 €"])
def test_damaged_text_is_restored(text: str) -> None:
    damaged = text.encode("utf-8").decode("mac_roman")
    assert damaged != text
    assert repair_mojibake(f"plain\n{damaged}\r\nplain\r") == f"plain\n{text}\r\nplain\r"


@pytest.mark.parametrize("text", ["café", "naïve — ok", "## 🎯 Objective", "Ünïcödé ✅", "", "plain"])
def test_sound_text_is_the_same_object(text: str) -> None:
    assert repair_mojibake(text) is text


def test_one_damaged_line_does_not_touch_the_others() -> None:
    assert repair_mojibake("café\n\u201a\u00fa\u00d6 x\n✅") == "café\n✅ x\n✅"


@given(st.text())
def test_lines_keep_their_number(text: str) -> None:
    assert [repair_mojibake(text).count(end) for end in ("\n", "\r")] == [text.count("\n"), text.count("\r")]


@given(st.text(st.characters(min_codepoint=0x80, max_codepoint=0x1FAFF, exclude_categories=("Cs",)), min_size=1))
def test_what_was_damaged_comes_back(text: str) -> None:
    damaged = text.encode("utf-8").decode("mac_roman")
    if not any(end in damaged or end in text for end in ("\n", "\r")):
        assert repair_mojibake(damaged) == text
