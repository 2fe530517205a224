"""The steps of a run whose process ended before it was over, taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planmark.cli.errors import BAD_USAGE, CommandError
from planmark.cli.lease_access import lease_errors
from planmark.coordination.lease import Lease
from planmark.coordination.lease_rules import find_lease
from planmark.queries.lookup import NoAnswerError
from planmark.run.agents import AgentProgram
from planmark.run.attempt_classes import FOLLOW_UPS
from planmark.run.attempts import PROMPT, AttemptResult
from planmark.run.choice import Slot
from planmark.run.journal import AttemptEnded, AttemptStarted, StepChosen, StepEnded
from planmark.run.run_state import AgentRun, StepWork
from planmark.run.settling import settle_work
from planmark.run.spending import NOTHING_RESERVED, Reserve, spend
from planmark.run.starting import begin_step, note_choice, note_event, step_work


def resume_steps(run: AgentRun) -> None:
    """Take up the steps of a run that have no end. Raises CommandError if a prompt cannot be read.

    An attempt without an end is followed if its supervisor lives, else its result is read, else it is lost. What was
    given up before is tried again, because a person has resumed the run.
    """
    record = run.record
    for end in record.ends.values():
        run.spending = spend(run.spending, end.tokens, end.cost_usd, _reserve_of(record.attempts.get(end.n)))
    attempts: dict[str, AttemptStarted] = {}
    for number in sorted(record.attempts):
        attempts[record.attempts[number].lease] = record.attempts[number]
    for chosen_choice in list(record.chosen.values()):
        if chosen_choice.lease not in record.step_ends and not _is_replaced(record.chosen, chosen_choice):
            _take_up(run, chosen_choice, attempts.get(chosen_choice.lease))
    for choice in list(record.intended.values()):
        _lease_again(run, choice)


def _reserve_of(attempt: AttemptStarted | None) -> Reserve:
    """Return the most that an attempt may cost, or might have cost."""
    return NOTHING_RESERVED if attempt is None else Reserve(attempt.cap_usd, attempt.cap_tokens)


def _is_replaced(steps_by_key: Mapping[str, StepChosen], choice: StepChosen) -> bool:
    """Tell whether a later lease of the same step follows on a lease, after an attempt in a fresh work tree."""
    same = [
        other.lease
        for other in steps_by_key.values()
        if (other.achievement, other.step) == (choice.achievement, choice.step)
    ]
    return same[-1] != choice.lease


def _take_up(run: AgentRun, chosen_choice: StepChosen, attempt: AttemptStarted | None) -> None:
    """Take up a leased step with its last attempt."""
    lease = _lease_of(run, chosen_choice.lease)
    slot = _slot_of(run, chosen_choice.agent)
    if lease is None:
        note_event(
            run,
            StepEnded(
                plan=chosen_choice.plan,
                achievement=chosen_choice.achievement,
                step=chosen_choice.step,
                lease=chosen_choice.lease,
                before="",
                after="",
                by=f"{chosen_choice.lease} is not there any more",
                kind="stolen",
            ),
        )
        return
    if attempt is None:
        _lease_again(run, chosen_choice)
        return
    work = _adopted_work(run, slot, lease, chosen_choice, attempt)
    run.works.append(work)
    end = run.record.ends.get(attempt.n)
    if end is not None:
        settle_work(run, work, _result_of(end))
        return
    run.say(
        f"{chosen_choice.achievement or 'the plan'} {chosen_choice.step.replace('_', ' ')}: attempt {attempt.n} is taken up"
    )


def _adopted_work(
    run: AgentRun, slot: Slot, lease: Lease, chosen_choice: StepChosen, attempt: AttemptStarted
) -> StepWork:
    """Return a leased step whose attempt an earlier process has started."""
    folder = run.attempt_folder(attempt.n)
    try:
        prompt = (folder / PROMPT).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandError(f"{folder / PROMPT} cannot be read: {error.strerror or error}", BAD_USAGE) from None
    earlier_endeds = [
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
        tier=chosen_choice.tier or 1,
        prompt=prompt,
        prompt_tokens=chosen_choice.tokens or 0,
        before=lease.began.state if lease.began else "",
        number=attempt.n,
        reserve=_reserve_of(attempt),
        counted=sum(FOLLOW_UPS[end.kind].counts for end in earlier_endeds if end.kind != "ok"),
        is_adopted=True,
    )


def _lease_again(run: AgentRun, chosen_choice: StepChosen) -> None:
    """Lease a step that was chosen but has no attempt; its agent gets the lease that it may have already."""
    slot = _slot_of(run, chosen_choice.agent)
    try:
        work = step_work(slot, begin_step(run, chosen_choice.achievement, slot))
    except (CommandError, NoAnswerError) as error:
        run.say(f"{chosen_choice.achievement or 'the plan'} was chosen and is not leased now: {error}")
        run.record.intended.pop(chosen_choice.achievement, None)
        return
    run.works.append(work)
    note_choice(run, work)


def _slot_of(run: AgentRun, name: str) -> Slot:
    """Return the agent of the run that leases under a name. One that is there no more starts nothing, and only ends."""
    program = name.rpartition("-")[0]
    agents: dict[str, AgentProgram] = {agent.name: agent for agent in run.terms.agents}
    if program not in agents:
        run.paused[program] = f"{program} is not among the agents of this run any more: {', '.join(agents)}"
        return Slot(AgentProgram(name=program, command=()), name)
    return Slot(agents[program], name)


def _lease_of(run: AgentRun, lease_id: str) -> Lease | None:
    """Return the lease with an id; None if a later lease has replaced it."""
    with lease_errors():
        leases = run.access.store_of(run.root).read()
    current = find_lease(leases.values(), lease_id)
    return current[0].lease if current is not None and current[1] is None else None


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
