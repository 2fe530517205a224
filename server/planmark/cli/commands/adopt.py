"""`planmark adopt`: shows the verdicts that an old PLAN claims, one at a time, and writes each confirmed verdict."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence

from planmark.cli.console import Cell, join_parts, line, paragraph, print_note
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, WAITING, CommandError
from planmark.cli.workspace_access import (
    create_workspace_file,
    find_plan_and_document,
    lock_workspace,
    open_workspace,
    reopen_workspace,
)
from planmark.queries.authoring import REVIEWER_PLACEHOLDER, DecisionRefusedError, Proposal, authoring, name_for_header
from planmark.queries.meant import methodology_plan, named_achievement
from planmark.storage.timestamps import timestamp_text
from planmark.text.pluralize import counted_noun
from planmark.workspace.snapshot import PlanDocuments


class Options(CommandOptions):
    """The options of the command."""

    feature: str
    achievement: str | None
    write: bool
    reviewer: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="the plan")
    parser.add_argument("--achievement", metavar="N.N", help="only this achievement")
    parser.add_argument("--write", action="store_true", help="ask about each verdict, and write it on yes")
    parser.add_argument("--reviewer", metavar="NAME", default="", help="the responsible person; required for --write")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. The output is the proposed verdicts; with `--write`, the paths of the verdicts that it wrote."""
    options = context.options
    reviewer = name_for_header(options.reviewer)
    if options.write and not reviewer:
        raise CommandError("a verdict needs its reviewer: --reviewer NAME", BAD_USAGE)
    view = open_workspace(context)
    named_plan = find_plan_and_document(view, options.feature)
    plan, achievement = (
        methodology_plan(named_plan.plan, "adopt"),
        named_achievement(view, named_plan, options.achievement),
    )
    now = timestamp_text(datetime.datetime.now(datetime.timezone.utc))
    proposals = authoring().proposals(
        view, plan, achievement.id if achievement else None, reviewer or REVIEWER_PLACEHOLDER, now
    )
    if not proposals:
        return CommandResult(NOTHING_TO_DO, notes=(f"{plan.feature} has no claim beyond what its files show",))
    if options.write:
        return _ask_and_write(context, plan, proposals)
    lines = [paragraph(cell, indent=" " * 6) for proposal in proposals for cell in format_proposal(proposal)]
    note = f"{counted_noun(len(proposals), 'verdict')} proposed, nothing written. To write them one by one: planmark adopt @{plan.feature} --write --reviewer NAME"
    return CommandResult(DONE, "".join(lines), notes=(note,))


def format_proposal(proposal: Proposal) -> Sequence[Cell]:
    """Return the lines to show before a confirmation: the claim, the state by the files, and the new file.

    Each line is a tuple: its text, and the name of its style.
    """
    achievement = proposal.achievement
    return (
        (f"{achievement.id} {achievement.title}", "bold"),
        (f"  by the files: {achievement.state.replace('_', ' ')}", ""),
        *((f"  {claim.path}:{claim.line}  {claim.text}", "") for claim in proposal.claims),
        (f"  would create {proposal.file.path}:", ""),
        *((f"    {line}".rstrip(), "dim") for line in proposal.file.text.splitlines()),
        ("", ""),
    )


def _ask_and_write(
    context: CommandContext[Options], plan: PlanDocuments, proposals: Sequence[Proposal]
) -> CommandResult:
    """Ask about each verdict on standard error, and write it after the answer `y` or `yes`.

    If standard input ends, no more questions are asked.
    """
    written_count = 0
    for number, proposal in enumerate(proposals, 1):
        print(*(join_parts(cell) for cell in format_proposal(proposal)), sep="\n", file=sys.stderr)
        print(f"({number} of {len(proposals)}) write it? [y/N] ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer:
            print(file=sys.stderr)
            print_note("no answer: nothing more was written", quiet=context.options.quiet)
            break
        if answer.strip().casefold() in ("y", "yes"):
            _write_proposed_verdict(context, plan, proposal)
            # Print each path here, because the user may end the command before the last question.
            sys.stdout.write(line(proposal.file.path))
            written_count += 1
    return CommandResult(
        DONE, notes=(f"{counted_noun(written_count, 'verdict')} written, {len(proposals) - written_count} left",)
    )


def _write_proposed_verdict(context: CommandContext[Options], plan: PlanDocuments, proposal: Proposal) -> None:
    """Write the proposed verdict.

    Raises CommandError if the achievement has changed since the proposal, or if the verdict would not approve it.
    """
    with lock_workspace(context):
        current_view = reopen_workspace(context)
        current_plan = current_view.snapshot.plan_at(plan.path)
        has_changed = (
            current_plan is None
            or current_view.evaluations[current_plan.path].decisions.get(proposal.achievement.id) != proposal.decision
        )
        if current_plan is None or has_changed:
            raise CommandError(
                f"{proposal.achievement.id} has changed in the meantime: its verdict was not written", WAITING
            )
        try:
            authoring().refuse_other_state(
                current_view, current_plan, proposal.achievement.id, proposal.file, "approved"
            )
        except DecisionRefusedError as error:
            raise CommandError(str(error), WAITING) from None
        create_workspace_file(current_view, proposal.file)
