"""Patterns of known failures, and the search for them in a text, such as the log of a test run.

A pattern is a text of one line in which `*` stands for any characters. There are no regular expressions: the search
only looks for fixed characters, so the time of a search grows only in proportion to the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

MAX_EVIDENCE_CHARACTERS = 300
"""Maximum length of `PatternHit.text`, in characters. A longer line is cut."""
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
"""Mapping from each upper-case ASCII letter to its lower case, as `str.translate` takes it."""


class FailurePattern(NamedTuple):
    """A known failure. `where` is the tool whose output shows the failure, in a line that fits a pattern of `match`.

    `says` is the meaning of the failure. `fix` says in words what to do, and is never a command to run. `setting` is
    the setting of Planmark that decides whether the failure occurs, or "". `source` is the page or document that
    describes the failure.
    """

    id: str
    where: str
    match: tuple[str, ...]
    says: str
    fix: str
    setting: str
    source: str


class PatternHit(NamedTuple):
    """A known failure in a text: the 1-based number and the text of the first line that shows the failure.

    `line_count` is the number of lines that show the failure.
    """

    pattern: FailurePattern
    line: int
    text: str
    line_count: int


def pattern_hits(text: str, patterns: Sequence[FailurePattern]) -> list[PatternHit]:
    """Return a hit for each pattern that matches a line of `text`, in the order of `patterns`.

    The case of ASCII letters does not matter.
    """
    folded_text = text.translate(_ASCII_LOWER)
    hits = []
    for pattern in patterns:
        starts = {
            start
            for pattern_text in pattern.match
            for start in matching_line_offsets(folded_text, literal_parts(pattern_text))
        }
        if starts:
            first_start = min(starts)
            end = text.find("\n", first_start, first_start + MAX_EVIDENCE_CHARACTERS)
            line = text[first_start : end if end >= 0 else first_start + MAX_EVIDENCE_CHARACTERS].strip()
            hits.append(PatternHit(pattern, text.count("\n", 0, first_start) + 1, line, len(starts)))
    return hits


def literal_parts(pattern_text: str) -> tuple[str, ...]:
    """Return the fixed parts of a pattern, in lower case. A matching line contains the parts in this order."""
    return tuple(part for part in pattern_text.translate(_ASCII_LOWER).split("*") if part.strip())


def matching_line_offsets(folded_text: str, parts: Sequence[str]) -> Iterator[int]:
    """Yield the offset of each line of `folded_text` that contains `parts` in their order, without overlap.

    The function searches the whole text only for the longest of `parts`. The other parts are searched only in a line
    that contains the longest part. Therefore, the search looks at each character at most twice.
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
