"""The end of an attempt: note its figures, finish its work by the states of the files, and decide what follows."""

from __future__ import annotations

import contextlib
import random
import time

from planmark.cli.errors import NOTHING_TO_DO, PROBLEMS_FOUND, CommandError
from planmark.cli.lease_access import release_lease
from planmark.queries.lookup import NoAnswerError
from planmark.run.attempt_classes import FOLLOW_UPS, MAX_WAITS_IN_A_ROW, SIGNAL_EXIT_BASE, Retry, wait_seconds
from planmark.run.attempts import AttemptClass, AttemptResult, read_agent
from planmark.run.branches import work_state
from planmark.run.choice import Slot
from planmark.run.finish import FinishedWork, conflict_prompt, finish_work
from planmark.run.journal import AttemptEnded, Integrated, StepEnded
from planmark.run.run_state import AgentRun, FinishingAttempt, StepWork, Stop
from planmark.run.spending import spending_after, why_over_budget
from planmark.run.starting import begin_step, item_text, note_choice, note_event, step_work
from planmark.run.worktrees import remove_worktree, worktree_of_lease

MAX_ROUNDS = 5
"""Maximum number of times that a run does the same step of one item, such as the fix after a review."""
ENDED_BY_ITSELF: frozenset[AttemptClass] = frozenset(
    {"ok", "denied", "budget", "turns", "crashed", "too_long", "rate_limited", "overloaded", "auth"}
)
"""The classes of attempts whose agent ended by itself.

The files tell what such an agent has done. One exception is an agent that a signal ended, with the class `crashed`.
"""
MIN_PROMPT_TOKENS = 1_000
"""The smallest budget of a prompt, in tokens, if the prompt is made again because it was too long."""


def settle_attempt(run: AgentRun, work: StepWork, result: AttemptResult) -> None:
    """Write the end of an attempt to the journal, count its cost, and go on with `settle_work`."""
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
    run.spending = spending_after(run.spending, result.tokens, result.cost_usd, work.reserve)
    if run.stop is None and (why := why_over_budget(run.terms.limits, run.spending)):
        run.stop = Stop(PROBLEMS_FOUND, why, ends_attempts=True)
    settle_work(run, work, result)


def settle_work(run: AgentRun, work: StepWork, result: AttemptResult) -> None:
    """Begin to finish the work of an ended attempt in a thread, if the files decide what it has done.

    Otherwise, the class of the attempt decides what follows.
    """
    was_adopted, work.supervisor, work.is_adopted = work.is_adopted, None, False
    if result.kind == "cancelled" and was_adopted and run.stop is None:
        # A person ended the attempt with its run, and has resumed the run.
        return
    if _files_decide(result):
        # Most of this time is git's. So the next steps start meanwhile.
        future = run.finishers.submit(finish_work, run.root, work.lease, run.access)
        work.finishing = FinishingAttempt(result, future)
        return
    _follow_up(run, work, result, result.kind, result.says)


def settle_finished_work(run: AgentRun, work: StepWork, finishing: FinishingAttempt) -> None:
    """End the step or decide what follows, after the work of an attempt was finished."""
    work.finishing = None
    result = finishing.result
    try:
        finished = finishing.future.result()
    except (CommandError, NoAnswerError) as error:
        if run.stop is None:
            run.stop = _stop_if_nothing_integrates(run)
        if run.stop is None or not run.stop.is_open:
            end_step(run, work, "not_integrated", str(error))
        return
    if finished.kind == "ok":
        _end_done_step(run, work, finished)
        return
    kind, says = result.kind, result.says
    has_stopped = finished.kind == "outside" and kind != "crashed"
    if kind == "ok" or has_stopped or finished.kind in ("gone", "conflict"):
        kind, says = finished.kind, _unintegrated_reason(finished)
    _follow_up(run, work, result, kind, says, finished)


def _follow_up(
    run: AgentRun,
    work: StepWork,
    result: AttemptResult,
    kind: AttemptClass,
    says: str,
    finished: FinishedWork | None = None,
) -> None:
    """Stop the run, end the step, or plan the next attempt, because an attempt has not done its step.

    `kind` is the class of the attempt, and `says` the reason. `finished` is the result of `finish_work`; None if the
    files did not decide.
    """
    follow_up = FOLLOW_UPS[kind]
    if follow_up.stops == "run" and run.stop is None:
        run.stop = Stop(follow_up.exit, f"{work.agent.name}: {says or kind}", ends_attempts=True)
    # An agent that was never started has had no attempt.
    is_counted = follow_up.counts and (kind != "lost" or read_agent(run.attempt_folder(work.number)) is not None)
    work.counted_attempts += is_counted
    is_last = is_counted and work.counted_attempts >= run.terms.max_attempts
    if not follow_up.retry or is_last or run.stop is not None:
        end_step(run, work, kind, says, finished)
        return
    run.say(f"{item_text(work)} {_in_words(kind)}: {says or 'no reason was given'}; one more attempt")
    try:
        _plan_retry(run, work, follow_up.retry, result, finished)
    except (CommandError, NoAnswerError) as error:
        end_step(run, work, kind, f"{says}; there can be no more attempt: {error}", finished)


def _files_decide(result: AttemptResult) -> bool:
    """Tell whether the files show what an attempt has done.

    If the agent was ended from outside, the files may contain unfinished work.
    """
    return result.kind in ENDED_BY_ITSELF and (result.kind != "crashed" or (result.exit or 0) <= SIGNAL_EXIT_BASE)


