"""`planmark why`: how the state of an achievement was decided."""

from __future__ import annotations

import argparse

from planmark.cli.console import STATE_STYLES, print_json, print_line, print_text
from planmark.cli.errors import DONE
from planmark.cli.workspace_access import find_meant, open_workspace
from planmark.plans.phrases import marked, words
from planmark.queries.api_types import WhyResult
from planmark.queries.explain import explain
from planmark.queries.meant import achievement_needed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="a plan: its name, a part of it, or a path")
    parser.add_argument(
        "achievement", nargs="?", metavar="N.N", help="the achievement; not needed for the path of one of its documents"
    )
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema why)")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    view = open_workspace(args)
    meant = find_meant(view, args.feature)
    known = achievement_needed(view, meant, args.achievement)
    result = explain(view, meant.plan, known)
    if args.json:
        print_json(result)
    else:
        _show(result)
    return DONE


def _show(result: WhyResult) -> None:
    print_line(f"{result.feature} {result.achievement}: ", (marked(result.state), STATE_STYLES[result.state]))
    print_line(result.plan)
    print_line()
    decided = False
    for rule in result.rules:
        sign = "▶" if rule.matched else "·"
        verdict = "decides" if rule.matched else "not reached" if decided else "no"
        print_text(
            (
                f"{sign} {rule.rule} {words(rule.state):<20} {verdict:<12} {rule.says}",
                "bold" if rule.matched else "dim" if decided else "",
            ),
            indent=" " * 6,
        )
        decided = decided or rule.matched
        if decided and not rule.matched:
            continue
        for evidence in rule.evidence:
            print_text(f"      {evidence.path}:{evidence.line}  {evidence.says}", indent=" " * 8)
    for claim in result.claims:
        print_line()
        print_text(f"claimed: {claim.path}:{claim.line}  {claim.text}", indent="  ")
    for note in result.notes:
        print_line()
        print_text(f"not read: {note}", indent="  ")
    print_line()
    print_text(result.next.says, indent="  ")
