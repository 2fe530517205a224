"""Dependencies as a call hierarchy: an achievement calls what it depends on."""

from __future__ import annotations

from typing import NamedTuple

from planmark.editor.mentions import AchievementTarget, achievement
from planmark.editor.navigation import Location, target_at
from planmark.editor.page import Page
from planmark.workflow.model import Dependency


class Call(NamedTuple):
    """The achievement at the other end of a dependency, and where the dependency is declared."""

    target: AchievementTarget
    declared: Location


def prepare(page: Page, line: int, column: int) -> AchievementTarget | None:
    """The achievement under the cursor, or the one that the document is about."""
    target = target_at(page, line, column)
    if isinstance(target, AchievementTarget):
        return target
    return AchievementTarget(page.plan, page.achievement) if page.plan and page.achievement else None


def needed_by(page: Page, target: AchievementTarget) -> list[Call]:
    """The achievements that depend on this one: its callers."""
    return [
        call
        for edge in _edges(page, target)
        if edge.depends_on == target.state.id and (call := _call(page, target, edge.achievement, edge))
    ]


def needs(page: Page, target: AchievementTarget) -> list[Call]:
    """The achievements that this one depends on: what it calls."""
    return [
        call
        for edge in _edges(page, target)
        if edge.achievement == target.state.id and (call := _call(page, target, edge.depends_on, edge))
    ]


def _edges(page: Page, target: AchievementTarget) -> tuple[Dependency, ...]:
    return page.view.judged[target.files.path].state.dependencies


def _call(page: Page, target: AchievementTarget, other: str, edge: Dependency) -> Call | None:
    found = achievement(page.view, target.files, other)
    at = edge.reason
    declared = Location(at.path, Page(page.view, at.path).whole_line(at.line - 1))
    return Call(found, declared) if found else None
