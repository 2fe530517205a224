"""`planmark run`: agents do the ready steps of a plan, each in a worktree of its own."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from planmark.cli.arguments import wrong_choice_text
from planmark.cli.console import can_ask, confirm, json_text, line, paragraph, print_note, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, EXIT_INTERRUPTED, NOTHING_TO_DO, UNREADABLE, CommandError
from planmark.cli.table import Column
from planmark.cli.workspace_access import find_plan_and_document, open_workspace
from planmark.coordination.lease_store import LeaseStore
from planmark.queries.lookup import most_urgent_plan
from planmark.queries.meant import NamedPlan
from planmark.queries.open_steps import LeasedNames
from planmark.queries.workspace_view import View
from planmark.run.agents import AgentFile
from planmark.run.attempts import AttemptError
from planmark.run.choice import WantedSteps, parse_step_names, ready_and_waiting, slot_for
from planmark.run.journal import Journal, JournalError, RunEnded
from planmark.run.loop import cancel_all, run_steps, wait_for_ends
from planmark.run.opening import (
    RunPlace,
    chosen_agents,
    find_open_run,
    lock_run,
    refuse_unknown_item,
    run_place,
    started_event,
    user_agents,
)
from planmark.run.presets import PRESETS
from planmark.run.resuming import resume_steps
from planmark.run.run_record import RunRecord, empty_record, new_run_id
from planmark.run.run_state import AgentRun, RunRequest, Stop
from planmark.run.run_table import run_result, run_text
from planmark.run.spending import Limits
from planmark.run.starting import note_event
from planmark.run.uncommitted import checkout_status, refuse_uncommitted, require_author

MAX_AGENTS = 100
"""Maximum number of attempts at the same time."""
MAX_LISTED_WAITS = 4
"""Maximum number of reasons for waiting that a preview lists."""
FINISHING_THREADS = 2
"""Number of threads that finish work.

Only one integration is done at a time. So more threads would only wait.
"""
PREVIEW_COLUMNS = (
    Column("ITEM"),
    Column("STEP", 2, "prose", 12),
    Column("AGENT", 1),
    Column("COMMAND", 0, "prose", 24),
)
"""The columns of the steps in the preview of a run."""


class Options(CommandOptions):
    """The options of the command."""

    feature: str | None
    agents: int | None
    with_agents: list[str] | None
    steps: str | None
    until: str | None
    max_cost: float | None
    max_tokens: int | None
    max_attempts: int | None
    no_worktree: bool
    dry_run: bool
    resume: str | None
    yes: bool
    preset: str | None
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", nargs="?", metavar="@FEATURE", help="a plan; default: the most urgent plan")
    parser.add_argument("--agents", type=int, metavar="N", help="number of attempts at once; default: 1")
    parser.add_argument(
        "--with", dest="with_agents", action="append", metavar="NAME", help="an agent of your agents.toml; default: all"
    )
    parser.add_argument("--steps", metavar="A,B", help="only these steps, such as create_execution,address_fix")
    parser.add_argument("--until", metavar="N.N", help="end when this item is done")
    parser.add_argument(
        "--max-cost", type=float, metavar="USD", help="the budget in US dollars, by the agents' own figures"
    )
    parser.add_argument("--max-tokens", type=int, metavar="N", help="the budget in tokens, by the agents' own figures")
    parser.add_argument(
        "--max-attempts", type=int, metavar="N", help="attempts of a step; default: that of agents.toml"
    )
    parser.add_argument("--no-worktree", action="store_true", help="one agent, in the workspace itself")
    parser.add_argument("--dry-run", action="store_true", help="show what would start, and start nothing")
    parser.add_argument(
        "--resume", nargs="?", const="", metavar="RUN", help="go on with a run that was ended from outside"
    )
    parser.add_argument("--yes", action="store_true", help="start without a question")
    parser.add_argument("--preset", metavar="AGENT", help=f"print an entry for agents.toml: {', '.join(PRESETS)}")
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema run)")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    if options.preset is not None:
        if options.preset not in PRESETS:
            raise CommandError(f"--preset takes {wrong_choice_text(options.preset, tuple(PRESETS))}", BAD_USAGE)
        return CommandResult(DONE, PRESETS[options.preset])
    _refuse_wrong_options(options)
    view = open_workspace(context)
    named_plan = find_plan_and_document(view, options.feature) if options.feature else NamedPlan(most_urgent_plan(view))
    agent_file = user_agents(Path(view.snapshot.root))
    terms = _run_request(options, agent_file)
    place = run_place(view, view.state(named_plan.plan.path).feature, has_trees=terms.has_trees)
    if options.until is not None:
        refuse_unknown_item(place, view, named_plan.plan.path, options.until)
    if options.dry_run:
        _refuse_uncommitted(view, named_plan, place)
        return CommandResult(DONE, _preview(place, view, named_plan, terms))
    return _run_locked(context, view, named_plan, terms, place)


def _refuse_wrong_options(options: Options) -> None:
    """Raise CommandError if an option has a value that no run can have."""
    limits = (
        ("--agents", options.agents, 1, MAX_AGENTS),
        ("--max-attempts", options.max_attempts, 1, 100),
        ("--max-tokens", options.max_tokens, 1, 10**12),
        ("--max-cost", options.max_cost, 0.01, 10**6),
    )
    for name, value, least, most in limits:
        if value is not None and not least <= value <= most:
            raise CommandError(f"{name} takes a number from {least} to {most}", BAD_USAGE)
    if options.no_worktree and (options.agents or 1) > 1:
        raise CommandError("agents that work at once need worktrees of their own: leave out --no-worktree", BAD_USAGE)


def _run_request(options: Options, agent_file: AgentFile) -> RunRequest:
    """Return the request of the person for the run, by the options of the command and the user's file of agents."""
    limits = Limits(
        options.max_cost if options.max_cost is not None else agent_file.terms.max_cost_usd, options.max_tokens
    )
    return RunRequest(
        agents=chosen_agents(agent_file, options.with_agents or (), limits),
        most_agents=options.agents or 1,
        max_attempts=options.max_attempts or agent_file.terms.max_attempts,
        limits=limits,
        wanted=WantedSteps(parse_step_names(options.steps), options.until or "", agent_file.terms.review == "person"),
        has_trees=not options.no_worktree,
    )


