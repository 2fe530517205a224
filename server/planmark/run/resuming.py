"""The steps of an interrupted run: its process has ended before the run has, and a new process goes on with the steps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planmark.cli.errors import BAD_USAGE, CommandError
from planmark.cli.lease_access import convert_lease_errors
from planmark.coordination.lease import Lease
from planmark.coordination.lease_rules import find_lease
from planmark.queries.lookup import NoAnswerError
from planmark.run.agents import AgentProgram
from planmark.run.attempt_classes import FOLLOW_UPS
from planmark.run.attempts import PROMPT_FILE, AttemptResult
from planmark.run.choice import Slot
from planmark.run.journal import AttemptEnded, AttemptStarted, StepChosen, StepEnded
from planmark.run.run_state import AgentRun, StepWork
from planmark.run.settling import settle_work
from planmark.run.spending import NOTHING_RESERVED, Reserve, spending_after
from planmark.run.starting import begin_step, note_choice, note_event, step_work


def resume_steps(run: AgentRun) -> None:
    """Go on with the steps of a run that have no end. Raises CommandError if a prompt cannot be read.

    If the supervisor of an attempt still runs, the attempt is followed. Otherwise its result is read. If there is no
    result, the attempt is lost. Steps that were given up are tried again, because a person has resumed the run.
    """
    record = run.record
    for end in record.ends.values():
        run.spending = spending_after(run.spending, end.tokens, end.cost_usd, _reserve_of(record.attempts.get(end.n)))
    last_attempts: dict[str, AttemptStarted] = {}
    for number in sorted(record.attempts):
        last_attempts[record.attempts[number].lease] = record.attempts[number]
    for choice in list(record.chosen.values()):
        if choice.lease not in record.step_ends and not _is_replaced(record.chosen, choice):
            _take_up(run, choice, last_attempts.get(choice.lease))
    for intended_choice in list(record.intended.values()):
        _lease_again(run, intended_choice)


def _reserve_of(attempt: AttemptStarted | None) -> Reserve:
    """Return the maximum cost of an attempt, as the run has reserved it; nothing if `attempt` is None."""
    return NOTHING_RESERVED if attempt is None else Reserve(attempt.cap_usd, attempt.cap_tokens)


def _is_replaced(choice_by_lease: Mapping[str, StepChosen], choice: StepChosen) -> bool:
    """Tell whether a later lease of the same step has replaced the lease of `choice`.

    A step gets a new lease with a fresh work tree.
    """
    leases_of_step = [
        other.lease
        for other in choice_by_lease.values()
        if (other.achievement, other.step) == (choice.achievement, choice.step)
    ]
    return leases_of_step[-1] != choice.lease


def _take_up(run: AgentRun, choice: StepChosen, attempt: AttemptStarted | None) -> None:
    """Go on with a leased step and its last attempt. `attempt` is None if the step had no attempt."""
    lease = _lease_of(run, choice.lease)
    slot = _slot_of(run, choice.agent)
    if lease is None:
        note_event(
            run,
            StepEnded(
                plan=choice.plan,
                achievement=choice.achievement,
                step=choice.step,
                lease=choice.lease,
                before="",
                after="",
                by=f"{choice.lease} is not there any more",
                kind="stolen",
            ),
        )
        return
    if attempt is None:
        _lease_again(run, choice)
        return
    work = _adopted_work(run, slot, lease, choice, attempt)
    run.works.append(work)
    end = run.record.ends.get(attempt.n)
    if end is not None:
        settle_work(run, work, _result_of(end))
        return
    run.say(f"{choice.achievement or 'the plan'} {choice.step.replace('_', ' ')}: attempt {attempt.n} is taken up")


def _adopted_work(run: AgentRun, slot: Slot, lease: Lease, choice: StepChosen, attempt: AttemptStarted) -> StepWork:
    """Return the work on a step whose current attempt was started by an earlier process. Raises CommandError."""
    folder = run.attempt_folder(attempt.n)
    try:
        prompt = (folder / PROMPT_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandError(f"{folder / PROMPT_FILE} cannot be read: {error.strerror or error}", BAD_USAGE) from None
    earlier_ends = [
        end
        for number, end in run.record.ends.items()
        if number != attempt.n
        and (run.record.attempts[number].achievement, run.record.attempts[number].step)
        == (attempt.achievement, attempt.step)
    ]
    return StepWork(
        agent=slot.agent,
        name=slot.name,
        lease=lease,
        root=Path(attempt.worktree),
        tier=choice.tier or 1,
        prompt=prompt,
        prompt_tokens=choice.tokens or 0,
        before=lease.began.state if lease.began else "",
        number=attempt.n,
        reserve=_reserve_of(attempt),
        counted_attempts=sum(FOLLOW_UPS[end.kind].counts for end in earlier_ends if end.kind != "ok"),
        is_adopted=True,
    )


def _lease_again(run: AgentRun, choice: StepChosen) -> None:
    """Lease a step that was chosen but had no attempt.

    If the agent already holds a lease of the step, the agent keeps this lease.
    """
    slot = _slot_of(run, choice.agent)
    try:
        work = step_work(slot, begin_step(run, choice.achievement, slot))
    except (CommandError, NoAnswerError) as error:
        run.say(f"{choice.achievement or 'the plan'} was chosen and is not leased now: {error}")
        run.record.intended.pop(choice.achievement, None)
        return
    run.works.append(work)
    note_choice(run, work)


def _slot_of(run: AgentRun, name: str) -> Slot:
    """Return the agent of the run that holds leases under the name `name`.

    If the agent is not in the run any more, it starts nothing. Its running attempt is only followed to its end.
    """
    program_name = name.rpartition("-")[0]
    agents: dict[str, AgentProgram] = {agent.name: agent for agent in run.terms.agents}
    if program_name not in agents:
        run.paused[program_name] = f"{program_name} is not among the agents of this run any more: {', '.join(agents)}"
        return Slot(AgentProgram(name=program_name, command=()), name)
    return Slot(agents[program_name], name)


def _lease_of(run: AgentRun, lease_id: str) -> Lease | None:
    """Return the lease with an id; None if it is unknown, or if a later lease has replaced it."""
    with convert_lease_errors():
        leases = run.access.store_of(run.root).read()
    stored_and_former = find_lease(leases.values(), lease_id)
    return stored_and_former[0].lease if stored_and_former is not None and stored_and_former[1] is None else None


def _result_of(end: AttemptEnded) -> AttemptResult:
    return AttemptResult(
        kind=end.kind,
        exit=end.exit,
        tokens=end.tokens,
        cost_usd=end.cost_usd,
        seconds=end.seconds,
        turns=end.turns,
        session=end.session,
        says=end.says,
    )
