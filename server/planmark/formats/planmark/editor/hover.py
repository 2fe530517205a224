"""Hover texts: the state, evidence, next step and dependencies of an achievement; the meaning of a field or status."""

from __future__ import annotations

from planmark.formats.planmark.documents.verdict import issues_in_words
from planmark.formats.planmark.documents.vocabulary import FIELDS as FIELD_WORDS
from planmark.formats.planmark.documents.vocabulary import is_deciding_field, is_field, status_of
from planmark.formats.planmark.editor import glossary
from planmark.formats.planmark.editor.parsed_file_names import parsed_file_name
from planmark.formats.planmark.editor.references import DocumentTarget, Target, mention_at, target_defined_on, target_of
from planmark.formats.planmark.workflow.verdicts import verdict_facts
from planmark.ide.document import EditorDocument, MakeLink
from planmark.ide.features import AchievementTarget, CountTokens, Hover
from planmark.ide.hover_text import evidence_lines, holder_lines, markdown_link, plan_text, token_count_text
from planmark.plans.evaluation import PlanEvaluation, step_for
from planmark.plans.model import SETTLED_STATES, AchievementState
from planmark.plans.phrases import marked_label, name_in_words, state_label
from planmark.plans.roles import STEP_ROLES
from planmark.queries.graph import state_of_other_achievement
from planmark.queries.workspace_view import View
from planmark.text.visible import as_markdown
from planmark.workspace.settings import vocabulary_of


def hover(document: EditorDocument, line: int, column: int, link: MakeLink, cost: CountTokens) -> Hover | None:
    """Return the hover text at a position; None if no term or name of the methodology is there.

    `link` returns the address of a line in a document, and `cost` returns the number of tokens of a prompt.
    """
    if mention := mention_at(document, line, column):
        target = target_of(document, mention)
        if target is not None:
            return Hover(_hover_of_target(document, target, link, cost), mention.span)
        if mention.kind == "document":
            return Hover(f"**{as_markdown(mention.value)}** does not exist in this workspace.", mention.span)
    for placed_field in document.fields_on(line):
        if placed_field.name.touches(line, column) and (text := _hover_of_field(document, placed_field.field.name)):
            return Hover(text, placed_field.name)
        vocabulary = vocabulary_of(document.view.snapshot.settings)
        if placed_field.value.touches(line, column) and is_deciding_field(placed_field.field.name, vocabulary):
            return Hover(_hover_of_status(document, placed_field.field.value, link, cost), placed_field.value)
    if defined_target := target_defined_on(document, line):
        return Hover(_hover_of_achievement(document, defined_target, link, cost), document.span_of_line_text(line))
    first_text_line = next((number for number in range(len(document.lines)) if document.line(number).strip()), 0)
    if line == first_text_line and document.name is not None and document.name.kind != "parallel":
        return Hover(
            _hover_of_target(document, DocumentTarget(document.path), link, cost), document.span_of_line_text(line)
        )
    return None


def _hover_of_target(document: EditorDocument, target: Target, link: MakeLink, cost: CountTokens) -> str:
    """Return the hover text of the achievement or the document `target`.

    The text of a SUBPLAN, EXECUTION_TASK or verdict includes the text of the achievement that the document is about.
    """
    if isinstance(target, AchievementTarget):
        return _hover_of_achievement(document, target, link, cost)
    target_document = EditorDocument(document.view, target.path)
    if (
        target_document.name is not None
        and target_document.name.kind == "plan"
        and target_document.plan is not None
        and target_document.evaluation is not None
    ):
        return plan_text(target_document.view, target_document.plan, target_document.evaluation.state, link, cost)
    title_link = markdown_link(target.path.rpartition("/")[2], link(target.path, 0))
    if target_document.achievement is not None and target_document.plan is not None:
        lines = [f"{title_link} · {as_markdown(_relation_to_achievement(target_document))}"]
        if issues := _issue_text(target_document):
            lines.append(issues)
        return "\n\n".join(
            [
                *lines,
                _hover_of_achievement(
                    target_document, AchievementTarget(target_document.plan, target_document.achievement), link, cost
                ),
            ]
        )
    owner_note = ""
    if target_document.plan:
        owner_note = f"\n\nBelongs to {markdown_link(target_document.plan.path.rpartition('/')[2], link(target_document.plan.path, 0))}."
    return f"{title_link}{owner_note}"


def _relation_to_achievement(editor_document: EditorDocument) -> str:
    """Return the relation of a document to the achievement that it is about: `execution 2 of 1.1: done`."""
    assert editor_document.name is not None and editor_document.achievement is not None
    achievement = editor_document.achievement
    execution = next((e for e in achievement.executions if e.path == editor_document.path), None)
    if execution:
        return f"execution {execution.number} of {achievement.id}: {execution.outcome}"
    if editor_document.name.kind == "verdict":
        decides_note = " (decides)" if achievement.verdict == editor_document.path else ""
        return f"{parsed_file_name(editor_document).verdict} for {achievement.id}{decides_note}"
    is_counted = editor_document.path == achievement.subplan
    return f"{name_in_words(editor_document.name.kind)} of {achievement.id}" + (
        "" if is_counted else ", does not count: a different one is nearer or newer"
    )


