"""The achievement or plan at a position of a document of the methodology."""

from __future__ import annotations

from planmark.formats.planmark.editor.references import mention_at, target_defined_on, target_of
from planmark.ide.document import EditorDocument
from planmark.ide.features import AchievementTarget, PlanAndAchievement
from planmark.plans.model import AchievementState


def place_at(document: EditorDocument, line: int | None, column: int) -> PlanAndAchievement | None:
    """Return the plan at a position, together with the achievement at the position if there is one.

    `line` is 0-based, and `column` counts code points. If `line` is None, the whole document counts as the position.

    These positions belong to an achievement: its definition with its body, its line in the index, each mention of it,
    and the documents about it. Return None if a position belongs neither to an achievement nor to a plan.
    """
    if line is not None:
        mention = mention_at(document, line, column)
        target = target_of(document, mention) if mention is not None and mention.kind == "achievement" else None
        target = target if isinstance(target, AchievementTarget) else target_defined_on(document, line)
        if target is not None:
            return PlanAndAchievement(target.plan, target.state)
    if document.plan is None:
        return None
    if document.path != document.plan.path:
        return PlanAndAchievement(document.plan, document.view.achievement_of(document.path))
    return PlanAndAchievement(document.plan, _achievement_around(document, line) if line is not None else None)


def _achievement_around(document: EditorDocument, line: int) -> AchievementState | None:
    """Return the achievement whose body in the PLAN `document` contains the 0-based line `line`; else None.

    If several bodies contain the line, the body that begins nearest above the line counts.
    """
    assert document.plan is not None and document.evaluation is not None
    ids_by_first_line = {
        document.plan.document.lines(achievement.body)[0]: achievement.id
        for achievement in document.plan.facts.achievements
        if achievement.body
        and document.plan.document.lines(achievement.body)[0]
        <= line
        < document.plan.document.lines(achievement.body)[1]
    }
    return document.evaluation.by_id.get(ids_by_first_line[max(ids_by_first_line)]) if ids_by_first_line else None
