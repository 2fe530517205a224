"""Code lenses with commands, above each achievement and at the beginning of each document."""

from __future__ import annotations

from collections.abc import Callable

from planmark.formats.planmark.editor.document_templates import has_template
from planmark.formats.planmark.editor.references import achievement_target
from planmark.ide.document import EditorDocument, is_blank
from planmark.ide.features import Lens, LensCommand
from planmark.ide.hover_text import state_and_holder
from planmark.plans.evaluation import step_for
from planmark.plans.model import SETTLED_STATES, AchievementState
from planmark.plans.phrases import name_in_words, next_label, next_text, plan_state_label, progress_bar
from planmark.plans.roles import STEP_ROLES
from planmark.queries.preflight import preflight_due
from planmark.text.pluralize import counted_noun
from planmark.workspace.snapshot import PlanDocuments


def lenses(page: EditorDocument) -> list[Lens]:
    """Return the lenses of a document, sorted by line, without titles; `resolve` returns the titles."""
    if page.name is None:
        return []
    if is_blank(page) and has_template(page):
        return [Lens(0, "template", None)]
    if page.plan is None:
        return []
    if page.path != page.plan.path:
        achievement = page.achievement
        if achievement is None:
            return [Lens(0, "progress", None)]
        return [Lens(0, part, achievement.id) for part in LENS_PARTS if _command(page, part, achievement.id)]
    document_lenses = [Lens(0, "progress", None)]
    if page.evaluation is not None and next_label(page.evaluation.state):
        document_lenses.append(Lens(0, "next_of_plan", None))
    for defined_achievement in page.plan.facts.achievements:
        line = page.plan.document.line(defined_achievement.position) - 1
        document_lenses += [
            Lens(line, part, defined_achievement.id)
            for part in LENS_PARTS
            if _command(page, part, defined_achievement.id)
        ]
    return sorted(document_lenses, key=lambda lens: lens.line)


def resolve(page: EditorDocument, part: str, data: str | None) -> LensCommand | None:
    """Return the title and the command of a lens; None if the document no longer has the lens."""
    if part == "template":
        return template_command(page) if is_blank(page) and has_template(page) else None
    if page.plan is None or page.evaluation is None:
        return None
    state = page.evaluation.state
    if part == "progress":
        upcoming = next(
            (achievement.line for achievement in state.achievements if achievement.id == state.next.achievement), 1
        )
        remark = f" · {state.lifecycle}" if state.lifecycle_by else ""
        title = f"{state.feature} {progress_bar(state)} · {plan_state_label(state)}{remark}"
        return LensCommand(title, "planmark.open", {"path": state.path, "line": upcoming})
    if part == "next_of_plan":
        return LensCommand(f"Next: {next_text(state)}", "planmark.nextPrompt", {"plan": state.path})
    return _command(page, part, data) if data else None


def template_command(page: EditorDocument) -> LensCommand:
    """Return the command that inserts the template of a document."""
    kind = page.name.kind if page.name else ""
    return LensCommand(
        f"Write the template of a {name_in_words(kind).upper()}", "planmark.fillTemplate", {"path": page.path}
    )


def _command(page: EditorDocument, part: str, data: str) -> LensCommand | None:
    assert page.plan is not None
    target = achievement_target(page.view, page.plan, data)
    return LENS_PARTS[part](page, page.plan, target.state) if target and part in LENS_PARTS else None


def _state(page: EditorDocument, plan: PlanDocuments, achievement: AchievementState) -> LensCommand:
    """Return the lens with the state of an achievement; a click opens the line that decided the state."""
    path, line = (
        (achievement.evidence[0].path, achievement.evidence[0].line)
        if achievement.evidence
        else (achievement.path, achievement.line)
    )
    title = state_and_holder(page.view, page.view.state(plan.path), achievement)
    return LensCommand(title, "planmark.open", {"path": path, "line": line})


def _next_command(page: EditorDocument, plan: PlanDocuments, achievement: AchievementState) -> LensCommand | None:
    if achievement.state in SETTLED_STATES:
        return None
    evaluation = page.view.evaluations[plan.path]
    step = step_for(evaluation.state, achievement, evaluation.decisions[achievement.id])
    return LensCommand(
        f"▶ {STEP_ROLES[step.step].asks}", "planmark.nextPrompt", {"plan": plan.path, "achievement": achievement.id}
    )


def preflight_command(page: EditorDocument, plan: PlanDocuments, achievement: AchievementState) -> LensCommand | None:
    """Return the lens with the number of problems before a review; None if there is no problem.

    Its command is the prompt for solving the problems.
    """
    findings = preflight_due(page.view, plan, achievement)
    if not findings:
        return None
    argument = {"plan": plan.path, "achievement": achievement.id, "step": "finish_execution"}
    return LensCommand(f"{counted_noun(len(findings), 'problem')} before review", "planmark.nextPrompt", argument)


def _subplan(page: EditorDocument, _files: PlanDocuments, achievement: AchievementState) -> LensCommand | None:
    if achievement.subplan is None or achievement.subplan == page.path:
        return None
    return LensCommand("SUBPLAN", "planmark.open", {"path": achievement.subplan})


def _verdict(page: EditorDocument, _files: PlanDocuments, achievement: AchievementState) -> LensCommand | None:
    if achievement.verdict is None or achievement.verdict == page.path:
        return None
    return LensCommand(achievement.verdict.rpartition("/")[2], "planmark.open", {"path": achievement.verdict})


def _plan(page: EditorDocument, plan: PlanDocuments, achievement: AchievementState) -> LensCommand | None:
    if page.path == plan.path:
        return None
    return LensCommand(
        f"PLAN {plan.feature} {achievement.id}", "planmark.open", {"path": plan.path, "line": achievement.line}
    )


LENS_PARTS: dict[str, Callable[[EditorDocument, PlanDocuments, AchievementState], LensCommand | None]] = {
    "state": _state,
    "next": _next_command,
    "preflight": preflight_command,
    "plan": _plan,
    "subplan": _subplan,
    "verdict": _verdict,
}
"""Part of an achievement's lens → the function that returns its command."""
