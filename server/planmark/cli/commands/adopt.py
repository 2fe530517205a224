"""`planmark adopt`: the verdicts that the text of an old PLAN claims, shown one by one and written on confirmation."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence

from planmark.cli.console import Cell, joined, print_line, print_text, say
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, WAITING, CommandError
from planmark.cli.workspace_access import alone_in, find_meant, fresh_view, open_workspace, write
from planmark.documents.dates import written
from planmark.prompts.scaffold import person
from planmark.queries.adopt import NOBODY, Proposal, proposals
from planmark.queries.meant import achievement_meant, of_methodology
from planmark.queries.verdicts import DecisionRefusedError, refuse_another
from planmark.queries.workspace_view import View
from planmark.text.pluralize import counted
from planmark.workspace.snapshot import PlanDocuments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="the plan")
    parser.add_argument("--achievement", metavar="N.N", help="only this achievement")
    parser.add_argument("--write", action="store_true", help="ask about each verdict, and write it on yes")
    parser.add_argument("--reviewer", metavar="NAME", default="", help="the responsible person; required for --write")


def run(args: argparse.Namespace) -> int:
    """Run the command. The result is the proposals, or with `--write` the paths of the written verdicts."""
    reviewer = person(args.reviewer)
    if args.write and not reviewer:
        raise CommandError("a verdict needs its reviewer: --reviewer NAME", BAD_USAGE)
    view = open_workspace(args)
    meant = find_meant(view, args.feature)
    plan, known = of_methodology(meant.plan, "adopt"), achievement_meant(view, meant, args.achievement)
    now = written(datetime.datetime.now(datetime.timezone.utc))
    found = proposals(view, plan, known.id if known else None, reviewer or NOBODY, now)
    if not found:
        say(f"{plan.feature} has no claim beyond what its files show", quiet=args.quiet)
        return NOTHING_TO_DO
    if args.write:
        return _write(args, view, plan, found)
    for proposal in found:
        for line in shown(proposal):
            print_text(line, indent=" " * 6)
    say(
        f"{counted(len(found), 'verdict')} proposed, nothing written. To write them one by one: "
        f"planmark adopt @{plan.feature} --write --reviewer NAME",
        quiet=args.quiet,
    )
    return DONE


def shown(proposal: Proposal) -> Sequence[Cell]:
    """Return what a person must see before confirming: the claim, its place, the state by the files, and the new file."""
    known = proposal.known
    return (
        (f"{known.id} {known.title}", "bold"),
        (f"  by the files: {known.state.replace('_', ' ')}", ""),
        *((f"  {claim.path}:{claim.line}  {claim.text}", "") for claim in proposal.claims),
        (f"  would create {proposal.file.path}:", ""),
        *((f"    {line}".rstrip(), "dim") for line in proposal.file.text.splitlines()),
        ("", ""),
    )


def _write(args: argparse.Namespace, view: View, plan: PlanDocuments, found: Sequence[Proposal]) -> int:
    """Ask for each verdict on standard error. Only `y` or `yes` writes it; the end of the input ends the questions."""
    written = 0
    for number, proposal in enumerate(found, 1):
        print(*(joined(line) for line in shown(proposal)), sep="\n", file=sys.stderr)
        print(f"({number} of {len(found)}) write it? [y/N] ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer:
            print(file=sys.stderr)
            say("no answer: nothing more was written", quiet=args.quiet)
            break
        if answer.strip().casefold() in ("y", "yes"):
            _write_one(args, view, plan, proposal)
            print_line(proposal.file.path)
            written += 1
    say(f"{counted(written, 'verdict')} written, {len(found) - written} left", quiet=args.quiet)
    return DONE


def _write_one(args: argparse.Namespace, view: View, plan: PlanDocuments, proposal: Proposal) -> None:
    """Write a verdict, unless its achievement was decided meanwhile or the verdict would not approve it."""
    with alone_in(view):
        now = fresh_view(args.index)
        files = now.snapshot.plan_at(plan.path)
        decided = files is None or now.judged[files.path].decisions.get(proposal.known.id) != proposal.decision
        if files is None or decided:
            raise CommandError(f"{proposal.known.id} has changed in the meantime: its verdict was not written", WAITING)
        try:
            refuse_another(now, files, proposal.known.id, proposal.file, "approved")
        except DecisionRefusedError as error:
            raise CommandError(str(error), WAITING) from None
        write(now, proposal.file)
