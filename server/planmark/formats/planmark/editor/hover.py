"""Hover texts: the state, evidence, next step and dependencies of an achievement; the meaning of a field or status."""

from __future__ import annotations

from planmark.formats.planmark.documents.verdict import issues_in_words
from planmark.formats.planmark.documents.vocabulary import FIELDS as FIELD_WORDS
from planmark.formats.planmark.documents.vocabulary import is_deciding_field, is_field, status_of
from planmark.formats.planmark.editor import glossary
from planmark.formats.planmark.editor.page_names import page_name
from planmark.formats.planmark.editor.references import DocumentTarget, Target, defined_on, mention_at, target_of
from planmark.formats.planmark.workflow.verdicts import verdict_facts
from planmark.ide.document import EditorDocument, Link
from planmark.ide.features import AchievementTarget, Cost, Hover
from planmark.ide.hover_text import cost_text, evidence_lines, holder_lines, markdown_link, plan_text
from planmark.plans.evaluation import PlanEvaluation, step_for
from planmark.plans.model import SETTLED_STATES, AchievementState
from planmark.plans.phrases import marked_label, name_in_words, state_label
from planmark.plans.roles import STEP_ROLES
from planmark.queries.graph import state_of
from planmark.queries.workspace_view import View
from planmark.text.visible import as_markdown
from planmark.workspace.settings import vocabulary_of


def hover(page: EditorDocument, line: int, column: int, link: Link, cost: Cost) -> Hover | None:
    """Return the hover text at a position; None if no term or name of the methodology is there."""
    if mention := mention_at(page, line, column):
        target = target_of(page, mention)
        if target is not None:
            return Hover(_hover_of_target(page, target, link, cost), mention.span)
        if mention.kind == "document":
            return Hover(f"**{as_markdown(mention.value)}** does not exist in this workspace.", mention.span)
    for placed_field in page.fields_on(line):
        if placed_field.name.holds(line, column) and (text := _hover_of_field(page, placed_field.field.name)):
            return Hover(text, placed_field.name)
        vocabulary = vocabulary_of(page.view.snapshot.settings)
        if placed_field.value.holds(line, column) and is_deciding_field(placed_field.field.name, vocabulary):
            return Hover(_hover_of_status(page, placed_field.field.value, link, cost), placed_field.value)
    if defined_target := defined_on(page, line):
        return Hover(_hover_of_achievement(page, defined_target, link, cost), page.whole_line(line))
    first = next((n for n in range(len(page.lines)) if page.line(n).strip()), 0)
    if line == first and page.name is not None and page.name.kind != "parallel":
        return Hover(_hover_of_target(page, DocumentTarget(page.path), link, cost), page.whole_line(line))
    return None


def _hover_of_target(page: EditorDocument, target: Target, link: Link, cost: Cost) -> str:
    if isinstance(target, AchievementTarget):
        return _hover_of_achievement(page, target, link, cost)
    editor_document = EditorDocument(page.view, target.path)
    if (
        editor_document.name is not None
        and editor_document.name.kind == "plan"
        and editor_document.plan is not None
        and editor_document.evaluation is not None
    ):
        return plan_text(editor_document.view, editor_document.plan, editor_document.evaluation.state, link, cost)
    head = markdown_link(target.path.rpartition("/")[2], link(target.path, 0))
    if editor_document.achievement is not None and editor_document.plan is not None:
        lines = [f"{head} · {as_markdown(_role(editor_document))}"]
        if issues := _issues(editor_document):
            lines.append(issues)
        return "\n\n".join(
            [
                *lines,
                _hover_of_achievement(
                    editor_document, AchievementTarget(editor_document.plan, editor_document.achievement), link, cost
                ),
            ]
        )
    owner = ""
    if editor_document.plan:
        owner = f"\n\nBelongs to {markdown_link(editor_document.plan.path.rpartition('/')[2], link(editor_document.plan.path, 0))}."
    return f"{head}{owner}"


def _role(editor_document: EditorDocument) -> str:
    """Return the role of a document for its achievement, in words."""
    assert editor_document.name is not None and editor_document.achievement is not None
    achievement = editor_document.achievement
    run = next((e for e in achievement.executions if e.path == editor_document.path), None)
    if run:
        return f"execution {run.number} of {achievement.id}: {run.outcome}"
    if editor_document.name.kind == "verdict":
        decides_note = " (decides)" if achievement.verdict == editor_document.path else ""
        return f"{page_name(editor_document).verdict} for {achievement.id}{decides_note}"
    counts = editor_document.path == achievement.subplan
    return f"{name_in_words(editor_document.name.kind)} of {achievement.id}" + (
        "" if counts else ", does not count: a different one is nearer or newer"
    )