def _issue_text(editor_document: EditorDocument) -> str:
    """Return, in words, how many issues of each severity a FIX has.

    Return "" if the document is not a FIX, or if the FIX has no issues.
    """
    if (
        editor_document.document is None
        or editor_document.name is None
        or parsed_file_name(editor_document).verdict != "fix"
    ):
        return ""
    severities = [issue.severity for issue in verdict_facts(editor_document.document).issues]
    return issues_in_words(severities) if severities else ""


def _hover_of_achievement(
    document: EditorDocument, target: AchievementTarget, link: MakeLink, cost: CountTokens
) -> str:
    """Return the state, evidence, next step, documents and dependencies of an achievement as Markdown."""
    achievement, plan = target.state, target.plan
    evaluation = document.view.evaluations[plan.path]
    lines = [
        f"**{markdown_link(f'{achievement.id} {achievement.title}', link(achievement.path, achievement.line))}** · **{marked_label(achievement)}**"
        f" · {as_markdown(plan.feature)}"
    ]
    lines.append("\n".join(evidence_lines(achievement, link)))
    lines += holder_lines(document.view, evaluation.state, achievement)
    if achievement.state not in SETTLED_STATES:
        step = step_for(evaluation.state, achievement, evaluation.decisions[achievement.id])
        next_note = " ← next of the plan" if evaluation.state.next.achievement == achievement.id else ""
        lines.append(
            f"**Next step** {STEP_ROLES[step.step].asks} ({step.role}, tier {step.tier}){token_count_text(cost, plan.path, achievement.id)}{next_note}"
        )
    document_links = [*([markdown_link("SUBPLAN", link(achievement.subplan, 0))] if achievement.subplan else [])]
    document_links += [
        f"{markdown_link(f'execution {e.number}', link(e.path, 0))} {e.outcome}" for e in achievement.executions
    ]
    document_links += (
        [markdown_link(achievement.verdict.rpartition("/")[2], link(achievement.verdict, 0))]
        if achievement.verdict
        else []
    )
    if document_links:
        lines.append(" · ".join(document_links))
    lines += _dependency_lines(document.view, evaluation, achievement)
    if (
        any(claim.achievement == achievement.id for claim in evaluation.state.claims)
        and achievement.state not in SETTLED_STATES
    ):
        claim = next(claim for claim in evaluation.state.claims if claim.achievement == achievement.id)
        lines.append(f"The PLAN {markdown_link('claims', link(claim.path, claim.line))} that it is done.")
    return "\n\n".join(lines)


def _dependency_lines(view: View, evaluation: PlanEvaluation, achievement: AchievementState) -> list[str]:
    """Return up to two lines about the dependencies of an achievement.

    The first line names the achievements that `achievement` depends on. The second line names the achievements that
    depend on `achievement`.
    """
    state = evaluation.state
    state_names = {other_achievement.id: state_label(other_achievement) for other_achievement in state.achievements}
    state_names |= {
        name: name_in_words(state_of_other_achievement(view, evaluation.outside.standings[name]))
        for name in achievement.depends_on
        if name in evaluation.outside.standings
    }
    needed_texts = [
        f"{as_markdown(name)} ({as_markdown(state_names.get(name, 'unknown'))})" for name in achievement.depends_on
    ]
    dependent_ids = [edge.achievement for edge in state.dependencies if edge.depends_on == achievement.id]
    lines = []
    if needed_texts:
        lines.append(
            f"Depends on {', '.join(needed_texts)}"
            + (f"; **waits for {as_markdown(', '.join(achievement.blocked_by))}**" if achievement.blocked_by else "")
        )
    if dependent_ids:
        blocks_text = " and blocks" if achievement.state != "approved" else ""
        lines.append(f"Is needed by{blocks_text} {', '.join(dict.fromkeys(dependent_ids))}")
    return lines


def _hover_of_field(document: EditorDocument, name: str) -> str:
    """Return the meaning of the field with the name `name`, and the other names of the field.

    Return "" if the vocabulary does not have the field.
    """
    vocabulary = vocabulary_of(document.view.snapshot.settings)
    for canonical, (field_name, meaning) in glossary.FIELDS.items():
        if is_field(name, canonical, vocabulary):
            other_names = [word for word in FIELD_WORDS[canonical] if word != field_name.casefold()]
            return f"**{field_name}**: {meaning}" + (
                f"\n\nAlso read as: {', '.join(other_names)}" if other_names else ""
            )
    return ""


def _hover_of_status(document: EditorDocument, value: str, link: MakeLink, cost: CountTokens) -> str:
    """Return the meaning of the status in the field value `value`.

    In a PLAN, SUBPLAN or EXECUTION_TASK, the hover text of the document follows. It contains the state by the files.
    """
    status = status_of(value, vocabulary_of(document.view.snapshot.settings))
    if status is None:
        list_text = ", ".join(status_name for status_name, _ in glossary.STATUSES.values())
        return f"This status is not in the vocabulary. Known: {list_text}"
    status_name, meaning = glossary.STATUSES[status]
    lines = [f"**{status_name}**: {meaning}"]
    if document.name is not None and document.name.kind in ("plan", "subplan", "execution_task"):
        lines += ["By the files:", _hover_of_target(document, DocumentTarget(document.path), link, cost)]
    return "\n\n".join(lines)
