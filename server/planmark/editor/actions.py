"""What can be done where the cursor is: get the next prompt, create the file that comes next, mend what is wrong."""

from __future__ import annotations

from typing import NamedTuple

from planmark.answers.explain import next_text
from planmark.checks.diagnostic import Diagnostic
from planmark.checks.fixes import FIXES, Fix, fix_of
from planmark.editor.lenses import Command
from planmark.editor.mentions import AchievementTarget
from planmark.editor.navigation import target_at
from planmark.editor.page import Page
from planmark.workflow.plan import step_of
from planmark.workflow.roles import DUTIES


class Repair(NamedTuple):
    """A finding that has a fix; the changes are asked for by `fix`."""

    title: str
    diagnostic: Diagnostic


CREATING = {
    "create_subplan": ("Create the SUBPLAN of {}", "planmark.createSubplan"),
    "create_execution": ("Create the EXECUTION_TASK of {}", "planmark.createExecution"),
    "next_execution": ("Create the next EXECUTION_TASK of {}", "planmark.createExecution"),
}
"""Step → the file that it begins with."""


def commands(page: Page, line: int, column: int) -> list[Command]:
    """The prompts and files that make sense at a position: for its achievement, then for its plan."""
    if page.plan is None or page.judged is None:
        return []
    state = page.judged.state
    target = target_at(page, line, column)
    if not isinstance(target, AchievementTarget):
        target = AchievementTarget(page.plan, page.achievement) if page.achievement else None
    found = []
    if target is not None and target.state.state != "approved":
        judged = page.view.judged[target.files.path]
        step = step_of(judged.state, target.state, judged.decisions[target.state.id])
        argument = {"plan": target.files.path, "achievement": target.state.id}
        title = f"Prompt for {target.state.id}: {DUTIES[step.step].asks}"
        found.append(Command(title, "planmark.nextPrompt", argument))
        if step.step in CREATING:
            creates, command = CREATING[step.step]
            found.append(Command(creates.format(target.state.id), command, argument))
    found.append(
        Command(f"Next prompt of {state.feature}: {next_text(state)}", "planmark.nextPrompt", {"plan": state.path})
    )
    return found


def repairs(page: Page, first: int, last: int) -> list[Repair]:
    """The findings on the lines `first` to `last` (inclusive) that have a fix."""
    found = []
    for diagnostic in page.view.diagnostics:
        here = diagnostic.path == page.path and first <= diagnostic.line - 1 <= last
        if here and diagnostic.code in FIXES and (mended := fix(page, diagnostic)):
            found.append(Repair(mended.title, diagnostic))
    return found


def fix(page: Page, diagnostic: Diagnostic) -> Fix | None:
    """The changes that mend a finding."""
    return fix_of(page.view.snapshot, diagnostic, page.view.text)
