"""The prompts of the parts of a step: one prompt for each reviewer of a change, or for each kind of research."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from planmark.plans.model import AchievementState, NextStep, State, Step
from planmark.plans.phrases import item_state_sentence, name_in_words
from planmark.plans.registry import format_and_role_of
from planmark.plans.roles import STEP_ROLES
from planmark.prompts.budget import OverBudgetError
from planmark.prompts.parts import MAX_LISTED_FILES, UNKNOWN_WORK, ChangedPath, WorkUnderReview
from planmark.prompts.plan_prompts import plan_prompts
from planmark.prompts.prompt import ESTIMATING_COUNTER, Counter, Prompt, PromptOptions
from planmark.prompts.tokens import NoExactCounterError
from planmark.queries.api_types import PromptResult, Run, prompt_result
from planmark.queries.lookup import NoAnswerError
from planmark.queries.meant import methodology_plan
from planmark.queries.part_results import ResearchResult, ReviewResult
from planmark.queries.review_scope import review_scope, unknown_scope
from planmark.queries.workspace_view import AnyPlan, View
from planmark.storage.git_diff import ChangedFile, ComparisonBase, WorkDiff
from planmark.text.similarity import most_similar
from planmark.workspace.snapshot import PlanDocuments

AUTO_REVIEWERS = "auto"
"""The value of the option `--review` that selects all reviewers that the work needs."""
ALL_RESEARCH = "local,web"
"""The list of all kinds of research."""
STATES_FOR_PARTS: dict[Step, tuple[State, ...]] = {
    "review": ("awaiting_review", "fix_resolved"),
    "research": ("no_subplan", "design_placeholder", "blocked"),
}
"""Mapping from a step with parts to the states in which an achievement may have this step."""


def parse_part_names(step: Step, names: str) -> tuple[str, ...]:
    """Return the names of the parts in the list `names`, in the order in which agents begin the parts. An example of a
    list is `security,docs`. Raises NoAnswerError if the list is empty, or if the step has no part with one of the
    names.
    """
    known_names = [part.name for part in plan_prompts().parts[step]]
    part_names = [name.strip() for name in names.split(",") if name.strip()]
    for name in part_names:
        if name not in known_names:
            similar_name = most_similar(name, known_names)
            hint = f"did you mean {similar_name}? " if similar_name else ""
            raise NoAnswerError(f"no {step} of {name}; {hint}There are {', '.join(known_names)}", "usage")
    if not part_names:
        raise NoAnswerError(f"name what to {step}: {', '.join(known_names)}", "usage")
    return tuple(name for name in known_names if name in part_names)


def achievement_for_parts(
    view: View, plan: PlanDocuments, step: Step, achievement: AchievementState | None
) -> AchievementState:
    """Return `achievement` if its state allows the step `step`, which has parts.

    If `achievement` is None, return the next achievement of the plan if its state allows the step. Otherwise return the
    first achievement whose state allows the step. Raises NoAnswerError if no achievement fits.
    """
    state, allowed_states = view.state(plan.path), STATES_FOR_PARTS[step]
    if achievement is None:
        ordered_achievements = sorted(state.achievements, key=lambda item: item.id != state.next.achievement)
        achievement = next((item for item in ordered_achievements if item.state in allowed_states), None)
        if achievement is None:
            state_names = " or ".join(map(name_in_words, allowed_states))
            raise NoAnswerError(f"{step}: no achievement of @{plan.feature} is {state_names}", "nothing_to_do")
    if achievement.state not in allowed_states:
        asks = STEP_ROLES[achievement.step].asks
        message = (
            f"{item_state_sentence(achievement.id, achievement)}: there is nothing to {step} yet. Its next step: {asks}"
        )
        raise NoAnswerError(message, "nothing_to_do" if achievement.state in ("approved", "dropped") else "usage")
    return achievement


class PartTerms(NamedTuple):
    """The limits of a prompt for a part.

    `token_budget` is the maximum number of tokens; None means the setting `prompts.tokenBudget`. `counter` counts the
    tokens.
    """

    token_budget: int | None = None
    counter: Counter = ESTIMATING_COUNTER


DEFAULT_TERMS = PartTerms()
"""The budget in the settings, and the counter that estimates."""


def review_result(
    view: View,
    plan: AnyPlan,
    achievement: AchievementState | None,
    reviewers: str,
    diff: WorkDiff,
    terms: PartTerms | None = DEFAULT_TERMS,
) -> ReviewResult:
    """Return the reviews that the work on a plan needs, with a prompt for each reviewer in `reviewers`.

    `reviewers` is a list such as `security,docs`, or `auto` for the reviewers that the work needs. `diff` has the
    changed files. If `terms` is None, the result has no prompts. Raises NoAnswerError for an unknown reviewer, for an
    achievement without work to review, and for a prompt that exceeds its budget.
    """
    reviewer_names = () if reviewers == AUTO_REVIEWERS else parse_part_names("review", reviewers)
    files = tuple(file for file in diff.files if not _is_plan_document(view, file))
    scope = unknown_scope(diff.problem) if diff.base is None else review_scope(files)
    prompts: Iterable[Prompt] = ()
    if terms is not None:
        plan_documents = methodology_plan(plan, "next --review")
        achievement = achievement_for_parts(view, plan_documents, "review", achievement)
        reviewer_names = reviewer_names or tuple(review.reviewer for review in scope.reviews)
        prompts = part_prompts(
            view, plan_documents, "review", achievement, reviewer_names, _work_under_review(diff, files), terms
        )
    return ReviewResult(
        workspace=view.snapshot.root,
        plan=plan.path,
        feature=plan.feature,
        achievement=achievement.id if achievement else None,
        base=diff.base.commit if diff.base else None,
        compared_with=diff.base.says if diff.base else "nothing",
        prompts=_prompt_results(view, prompts),
        **scope._asdict(),
    )


def research_result(
    view: View,
    plan: AnyPlan,
    achievement: AchievementState | None,
    kinds: str,
    terms: PartTerms = DEFAULT_TERMS,
) -> ResearchResult:
    """Return a prompt for each kind of research in `kinds`, a list such as `local,web`.

    Raises NoAnswerError for an unknown kind, for an achievement that already has its SUBPLAN, and for a prompt that
    exceeds its budget.
    """
    plan_documents = methodology_plan(plan, "next --step research")
    part_names = parse_part_names("research", kinds)
    achievement = achievement_for_parts(view, plan_documents, "research", achievement)
    return ResearchResult(
        workspace=view.snapshot.root,
        plan=plan.path,
        feature=plan.feature,
        achievement=achievement.id,
        prompts=_prompt_results(
            view, part_prompts(view, plan_documents, "research", achievement, part_names, terms=terms)
        ),
    )


def _prompt_results(view: View, prompts: Iterable[Prompt]) -> tuple[PromptResult, ...]:
    run = Run(view.snapshot.revision, 0.0, view.read_count == 0)
    return tuple(prompt_result(view.snapshot.root, prompt, run) for prompt in prompts)


def _is_plan_document(view: View, file: ChangedFile) -> bool:
    """Tell whether a changed file is a document of a plan. Such a document is not part of the work under review."""
    owners, sites = view.snapshot.owners, view.snapshot.sites
    return all(
        path in owners or format_and_role_of(path) is not None or any(path in site.documents for site in sites)
        for path in {file.path, file.old_path or file.path}
    )


def changed_work(view: View, diff: WorkDiff) -> WorkUnderReview:
    """Return the changed files of `diff` as the work under review, without the documents of plans."""
    return _work_under_review(diff, tuple(file for file in diff.files if not _is_plan_document(view, file)))


def _work_under_review(diff: WorkDiff, files: Sequence[ChangedFile]) -> WorkUnderReview:
    """Return `files` as the work under review in a prompt. The prompt lists at most MAX_LISTED_FILES of them.

    `files` are the changed files of `diff` without the documents of plans.
    """
    if diff.base is None:
        return WorkUnderReview(problem=diff.problem)
    command = f"git diff {diff.base.commit[:12]}" if diff.base.commit else "git status"
    changed_paths = tuple(ChangedPath(file.path, file.kind, file.line_count) for file in files[:MAX_LISTED_FILES])
    return WorkUnderReview(command, base_in_words(diff.base), changed_paths, len(files))


def base_in_words(base: ComparisonBase) -> str:
    """Return in words the commit or the state of the files that the work is compared with."""
    return f"{base.says} ({base.commit[:12]})" if base.commit else base.says


def part_prompts(
    view: View,
    plan: PlanDocuments,
    step: Step,
    achievement: AchievementState,
    part_names: Sequence[str],
    work: WorkUnderReview = UNKNOWN_WORK,
    terms: PartTerms = DEFAULT_TERMS,
) -> Iterator[Prompt]:
    """Yield a prompt for each part of a step in `part_names`. The text before "Your part" is the same in all prompts.

    Raises NoAnswerError if a prompt exceeds its budget, or if the exact counter is missing.
    """
    step_role = STEP_ROLES[step]
    reason = item_state_sentence(achievement.id, achievement)
    next_step = NextStep(step, achievement.id, step_role.role, step_role.tier, achievement.subplan or plan.path, reason)
    parts = {part.name: part for part in plan_prompts().parts[step]}
    for part_name in part_names:
        options = PromptOptions(terms.token_budget, terms.counter, (), view.renderer, parts[part_name], work)
        try:
            yield plan_prompts().next_prompt(view.reader, plan, view.evaluations[plan.path], next_step, options)
        except (OverBudgetError, NoExactCounterError) as error:
            raise NoAnswerError(str(error), "usage") from None
