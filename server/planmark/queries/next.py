"""The prompt of the next step of a plan, of the step of an achievement, or of a step on demand."""

from __future__ import annotations

from typing import get_args

from planmark.metrics.trace import Timer, current_trace
from planmark.plans.diagnostic import is_at_least_as_grave
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.format import PlanSite
from planmark.plans.model import (
    DONE_STATES,
    REQUESTED_STEPS,
    STEPS_ON_DEMAND,
    AchievementState,
    NextStep,
    PlanState,
    Step,
)
from planmark.plans.phrases import item_state_sentence
from planmark.plans.preflight import PreflightFinding
from planmark.plans.registry import format_named
from planmark.plans.roles import STEP_ROLES
from planmark.prompts.budget import OverBudgetError
from planmark.prompts.cache import PromptCache, PromptKey
from planmark.prompts.format_prompt import prompt_in_format
from planmark.prompts.parts import UNKNOWN_WORK, WorkUnderReview
from planmark.prompts.plan_prompts import plan_prompts
from planmark.prompts.prompt import (
    ESTIMATING_COUNTER,
    Counter,
    NothingToDoError,
    Prompt,
    PromptDiagnostic,
    PromptOptions,
    workable_step,
)
from planmark.prompts.render import BUILT_IN_RENDERER
from planmark.prompts.tokens import NoExactCounterError
from planmark.queries.learning import references_for
from planmark.queries.lookup import NoAnswerError, achievement_named
from planmark.queries.meant import methodology_plan
from planmark.queries.preflight import findings_before_review, preflight_of
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.pluralize import counted_noun
from planmark.text.similarity import most_similar
from planmark.workspace.reader import WorkspaceReader
from planmark.workspace.snapshot import Exists, PlanDocuments

THROUGH_STEP: Step = "request_review"
"""The only value of `--through`: the step at which one agent must stop, because a different agent does the review."""


def prompt_of(
    view: View,
    plan: AnyPlan,
    achievement: str | None = None,
    step: str | None = None,
    *,
    token_budget: int | None = None,
    counter: Counter = ESTIMATING_COUNTER,
    cache: PromptCache | None = None,
    work: WorkUnderReview = UNKNOWN_WORK,
    through: str | None = None,
) -> Prompt:
    """Return the prompt of the next step of a plan, of the step of an achievement, or of a step on demand.

    `achievement` is an id or a ref, None for the whole plan. `step` is the name of a step on demand, or of the step
    that the state needs. If `through` is given, the prompt is for all steps of the achievement up to the step
    `through`.

    If `token_budget` is None, the settings decide the budget. `work` holds the changes under review that git shows. A
    prompt in `cache` is reused if its inputs are unchanged.

    Raises NoAnswerError if the achievement is unknown or needs no work, or if the state does not need `step`. Also
    raises NoAnswerError if the prompt exceeds its budget, or if the exact counter is missing.
    """
    if isinstance(plan, PlanSite):
        if through is not None:
            methodology_plan(plan, "next --through")
        return _prompt_of_site(view, plan, achievement, step, token_budget, counter)
    evaluation = view.evaluations[plan.path]
    wanted_step = _methodology_step(evaluation, achievement, step)
    if wanted_step.step == "parallel":
        wanted_step = plan_prompts().repair_step(plan) or wanted_step
    if through is not None:
        _refuse_through(wanted_step, through)
    findings: tuple[PromptDiagnostic, ...] = ()
    if wanted_step.step == "verify":
        reported_diagnostics = (
            diagnostic
            for diagnostic in view.diagnostics_of(plan)
            if is_at_least_as_grave(diagnostic.severity, "information")
        )
        findings = tuple(
            PromptDiagnostic(diagnostic.path, diagnostic.line, diagnostic.message)
            for diagnostic in reported_diagnostics
        )

    preflight_findings = _preflight_findings(view, plan, evaluation, wanted_step)
    references = references_for(view, plan, wanted_step)
    # A template of the workspace contains the rules of only one step, so a prompt for several steps does not use it.
    renderer = view.renderer if through is None else BUILT_IN_RENDERER
    options = PromptOptions(
        *(token_budget, counter, findings, renderer),
        work=work,
        preflight=preflight_findings,
        references=references,
        goes_on=through is not None,
    )

    def make_prompt(exists: Exists) -> Prompt:
        reader = WorkspaceReader(view.snapshot, view.text, exists)
        return plan_prompts().next_prompt(reader, plan, evaluation, wanted_step, options)

    prompt_key = PromptKey(
        plan.path,
        wanted_step.step,
        wanted_step.achievement,
        token_budget,
        counter.name,
        findings,
        preflight_findings,
        references,
        renderer.digest,
        options.goes_on,
    )
    hits_before = cache.counts.hits if cache is not None else 0
    prompt: Prompt | None = None
    try:
        with Timer("generate") as timer:
            prompt = (
                cache.get(prompt_key, plan, evaluation.outside, view.snapshot, view.exists, make_prompt)
                if cache is not None
                else make_prompt(view.exists)
            )
    except (OverBudgetError, NoExactCounterError) as error:
        single_hint = (
            f"; one by one: planmark next @{plan.feature} {wanted_step.achievement}" if through is not None else ""
        )
        raise NoAnswerError(f"{error}{single_hint}", "usage") from None
    finally:
        if trace := current_trace():
            trace.subject = plan.feature
            is_hit = cache is not None and cache.counts.hits > hits_before
            tokens = prompt.tokens.total if prompt is not None else None
            trace.recorder.prompt(wanted_step.step, timer.seconds, tokens, plan.feature, cached=is_hit)
    return prompt


