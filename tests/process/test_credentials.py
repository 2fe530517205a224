"""Patterns of credentials on texts that make them run for long."""

from __future__ import annotations

import pytest

from planmark.text.credentials import masked
from planmark.text.secret_kinds import KINDS, formats


@pytest.mark.parametrize("start", range(0, 500, 25))
def test_hints_without_end_end(start: int) -> None:
    """Repeat every beginning of a format many times in a line, alone and before characters of a token."""
    hints = sorted({hint for kind in (*KINDS, *formats()) for hint in kind.hints})
    for hint in hints[start : start + 25]:
        for text in (
            hint * 2000,
            f"{hint}a1" * 1000,
            f" {hint}" * 1500,
            f"-{hint}=A1b-" * 1000,
            f"{hint}{'a1' * 5000}",
        ):
            assert masked(text).text.count("\n") == text.count("\n")
