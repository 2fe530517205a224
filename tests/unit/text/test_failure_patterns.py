"""The catalogue of failure patterns, and the search for them: each fits its output, and hostile texts cost no more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest

from conftest import REPOSITORY
from planmark.text.failure_patterns import FailurePattern, literal_parts, matching_line_offsets, pattern_hits
from planmark.workspace.pattern_catalogue import failure_patterns
from planmark.workspace.settings import SETTINGS, parse_toml

OUTPUTS = parse_toml((REPOSITORY / "tests/data/patterns/outputs.toml").read_text(encoding="utf-8"))
PATTERNS = failure_patterns()
ORDINARY = (
    "collected 24 items\n\ntests/test_cart.py ........................ [100%]\n\n24 passed in 0.31s\n"
    "On branch main\nYour branch is up to date with 'origin/main'.\nnothing to commit, working tree clean\n"
    "added 312 packages, and audited 313 packages in 4s\nfound 0 vulnerabilities\nSuccessfully installed cartlib-1.2\n"
    "All checks passed!\n31 files already formatted\n## Learnings\n- Sum the cart once. Every deliverable exists.\n"
    "**Status**: Complete\nThe log has three iterations, and each has its command and its result.\n"
)


class CountedText(str):
    """A text that counts the characters that `find` and `rfind` pass over."""

    __slots__ = ("passed",)

    def __init__(self, _: str) -> None:
        self.passed = 0

    def find(self, wanted: str, start: Any = 0, end: Any = None) -> int:
        behind = len(self) if end is None else end
        at = super().find(wanted, start, behind)
        self.passed += (behind if at < 0 else at + len(wanted)) - start
        return at

    def rfind(self, wanted: str, start: Any = 0, end: Any = None) -> int:
        behind = len(self) if end is None else end
        at = super().rfind(wanted, start, behind)
        self.passed += behind - (start if at < 0 else at)
        return at


def characters_passed(text: str, patterns: Iterable[FailurePattern] = PATTERNS) -> int:
    """Return how many characters the search for all patterns passes over in a text."""
    counted = CountedText(text)
    for pattern in patterns:
        for line_text in pattern.match:
            list(matching_line_offsets(counted, literal_parts(line_text)))
    return counted.passed


def test_every_pattern_has_an_output_and_fits_it() -> None:
    assert OUTPUTS.keys() == {pattern.id for pattern in PATTERNS}
    missed = [
        pattern.id
        for pattern in PATTERNS
        if pattern not in [hit.pattern for hit in pattern_hits(OUTPUTS[pattern.id], PATTERNS)]
    ]
    assert missed == []


def test_catalogue_has_forty_patterns_with_words_instead_of_commands() -> None:
    assert len(PATTERNS) >= 40
    assert len({pattern.id for pattern in PATTERNS}) == len(PATTERNS)
    assert {"pytest", "git", "npm", "pip", "ruff", "tsc", "methodology"} == {one.where for one in PATTERNS}
    settings = {setting.key for setting in SETTINGS}
    for pattern in PATTERNS:
        assert pattern.says.endswith(".") and pattern.fix.endswith("."), pattern.id
        assert not pattern.setting or pattern.setting in settings, pattern.id
        assert not re.search(r"(?m)^\s*(?:\$|npm|pip|git|pytest|ruff|tsc|rm|sudo) ", pattern.fix), pattern.id
        assert pattern.source.startswith("https://") or (REPOSITORY / pattern.source).is_file(), pattern.id
        assert all(literal_parts(line_text) and len(line_text) < 120 for line_text in pattern.match), pattern.id


def test_ordinary_outputs_fit_no_pattern() -> None:
    assert [hit.pattern.id for hit in pattern_hits(ORDINARY, PATTERNS)] == []


def test_hit_names_the_first_line_and_counts_the_lines() -> None:
    text = "begin\n  fixture 'a' not found  \nfixture 'b'\nE fixture 'c' not found\n"
    (hit,) = pattern_hits(text, PATTERNS)
    assert (hit.pattern.id, hit.line, hit.text, hit.line_count) == (
        "pytest-fixture-missing",
        2,
        "fixture 'a' not found",
        2,
    )


HOSTILE = {
    "anchors in every line": "error TS2304: \n",
    "anchors in one line": "deliverable missing ",
    "beginnings of patterns": "missing ",
    "line ends": "\n",
    "one letter": "a",
    "every pattern in one line": " ".join(OUTPUTS.values()).replace("\n", " "),
    "right to left": "\u202eerror\u2067 \u05e9\u05dc\u05d5\u05dd\n",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_work_of_the_search_grows_with_the_text_only(unit: str) -> None:
    """1 MB of one unit costs at most twice the characters of 500 kB, and at most two passes for each text of a pattern."""
    half, whole = (unit * (size // len(unit)) for size in (500_000, 1_000_000))
    passed_half, passed = characters_passed(half), characters_passed(whole)
    texts = sum(len(pattern.match) for pattern in PATTERNS)
    assert passed <= 2.1 * passed_half
    assert passed <= 3 * texts * len(whole)
