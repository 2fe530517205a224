"""The loop of a run: it starts attempts for ready steps and follows them, until no attempt runs and no step is ready."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, PROBLEMS_FOUND, UNREADABLE, WAITING, CommandError
from planmark.cli.lease_access import convert_lease_errors
from planmark.queries.lookup import NoAnswerError
from planmark.queries.open_steps import LeasedNames, OpenStep
from planmark.run.attempts import AttemptClass, AttemptError, AttemptResult, read_result
from planmark.run.choice import is_until_reached, ready_and_waiting, slot_for, why_no_slot
from planmark.run.journal import StepChosen
from planmark.run.run_state import AgentRun, StepWork, Stop
from planmark.run.settling import end_step, settle_attempt, settle_finished_work
from planmark.run.starting import (
    begin_step,
    note_choice,
    note_event,
    reserve_of,
    start_attempt,
    status_reader,
    step_work,
    takes_cap,
)
from planmark.run.supervision import cancel_attempt, lost_result
from planmark.run.uncommitted import CheckoutStatus
from planmark.storage.processes import has_ended
from planmark.text.pluralize import counted_noun

MAX_NAMED_ITEMS = 3
"""Maximum number of items that the reason for the end of a run names."""
PAUSE_SECONDS = 0.05
"""Seconds between two looks at the attempts."""
SECONDS_BETWEEN_LOOKS = 0.3
"""Minimum number of seconds between two looks at the states, while work is being finished.

