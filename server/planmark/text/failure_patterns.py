"""Patterns of known failures, and the search for them in a text, such as the log of a test run.

A pattern is a text of one line in which `*` stands for any characters. There are no regular expressions: the search
only looks for fixed characters, so its work grows only with the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

MAX_EVIDENCE = 300
"""Maximum length of the line that is evidence, in characters."""
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class FailurePattern(NamedTuple):
    """A known failure: the tool whose output shows it, and the texts of a line that show it.

    `says` is the meaning, `fix` what to do in words, never a command to run. `setting` is the setting of Planmark that
    decides, or "". `source` is the page or document that describes the failure.
    """

    id: str
    where: str
    match: tuple[str, ...]
    says: str
    fix: str
    setting: str
    source: str


class PatternHit(NamedTuple):
    """A pattern that fits a text: the first line that shows it (1-based), its text, and the number of such lines."""

    pattern: FailurePattern
    line: int
    text: str
    lines: int


def pattern_hits(text: str, patterns: Sequence[FailurePattern]) -> list[PatternHit]:
    """Return the patterns that fit a text, in the order of `patterns`. The case of ASCII letters does not matter."""
    folded_text = text.translate(_ASCII_LOWER)
    hits = []
    for pattern in patterns:
        starts = {
            start for line_text in pattern.match for start in matching_lines(folded_text, literal_parts(line_text))
        }
        if starts:
            first_start = min(starts)
            end = text.find("\n", first_start, first_start + MAX_EVIDENCE)
            line = text[first_start : end if end >= 0 else first_start + MAX_EVIDENCE].strip()
            hits.append(PatternHit(pattern, text.count("\n", 0, first_start) + 1, line, len(starts)))
    return hits


def literal_parts(line_text: str) -> tuple[str, ...]:
    """Return the fixed texts of a pattern, which a line must contain in this order, in lower case."""
    return tuple(part for part in line_text.translate(_ASCII_LOWER).split("*") if part.strip())


def matching_lines(folded_text: str, parts: Sequence[str]) -> Iterator[int]:
    """Yield the offset of each line of a text that contains `parts` in their order, without overlap.

    Each character of the text is searched at most twice: by the search for the longest part, and in its line.
    """
    anchor = max(parts, key=len)
    search_start = 0
    while (anchor_offset := folded_text.find(anchor, search_start)) >= 0:
        start = folded_text.rfind("\n", search_start, anchor_offset) + 1 or search_start
        end = folded_text.find("\n", anchor_offset)
        end = len(folded_text) if end < 0 else end
        part_end = start
        for part in parts:
            part_end = folded_text.find(part, part_end, end)
            if part_end < 0:
                break
            part_end += len(part)
        else:
            yield start
        search_start = end + 1
