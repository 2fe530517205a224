"""The plan and the item at a position of a document, in every format but the methodology."""

from __future__ import annotations

import itertools

from planmark.ide.document import EditorDocument
from planmark.ide.features import PlanAndAchievement
from planmark.ide.items import item_on, link_at
from planmark.plans.format import PlanSite
from planmark.plans.model import AchievementState


def plan_and_item_at(document: EditorDocument, site: PlanSite, line: int | None, column: int) -> PlanAndAchievement:
    """Return the plan and the item at the 0-based `line` and `column`. If `line` is None, return only the plan."""
    return PlanAndAchievement(site, _item_at(document, site, line, column) if line is not None else None)


def _item_at(document: EditorDocument, site: PlanSite, line: int, column: int) -> AchievementState | None:
    """Return the item at a position: the item to which a name at the position links, else the item whose lines contain
    the position.
    """
    state = document.view.state(site.path)
    text_link = link_at(document, site, line, column)
    if text_link is not None and (item := item_on(state, text_link.path, text_link.target_line)):
        return item
    items_above = [item for item in state.achievements if item.path == document.path and item.line - 1 <= line]
    nearest_item = max(items_above, key=lambda item: item.line, default=None)
    return (
        nearest_item
        if nearest_item is not None and _item_contains_line(document, nearest_item.line - 1, line)
        else None
    )


def _item_contains_line(document: EditorDocument, first_line: int, line: int) -> bool:
    """Tell whether `line` belongs to the item that begins on the line `first_line`.

    An item is a heading or a list entry.

    The lines of a heading end before the next heading of the same or a higher level. The lines of a list entry are
    indented deeper than the entry. Lines are 0-based.
    """
    levels = {entry.start: entry.section.level for entry in document.source if entry.section.kind == "heading"}
    if first_line in levels:
        return not any(first_line < start <= line and level <= levels[first_line] for start, level in levels.items())
    indent = _indent_width(document.line(first_line))
    inner_lines = (document.line(number) for number in range(first_line + 1, line + 1))
    if any(start in levels for start in range(first_line + 1, line + 1)):
        return False
    return line == first_line or all(not text.strip() or _indent_width(text) > indent for text in inner_lines)


def _indent_width(text: str) -> int:
    return sum(1 for _ in itertools.takewhile(str.isspace, text.expandtabs(4)))
