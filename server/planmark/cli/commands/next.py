"""`planmark next`: the next prompt, ready for an agent."""

from __future__ import annotations

import argparse
import functools
import time
from collections.abc import Iterator
from pathlib import Path

from planmark.cli.arguments import add_options
from planmark.cli.cached_result import prompt_recipient
from planmark.cli.console import json_before_run, record_note
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, UNREADABLE, WAITING, CommandError
from planmark.cli.options import CACHED_COMMANDS
from planmark.cli.workspace_access import (
    checked_format,
    find_plan_and_document,
    open_workspace,
    reopen_workspace,
    restrict_to_format,
)
from planmark.coordination.lease import Lease
from planmark.plans.model import REVIEW_STEPS, STEPS_IN_PARTS, AchievementState, Step
from planmark.prompts.parts import UNKNOWN_WORK, WorkUnderReview
from planmark.prompts.prompt import ESTIMATING_COUNTER, EXACT_COUNTER, Counter, Prompt
from planmark.queries.api_types import Delivery, Run, prompt_result
from planmark.queries.delivered import DeliveredPrompts
from planmark.queries.lookup import most_urgent_plan
from planmark.queries.meant import NamedPlan, named_achievement
from planmark.queries.next import prompt_of, steps_on_demand
from planmark.queries.workspace_view import AnyPlan, View
from planmark.storage.result_cache import ResultCache, open_result_cache
from planmark.workspace.snapshot import WorkPlan

STEP_EXIT_CODES: dict[Step, int] = {
    "complete_plan": NOTHING_TO_DO,
    "closed": NOTHING_TO_DO,
    "confirm_state": WAITING,
    "wait": WAITING,
}
"""Mapping from a step to the exit code of the command. For every other step, the exit code is 0."""


class Options(CommandOptions):
    """The options of the command."""

    feature: str | None
    item: str | None
    achievement: str | None
    plan_format: str | None
    step: str | None
    review: str | None
    base: str | None
    dry_run: bool
    kind: str | None
    through: str | None
    batch: int | None
    since: str | None
    lease: bool
    list: bool
    agent: str | None
    role: str | None
    process: int | None
    budget: int | None
    exact_tokens: bool
    copy: bool
    ignore_claims: bool
    show_secrets: bool
    json: bool
    out: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "feature",
        nargs="?",
        metavar="@FEATURE",
        help="a plan, or the path of a document; default: the most urgent plan",
    )
    parser.add_argument(
        "item",
        nargs="?",
        metavar="N.N",
        help="this achievement instead of the next one; not for the path of a document",
    )
    add_options(parser, CACHED_COMMANDS["next"])


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    started = time.perf_counter()
    options = context.options
    _refuse_wrong_options(options)
    if options.list:
        return _list_ready_steps(context)
    if options.lease:
        return _lease_result(context, started)
    view = _scan_and_view(context)
    named_plan = (
        find_plan_and_document(view, options.feature)
        if options.feature
        else NamedPlan(most_urgent_plan(view, options.step))
    )
    achievement = named_achievement(view, named_plan, options.achievement or options.item)
    counter = EXACT_COUNTER if options.exact_tokens else ESTIMATING_COUNTER
    if options.batch is not None:
        return _batch_result(options, view, named_plan, achievement, counter)
    if options.review is not None or options.step in STEPS_IN_PARTS:
        return _review_or_research_result(options, view, named_plan, achievement, counter)
    prompt = prompt_of(
        view,
        named_plan.plan,
        (achievement.ref or achievement.id) if achievement else None,
        options.step,
        token_budget=options.budget,
        counter=counter,
        work=_work_since(view, options.base),
        through=options.through,
    )
    return _prompt_result(context, view, named_plan.plan, prompt, started)


def _scan_and_view(context: CommandContext[Options], is_repeated: bool = False) -> View:
    """Scan the workspace, and return a view with only the plans of the format that the options name.

    `is_repeated` tells whether the command has read the workspace before.
    """
    options = context.options
    user_settings = {"prompts.maskSecrets": False} if options.show_secrets else None
    plan_format = checked_format(options.plan_format)
    if is_repeated:
        view = reopen_workspace(context, ignore_claims=options.ignore_claims)
    else:
        view = open_workspace(context, ignore_claims=options.ignore_claims, settings=user_settings)
    return restrict_to_format(view, plan_format, needs_plan=True)


