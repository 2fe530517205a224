"""`planmark verdict`: a reviewer's decision on an achievement, as a file."""

from __future__ import annotations

import argparse
import datetime

from planmark.cli.create import create_of
from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.cli.output import say
from planmark.prompts import create


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("decision", choices=list(create.VERDICTS), help="what was decided")
    parser.add_argument("feature", metavar="@FEATURE", help="the plan")
    parser.add_argument("achievement", nargs="?", metavar="N.N", help="the achievement, unless the path is about one")
    parser.add_argument("--reviewer", metavar="NAME", required=True, help="who decided")
    parser.add_argument("--note", metavar="TEXT", default="", help="what was checked, or what is wrong")


def run(args: argparse.Namespace) -> int:
    """Runs the command; the path of the verdict is the result."""
    reviewer = " ".join(args.reviewer.split())
    if not reviewer:
        raise CommandError("a verdict needs its reviewer: --reviewer NAME", BAD_USAGE)
    today = datetime.date.today().isoformat()
    path = create_of(args, lambda about: create.verdict(about, args.decision, reviewer, today, args.note))
    if args.decision == "fix" and not args.note:
        say("say what is wrong: the issues are still placeholders", quiet=args.quiet)
    print(path)
    return DONE
