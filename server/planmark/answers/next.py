"""The next prompt of a plan, or that of one of its achievements."""

from __future__ import annotations

from planmark.answers.find import NoAnswerError, achievement_named
from planmark.answers.view import View
from planmark.prompts.prompt import NothingToDoError, Prompt, next_prompt, step_for
from planmark.workspace.snapshot import PlanFiles


def prompt_of(view: View, plan: PlanFiles, achievement: str | None = None) -> Prompt:
    """The prompt of the plan's next step, or of an achievement's. Raises NoAnswerError: unknown, or approved."""
    judged = view.judged[plan.path]
    step = judged.state.next
    if achievement:
        try:
            step = step_for(judged, achievement_named(judged.state, achievement))
        except NothingToDoError as error:
            raise NoAnswerError(str(error), "nothing_to_do") from None
    return next_prompt(view.snapshot, plan, judged, step, view.text)
