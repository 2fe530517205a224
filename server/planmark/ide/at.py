"""What is at a position of a document: its plan, and the one achievement that contains the position."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from planmark.ide.document import EditorDocument
from planmark.ide.items import item_on, link_at
from planmark.ide.references import AchievementTarget, defined_on, mention_at, target_of
from planmark.plans.format import PlanSite
from planmark.plans.model import AchievementState
from planmark.queries.workspace_view import AnyPlan


class PlaceAt(NamedTuple):
    """The plan of a position, and the achievement that contains it; None if none does."""

    plan: AnyPlan
    achievement: AchievementState | None


def place_at(page: EditorDocument, line: int | None, column: int) -> PlaceAt | None:
    """Return what is at a 0-based line and a column in code points; with `line=None`, what the whole document is about.

    An achievement contains its definition with the lines that belong to it, its line in the index, each mention of it,
    and the documents about it. Return None for a document of no plan.
    """
    if site := page.site:
        return PlaceAt(site, _item_at(page, site, line, column) if line is not None else None)
    if line is not None:
        mention = mention_at(page, line, column)
        target = target_of(page, mention) if mention is not None and mention.kind == "achievement" else None
        target = target if isinstance(target, AchievementTarget) else defined_on(page, line)
        if target is not None:
            return PlaceAt(target.plan, target.state)
    if page.plan is None:
        return None
    if page.path != page.plan.path:
        return PlaceAt(page.plan, page.view.achievement_of(page.path))
    return PlaceAt(page.plan, _defined_around(page, line) if line is not None else None)


def _defined_around(page: EditorDocument, line: int) -> AchievementState | None:
    """Return the achievement of the page's own PLAN whose definition contains a line: the nearest one that begins above."""
    assert page.plan is not None and page.evaluation is not None
    bodies = {
        page.plan.document.lines(known.body)[0]: known.id
        for known in page.plan.facts.achievements
        if known.body and page.plan.document.lines(known.body)[0] <= line < page.plan.document.lines(known.body)[1]
    }
    return page.evaluation.by_id.get(bodies[max(bodies)]) if bodies else None


def _item_at(page: EditorDocument, site: PlanSite, line: int, column: int) -> AchievementState | None:
    """Return the item of another format that contains a position: its line, the lines that belong to it, or its name."""
    state = page.view.state(site.path)
    named = link_at(page, site, line, column)
    if named is not None and (item := item_on(state, named.path, named.target_line)):
        return item
    above = [item for item in state.achievements if item.path == page.path and item.line - 1 <= line]
    nearest = max(above, key=lambda item: item.line, default=None)
    return nearest if nearest is not None and _holds(page, nearest.line - 1, line) else None


def _holds(page: EditorDocument, first: int, line: int) -> bool:
    """Tell whether a line belongs to the item that begins on line `first`.

    A heading has the lines up to the next heading that is not below it, a list entry the lines that are indented deeper.
    """
    levels = {entry.start: entry.section.level for entry in page.source if entry.section.kind == "heading"}
    if first in levels:
        return not any(first < start <= line and level <= levels[first] for start, level in levels.items())
    indent = _indent(page.line(first))
    inside = (page.line(number) for number in range(first + 1, line + 1))
    if any(start in levels for start in range(first + 1, line + 1)):
        return False
    return line == first or all(not text.strip() or _indent(text) > indent for text in inside)


def _indent(text: str) -> int:
    return sum(1 for _ in itertools.takewhile(str.isspace, text.expandtabs(4)))