def _prompt_result(
    context: CommandContext[Options],
    view: View,
    plan: AnyPlan,
    prompt: Prompt,
    started: float,
    lease: Lease | None = None,
) -> CommandResult:
    """Return the result of the command with a prompt.

    `started` is the time at which the command began, by `time.perf_counter`.
    """
    options = context.options
    if options.base is not None and prompt.step not in REVIEW_STEPS:
        raise CommandError(f"--base needs --review, or a step that reviews; this one is {prompt.step}", BAD_USAGE)
    for note in prompt.notes:
        record_note(context, note)
    if prompt.patterns or prompt.similar:
        _count_offered_references(view, plan, prompt)
    prompt, delivery = _deliver_prompt(context, view, prompt)
    result = CommandResult(
        STEP_EXIT_CODES.get(prompt.step, DONE),
        prompt.prompt,
        "verbatim",
        notes=tuple(_delivery_notes(prompt, delivery)),
        feature=plan.feature,
        step=prompt.step,
        tokens=prompt.tokens.total,
        prompt_id=delivery.id,
    )
    if options.json:
        run = Run(view.snapshot.revision, round((time.perf_counter() - started) * 1000, 1), view.read_count == 0)
        steps, plan_format = steps_on_demand(view, plan), view.state(plan.path).format
        answer = prompt_result(view.snapshot.root, prompt, run, steps, plan_format, lease, delivery)
        result = result._replace(output=json_before_run(answer), run=run)
    elif options.out:
        _write_output_file(options.out, prompt.prompt)
        subject = f"{prompt.feature} {prompt.achievement or ''}: {prompt.step}"
        result = result._replace(output="", notes=(*result.notes, f"{subject} → {options.out}"))
    if options.copy:
        # Import `clipboard` only here, because it starts programs, and most calls copy nothing.
        from planmark.cli.clipboard import copy

        result = result._replace(notes=(*result.notes, copy(prompt.prompt)))
    return result


def _count_offered_references(view: View, plan: AnyPlan, prompt: Prompt) -> None:
    # Imported only here, because few prompts have references.
    from planmark.queries.reference_use import count_as_offered

    if isinstance(plan, WorkPlan) and prompt.achievement:
        item = view.evaluations[plan.path].by_id[prompt.achievement]
        count_as_offered(
            view,
            plan,
            item,
            [*(reference.id for reference in prompt.patterns), *(reference.path for reference in prompt.similar)],
        )


def _deliver_prompt(context: CommandContext[Options], view: View, prompt: Prompt) -> tuple[Prompt, Delivery]:
    """Record that the agent of this process gets a prompt. Return a tuple: the prompt, and its delivery.

    With `--since`, the returned prompt has only what is new since the named prompt.
    """
    delivered = context.delivered or _delivered_prompts(context)
    since = context.options.since
    if since is None:
        return prompt, Delivery(delivered.deliver(view, prompt))
    counter = EXACT_COUNTER if context.options.exact_tokens else ESTIMATING_COUNTER
    # Compute the difference first, because the delivery records the id of the prompt, which may be the id `since`.
    difference = delivered.difference_since(view, since, prompt, counter)
    return difference.prompt, Delivery(delivered.deliver(view, prompt), difference.since)


def _delivered_prompts(context: CommandContext[Options]) -> DeliveredPrompts:
    """Return the delivered prompts of this process's agent. If the settings allow it, the result cache keeps them."""
    index = context.index

    def cache() -> ResultCache | None:
        is_enabled = index is not None and bool(index.settings["cache.enable"])
        return open_result_cache(index.root, make=True) if index is not None and is_enabled else None

    return DeliveredPrompts(prompt_recipient(), cache, time.time, remembers=False)


def _delivery_notes(prompt: Prompt, delivery: Delivery) -> Iterator[str]:
    """Yield notes about a prompt: its id, its size, and how much is new since the prompt that `--since` names."""
    tokens, since = prompt.tokens, delivery.since
    if since is not None and since.problem:
        yield f"--since {since.id}: {since.problem}; the prompt is whole"
    elif since is not None:
        yield f"--since {since.id}: {tokens.total:,} of {since.whole:,} tokens are new"
    if delivery.id:
        yield f"prompt {delivery.id}: {tokens.total:,} tokens, of them {tokens.to_read:,} to read"


def _list_ready_steps(context: CommandContext[Options]) -> CommandResult:
    # Imported only here and in the next function, because most prompts need no lease.
    from planmark.cli.next_lease import list_ready_steps, role_named

    options, role = context.options, role_named(context.options.role)
    read_view = functools.partial(_scan_and_view, context)
    return list_ready_steps(context, read_view, options.feature, options.agent, role, as_json=options.json)


def _lease_result(context: CommandContext[Options], started: float) -> CommandResult:
    from planmark.cli.next_lease import LeaseOptions, lease_next, lease_notes, release_on_error, role_named

    options, role = context.options, role_named(context.options.role)
    item = options.achievement or options.item
    lease_options = LeaseOptions(options.feature, item, options.agent, role, options.process)
    leased_step = lease_next(context, functools.partial(_scan_and_view, context), lease_options)
    step, counter = leased_step.step, EXACT_COUNTER if options.exact_tokens else ESTIMATING_COUNTER
    with release_on_error(context, leased_step):
        item_ref = (step.item.ref or step.item.id) if step.item else None
        work = _work_since(leased_step.view, options.base)
        prompt = prompt_of(
            leased_step.view, step.plan, item_ref, token_budget=options.budget, counter=counter, work=work
        )
        result = _prompt_result(context, leased_step.view, step.plan, prompt, started, leased_step.lease)
    return result._replace(code=DONE, notes=(*result.notes, *lease_notes(leased_step)))


