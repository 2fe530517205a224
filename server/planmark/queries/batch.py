"""Several steps of one kind in one prompt, for one agent. None waits for another, and no two change the same file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from planmark.coordination.file_overlap import FileClaims
from planmark.plans.model import AchievementState, PlanState, Role, Step
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

MAX_BATCH = 6
REVIEWS: tuple[Step, ...] = ("request_review", "re_review")
"""Steps that a batch can have only if a model of tier 1 suffices for them."""
BATCHED_STEPS: tuple[Step, ...] = ("create_subplan", "fill_subplan", "confirm_state", *REVIEWS)


class BatchMember(msgspec.Struct, frozen=True):
    """A step in a batch: its item, the files that it creates, the lines that it reads, and the tokens of its own prompt."""

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


class BatchTerms(NamedTuple):
    """The maximum number of members, the budget (None: the budget of the settings), and the counter of tokens."""

    max_members: int
    budget: int | None = None
    counter: Counter = ESTIMATING_COUNTER


class Candidate(NamedTuple):
    """A step that may be a member, with its prompt, and the files that it changes."""

    item: AchievementState
    prompt: Prompt
    files: tuple[str, ...]


def batch_result(view: View, plan: AnyPlan, terms: BatchTerms) -> BatchResult:
    """Return the next steps of one kind in one prompt. Raises NoAnswerError if no step of a plan can be in a batch."""
    if not 1 <= terms.max_members <= MAX_BATCH:
        raise NoAnswerError(f"--batch takes a number from 1 to {MAX_BATCH}, not {terms.max_members}", "usage")
    plan_documents = methodology_plan(plan, "next --batch")
    state = view.state(plan_documents.path)
    step, items = _step_and_items(view, plan_documents, state)
    budget = view.snapshot.settings["prompts.tokenBudget"] if terms.budget is None else terms.budget
    needs_by_name = _all_needs(state)
    file_claims, members, left_out = FileClaims(), list[Candidate](), list[LeftOutOfBatch]()
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
                if trial_batch.tokens.total <= budget
                else f"with it the prompt has {trial_batch.tokens.total:,} of {budget:,} tokens"
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
    return _result(view, plan_documents, step, members, left_out, batch, budget, terms.max_members)


def _step_and_items(view: View, plan: PlanDocuments, state: PlanState) -> tuple[Step, list[AchievementState]]:
    """Return a kind of step, and the items that are ready for it. A kind with several ready items comes first."""
    if state.next.step == "confirm_state":
        claimed_ids = adoptable_ids(state)
        claimed_items = [item for item in state.achievements if item.id in claimed_ids]
        if claimed_items:
            return "confirm_state", claimed_items
    ready_steps = [open_step for open_step in open_steps(view, LeasedNames("", ()), plan) if not open_step.wait_reason]
    by_step: dict[Step, list[AchievementState]] = {}
    for open_step in ready_steps:
        if open_step.step in BATCHED_STEPS and open_step.item is not None:
            by_step.setdefault(open_step.step, []).append(open_step.item)
    if not by_step:
        kinds = ", ".join(STEP_ROLES[step].asks for step in BATCHED_STEPS)
        message = f"no step of @{plan.feature} is ready for a batch (next: {state.next.reason}); a batch is to {kinds}"
        raise NoAnswerError(message, "usage")
    return next(
        (step_and_items for step_and_items in by_step.items() if len(step_and_items[1]) > 1),
        next(iter(by_step.items())),
    )


def _candidate(view: View, plan: PlanDocuments, step: Step, item: AchievementState, terms: BatchTerms) -> Candidate:
    if step == "confirm_state":
        prompt = _confirming_prompt(view, plan, item, terms)
    else:
        prompt = prompt_of(view, plan, item.id, budget=terms.budget, counter=terms.counter)
    scope = work_scopes(view, plan).get(item_name(item), NO_SCOPE)
    return Candidate(item, prompt, (*scope.files, *prompt.writes))


def _confirming_prompt(view: View, plan: PlanDocuments, item: AchievementState, terms: BatchTerms) -> Prompt:
    reason = f"the PLAN says that {item.id} is done, and no file supports it"
    next_step = step_about("confirm_state", item.id, plan.path, reason)
    options = PromptOptions(terms.budget, terms.counter, renderer=view.renderer)
    try:
        return plan_prompts().next_prompt(view.reader, plan, view.evaluations[plan.path], next_step, options)
    except (OverBudgetError, NoExactCounterError) as error:
        raise NoAnswerError(str(error), "usage") from None


def _all_needs(state: PlanState) -> dict[str, set[str]]:
    """Return the open items that each open item waits for, directly or through other items."""
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
    candidate: Candidate,
    members: Sequence[Candidate],
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
    for index, shared_paths in file_claims.conflicts_with(candidate.files).items():
        return f"it and {item_name(members[index].item)} change {shared_paths[0]}"
    if step in REVIEWS and candidate.prompt.tier != 1:
        return f"its review needs tier {candidate.prompt.tier}"
    if members and candidate.prompt.tier != members[0].prompt.tier:
        return f"it needs tier {candidate.prompt.tier}"
    return ""


def _text_of_members(view: View, members: Sequence[Candidate], terms: BatchTerms) -> BatchText:
    prompts = [member.prompt for member in members]
    if len(prompts) == 1:
        return BatchText(prompts[0].prompt, prompts[0].tokens, prompts[0].read)
    names = [item_name(member.item) for member in members]
    return batch_text(prompts, names, view.text, terms.counter)


def _result(
    view: View,
    plan: PlanDocuments,
    step: Step,
    members: Sequence[Candidate],
    left_out: Sequence[LeftOutOfBatch],
    batch: BatchText,
    budget: int,
    max_members: int,
) -> BatchResult:
    first = members[0].prompt
    notes = [
        note for member in members for note in member.prompt.notes if note not in first.notes or member is members[0]
    ]
    notes += _notes(members, left_out, max_members)
    return BatchResult(
        workspace=view.snapshot.root,
        plan=plan.path,
        feature=plan.feature,
        step=step,
        asks=STEP_ROLES[step].asks,
        role=first.role,
        tier=first.tier,
        prompt=batch.text,
        tokens=batch.tokens,
        alone=sum(member.prompt.tokens.total for member in members),
        budget=budget,
        members=tuple(
            BatchMember(
                member.item.id, member.item.title, member.prompt.writes, member.prompt.read, member.prompt.tokens.total
            )
            for member in members
        ),
        left_out=tuple(left_out),
        notes=tuple(dict.fromkeys(notes)),
    )


def _notes(members: Sequence[Candidate], left_out: Sequence[LeftOutOfBatch], max_members: int) -> Iterator[str]:
    for left_out_step in left_out:
        yield f"not in this batch: {left_out_step.achievement}: {left_out_step.reason}"
    if len(members) < max_members and not left_out:
        yield f"{counted_noun(len(members), 'step')} instead of {max_members}: no other step of this kind is ready"
