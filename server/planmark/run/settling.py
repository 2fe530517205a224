"""The end of an attempt: its figures, what the files show of its work, and what follows."""

from __future__ import annotations

import contextlib
import random
import time

from planmark.cli.errors import NOTHING_TO_DO, PROBLEMS_FOUND, CommandError
from planmark.cli.lease_access import release_lease
from planmark.queries.lookup import NoAnswerError
from planmark.run.attempt_classes import FOLLOW_UPS, MAX_WAITS, SIGNALLED, Retry, wait_seconds
from planmark.run.attempts import AttemptClass, AttemptResult, read_agent
from planmark.run.branches import work_state
from planmark.run.choice import Slot
from planmark.run.finish import FinishedWork, conflict_prompt, finish_work
from planmark.run.journal import AttemptEnded, Integrated, StepEnded
from planmark.run.run_state import AgentRun, Finishing, StepWork, Stop
from planmark.run.spending import over_budget, spend
from planmark.run.starting import about, begin_step, note_choice, note_event, step_work
from planmark.run.worktrees import remove_worktree, tree_of

MAX_ROUNDS = 5
"""Maximum number of times that a run does one step of one item, such as the fix after a review."""
ENDED_BY_ITSELF: frozenset[AttemptClass] = frozenset(
    {"ok", "denied", "budget", "turns", "crashed", "too_long", "rate_limited", "overloaded", "auth"}
)
"""The classes of attempts whose agent ended by itself, unless a signal ended it. The files tell what it has done."""
MIN_PROMPT_TOKENS = 1_000
"""The smallest budget of a prompt after the agent said that one was too long."""


def settle_attempt(run: AgentRun, work: StepWork, result: AttemptResult) -> None:
    """Write the end of an attempt to the journal, and go on by its class and by the states of the files."""
    note_event(
        run,
        AttemptEnded(
            n=work.number,
            kind=result.kind,
            exit=result.exit,
            tokens=result.tokens,
            cost_usd=result.cost_usd,
            seconds=result.seconds,
            turns=result.turns,
            session=result.session,
            says=result.says,
        ),
    )
    run.spending = spend(run.spending, result.tokens, result.cost_usd, work.reserve)
    if run.stop is None and (why := over_budget(run.terms.limits, run.spending)):
        run.stop = Stop(PROBLEMS_FOUND, why, ends_attempts=True)
    settle_work(run, work, result)


def settle_work(run: AgentRun, work: StepWork, result: AttemptResult) -> None:
    """Begin to finish the work of an ended attempt, which integrates it; or plan what follows without it."""
    was_adopted, work.supervisor, work.is_adopted = work.is_adopted, None, False
    if result.kind == "cancelled" and was_adopted and run.stop is None:
        # A person ended the attempt with its run, and has resumed the run.
        return
    if _state_decides(result):
        # Most of this time is git's. So the next steps start meanwhile.
        future = run.finishers.submit(finish_work, run.root, work.lease, run.access)
        work.finishing = Finishing(result, future)
        return
    _follow_up(run, work, result, result.kind, result.says)


def settle_finished(run: AgentRun, work: StepWork, finishing: Finishing) -> None:
    """Decide what follows when the work of an attempt is finished."""
    work.finishing = None
    result = finishing.result
    try:
        finished = finishing.future.result()
    except (CommandError, NoAnswerError) as error:
        if run.stop is None:
            run.stop = _stop_of_all(run)
        if run.stop is None or not run.stop.is_open:
            end_step(run, work, "not_integrated", str(error))
        return
    if finished.kind == "ok":
        _end_done(run, work, finished)
        return
    kind, says = result.kind, result.says
    has_stopped = finished.kind == "outside" and kind != "crashed"
    if kind == "ok" or has_stopped or finished.kind in ("gone", "conflict"):
        kind, says = finished.kind, _reason(finished)
    _follow_up(run, work, result, kind, says, finished)


def _follow_up(
    run: AgentRun,
    work: StepWork,
    result: AttemptResult,
    kind: AttemptClass,
    says: str,
    finished: FinishedWork | None = None,
) -> None:
    """Stop the run, end the step, or plan one more attempt, by the class of the attempt that has not done it."""
    follow_up = FOLLOW_UPS[kind]
    if follow_up.stops == "run" and run.stop is None:
        run.stop = Stop(follow_up.exit, f"{work.agent.name}: {says or kind}", ends_attempts=True)
    # An agent that was never started has had no attempt.
    counts = follow_up.counts and (kind != "lost" or read_agent(run.attempt_folder(work.number)) is not None)
    work.counted += counts
    is_last = counts and work.counted >= run.terms.max_attempts
    if not follow_up.retry or is_last or run.stop is not None:
        end_step(run, work, kind, says, finished)
        return
    run.say(f"{about(work)} {_words(kind)}: {says or 'no reason was given'}; one more attempt")
    try:
        _plan_retry(run, work, follow_up.retry, result, finished)
    except (CommandError, NoAnswerError) as error:
        end_step(run, work, kind, f"{says}; there can be no more attempt: {error}", finished)


