"""The priority of a PLAN or an item, as documents write it.

Examples are `HIGH`, `🔴 High (Quick Win)`, `P1`, `2`, and `CRITICAL - Blocking All Other Work`.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

import msgspec

from planmark.text.lazy_pattern import lazy_pattern

PriorityLevel = Literal["critical", "high", "medium", "low", "lowest", "unknown"]
PRIORITY_LEVELS: tuple[PriorityLevel, ...] = get_args(PriorityLevel)
"""The levels of priorities, the most urgent first. A priority that is written with an unknown word has the last level.
"""
LEVEL_BY_WORD: dict[str, PriorityLevel] = {
    **dict.fromkeys(("critical", "blocker", "blocking", "urgent", "highest", "immediate", "showstopper"), "critical"),
    **dict.fromkeys(("high", "higher", "important", "major"), "high"),
    **dict.fromkeys(("medium", "med", "normal", "moderate", "mid", "middle", "default", "standard"), "medium"),
    **dict.fromkeys(("low", "lower", "minor", "trivial"), "low"),
    **dict.fromkeys(("lowest", "someday", "optional"), "lowest"),
}
"""Mapping from a word for a priority, in lower case, to the level of the priority."""
LEVEL_BY_NUMBER: tuple[PriorityLevel, ...] = ("critical", "high", "medium", "low", "lowest")
"""The levels of the priorities P0 to P4, in order. A higher number has the level of P4."""
_STRUCK_TEXT = lazy_pattern(r"~~.*?~~")
_FIRST_WORD_OR_NUMBER = lazy_pattern(
    r"[^\w\[]*(?:(?:priority|prio|very)\b[\s:]*)?(?:(?:p\s*-?\s*)?(?P<number>[0-9]{1,2})(?![\w.])|(?P<word>[^\W\d_]+))",
    re.IGNORECASE,
)


class Priority(msgspec.Struct, frozen=True):
    """The priority of a plan, and the `text` of the priority as written in the PLAN."""

    level: PriorityLevel
    text: str

    @property
    def rank(self) -> int:
        """The position of the level in PRIORITY_LEVELS. The most urgent level has the rank 0."""
        return PRIORITY_LEVELS.index(self.level)


def parse_priority(value: str) -> Priority | None:
    """Return the priority that the first word or number in a text means.

    Return None if the text is empty or a placeholder.
    """
    text = " ".join(_STRUCK_TEXT.sub(" ", value).replace("`", "").split()).strip("* ")
    match = _FIRST_WORD_OR_NUMBER.match(text)
    if match is None:
        return None if text.startswith("[") or not text else Priority("unknown", text)
    if match["number"]:
        return Priority(LEVEL_BY_NUMBER[min(int(match["number"]), len(LEVEL_BY_NUMBER) - 1)], text)
    return Priority(LEVEL_BY_WORD.get(match["word"].casefold(), "unknown"), text)


def rank_of(priority: Priority | None) -> int:
    """Return the rank of a priority. If `priority` is None, return the rank of the level `unknown`."""
    return priority.rank if priority else PRIORITY_LEVELS.index("unknown")
