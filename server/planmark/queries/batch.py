"""Several steps of one kind in one prompt, for one agent.

No step of a batch waits for a different step of the batch. No two steps change the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.coordination.file_overlap import FileClaims
from planmark.plans.model import REVIEW_STEPS, AchievementState, PlanState, Role, Step
from planmark.plans.roles import STEP_ROLES, step_about
from planmark.prompts.batch import BatchText, batch_text
from planmark.prompts.budget import OverBudgetError
from planmark.prompts.plan_prompts import plan_prompts
from planmark.prompts.prompt import ESTIMATING_COUNTER, Counter, Prompt, PromptOptions, ReadLines, Tokens
from planmark.prompts.tokens import NoExactCounterError
from planmark.queries.adoptable import adoptable_ids
from planmark.queries.item_order import NO_SCOPE, item_name, needs_of_items, work_scopes
from planmark.queries.lookup import NoAnswerError
from planmark.queries.meant import methodology_plan
from planmark.queries.next import prompt_of
from planmark.queries.open_steps import LeasedNames, open_steps
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.pluralize import counted_noun
from planmark.workspace.snapshot import PlanDocuments

MAX_BATCH_STEPS = 6
"""Maximum number of steps in a batch."""
BATCHABLE_STEPS: tuple[Step, ...] = ("create_subplan", "fill_subplan", "confirm_state", *REVIEW_STEPS)
"""The steps of a batch. It contains a step of a reviewer only if a model of tier 1 suffices for the step."""


class BatchMember(msgspec.Struct, frozen=True):
    """A step in a batch. `writes` are the files that the step creates, and `read` are the lines to read. `tokens` is
    the number of tokens of its separate prompt.
    """

    achievement: str
    title: str
    writes: tuple[str, ...]
    read: tuple[ReadLines, ...]
    tokens: int


class LeftOutOfBatch(msgspec.Struct, frozen=True):
    """A step of the same kind that is not in a batch, and the reason."""

    achievement: str
    reason: str


class BatchResult(msgspec.Struct, frozen=True, kw_only=True):
    """Several steps of one kind in one prompt. `alone` is the sum of the tokens of their separate prompts."""

    schema: str = "planmark.batch/1"
    workspace: str
    plan: str
    feature: str
    step: Step
    asks: str
    role: Role
    tier: int
    prompt: str
    tokens: Tokens
    alone: int
    budget: int
    members: tuple[BatchMember, ...]
    left_out: tuple[LeftOutOfBatch, ...]
    notes: tuple[str, ...]


class BatchLimits(NamedTuple):
    """The limits of a batch.

    `max_members` is the maximum number of steps. `token_budget` is the maximum number of tokens; None means the setting
    `prompts.tokenBudget`. `counter` counts the tokens.
    """

    max_members: int
    token_budget: int | None = None
    counter: Counter = ESTIMATING_COUNTER


class BatchCandidate(NamedTuple):
    """A step that may become a member of a batch: its item, its own prompt, and the files that the step changes."""

    item: AchievementState
    prompt: Prompt
    files: tuple[str, ...]


def batch_result(view: View, plan: AnyPlan, terms: BatchLimits) -> BatchResult:
    """Return a batch: the next steps of one kind of a plan, in one prompt.

    Raises NoAnswerError if no step of the plan can be in a batch.
    """
    if not 1 <= terms.max_members <= MAX_BATCH_STEPS:
        raise NoAnswerError(f"--batch takes a number from 1 to {MAX_BATCH_STEPS}, not {terms.max_members}", "usage")
    plan_documents = methodology_plan(plan, "next --batch")
    state = view.state(plan_documents.path)
    step, items = _step_and_items(view, plan_documents, state)
    token_budget = view.snapshot.settings["prompts.tokenBudget"] if terms.token_budget is None else terms.token_budget
    needs_by_name = _transitive_needs(state)
    file_claims, members, left_out = FileClaims(), list[BatchCandidate](), list[LeftOutOfBatch]()
    batch: BatchText | None = None
    for item in items:
        if len(members) == terms.max_members:
            break
        try:
            candidate = _candidate(view, plan_documents, step, item, terms)
        except NoAnswerError as error:
            left_out.append(LeftOutOfBatch(item.id, str(error)))
            continue
        reason = _reason_to_leave_out(candidate, members, needs_by_name, file_claims, step)
        if not reason:
            trial_batch = _text_of_members(view, [*members, candidate], terms)
            reason = (
                ""
                if trial_batch.tokens.total <= token_budget
                else f"with it the prompt has {trial_batch.tokens.total:,} of {token_budget:,} tokens"
            )
            if not reason:
                file_claims.add(len(members), candidate.files)
                members.append(candidate)
                batch = trial_batch
        if reason:
            left_out.append(LeftOutOfBatch(item.id, reason))
    if batch is None:
        raise NoAnswerError(
            f"no batch of @{plan_documents.feature}: "
            + "; ".join(f"{left_out_step.achievement}: {left_out_step.reason}" for left_out_step in left_out),
            "usage",
        )
    return _result(view, plan_documents, step, members, left_out, batch, token_budget, terms.max_members)


def _step_and_items(view: View, plan: PlanDocuments, state: PlanState) -> tuple[Step, list[AchievementState]]:
    """Return the kind of step for the batch, and the items that wait for a step of this kind.

    The kind is `confirm_state` if the plan waits for the confirmation of claims. Otherwise it is the first kind with
    several ready items, else the first kind with one ready item. Raises NoAnswerError if no item is ready.
    """
    if state.next.step == "confirm_state":
        claimed_ids = adoptable_ids(state)
        claimed_items = [item for item in state.achievements if item.id in claimed_ids]
        if claimed_items:
            return "confirm_state", claimed_items
    ready_steps = [open_step for open_step in open_steps(view, LeasedNames("", ()), plan) if not open_step.wait_reason]
    items_by_step: dict[Step, list[AchievementState]] = {}
    for open_step in ready_steps:
        if open_step.step in BATCHABLE_STEPS and open_step.item is not None:
            items_by_step.setdefault(open_step.step, []).append(open_step.item)
    if not items_by_step:
        kinds = ", ".join(STEP_ROLES[step].asks for step in BATCHABLE_STEPS)
        message = f"no step of @{plan.feature} is ready for a batch (next: {state.next.reason}); a batch is to {kinds}"
        raise NoAnswerError(message, "usage")
    return next(
        (step_and_items for step_and_items in items_by_step.items() if len(step_and_items[1]) > 1),
        next(iter(items_by_step.items())),
    )


def _candidate(
    view: View, plan: PlanDocuments, step: Step, item: AchievementState, terms: BatchLimits
) -> BatchCandidate:
    """Return the candidate for an item: the item, the prompt of its step, and the files that the step changes.

    Raises NoAnswerError if the prompt cannot be made.
    """
    if step == "confirm_state":
        prompt = _confirming_prompt(view, plan, item, terms)
    else:
        prompt = prompt_of(view, plan, item.id, token_budget=terms.token_budget, counter=terms.counter)
    scope = work_scopes(view, plan).get(item_name(item), NO_SCOPE)
    return BatchCandidate(item, prompt, (*scope.files, *prompt.writes))


def _confirming_prompt(view: View, plan: PlanDocuments, item: AchievementState, terms: BatchLimits) -> Prompt:
    """Return the prompt that asks for a check: is the achievement `item` done, as the PLAN claims?

    Raises NoAnswerError if the prompt exceeds its budget, or if the exact counter is missing.
    """
    reason = f"the PLAN says that {item.id} is done, and no file supports it"
    next_step = step_about("confirm_state", item.id, plan.path, reason)
    options = PromptOptions(terms.token_budget, terms.counter, renderer=view.renderer)
    try:
        return plan_prompts().next_prompt(view.reader, plan, view.evaluations[plan.path], next_step, options)
    except (OverBudgetError, NoExactCounterError) as error:
        raise NoAnswerError(str(error), "usage") from None


def _transitive_needs(state: PlanState) -> dict[str, set[str]]:
    """Return a mapping from the name of each open item to the names of the open items that it waits for.

    If A waits for B, and B waits for C, then A also waits for C.
    """
    direct_needs, _ = needs_of_items(state)
    result: dict[str, set[str]] = {}
    for name in direct_needs:
        needed_names, pending_names = set[str](), list(direct_needs[name])
        while pending_names:
            pending_name = pending_names.pop()
            if pending_name not in needed_names:
                needed_names.add(pending_name)
                pending_names += direct_needs.get(pending_name, ())
        result[name] = needed_names
    return result


def _reason_to_leave_out(
    candidate: BatchCandidate,
    members: Sequence[BatchCandidate],
    needs_by_name: dict[str, set[str]],
    file_claims: FileClaims,
    step: Step,
) -> str:
    """Return the reason why a candidate cannot join the members of a batch; "" if it can join them."""
    name = item_name(candidate.item)
    for member in members:
        member_name = item_name(member.item)
        if member_name in needs_by_name.get(name, ()) or name in needs_by_name.get(member_name, ()):
            return f"it and {member_name} depend on each other"
    for member_number, shared_paths in file_claims.conflicts_with(candidate.files).items():
        return f"it and {item_name(members[member_number].item)} change {shared_paths[0]}"
    if step in REVIEW_STEPS and candidate.prompt.tier != 1:
        return f"its review needs tier {candidate.prompt.tier}"
    if members and candidate.prompt.tier != members[0].prompt.tier:
        return f"it needs tier {candidate.prompt.tier}"
    return ""


def _text_of_members(view: View, members: Sequence[BatchCandidate], terms: BatchLimits) -> BatchText:
    """Return one prompt for all members. If there is only one member, return the prompt of this member."""
    prompts = [member.prompt for member in members]
    if len(prompts) == 1:
        return BatchText(prompts[0].prompt, prompts[0].tokens, prompts[0].read)
    names = [item_name(member.item) for member in members]
    return batch_text(prompts, names, view.text, terms.counter)


def _result(
    view: View,
    plan: PlanDocuments,
    step: Step,
    members: Sequence[BatchCandidate],
    left_out: Sequence[LeftOutOfBatch],
    batch: BatchText,
    token_budget: int,
    max_members: int,
) -> BatchResult:
    """Return the batch as the result of `next --batch --json`. A note of several prompts occurs once."""
    first_prompt = members[0].prompt
    notes = [
        note
        for member in members
        for note in member.prompt.notes
        if note not in first_prompt.notes or member is members[0]
    ]
    notes += _notes(members, left_out, max_members)
    return BatchResult(
        workspace=view.snapshot.root,
        plan=plan.path,
        feature=plan.feature,
        step=step,
        asks=STEP_ROLES[step].asks,
        role=first_prompt.role,
        tier=first_prompt.tier,
        prompt=batch.text,
        tokens=batch.tokens,
        alone=sum(member.prompt.tokens.total for member in members),
        budget=token_budget,
        members=tuple(
            BatchMember(
                member.item.id, member.item.title, member.prompt.writes, member.prompt.read, member.prompt.tokens.total
            )
            for member in members
        ),
        left_out=tuple(left_out),
        notes=tuple(dict.fromkeys(notes)),
    )


def _notes(members: Sequence[BatchCandidate], left_out: Sequence[LeftOutOfBatch], max_members: int) -> Iterator[str]:
    """Yield a note for each step in `left_out`.

    If `left_out` is empty and there are fewer members than `max_members`, yield a note about their number.
    """
    for left_out_step in left_out:
        yield f"not in this batch: {left_out_step.achievement}: {left_out_step.reason}"
    if len(members) < max_members and not left_out:
        yield f"{counted_noun(len(members), 'step')} instead of {max_members}: no other step of this kind is ready"