def _preview(place: RunPlace, view: View, named_plan: NamedPlan, terms: RunRequest) -> str:
    """Return a text: the steps that a run would start first, their commands, the place of the work, and the budget."""
    integrated_view = place.preview()
    store = LeaseStore(Path(view.snapshot.root))
    names = LeasedNames.of(store.place.prefix, store.read())
    ready, waiting = ready_and_waiting(integrated_view, named_plan.plan, names, terms.wanted)
    rows, program_by_name = [], dict[str, str]()
    for step in ready[: terms.most_agents]:
        slot = slot_for(step, terms.agents, program_by_name, ())
        if slot is None:
            continue
        program_by_name[slot.name] = slot.agent.name
        command = shlex.join(slot.agent.command)
        rows.append([(step.work.item or "the plan", "bold"), (step.label, ""), (slot.name, ""), (command, "")])
    steps_text = table(PREVIEW_COLUMNS, rows) if rows else line(("no step is ready", "bold"))
    place_text = (
        f"worktrees in {place.access.place.folder}, integrated into {place.access.place.into}"
        if place.access.place
        else "in the workspace itself"
    )
    budget_text = " and ".join(
        text
        for text in (
            f"${terms.limits.cost_usd:.2f}" if terms.limits.cost_usd is not None else "",
            f"{terms.limits.tokens:,} tokens" if terms.limits.tokens is not None else "",
        )
        if text
    )
    return "".join(
        [
            line((f"@{view.state(named_plan.plan.path).feature}", "bold")),
            steps_text,
            line((f"where: {place_text}", "")),
            line(
                (
                    f"budget: {budget_text or 'no limit'} · {terms.max_attempts} attempts a step · {terms.most_agents} at once",
                    "",
                )
            ),
            *(paragraph((f"waits: {text}", "dim"), indent="  ") for text in waiting[:MAX_LISTED_WAITS]),
            *(
                [line((f"waits: {len(waiting) - MAX_LISTED_WAITS} more", "dim"))]
                if len(waiting) > MAX_LISTED_WAITS
                else []
            ),
        ]
    )


def _run_locked(
    context: CommandContext[Options], view: View, named_plan: NamedPlan, terms: RunRequest, place: RunPlace
) -> CommandResult:
    """Start a run or resume one, under the lock of the plan. So no two processes run the same plan."""
    options, feature = context.options, view.state(named_plan.plan.path).feature
    lock = lock_run(place.runs, feature, named_plan.plan.path)
    try:
        earlier_record = find_open_run(place.runs, named_plan.plan.path, options.resume or "")
        if options.resume is not None and earlier_record is None:
            missing_run = f"no run {options.resume} of" if options.resume else "no open run of"
            raise CommandError(f"there is {missing_run} @{feature}: planmark metrics --runs", BAD_USAGE)
        if earlier_record is not None and earlier_record.ended is not None:
            raise CommandError(f"{earlier_record.started.run} has ended: {earlier_record.ended.why}", NOTHING_TO_DO)
        if earlier_record is None:
            _refuse_uncommitted(view, named_plan, place)
        else:
            terms = _with_budget_of(earlier_record, terms, options)
            if place.access.place is not None:
                require_author(place.access.place.repository)
        if not options.yes:
            _ask_to_start(_preview(place, view, named_plan, terms), earlier_record)
        with ThreadPoolExecutor(FINISHING_THREADS) as finishers:
            state = _begin_or_resume(context, view, named_plan, terms, place, earlier_record, finishers)
            return _do_steps(context, state, place)
    finally:
        os.close(lock)


