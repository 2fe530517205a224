"""The achievement or plan at a position of a document of the methodology."""

from __future__ import annotations

from planmark.formats.planmark.editor.references import defined_on, mention_at, target_of
from planmark.ide.document import EditorDocument
from planmark.ide.features import AchievementTarget, PlaceAt
from planmark.plans.model import AchievementState


def place_at(page: EditorDocument, line: int | None, column: int) -> PlaceAt | None:
    """Return the plan, and the achievement if any, at a 0-based line and a column in code points.

    If `line` is None, return the subject of the whole document.

    An achievement contains its definition with its body, its line in the index, each mention of it, and the documents
    about it. Return None for a document that belongs to no plan.
    """
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
    return PlaceAt(page.plan, _achievement_around(page, line) if line is not None else None)


def _achievement_around(page: EditorDocument, line: int) -> AchievementState | None:
    """Return the achievement of the page's own PLAN whose definition contains a line.

    If several definitions contain the line, the definition that begins nearest above the line counts.
    """
    assert page.plan is not None and page.evaluation is not None
    bodies = {
        page.plan.document.lines(achievement.body)[0]: achievement.id
        for achievement in page.plan.facts.achievements
        if achievement.body
        and page.plan.document.lines(achievement.body)[0] <= line < page.plan.document.lines(achievement.body)[1]
    }
    return page.evaluation.by_id.get(bodies[max(bodies)]) if bodies else None
