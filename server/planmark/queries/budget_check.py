"""The diagnostics about plans whose next prompt exceeds its budget even after all reductions."""

from __future__ import annotations

from planmark.diagnostics.codes import PROMPT_OVER_BUDGET
from planmark.plans.diagnostic import Diagnostic
from planmark.prompts.budget import OverBudgetError
from planmark.prompts.plan_prompts import plan_prompts
from planmark.prompts.prompt import ESTIMATING_COUNTER, PromptOptions
from planmark.queries.lease_check import lease_diagnostics
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.snapshot import PlanDocuments


def over_budget_diagnostic(view: View, plan: PlanDocuments) -> Diagnostic | None:
    """Return the diagnostic that the next prompt of a plan exceeds its budget; None if the prompt fits its budget."""
    evaluation = view.evaluations[plan.path]
    options = PromptOptions(None, ESTIMATING_COUNTER, (), view.renderer)
    try:
        plan_prompts().next_prompt(view.reader, plan, evaluation, evaluation.state.next, options)
    except OverBudgetError as error:
        item = next(
            (
                achievement
                for achievement in evaluation.state.achievements
                if achievement.id == evaluation.state.next.achievement
            ),
            None,
        )
        line = item.line if item else 1
        message = f"the next prompt does not fit: {error}. See the costs: planmark budget @{plan.feature}"
        return PROMPT_OVER_BUDGET.at(plan.path, line, message)
    return None


def with_prompt_and_lease_diagnostics(view: View) -> View:
    """Return the view with additional diagnostics: about next prompts over their budget, and about leases."""
    extra_diagnostics = [
        diagnostic for plan in view.snapshot.plans if (diagnostic := over_budget_diagnostic(view, plan))
    ]
    extra_diagnostics += lease_diagnostics(view)
    return (
        build_view(view.snapshot, view.text, view.read_count, view, view.exists, extra_diagnostics)
        if extra_diagnostics
        else view
    )
