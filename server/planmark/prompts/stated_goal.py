"""The goal of a plan in at most two sentences, from the lines that state it."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_GOAL = 400
"""Maximum number of characters of the goal in a prompt; more are cut off."""
GOAL_FIELD = re.compile(r"\W*(?:goal|objective|core value)s?\W*[:：]\W*(?P<text>.+)", re.IGNORECASE)
"""A line that states the goal as a field: `**Goal:** text`."""
_SENTENCE_END = re.compile(r"(?<=[.!?。])\s+(?=[^\W\d_a-z]|$)")
_MARKS = re.compile(r"^[\s>*_-]+(?:\[[ xX]\]\s+)?|\*\*|__")
_FIELD = re.compile(r"\s*\*\*[^*\n]{1,60}[:：]?\*\*\s*[:：]?\s*\S")
"""A line that states a different field, such as a status or a date."""


def goal_in(lines: Sequence[str]) -> str:
    """Return the goal that a passage states: its field of that name, else its first paragraph; "" without text."""
    for line in lines:
        if found := goal_in_field(line):
            return found
    return two_sentences(first_paragraph([line for line in lines if not _FIELD.match(line)]))


def goal_in_field(line: str) -> str:
    """Return the goal that a line states as a field; "" for every other line."""
    match = GOAL_FIELD.match(line)
    return two_sentences(_MARKS.sub("", match["text"]).strip(" *")) if match else ""


def first_paragraph(lines: Sequence[str]) -> str:
    """Return the first paragraph of lines of Markdown on one line, without marks; a line that ends with `:` continues."""
    found: list[str] = []
    for line in lines:
        text = _MARKS.sub("", line).strip()
        is_end = not text or line.lstrip().startswith(("#", "|", "---", "```"))
        if is_end and found and not found[-1].endswith(":"):
            break
        if not is_end and not text.startswith("[TO BE FILLED"):
            found.append(text)
    return " ".join(found)


def two_sentences(text: str) -> str:
    """Return the first two sentences of a text, with at most `MAX_GOAL` characters."""
    goal = " ".join(_SENTENCE_END.split(" ".join(text.split()))[:2])
    return goal if len(goal) <= MAX_GOAL else f"{goal[:MAX_GOAL].rsplit(' ', 1)[0]} …"
