"""`planmark why`: explains the decision about the state of an achievement."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from planmark.cli.console import STATE_STYLES, json_text, line, paragraph
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import DONE
from planmark.cli.workspace_access import find_plan_and_document, open_workspace
from planmark.plans.phrases import STATE_MARKS, name_in_words
from planmark.queries.explain import WhyResult, explain
from planmark.queries.meant import needed_achievement


class Options(CommandOptions):
    """The options of the command."""

    feature: str
    achievement: str | None
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="a plan: its name, a part of it, or a path")
    parser.add_argument(
        "achievement", nargs="?", metavar="N.N", help="the achievement; not needed for the path of one of its documents"
    )
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema why)")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    view = open_workspace(context)
    named_plan = find_plan_and_document(view, options.feature)
    achievement = needed_achievement(view, named_plan, options.achievement)
    result = explain(view, named_plan.plan, achievement)
    return CommandResult(DONE, json_text(result) if options.json else "".join(_explanation_lines(result)))


def _explanation_lines(result: WhyResult) -> Iterator[str]:
    yield line(
        f"{result.feature} {result.achievement}: ",
        (f"{STATE_MARKS[result.state]} {result.state_label}", STATE_STYLES[result.state]),
    )
    yield line(result.plan)
    yield line()
    is_decided = False
    for rule in result.rules:
        sign = "▶" if rule.matched else "·"
        outcome = "decides" if rule.matched else "not reached" if is_decided else "no"
        yield paragraph(
            (
                f"{sign} {rule.rule} {name_in_words(rule.state):<20} {outcome:<12} {rule.says}",
                "bold" if rule.matched else "dim" if is_decided else "",
            ),
            indent=" " * 6,
        )
        is_decided = is_decided or rule.matched
        if is_decided and not rule.matched:
            continue
        for evidence in rule.evidence:
            yield paragraph(f"      {evidence.path}:{evidence.line}  {evidence.says}", indent=" " * 8)
    for claim in result.claims:
        yield line()
        yield paragraph(f"claimed: {claim.path}:{claim.line}  {claim.text}", indent="  ")
    for note in result.notes:
        yield line()
        yield paragraph(f"not read: {note}", indent="  ")
    yield line()
    yield paragraph(result.next.says, indent="  ")