def _refuse_through(step: NextStep, through: str) -> None:
    """Raise NoAnswerError if one prompt cannot contain all steps from `step` to `through`."""
    if through != THROUGH_STEP:
        raise NoAnswerError(f"--through takes {THROUGH_STEP}, not {through}", "usage")
    if step.step == THROUGH_STEP:
        raise NoAnswerError(f"{step.achievement} waits for its review, which is the work of another agent", "waiting")
    if step.step not in plan_prompts().through or step.achievement is None:
        subject = step.achievement or "the plan"
        asks = STEP_ROLES[step.step].asks
        raise NoAnswerError(f"{subject} does not go on to its review with one prompt: its step is to {asks}", "usage")


def _preflight_findings(
    view: View, plan: PlanDocuments, evaluation: PlanEvaluation, step: NextStep
) -> tuple[PreflightFinding, ...]:
    """Return the findings of preflight for the prompt of a step.

    Raises NoAnswerError if the step is `finish_execution`, but preflight finds nothing to fix.
    """
    achievement = evaluation.by_id.get(step.achievement or "")
    if step.step != "finish_execution" or achievement is None:
        return findings_before_review(view, plan, achievement, view.exists) if achievement else ()
    findings = preflight_of(view, plan, achievement, view.exists)
    if not findings:
        raise NoAnswerError(
            f"preflight finds nothing against {achievement.id}: there is nothing to mend", "nothing_to_do"
        )
    return findings


def steps_on_demand(view: View, plan: AnyPlan) -> tuple[Step, ...]:
    """Return the steps that a person may ask for in the current state of a plan."""
    state = view.state(plan.path)
    open_achievements = [item for item in state.achievements if item.leaf and item.state not in DONE_STATES]
    if isinstance(plan, PlanSite):
        return ("reconcile",) if open_achievements and state.next.step != "reconcile" else ()
    suitable_steps = {
        "pause": bool(open_achievements) and state.lifecycle in ("active", "backlog"),
        "resume": bool(open_achievements),
        "verify": True,
        "parallel": len(open_achievements) > 1,
    }
    return tuple(step for step in STEPS_ON_DEMAND if suitable_steps[step])


def _prompt_of_site(
    view: View, site: PlanSite, achievement: str | None, step: str | None, token_budget: int | None, counter: Counter
) -> Prompt:
    """Return the prompt of a plan in a format other than the methodology; see `prompt_of`."""
    plan_format, state = format_named(site.format), view.state(site.path)
    next_step = state.next
    if achievement:
        item = achievement_named(state, achievement)
        if item.state in DONE_STATES:
            raise NoAnswerError(
                f"{item_state_sentence(item.id or item.ref, item)}: there is nothing to do", "nothing_to_do"
            )
        if item.listed:
            message = f"{item.id} is only announced in line {item.line} of {item.path}: it has no document to work from"
            raise NoAnswerError(message, "waiting")
        # A prompt about the whole plan does not answer a question about one item.
        if item.ref != state.next.ref or state.next.step == "reconcile":
            step_role = STEP_ROLES[item.step]
            reason = item_state_sentence(f"Line {item.line}", item)
            next_step = NextStep(
                item.step, item.id or None, step_role.role, step_role.tier, item.path, reason, item.ref, None
            )
        if item.state == "unsupported" and next_step.step in ("implement_task", "continue_task"):
            next_step = _confirm_state_step(item)
    if step == "reconcile" and next_step.step != "reconcile":
        next_step = _reconcile_step(state, next_step)
    if step is not None and step != next_step.step:
        raise NoAnswerError(_wrong_step_message(step, next_step), "usage")
    settings = view.snapshot.settings
    max_tokens = settings["prompts.tokenBudget"] if token_budget is None else token_budget
    parts = plan_format.prompt(view.formats.input_of(site), state, next_step)
    item_of_step = next((other for other in state.achievements if other.ref and other.ref == next_step.ref), None)
    preflight_findings = findings_before_review(view, site, item_of_step) if item_of_step else ()
    try:
        prompt = prompt_in_format(
            state, next_step, parts, view.text, settings, max_tokens, counter, preflight_findings, view.exists
        )
    except (OverBudgetError, NoExactCounterError) as error:
        raise NoAnswerError(str(error), "usage") from None
    if trace := current_trace():
        trace.subject = site.feature
    return prompt