A look takes a tenth of a second.
"""


def run_steps(run: AgentRun) -> None:
    """Do the steps of a run until no attempt runs and no step may start.

    Afterwards, `run.stop` has the exit code and the reason for the end.
    """
    is_look_current, look_time = False, 0.0
    while True:
        for work in list(run.works):
            is_look_current = not _advance_step(run, work) and is_look_current
        # Work that is being finished will soon change the states once more.
        is_due = time.monotonic() >= look_time + SECONDS_BETWEEN_LOOKS or not any(work.finishing for work in run.works)
        if run.stop is None and not is_look_current and is_due and len(run.works) < run.terms.most_agents:
            _lease_ready_steps(run)
            is_look_current, look_time = True, time.monotonic()
            continue
        if not run.works:
            run.stop = run.stop or _stop_at_end(run)
            return
        is_idle = not any(work.is_running or work.finishing for work in run.works)
        if run.stop is not None and run.stop.is_open and is_idle:
            return
        time.sleep(PAUSE_SECONDS)


def cancel_all(run: AgentRun) -> None:
    """Ask every running attempt to end."""
    for work in run.works:
        if work.is_running:
            # Without its folder, an attempt ends at its own limits.
            with contextlib.suppress(AttemptError):
                cancel_attempt(run.attempt_folder(work.number))


def wait_for_ends(run: AgentRun) -> None:
    """Wait until every running attempt has its result, and every attempt that is being finished is integrated.

    A later run reads the results.
    """
    for work in list(run.works):
        while work.is_running and _ended_result(run, work) is None:
            time.sleep(PAUSE_SECONDS)
        finishing = work.finishing
        if finishing and finishing.future.exception() is None and finishing.future.result().kind == "ok":
            settle_finished_work(run, work, finishing)


def _advance_step(run: AgentRun, work: StepWork) -> bool:
    """Settle the ended attempt of a step, start its next attempt, or end the step. Return True if the step has ended or
    begun to wait, so that other steps may be ready.
    """
    if work.finishing is not None or work.is_running:
        if work.finishing is None:
            result = _ended_result(run, work)
            if result is None:
                return False
            settle_attempt(run, work, result)
        elif work.finishing.future.done():
            settle_finished_work(run, work, work.finishing)
        else:
            return False
        if run.stop is not None and run.stop.ends_attempts:
            cancel_all(run)
        return work.finishing is None
    if run.stop is not None and run.stop.is_open:
        return False
    if run.stop is not None:
        end_step(run, work, "cancelled", run.stop.why)
    elif work.agent.name in run.paused:
        kind: AttemptClass = "rate_limited" if work.agent.command else "not_installed"
        end_step(run, work, kind, run.paused[work.agent.name])
    elif time.monotonic() < work.not_before:
        return False
    elif reserve := reserve_of(run, work.prompt_tokens, is_capped=takes_cap(work.agent)):
        start_attempt(run, work, reserve)
        return False
    elif any(other.is_running for other in run.works):
        return False
    else:
        end_step(run, work, "budget", "the budget of the run has no room for one more attempt")
    return True


def _ended_result(run: AgentRun, work: StepWork) -> AttemptResult | None:
    """Return the result of the current attempt of a step; None if its supervisor still runs."""
    folder = run.attempt_folder(work.number)
    result = read_result(folder)
    if result is not None:
        return result
    if work.supervisor is not None and not has_ended(work.supervisor):
        return None
    return lost_result(folder, work.lease.id)


def _lease_ready_steps(run: AgentRun) -> None:
    """Lease ready steps, up to the limits of the run, of its agents and of its budget. Stop the run if the states
    cannot be read, if the plan is gone, or if the item `until` is done.
    """
    try:
        view, store = run.look(), run.access.store_of(run.root)
        with convert_lease_errors():
            leases = store.read()
    except (CommandError, NoAnswerError) as error:
        # One cause is that the person has checked out the integration branch. Running work may be integrated later.
        run.stop = Stop(error.code if isinstance(error, CommandError) else WAITING, str(error), is_open=True)
        return
    plan = run.plan_in(view)
    if plan is None:
        run.stop = Stop(PROBLEMS_FOUND, f"{run.named.plan.path} is not there any more")
        return
    until = run.terms.wanted.until
    if until and is_until_reached(view, plan, until):
        run.stop = Stop(DONE if run.record.attempts else NOTHING_TO_DO, f"{until} is done.")
        return
    names = LeasedNames.of(store.place.prefix, leases)
    working = {work.lease.achievement for work in run.works}
    ready, waiting = ready_and_waiting(view, plan, names, run.terms.wanted, working, run.given_up)
    run.waiting = waiting
    # Steps that start one after the other see the same checkout of the person.
    read_status = status_reader(run)
    for step in ready:
        if len(run.works) >= run.terms.most_agents or run.stop is not None:
            return
        _lease_step_for_agent(run, step, read_status)


def _lease_step_for_agent(run: AgentRun, step: OpenStep, read_status: Callable[[], CheckoutStatus] | None) -> None:
    """Lease a step for an agent. The loop starts the first attempt later.

    If the step cannot be leased now, add the reason to `run.waiting`, or stop the run.
    """
    slot = slot_for(step, run.terms.agents, run.program_by_name(), run.paused)
    item = step.work.item
    if slot is None:
        if reason := why_no_slot(step, run.terms.agents, run.paused):
            run.waiting = (*run.waiting, f"{item or 'the plan'}: {reason}")
        return
    if reserve_of(run, 0, is_capped=takes_cap(slot.agent)) is None:
        if not run.works:
            run.stop = Stop(PROBLEMS_FOUND, "the budget of the run has no room for one more attempt")
        return
    note_event(run, StepChosen(plan=run.named.plan.path, achievement=item, step=step.step, agent=slot.name))
    try:
        started_work = begin_step(run, item, slot, read_status=read_status)
    except (CommandError, NoAnswerError) as error:
        if isinstance(error, CommandError) and error.code in (UNREADABLE, BAD_USAGE):
            run.stop = Stop(error.code, str(error))
        else:
            run.waiting = (*run.waiting, f"{item or 'the plan'}: {' '.join(str(error).split())}")
        return
    for note in started_work.notes:
        run.say(note)
    work = step_work(slot, started_work)
    run.works.append(work)
    note_choice(run, work)


def _stop_at_end(run: AgentRun) -> Stop:
    """Return the reason and the exit code for the end of a run that has nothing to start.

    Either an item was given up, or a step waits, or all steps are done.
    """
    if run.given_up:
        exit_code = min(stop.exit for stop in run.given_up.values())
        names = ", ".join(name or "the plan" for name in list(run.given_up)[:MAX_NAMED_ITEMS])
        return Stop(exit_code, f"{counted_noun(len(run.given_up), 'item')} not done: {names}.")
    if run.waiting:
        return Stop(WAITING, f"{counted_noun(len(run.waiting), 'item')} left, and a person or other work is needed.")
    if run.record.attempts:
        return Stop(DONE, "all steps are done.")
    return Stop(NOTHING_TO_DO, "nothing was left to do.")
