"""Priority of a PLAN as documents write it: `HIGH`, `🔴 High (Quick Win)`, `P1`, `2`, `CRITICAL - Blocking All Other Work`."""

from __future__ import annotations

import re
from typing import Literal, get_args

import msgspec

Level = Literal["critical", "high", "medium", "low", "lowest", "unknown"]
PRIORITY_LEVELS: tuple[Level, ...] = get_args(Level)
"""The levels in the order of work, the most urgent first. Unknown words rank last."""
PRIORITY_WORDS: dict[str, Level] = {
    **dict.fromkeys(("critical", "blocker", "blocking", "urgent", "highest", "immediate", "showstopper"), "critical"),
    **dict.fromkeys(("high", "higher", "important", "major"), "high"),
    **dict.fromkeys(("medium", "med", "normal", "moderate", "mid", "middle", "default", "standard"), "medium"),
    **dict.fromkeys(("low", "lower", "minor", "trivial"), "low"),
    **dict.fromkeys(("lowest", "someday", "optional"), "lowest"),
}
NUMBERED_LEVELS: tuple[Level, ...] = ("critical", "high", "medium", "low", "lowest")
"""The levels of P0, P1, and so on. A number above P4 has the level of P4."""
_STRUCK_TEXT = re.compile(r"~~.*?~~")
_FIRST_WORD = re.compile(
    r"[^\w\[]*(?:(?:priority|prio|very)\b[\s:]*)?(?:(?:p\s*-?\s*)?(?P<number>[0-9]{1,2})(?![\w.])|(?P<word>[^\W\d_]+))",
    re.IGNORECASE,
)


class Priority(msgspec.Struct, frozen=True):
    """The priority of a plan, and the `text` of the priority as written in the PLAN."""

    level: Level
    text: str

    @property
    def rank(self) -> int:
        """The position in the order of work; 0 is the first."""
        return PRIORITY_LEVELS.index(self.level)


def parse_priority(value: str) -> Priority | None:
    """Return the priority that the first word or number of `value` means.

    Return None for a placeholder or an empty value.
    """
    text = " ".join(_STRUCK_TEXT.sub(" ", value).replace("`", "").split()).strip("* ")
    match = _FIRST_WORD.match(text)
    if match is None:
        return None if text.startswith("[") or not text else Priority("unknown", text)
    if match["number"]:
        return Priority(NUMBERED_LEVELS[min(int(match["number"]), len(NUMBERED_LEVELS) - 1)], text)
    return Priority(PRIORITY_WORDS.get(match["word"].casefold(), "unknown"), text)


def rank_of(priority: Priority | None) -> int:
    """Return the rank of a priority. A plan without a priority ranks like a plan with an unknown word."""
    return priority.rank if priority else PRIORITY_LEVELS.index("unknown")
