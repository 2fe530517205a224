"""Boxes of a checklist, in every form that authors use: `[x]`, `[~]`, ✅, ❌, with or without a list marker."""

from __future__ import annotations

from typing import NamedTuple

from planmark.markdown.parsed_source import section_prose
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.text.lazy_pattern import lazy_pattern

_TEXT_BEFORE_BOX = r"(?:[ \t>]*(?:[-+*•·–]|#{1,6}|\d{1,9}[.)])(?=[ \t]|\\?[\[［]))*[ \t>]*"
"""Pattern for the text before a box: list marks, heading marks, quote marks and blanks."""
_BOX = r"\\?[\[［](?P<mark>[^\[\]［］\n]{0,12}?)\\?[\]］](?=\s|$)"
OPEN_MARK_PATTERN = (
    "(?:[❌✗✘✖⏳⌛⬜◻☐🔲🚧⏸🔄🔁🟡🟠🔴⛔🛑⚠❓❗⏭🚫◯○]"
    "|:(?:x|hourglass\\w*|white_large_square|white_medium_square|construction|warning|no_entry\\w*|question):)"
)
"""Pattern for a mark that says that something is unfinished: an emoji, or its name on GitHub, such as `:hourglass:`."""
_BOX_LINE = lazy_pattern(
    rf"{_TEXT_BEFORE_BOX}(?:{_BOX}[ \t]*(?P<after>{OPEN_MARK_PATTERN})?|(?P<ticked>✅|:white_check_mark:)|(?P<open>{OPEN_MARK_PATTERN}|\([ \t]?\)(?=\s)))[ \ufe0f]*(?P<text>.*)"
)
"""Pattern for a line that begins with a box, or with a mark that counts as a box."""
_OPEN_CELL_OR_ITEM = lazy_pattern(
    rf"\|[ \t]*(?:{OPEN_MARK_PATTERN}|\[(?![xX]\]|✅\])[^\]\n]{{0,3}}\])|^[ \t>]*(?:[-+*]|\d{{1,9}}[.)])[ \t].*\[[ \t]?\][ \t]*$"
)
"""Pattern for an open cell of a table, or a list item with an open box at its end."""
TICK_MARKS = ("x", "X", "✅")


class Box(NamedTuple):
    """A box on the 0-based line `line` of a section, and the text after the box.

    Only the marks `x`, `X` and ✅ tick a box; with any other mark, the box is open. If an open box is in a table or at
    the end of a list item, `text` is the whole line.
    """

    line: int
    is_ticked: bool
    text: str


@memoize_per_section
def boxes_in(section: Section) -> tuple[Box, ...]:
    """Return the boxes of a section, except boxes in code. Boxes of nested list items are included.

    In a table, only open cells count as boxes.
    """
    return tuple(box for line, text in section_prose(section, _may_have_box) if (box := _box(line, text)))


def _may_have_box(line: str) -> bool:
    """Tell whether a line may contain a box. An open cell of a table counts as a box."""
    return _BOX_LINE.match(line) is not None or _OPEN_CELL_OR_ITEM.search(line) is not None


def _box(line: int, text: str) -> Box | None:
    """Return the box in `text`, which is the line with the 0-based number `line`. Return None if there is no box."""
    if match := _BOX_LINE.match(text):
        is_ticked = match["ticked"] is not None or (match["mark"] in TICK_MARKS and match["after"] is None)
        return Box(line, is_ticked, match["text"].strip())
    return Box(line, False, text.strip()) if _OPEN_CELL_OR_ITEM.search(text) else None
