"""Code lenses with commands, above each achievement and at the beginning of each document."""

from __future__ import annotations

from collections.abc import Callable

from planmark.formats.planmark.editor.document_templates import has_template
from planmark.formats.planmark.editor.references import achievement_target
from planmark.ide.document import EditorDocument, is_blank
from planmark.ide.features import Lens, LensCommand
from planmark.ide.hover_text import state_and_holder_text
from planmark.plans.evaluation import step_for
from planmark.plans.model import SETTLED_STATES, AchievementState
from planmark.plans.phrases import name_in_words, next_label, next_text, plan_state_label, progress_bar
from planmark.plans.roles import STEP_ROLES
from planmark.queries.preflight import findings_before_review
from planmark.text.pluralize import counted_noun
from planmark.workspace.snapshot import PlanDocuments


def lenses(document: EditorDocument) -> list[Lens]:
    """Return the lenses of a document, sorted by line. They have no titles yet: `resolve` returns the titles."""
    if document.name is None:
        return []
    if is_blank(document) and has_template(document):
        return [Lens(0, "template", None)]
    if document.plan is None:
        return []
    if document.path != document.plan.path:
        achievement = document.achievement
        if achievement is None:
            return [Lens(0, "progress", None)]
        return [
            Lens(0, part, achievement.id)
            for part in ACHIEVEMENT_LENSES
            if _lens_command(document, part, achievement.id)
        ]
    document_lenses = [Lens(0, "progress", None)]
    if document.evaluation is not None and next_label(document.evaluation.state):
        document_lenses.append(Lens(0, "next_of_plan", None))
    for defined_achievement in document.plan.facts.achievements:
        line = document.plan.document.line(defined_achievement.position) - 1
        document_lenses += [
            Lens(line, part, defined_achievement.id)
            for part in ACHIEVEMENT_LENSES
            if _lens_command(document, part, defined_achievement.id)
        ]
    return sorted(document_lenses, key=lambda lens: lens.line)


def resolve(document: EditorDocument, part: str, achievement_id: str | None) -> LensCommand | None:
    """Return the title and the command of the lens `part`; None if the document no longer has the lens.

    `part` is a key of ACHIEVEMENT_LENSES, `progress`, `next_of_plan` or `template`. For the last three, `achievement_id` is None.
    """
    if part == "template":
        return template_command(document) if is_blank(document) and has_template(document) else None
    if document.plan is None or document.evaluation is None:
        return None
    state = document.evaluation.state
    if part == "progress":
        next_line = next(
            (achievement.line for achievement in state.achievements if achievement.id == state.next.achievement), 1
        )
        lifecycle_text = f" · {state.lifecycle}" if state.lifecycle_by else ""
        title = f"{state.feature} {progress_bar(state)} · {plan_state_label(state)}{lifecycle_text}"
        return LensCommand(title, "planmark.open", {"path": state.path, "line": next_line})
    if part == "next_of_plan":
        return LensCommand(f"Next: {next_text(state)}", "planmark.nextPrompt", {"plan": state.path})
    return _lens_command(document, part, achievement_id) if achievement_id else None


def template_command(document: EditorDocument) -> LensCommand:
    """Return the command that inserts the template of a document."""
    kind = document.name.kind if document.name else ""
    return LensCommand(
        f"Write the template of a {name_in_words(kind).upper()}", "planmark.fillTemplate", {"path": document.path}
    )


def _lens_command(document: EditorDocument, part: str, achievement_id: str) -> LensCommand | None:
    """Return the title and the command of the lens `part` of an achievement; None if the achievement has no such lens."""
    assert document.plan is not None
    target = achievement_target(document.view, document.plan, achievement_id)
    return (
        ACHIEVEMENT_LENSES[part](document, document.plan, target.state)
        if target and part in ACHIEVEMENT_LENSES
        else None
    )


def _state_command(document: EditorDocument, plan: PlanDocuments, achievement: AchievementState) -> LensCommand:
    """Return the lens that shows the state of an achievement. A click opens the line that decided the state."""
    path, line = (
        (achievement.evidence[0].path, achievement.evidence[0].line)
        if achievement.evidence
        else (achievement.path, achievement.line)
    )
    title = state_and_holder_text(document.view, document.view.state(plan.path), achievement)
    return LensCommand(title, "planmark.open", {"path": path, "line": line})


def _next_command(document: EditorDocument, plan: PlanDocuments, achievement: AchievementState) -> LensCommand | None:
    """Return the lens that names the next step of an achievement; None if no step is left.

    A click opens the prompt of the step.
    """
    if achievement.state in SETTLED_STATES:
        return None
    evaluation = document.view.evaluations[plan.path]
    step = step_for(evaluation.state, achievement, evaluation.decisions[achievement.id])
    return LensCommand(
        f"▶ {STEP_ROLES[step.step].asks}", "planmark.nextPrompt", {"plan": plan.path, "achievement": achievement.id}
    )


def preflight_command(
    document: EditorDocument, plan: PlanDocuments, achievement: AchievementState
) -> LensCommand | None:
    """Return the lens that says how many problems preflight has found; None if there is no problem.

    A click opens the prompt for solving the problems.
    """
    findings = findings_before_review(document.view, plan, achievement)
    if not findings:
        return None
    argument = {"plan": plan.path, "achievement": achievement.id, "step": "finish_execution"}
    return LensCommand(f"{counted_noun(len(findings), 'problem')} before review", "planmark.nextPrompt", argument)


def _subplan_command(
    document: EditorDocument, _plan_documents: PlanDocuments, achievement: AchievementState
) -> LensCommand | None:
    """Return the lens that opens the SUBPLAN of an achievement.

    Return None if there is no SUBPLAN, or if `document` is the SUBPLAN.
    """
    if achievement.subplan is None or achievement.subplan == document.path:
        return None
    return LensCommand("SUBPLAN", "planmark.open", {"path": achievement.subplan})


def _verdict_command(
    document: EditorDocument, _plan_documents: PlanDocuments, achievement: AchievementState
) -> LensCommand | None:
    """Return the lens that opens the verdict of an achievement.

    Return None if there is no verdict, or if `document` is the verdict.
    """
    if achievement.verdict is None or achievement.verdict == document.path:
        return None
    return LensCommand(achievement.verdict.rpartition("/")[2], "planmark.open", {"path": achievement.verdict})


def _plan_command(document: EditorDocument, plan: PlanDocuments, achievement: AchievementState) -> LensCommand | None:
    """Return the lens that opens the PLAN at the line of an achievement; None if `document` is the PLAN."""
    if document.path == plan.path:
        return None
    return LensCommand(
        f"PLAN {plan.feature} {achievement.id}", "planmark.open", {"path": plan.path, "line": achievement.line}
    )


ACHIEVEMENT_LENSES: dict[str, Callable[[EditorDocument, PlanDocuments, AchievementState], LensCommand | None]] = {
    "state": _state_command,
    "next": _next_command,
    "preflight": preflight_command,
    "plan": _plan_command,
    "subplan": _subplan_command,
    "verdict": _verdict_command,
}
"""Name of a lens of an achievement → the function that returns its title and command, or None."""