def _issues(editor_document: EditorDocument) -> str:
    if editor_document.document is None or editor_document.name is None or page_name(editor_document).verdict != "fix":
        return ""
    severities = [issue.severity for issue in verdict_facts(editor_document.document).issues]
    return issues_in_words(severities) if severities else ""


def _hover_of_achievement(page: EditorDocument, target: AchievementTarget, link: Link, cost: Cost) -> str:
    achievement, files = target.state, target.plan
    evaluation = page.view.evaluations[files.path]
    lines = [
        f"**{markdown_link(f'{achievement.id} {achievement.title}', link(achievement.path, achievement.line))}** · **{marked_label(achievement)}**"
        f" · {as_markdown(files.feature)}"
    ]
    lines.append("\n".join(evidence_lines(achievement, link)))
    lines += holder_lines(page.view, evaluation.state, achievement)
    if achievement.state not in SETTLED_STATES:
        step = step_for(evaluation.state, achievement, evaluation.decisions[achievement.id])
        is_next = " ← next of the plan" if evaluation.state.next.achievement == achievement.id else ""
        lines.append(
            f"**Next step** {STEP_ROLES[step.step].asks} ({step.role}, tier {step.tier}){cost_text(cost, files.path, achievement.id)}{is_next}"
        )
    documents = [*([markdown_link("SUBPLAN", link(achievement.subplan, 0))] if achievement.subplan else [])]
    documents += [
        f"{markdown_link(f'execution {e.number}', link(e.path, 0))} {e.outcome}" for e in achievement.executions
    ]
    documents += (
        [markdown_link(achievement.verdict.rpartition("/")[2], link(achievement.verdict, 0))]
        if achievement.verdict
        else []
    )
    if documents:
        lines.append(" · ".join(documents))
    lines += _relations(page.view, evaluation, achievement)
    if (
        any(claim.achievement == achievement.id for claim in evaluation.state.claims)
        and achievement.state not in SETTLED_STATES
    ):
        claim = next(claim for claim in evaluation.state.claims if claim.achievement == achievement.id)
        lines.append(f"The PLAN {markdown_link('claims', link(claim.path, claim.line))} that it is done.")
    return "\n\n".join(lines)


def _relations(view: View, evaluation: PlanEvaluation, achievement: AchievementState) -> list[str]:
    state = evaluation.state
    states = {other.id: state_label(other) for other in state.achievements}
    states |= {
        name: name_in_words(state_of(view, evaluation.outside.standings[name]))
        for name in achievement.depends_on
        if name in evaluation.outside.standings
    }
    needs = [f"{as_markdown(edge)} ({as_markdown(states.get(edge, 'unknown'))})" for edge in achievement.depends_on]
    needed_by = [edge.achievement for edge in state.dependencies if edge.depends_on == achievement.id]
    lines = []
    if needs:
        lines.append(
            f"Depends on {', '.join(needs)}"
            + (f"; **waits for {as_markdown(', '.join(achievement.blocked_by))}**" if achievement.blocked_by else "")
        )
    if needed_by:
        blocks = " and blocks" if achievement.state != "approved" else ""
        lines.append(f"Is needed by{blocks} {', '.join(dict.fromkeys(needed_by))}")
    return lines


def _hover_of_field(page: EditorDocument, name: str) -> str:
    vocabulary = vocabulary_of(page.view.snapshot.settings)
    for canonical, (field_name, means) in glossary.FIELDS.items():
        if is_field(name, canonical, vocabulary):
            others = [word for word in FIELD_WORDS[canonical] if word != field_name.casefold()]
            return f"**{field_name}**: {means}" + (f"\n\nAlso read as: {', '.join(others)}" if others else "")
    return ""


def _hover_of_status(page: EditorDocument, value: str, link: Link, cost: Cost) -> str:
    status = status_of(value, vocabulary_of(page.view.snapshot.settings))
    if status is None:
        list_text = ", ".join(status_name for status_name, _ in glossary.STATUSES.values())
        return f"This status is not in the vocabulary. Known: {list_text}"
    status_name, means = glossary.STATUSES[status]
    lines = [f"**{status_name}**: {means}"]
    if page.name is not None and page.name.kind in ("plan", "subplan", "execution_task"):
        lines += ["By the files:", _hover_of_target(page, DocumentTarget(page.path), link, cost)]
    return "\n\n".join(lines)