def _confirm_state_step(item: AchievementState) -> NextStep:
    """Return the step `confirm_state` for a ticked item whose file does not exist.

    A person then decides whether the item is done, so that no agent repeats finished work.
    """
    step_role, missing_path = STEP_ROLES["confirm_state"], item.evidence[0].path
    reason = f"Line {item.line} is ticked, but `{missing_path}` does not exist"
    return NextStep("confirm_state", item.id or None, step_role.role, step_role.tier, item.path, reason, item.ref)


def _reconcile_step(state: PlanState, step: NextStep) -> NextStep:
    """Return the step `reconcile`, which compares the open items of a plan with the files.

    `step` is the step that the prompt would have without this request. Raises NoAnswerError if no item is open.
    """
    open_achievements = [item for item in state.achievements if item.leaf and item.state not in DONE_STATES]
    if not open_achievements:
        raise NoAnswerError(f"every item of {state.feature} is done: there is nothing to compare", "nothing_to_do")
    item = next((achievement for achievement in open_achievements if achievement.ref == step.ref), open_achievements[0])
    step_role = STEP_ROLES["reconcile"]
    reason = f"A person asked for it; {counted_noun(len(open_achievements), 'item')} of {state.path} {'is' if len(open_achievements) == 1 else 'are'} open"
    return NextStep("reconcile", item.id or None, step_role.role, step_role.tier, item.path, reason, item.ref)


def _methodology_step(evaluation: PlanEvaluation, achievement: str | None, step: str | None) -> NextStep:
    """Return the step for the prompt of a plan of the methodology; see `prompt_of`.

    Raises NoAnswerError if the state does not need the step, because the step may repeat finished work.
    """
    if step in STEPS_ON_DEMAND:
        return plan_prompts().on_demand(evaluation.state, step)
    if step == "finish_execution":
        return _finish_execution_step(evaluation, achievement)
    next_step = evaluation.state.next
    if achievement:
        try:
            next_step = workable_step(evaluation, achievement_named(evaluation.state, achievement))
        except NothingToDoError as error:
            raise NoAnswerError(str(error), "nothing_to_do") from None
    if step is not None and step != next_step.step:
        raise NoAnswerError(_wrong_step_message(step, next_step), "usage")
    return next_step


def _finish_execution_step(evaluation: PlanEvaluation, achievement_name: str | None) -> NextStep:
    """Return the step `finish_execution`, which fixes the findings of preflight about an achievement.

    The achievement is the one with the id `achievement_name`, or the next achievement of the plan if the name is None.
    Raises NoAnswerError if the achievement needs no work or has no EXECUTION_TASK.
    """
    achievement_id = achievement_name or evaluation.state.next.achievement
    if achievement_id is None:
        raise NoAnswerError("name the achievement whose preflight is to be mended: planmark next @FEATURE N.N", "usage")
    achievement = achievement_named(evaluation.state, achievement_id)
    try:
        workable_step(evaluation, achievement)
    except NothingToDoError as error:
        raise NoAnswerError(str(error), "nothing_to_do") from None
    if not achievement.executions:
        raise NoAnswerError(f"{achievement.id} has no EXECUTION_TASK: its step is {achievement.step}", "usage")
    step_role, file = STEP_ROLES["finish_execution"], achievement.executions[-1].path
    reason = item_state_sentence(achievement.id, achievement)
    return NextStep("finish_execution", achievement.id, step_role.role, step_role.tier, file, reason)


def _wrong_step_message(step: str, next_step: NextStep) -> str:
    """Return the message that `step` is unknown, or, for a known step, that the state needs `next_step` instead."""
    if step not in get_args(Step):
        similar_step = most_similar(step, get_args(Step))
        hint = f"did you mean {similar_step}? " if similar_step else ""
        return f"no step {step}; {hint}On demand: {', '.join(REQUESTED_STEPS)}"
    subject = next_step.achievement or "the plan"
    return f"{subject} does not wait for {step}: its step is {next_step.step} ({next_step.reason})"