def _refuse_uncommitted(view: View, named_plan: NamedPlan, place: RunPlace) -> None:
    """Raise CommandError if work cannot begin in a work tree.

    This is the case if git knows no author, or if documents of the plan are not committed.
    """
    if place.access.place is not None:
        repository = place.access.place.repository
        require_author(repository)
        refuse_uncommitted(repository, view, named_plan.plan, checkout_status(repository, named_plan.plan))


def _with_budget_of(earlier_record: RunRecord, terms: RunRequest, options: Options) -> RunRequest:
    """Return the request with the budget of the earlier run.

    A limit that the person gives in the options replaces the limit of the earlier run.
    """
    limits = Limits(
        earlier_record.started.budget_usd if options.max_cost is None else options.max_cost,
        earlier_record.started.budget_tokens if options.max_tokens is None else options.max_tokens,
    )
    return terms._replace(limits=limits)


def _ask_to_start(preview: str, earlier_record: RunRecord | None) -> None:
    """Show the preview, and ask the person whether to start.

    Raises CommandError if the answer is no, or if there is no terminal to ask in.
    """
    if not can_ask():
        raise CommandError(
            "a run starts programs: see them with --dry-run, and give --yes to start without a question", BAD_USAGE
        )
    print(preview, file=sys.stderr)
    if not confirm(f"Go on with {earlier_record.started.run}?" if earlier_record else "Start?"):
        raise CommandError("nothing was started", BAD_USAGE)


def _begin_or_resume(
    context: CommandContext[Options],
    view: View,
    named_plan: NamedPlan,
    terms: RunRequest,
    place: RunPlace,
    earlier_record: RunRecord | None,
    finishers: Executor,
) -> AgentRun:
    """Write the event of the start of a run, and return the state of the run. If `earlier_record` is None, the run is
    new. Otherwise the run of that record is resumed.
    """
    feature = view.state(named_plan.plan.path).feature
    run_id = earlier_record.started.run if earlier_record else new_run_id()
    start_event = started_event(run_id, place, named_plan.plan.path, feature, sys.argv[1:], terms.agents, terms.limits)
    state = AgentRun(
        id=run_id,
        folder=place.runs / run_id,
        journal=Journal(place.runs / run_id),
        record=earlier_record or empty_record(start_event),
        view=view,
        named=named_plan,
        terms=terms,
        look=place.look,
        access=place.access,
        say=lambda text: print_note(text, quiet=context.options.quiet),
        finishers=finishers,
    )
    note_event(state, start_event)
    return state


def _do_steps(context: CommandContext[Options], state: AgentRun, place: RunPlace) -> CommandResult:
    """Do the steps of a run, and return the table of the run.

    If the person interrupts the run, all attempts are ended. The run can then be resumed.
    """
    try:
        resume_steps(state)
        run_steps(state)
    except KeyboardInterrupt:
        state.say("ending the attempts")
        cancel_all(state)
        wait_for_ends(state)
        return _result_of_open_run(context, state, place, Stop(EXIT_INTERRUPTED, "", is_open=True))
    except (JournalError, AttemptError) as error:
        cancel_all(state)
        raise CommandError(str(error), UNREADABLE) from None
    stop = state.stop or Stop(DONE, "")
    if stop.is_open:
        return _result_of_open_run(context, state, place, stop)
    note_event(state, RunEnded(exit=stop.exit, why=stop.why))
    return _result(context, state, place, stop)


def _result_of_open_run(
    context: CommandContext[Options], state: AgentRun, place: RunPlace, stop: Stop
) -> CommandResult:
    """Return the table of a run that can be resumed. Raises CommandError if the run has no attempts."""
    if stop.why and not state.record.attempts:
        raise CommandError(stop.why, stop.exit)
    state.say(f"the worktrees are kept; go on: planmark run @{state.record.started.feature} --resume {state.id}")
    return _result(context, state, place, stop)


def _result(context: CommandContext[Options], state: AgentRun, place: RunPlace, stop: Stop) -> CommandResult:
    result = run_result(state.record, str(state.root), place.runs, state.waiting, stop.why)
    output = json_text(result) if context.options.json else run_text(result)
    return CommandResult(stop.exit, output, feature=result.feature)