def _state_decides(result: AttemptResult) -> bool:
    """Tell whether the files show the whole work of an attempt. An agent that was ended may have been in the middle of it."""
    return result.kind in ENDED_BY_ITSELF and (result.kind != "crashed" or (result.exit or 0) <= SIGNALLED)


def _stop_of_all(run: AgentRun) -> Stop | None:
    """Return why no work can be integrated now; None if the reason is that of a single step.

    A person can end the reason, such as a switch to the integration branch. So the finished work waits, and is not done again.
    """
    try:
        run.look()
    except CommandError as error:
        return Stop(error.code, str(error), is_open=True)
    return None


def _plan_retry(
    run: AgentRun, work: StepWork, retry: Retry, result: AttemptResult, finished: FinishedWork | None
) -> None:
    """Prepare the next attempt of a step. Raises CommandError and NoAnswerError."""
    work.session = result.session if retry == "same session" and work.agent.resume else ""
    if retry == "wait":
        if work.waits >= MAX_WAITS:
            run.paused[work.agent.name] = f"{work.agent.name} was told {MAX_WAITS} times to wait: {result.says}"
        work.not_before = time.monotonic() + wait_seconds(work.waits, result.retry_after, random.random())
        work.waits += 1
        return
    work.waits = 0
    if retry == "fresh work tree":
        _give_back(run, work)
    if retry in ("fresh work tree", "half budget"):
        half = max(MIN_PROMPT_TOKENS, work.prompt_tokens // 2) if retry == "half budget" else None
        slot = Slot(work.agent, work.name)
        other_work = step_work(slot, begin_step(run, work.lease.achievement, slot, half))
        work.lease, work.root, work.before = other_work.lease, other_work.root, other_work.before
        work.prompt, work.prompt_tokens = other_work.prompt, other_work.prompt_tokens
        note_choice(run, work)
    elif finished is not None and retry == "rebase":
        work.prompt = conflict_prompt(work.lease, finished.into, finished.paths)
    elif finished is not None:
        work.prompt = f"{work.prompt.rstrip()}\n\n{findings_prompt(finished)}"


def _reason(finished: FinishedWork) -> str:
    """Return why finished work is not integrated, in words."""
    is_same = finished.kind == "no_progress" and finished.after
    return f"still {_words(finished.after)}: {finished.by}" if is_same else finished.by


def findings_prompt(finished: FinishedWork) -> str:
    """Return what the next attempt must know about one that did not advance its item."""
    head = (
        "## The last attempt\n\nAn attempt has worked in this work tree, but the state is still "
        f"{_words(finished.after)}: {finished.by}\n"
    )
    facts = "".join(
        f"- {preflight_finding.path}:{preflight_finding.line}: {preflight_finding.message}\n"
        for preflight_finding in finished.findings
    )
    return f"{head}\nMend this:\n\n{facts}" if facts else head


def _end_done(run: AgentRun, work: StepWork, finished: FinishedWork) -> None:
    """End a step that the files show as done."""
    if finished.commit:
        note_event(run, Integrated(n=work.number, commit=finished.commit, branch=run.record.started.branch))
    rounds = run.rounds[work.key] = run.rounds.get(work.key, 0) + 1
    if rounds >= MAX_ROUNDS:
        run.given_up[work.lease.achievement] = Stop(PROBLEMS_FOUND, f"{work.lease.step} was done {rounds} times")
    _note_end(run, work, "ok", finished.before, finished.after, finished.by)
    run.say(f"{about(work)} done: {_words(finished.before)} → {_words(finished.after)}")


def end_step(
    run: AgentRun, work: StepWork, kind: AttemptClass, says: str, finished: FinishedWork | None = None
) -> None:
    """End a step that is not done, and give up its item for this run."""
    before, after = (finished.before, finished.after) if finished else (work.before, work.before)
    run.given_up[work.lease.achievement] = Stop(FOLLOW_UPS[kind].exit, says or _words(kind))
    _note_end(run, work, kind, before, after, says)
    if kind != "stolen":
        _give_back(run, work)
    run.say(f"{about(work)} {_words(kind)}: {says or 'no reason was given'}")


def _note_end(run: AgentRun, work: StepWork, kind: AttemptClass, before: str, after: str, by: str) -> None:
    lease = work.lease
    note_event(
        run,
        StepEnded(
            plan=lease.plan,
            achievement=lease.achievement,
            step=lease.step,
            lease=lease.id,
            before=before,
            after=after,
            by=by,
            kind=kind,
        ),
    )
    run.works.remove(work)


def _give_back(run: AgentRun, work: StepWork) -> None:
    """End the lease of a step that is not done, and remove its work tree if it has no work in it.

    A lease that has ended, or that a different agent has, stays as it is.
    """
    try:
        release_lease(run.access.store_of(run.root), run.access.remote, work.lease)
    except CommandError as error:
        if error.code != NOTHING_TO_DO:
            run.say(str(error))
    place = run.access.place
    if place is None:
        return
    tree = tree_of(place.repository, work.lease, work_state(place))
    if tree is not None:
        with contextlib.suppress(CommandError):
            # It stays, and the table names it.
            remove_worktree(place, tree)


def _words(name: str) -> str:
    return name.replace("_", " ")
