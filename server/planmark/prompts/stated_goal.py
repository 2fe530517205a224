"""The goal of a plan in at most two sentences, taken from lines of a document that state the goal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.text.lazy_pattern import lazy_pattern

MAX_GOAL_CHARACTERS = 400
"""Maximum number of characters of the goal in a prompt. A longer goal is cut off after a word."""
GOAL_FIELD = lazy_pattern(r"\W*(?:goal|objective|core value)s?\W*[:：]\W*(?P<text>.+)", re.IGNORECASE)
"""A line that states the goal as a field: `**Goal:** text`."""
_SENTENCE_END = lazy_pattern(
    r"(?<=[.!?])(?<![\s(:：]\d\.)(?<![\s(:：]\d\d\.)\s+(?=[^\W\d_a-z]|$)|(?<=[。！？])\s*(?=\S)"
)
"""The end of a sentence. The full stop after the number of a list entry (`1.`) does not end a sentence."""
_LIST_ENTRY_START = lazy_pattern(r"\s*(?:[-*+•]|\d{1,2}[.)])\s+(?:\[[ xX]\]\s+)?(?=\S)")
_MARKUP = lazy_pattern(r"^[\s>*_-]+(?:\[[ xX]\]\s+)?|\*\*|__")
_PLACEHOLDER = lazy_pattern(r"\[[^\]\n]*\]?$|[{<][^}>\n]*[}>]$")
"""A placeholder of a template: `[what the plan reaches]`."""
_BOLD_FIELD = lazy_pattern(r"\s*\*\*[^*\n]{1,60}(?:[:：]\*\*|\*\*\s*[:：])\s*\S")
"""A line that states any field in bold, such as a status or a date."""


def goal_in(lines: Sequence[str]) -> str:
    """Return the goal that the lines of a passage state: the text of the field for the goal, else the first paragraph.

    Return "" if the passage has no text.
    """
    for line in lines:
        if goal_text := goal_in_field(line):
            return goal_text
    return first_two_sentences(first_paragraph([line for line in lines if not _BOLD_FIELD.match(line)]))


def goal_in_field(line: str) -> str:
    """Return the goal that a line states as a field, such as `**Goal:** text`; "" for every other line."""
    match = GOAL_FIELD.match(line)
    text = _MARKUP.sub("", match["text"]).strip(" *") if match else ""
    return "" if _PLACEHOLDER.match(text) else first_two_sentences(text)


def first_paragraph(lines: Sequence[str]) -> str:
    """Return the first paragraph of lines of Markdown as one line, without marks such as `**`.

    If the paragraph ends with a colon, the next paragraph is added. Semicolons separate the entries of a list.
    """
    paragraph = ""
    for line in lines:
        entry = _LIST_ENTRY_START.match(line)
        text = _MARKUP.sub("", line[entry.end() :] if entry else line).strip()
        is_paragraph_end = not text or line.lstrip().startswith(("#", "|", "---", "```"))
        if is_paragraph_end and paragraph and not paragraph.endswith((":", "：")):
            break
        if is_paragraph_end or _PLACEHOLDER.match(text):
            continue
        needs_semicolon = entry and paragraph and paragraph[-1] not in ":：.!?。！？;,"
        paragraph = f"{paragraph}{'; ' if needs_semicolon else ' ' if paragraph else ''}{text}"
    return paragraph


def first_two_sentences(text: str) -> str:
    """Return the first two sentences of a text, cut off after at most `MAX_GOAL_CHARACTERS` characters."""
    goal = " ".join(_SENTENCE_END.split(" ".join(text.split()))[:2])
    return goal if len(goal) <= MAX_GOAL_CHARACTERS else f"{goal[:MAX_GOAL_CHARACTERS].rsplit(' ', 1)[0]} …"