def _work_since(view: View, base: str | None) -> WorkUnderReview:
    """Return the changes that git shows since `base`, a revision. If `base` is None, return `UNKNOWN_WORK`."""
    if base is None:
        return UNKNOWN_WORK
    # Import `parts` only here, because it starts a program, and most calls show no work.
    from planmark.cli.parts import changed_work_since

    return changed_work_since(view, base)


def _refuse_wrong_options(options: Options) -> None:
    """Raise CommandError for options that contradict each other."""
    required_options = (
        ("--dry-run", options.dry_run, "--review", options.review is not None),
        ("--kind", options.kind is not None, "--step research", options.step == "research"),
        ("--process", options.process is not None, "--lease", options.lease),
        ("--agent", options.agent is not None, "--lease", options.lease or options.list),
        ("--role", options.role is not None, "--lease", options.lease or options.list),
    )
    for name, is_given, other_option, is_other_given in required_options:
        if is_given and not is_other_given:
            raise CommandError(
                f"{name} needs {other_option}: planmark next @FEATURE N.N {other_option} {name}", BAD_USAGE
            )
    if options.item is not None and options.achievement not in (None, options.item):
        raise CommandError(
            f"{options.item} and --achievement {options.achievement} differ: give one of them", BAD_USAGE
        )
    if options.review is not None and options.step is not None:
        raise CommandError("--review and --step exclude each other: give one of them", BAD_USAGE)
    if options.lease and options.list:
        raise CommandError("--lease and --list exclude each other: give one of them", BAD_USAGE)
    for name, is_given in (("--step", options.step is not None), ("--review", options.review is not None)):
        if is_given and (options.lease or options.list):
            other_option = "--lease" if options.lease else "--list"
            raise CommandError(f"{name} and {other_option} exclude each other: give one of them", BAD_USAGE)
    exclusive_options = (("--batch", options.batch is not None), ("--through", options.through is not None))
    more_exclusive_options = (
        *(("--step", options.step is not None), ("--review", options.review is not None)),
        *(("--base", options.base is not None), ("--lease", options.lease), ("--list", options.list)),
    )
    for name, is_given in exclusive_options:
        if is_given and (
            other_option := next(
                (
                    option_name
                    for option_name, is_other_given in (*exclusive_options, *more_exclusive_options)
                    if is_other_given and option_name != name
                ),
                "",
            )
        ):
            raise CommandError(f"{name} and {other_option} exclude each other: give one of them", BAD_USAGE)
    if options.batch is not None and (options.since is not None or options.copy):
        raise CommandError("--batch goes with neither --since nor --copy: use --out FILE", BAD_USAGE)
    has_one_prompt = options.review is None and options.step != "research" and not options.list
    if options.since is not None and not has_one_prompt:
        raise CommandError("--since takes one prompt, and these are several", BAD_USAGE)
    if options.step == "review":
        raise CommandError("name the reviewers: planmark next --review security,quality,docs", BAD_USAGE)
    if options.copy and (options.review is not None or options.step == "research"):
        raise CommandError("--copy takes one prompt, and these are several: use --out FILE", BAD_USAGE)


def _review_or_research_result(
    options: Options, view: View, named_plan: NamedPlan, achievement: AchievementState | None, counter: Counter
) -> CommandResult:
    # Import `parts` only here, because it starts a program, and most calls need one prompt.
    from planmark.cli.parts import PartOptions, research_prompts, review_prompts
    from planmark.queries.parts import ALL_RESEARCH, PartTerms

    terms = PartTerms(options.budget, counter)
    part_options = PartOptions(options.base, options.dry_run, terms, options.json, options.out)
    if options.review is not None:
        return review_prompts(view, named_plan.plan, achievement, options.review, part_options)
    return research_prompts(view, named_plan.plan, achievement, options.kind or ALL_RESEARCH, part_options)


def _batch_result(
    options: Options, view: View, named_plan: NamedPlan, achievement: AchievementState | None, counter: Counter
) -> CommandResult:
    # Imported only here, because most prompts are about one step.
    from planmark.cli.batch import BatchOutput, batch_command_result
    from planmark.queries.batch import BatchLimits

    if achievement is not None:
        raise CommandError("--batch chooses the achievements itself: name only the plan", BAD_USAGE)
    terms = BatchLimits(options.batch or 0, options.budget, counter)
    return batch_command_result(view, named_plan.plan, terms, BatchOutput(options.json, options.out))


def _write_output_file(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror or error}", UNREADABLE) from None
