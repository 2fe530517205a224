"""The commands at the cursor, which get the next prompt or create the next file."""

from __future__ import annotations

from planmark.formats.planmark.editor.code_lens import preflight_command, template_command
from planmark.formats.planmark.editor.document_templates import has_template
from planmark.formats.planmark.editor.navigation import target_at
from planmark.ide.document import EditorDocument, is_blank
from planmark.ide.features import AchievementTarget, LensCommand
from planmark.plans.evaluation import step_for
from planmark.plans.model import SETTLED_STATES
from planmark.plans.phrases import next_text
from planmark.plans.roles import STEP_ROLES

CREATE_COMMANDS = {
    "create_subplan": ("Create the SUBPLAN of {}", "planmark.createSubplan"),
    "create_execution": ("Create the EXECUTION_TASK of {}", "planmark.createExecution"),
    "next_execution": ("Create the next EXECUTION_TASK of {}", "planmark.createExecution"),
    "address_fix": ("Record that the fix of {} is done", "planmark.resolveFix"),
}
"""Step → (title, name) of the command that creates the file with which the step begins or ends."""


def commands(document: EditorDocument, line: int, column: int) -> list[LensCommand]:
    """Return the commands at a position that get a prompt or create a file.

    Commands for the achievement at the position come first, then the command for the next step of the document's plan.
    If both are for the same step, the command for the plan is left out. A document without text has only the command
    for its template.
    """
    if is_blank(document) and has_template(document):
        return [template_command(document)]
    if document.plan is None or document.evaluation is None:
        return []
    state = document.evaluation.state
    target = target_at(document, line, column)
    if not isinstance(target, AchievementTarget):
        target = AchievementTarget(document.plan, document.achievement) if document.achievement else None
    offered_commands = []
    is_next_of_plan = False
    if target is not None and target.state.state not in SETTLED_STATES:
        evaluation = document.view.evaluations[target.plan.path]
        step = step_for(evaluation.state, target.state, evaluation.decisions[target.state.id])
        is_next_of_plan = (target.plan.path, target.state.id, step.step) == (
            state.path,
            state.next.achievement,
            state.next.step,
        )
        argument = {"plan": target.plan.path, "achievement": target.state.id}
        title = f"Prompt for {target.state.id}: {STEP_ROLES[step.step].asks}"
        offered_commands.append(LensCommand(title, "planmark.nextPrompt", argument))
        if preflight_lens := preflight_command(document, target.plan, target.state):
            title = f"Prompt for {target.state.id}: mend {preflight_lens.title}"
            offered_commands.append(preflight_lens._replace(title=title))
        has_withdrawn_subplan = (
            step.step == "create_subplan" and evaluation.inputs[target.state.id].withdrawn_subplan is not None
        )
        if step.step in CREATE_COMMANDS and not has_withdrawn_subplan:
            title_pattern, command = CREATE_COMMANDS[step.step]
            offered_commands.append(LensCommand(title_pattern.format(target.state.id), command, argument))
    if not is_next_of_plan:
        title = f"Next prompt of {state.feature}: {next_text(state)}"
        offered_commands.append(LensCommand(title, "planmark.nextPrompt", {"plan": state.path}))
    return offered_commands
