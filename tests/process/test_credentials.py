"""Patterns of credentials on texts that make them run for long."""

from __future__ import annotations

import pytest

from planmark.text.credentials import mask_credentials
from planmark.text.secret_kinds import KINDS, scanner_kinds


@pytest.mark.parametrize("start", range(0, 500, 25))
def test_hints_without_end_end(start: int) -> None:
    """Repeat every beginning of a format many times in a line, alone and before characters of a token."""
    hints = sorted({hint for kind in (*KINDS, *scanner_kinds()) for hint in kind.hints})
    for hint in hints[start : start + 25]:
        for text in (
            hint * 2000,
            f"{hint}a1" * 1000,
            f" {hint}" * 1500,
            f"-{hint}=A1b-" * 1000,
            f"{hint}{'a1' * 5000}",
        ):
            assert mask_credentials(text).text.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----\n" * 3000,
        "-----BEGIN PRIVATE KEY-----" + "-a" * 50_000,
        "-----BEGIN PRIVATE KEY-----" + "A" * 100_000,
        "-eyJaaaaaaaa.eyJ" * 6000,
        ".eyJ" * 20_000,
        "ya29." * 20_000,
        "password" * 12_000,
        "password=" * 12_000,
        "token: " * 14_000,
        "://a:" * 20_000,
        "Authorization: Basic " * 5000,
        "sk-ant-" * 14_000,
    ],
    ids=lambda text: text[:20].strip(),
)
def test_no_text_takes_long(text: str) -> None:
    """Check that no pattern backtracks so much that it would exceed the time of the test run."""
    assert mask_credentials(text).text.count("\n") == text.count("\n")