def _stop_if_nothing_integrates(run: AgentRun) -> Stop | None:
    """Return the reason why no work at all can be integrated now; None if only one step has a problem.

    A person can remove such a cause, for example by switching to a different branch. So the finished work waits, and is
    not done again.
    """
    try:
        run.look()
    except CommandError as error:
        return Stop(error.code, str(error), is_open=True)
    return None


def _plan_retry(
    run: AgentRun, work: StepWork, retry: Retry, result: AttemptResult, finished: FinishedWork | None
) -> None:
    """Prepare the next attempt of a step, in the way that `retry` names.

    Raises CommandError and NoAnswerError.
    """
    work.session = result.session if retry == "same session" and work.agent.resume else ""
    if retry == "wait":
        if work.waits >= MAX_WAITS_IN_A_ROW:
            run.paused[work.agent.name] = (
                f"{work.agent.name} was told {MAX_WAITS_IN_A_ROW} times to wait: {result.says}"
            )
        work.not_before = time.monotonic() + wait_seconds(work.waits, result.retry_after, random.random())
        work.waits += 1
        return
    work.waits = 0
    if retry == "fresh work tree":
        _give_back_lease(run, work)
    if retry in ("fresh work tree", "half budget"):
        half_tokens = max(MIN_PROMPT_TOKENS, work.prompt_tokens // 2) if retry == "half budget" else None
        slot = Slot(work.agent, work.name)
        new_work = step_work(slot, begin_step(run, work.lease.achievement, slot, half_tokens))
        work.lease, work.root, work.before = new_work.lease, new_work.root, new_work.before
        work.prompt, work.prompt_tokens = new_work.prompt, new_work.prompt_tokens
        note_choice(run, work)
    elif finished is not None and retry == "rebase":
        work.prompt = conflict_prompt(work.lease, finished.into, finished.paths)
    elif finished is not None:
        work.prompt = f"{work.prompt.rstrip()}\n\n{findings_prompt(finished)}"


def _unintegrated_reason(finished: FinishedWork) -> str:
    """Return the reason why work was not integrated, in words."""
    is_same_state = finished.kind == "no_progress" and finished.after
    return f"still {_in_words(finished.after)}: {finished.by}" if is_same_state else finished.by


def findings_prompt(finished: FinishedWork) -> str:
    """Return a text for the prompt of the next attempt.

    It says that the last attempt did not advance the item, and lists the findings of the preflight.
    """
    head = (
        "## The last attempt\n\nAn attempt has worked in this work tree, but the state is still "
        f"{_in_words(finished.after)}: {finished.by}\n"
    )
    findings_text = "".join(f"- {finding.path}:{finding.line}: {finding.message}\n" for finding in finished.findings)
    return f"{head}\nMend this:\n\n{findings_text}" if findings_text else head


def _end_done_step(run: AgentRun, work: StepWork, finished: FinishedWork) -> None:
    """End a step that is done by the states of the files."""
    if finished.commit:
        note_event(run, Integrated(n=work.number, commit=finished.commit, branch=run.record.started.branch))
    done_count = run.rounds[work.key] = run.rounds.get(work.key, 0) + 1
    if done_count >= MAX_ROUNDS:
        run.given_up[work.lease.achievement] = Stop(PROBLEMS_FOUND, f"{work.lease.step} was done {done_count} times")
    _note_end(run, work, "ok", finished.before, finished.after, finished.by)
    run.say(f"{item_text(work)} done: {_in_words(finished.before)} → {_in_words(finished.after)}")


def end_step(
    run: AgentRun, work: StepWork, kind: AttemptClass, says: str, finished: FinishedWork | None = None
) -> None:
    """End a step that is not done. The run then gives up the item of the step."""
    before, after = (finished.before, finished.after) if finished else (work.before, work.before)
    run.given_up[work.lease.achievement] = Stop(FOLLOW_UPS[kind].exit, says or _in_words(kind))
    _note_end(run, work, kind, before, after, says)
    if kind != "stolen":
        _give_back_lease(run, work)
    run.say(f"{item_text(work)} {_in_words(kind)}: {says or 'no reason was given'}")


def _note_end(run: AgentRun, work: StepWork, kind: AttemptClass, before: str, after: str, evidence: str) -> None:
    """Write the end of a step to the journal, and remove the step from the works of the run.

    `before` and `after` are the states of the item. `evidence` is the evidence for the state `after`, in words.
    """
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
            by=evidence,
            kind=kind,
        ),
    )
    run.works.remove(work)


def _give_back_lease(run: AgentRun, work: StepWork) -> None:
    """End the lease of a step that is not done. Remove its work tree if the tree contains no work.

    If the lease has already ended, or a different agent holds the step, the lease does not change.
    """
    try:
        release_lease(run.access.store_of(run.root), run.access.remote, work.lease)
    except CommandError as error:
        if error.code != NOTHING_TO_DO:
            run.say(str(error))
    place = run.access.place
    if place is None:
        return
    tree = worktree_of_lease(place.repository, work.lease, work_state(place))
    if tree is not None:
        with contextlib.suppress(CommandError):
            # The work tree then stays, and the table of the run names it.
            remove_worktree(place, tree)


def _in_words(name: str) -> str:
    """Return the name of a class or of a state in words: `_` becomes a blank."""
    return name.replace("_", " ")
