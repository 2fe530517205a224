"""The start of an attempt: lease the step, reserve a part of the budget, write the order, and start the supervisor."""

from __future__ import annotations

import functools
from collections.abc import Callable

from planmark.cli.lease_access import lease_terms
from planmark.run.agents import AgentProgram
from planmark.run.attempt_start import MCP_FILE, AttemptPlan, mcp_config, order_of
from planmark.run.attempts import write_order
from planmark.run.begin import StartedWork, WorkTerms, begin_work
from planmark.run.choice import Slot
from planmark.run.journal import AttemptStarted, JournalEvent, StepChosen
from planmark.run.run_record import digest_of, with_event
from planmark.run.run_state import AgentRun, StepWork
from planmark.run.spending import Reserve, reserve_for_next
from planmark.run.supervision import start_supervisor
from planmark.run.uncommitted import CheckoutStatus, checkout_status

BUDGET_PLACEHOLDER = "{budget_usd}"


def note_event(run: AgentRun, event: JournalEvent) -> None:
    """Write an event to the journal, and add it to the record of the run. Raises JournalError."""
    run.record = with_event(run.record, run.journal.append(event))


def begin_step(
    run: AgentRun,
    item: str,
    slot: Slot,
    budget: int | None = None,
    read_status: Callable[[], CheckoutStatus] | None = None,
) -> StartedWork:
    """Lease a step of the plan to an agent, make its work tree, and render its prompt of at most `budget` tokens.

    `item` is the name of the item; "" for a step about the plan. If the agent already holds the lease, it keeps the
    lease. `read_status` is as in `begin_work`. Raises CommandError and NoAnswerError.
    """
    terms = WorkTerms(item or None, slot.name, has_tree=run.terms.has_trees, budget=budget)
    # In the workspace itself, the states change with every step.
    view = run.view if run.terms.has_trees else run.look()
    return begin_work(view, run.named, terms, run.access, read_status)


def status_reader(run: AgentRun) -> Callable[[], CheckoutStatus] | None:
    """Return a function that returns the status of the person's checkout. It reads the status only once.

    Return None if the run has no work trees.
    """
    place = run.access.place
    return functools.cache(lambda: checkout_status(place.repository, run.named.plan)) if place is not None else None


def step_work(slot: Slot, started_work: StartedWork) -> StepWork:
    """Return the work on a leased step, which has had no attempt yet."""
    prompt = started_work.prompt
    return StepWork(
        agent=slot.agent,
        name=slot.name,
        lease=started_work.lease,
        root=started_work.root,
        tier=prompt.tier,
        prompt=prompt.prompt,
        prompt_tokens=prompt.tokens.total,
        before=started_work.before,
    )


def note_choice(run: AgentRun, work: StepWork) -> None:
    """Write to the journal that a step was chosen and leased."""
    lease = work.lease
    note_event(
        run,
        StepChosen(
            plan=lease.plan,
            achievement=lease.achievement,
            step=lease.step,
            agent=work.name,
            role=lease.role,
            tier=work.tier,
            lease=lease.id,
            digest=digest_of(work.prompt),
            tokens=work.prompt_tokens,
        ),
    )


def reserve_of(run: AgentRun, prompt_tokens: int, *, is_capped: bool) -> Reserve | None:
    """Return the reserve for the next attempt of the run; None if the budget does not allow an attempt now.

    `prompt_tokens` and `is_capped` are as in `reserve_for_next`.
    """
    running = [work.reserve for work in run.works if work.is_running]
    slots = run.terms.most_agents - len(running)
    return reserve_for_next(
        run.terms.limits,
        run.spending,
        running,
        slots=slots,
        prompt_tokens=prompt_tokens,
        is_capped=is_capped,
    )


def takes_cap(agent: AgentProgram) -> bool:
    """Tell whether the command line of an agent takes a maximum cost in US dollars."""
    return any(BUDGET_PLACEHOLDER in argument for argument in agent.command)


def start_attempt(run: AgentRun, work: StepWork, reserve: Reserve) -> None:
    """Start the next attempt of a leased step under a supervisor. Raises AttemptError and JournalError.

    The journal gets the event of the attempt before the supervisor starts. So a later run knows of each agent that
    works.
    """
    attempt_number = run.next_number()
    folder = run.attempt_folder(attempt_number)
    attempt_plan = AttemptPlan(
        run=run.id,
        number=attempt_number,
        agent=work.agent,
        name=work.name,
        lease=work.lease.id,
        lease_seconds=lease_terms(run.view.snapshot.settings).duration,
        root=work.root,
        tier=work.tier,
        prompt=work.prompt,
        budget_usd=reserve.cost_usd if run.terms.limits.cost_usd is not None else None,
        session=work.session,
    )
    write_order(folder, order_of(attempt_plan, folder), work.prompt)
    (folder / MCP_FILE).write_bytes(mcp_config(work.root))
    note_event(
        run,
        AttemptStarted(
            n=attempt_number,
            plan=work.lease.plan,
            achievement=work.lease.achievement,
            step=work.lease.step,
            agent=work.name,
            lease=work.lease.id,
            worktree=str(work.root),
            branch=work.lease.branch,
            base=work.lease.base,
            cap_usd=reserve.cost_usd,
            cap_tokens=reserve.tokens,
        ),
    )
    work.number, work.reserve = attempt_number, reserve
    work.supervisor = start_supervisor(folder)
    run.say(f"{item_text(work)} {work.lease.step.replace('_', ' ')}: {work.name} works in {work.root}")


def item_text(work: StepWork) -> str:
    """Return the name of the item of a step; `the plan` if the step has no item."""
    return work.lease.achievement or "the plan"
