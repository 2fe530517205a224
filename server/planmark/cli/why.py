"""`planmark why`: how the state of an achievement was decided."""

from __future__ import annotations

import argparse
import difflib

from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.cli.output import STATE_STYLES, print_json, styled, words
from planmark.cli.results import NextRelation, RuleResult, WhyResult
from planmark.cli.status import next_text
from planmark.cli.workspace import find_plan, open_workspace
from planmark.workflow.model import AchievementState, PlanState
from planmark.workflow.plan import NOT_WORKABLE, Judged
from planmark.workflow.state import TABLE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="a plan: its name, a part of it, or a path")
    parser.add_argument("achievement", metavar="N.N", help="an achievement of the plan")
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema why)")


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    workspace = open_workspace(args)
    plan = find_plan(workspace, args.feature)
    judged = workspace.judged[plan.path]
    known = find_achievement(judged.state, args.achievement)
    result = explain_achievement(workspace.snapshot.root, judged, known)
    if args.json:
        print_json(result)
    else:
        _show(result)
    return DONE


def find_achievement(state: PlanState, wanted: str) -> AchievementState:
    """The achievement with the id `wanted`. Raises CommandError with what there is."""
    for known in state.achievements:
        if known.id == wanted.strip():
            return known
    ids = [known.id for known in state.achievements]
    near = difflib.get_close_matches(wanted, ids, 3, 0.4)
    listed = ", ".join(ids) or "none can be read"
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise CommandError(f"no achievement {wanted} in {state.path}; {hint}It has: {listed}", BAD_USAGE)


def explain_achievement(root: str, judged: Judged, known: AchievementState) -> WhyResult:
    """Every rule of the table with what it found, and why the achievement is or is not next."""
    rules = []
    decided = False
    for rule in TABLE:
        match = rule.match(judged.situations[known.id])
        rules.append(RuleResult(rule.letter, rule.state, rule.says, match.matches and not decided, match.evidence))
        decided = decided or match.matches
    return WhyResult(
        workspace=root,
        plan=known.path,
        feature=judged.state.feature,
        achievement=known.id,
        state=known.state,
        step=known.step,
        rules=rules,
        claims=[claim for claim in judged.state.claims if claim.achievement == known.id],
        next=NextRelation(judged.state.next.achievement == known.id, _next_says(judged.state, known)),
    )


def _next_says(state: PlanState, known: AchievementState) -> str:
    chosen = state.next
    if chosen.achievement == known.id:
        return f"{known.id} is next: {chosen.reason}"
    if known.state == "approved":
        return f"{known.id} is not next: it is approved. Next is {next_text(state)}"
    if known.state in NOT_WORKABLE:
        return f"{known.id} is not next: it is {words(known.state)}. Next is {next_text(state)}"
    return f"{known.id} is not next: {next_text(state)} comes first ({chosen.reason})"


def _show(result: WhyResult) -> None:
    mark, style = STATE_STYLES[result.state]
    print(f"{result.feature} {result.achievement}: {styled(f'{mark} {words(result.state)}', style)}")
    print(f"{result.plan}\n")
    decided = False
    for rule in result.rules:
        sign = "▶" if rule.matched else "·"
        verdict = "decides" if rule.matched else "not reached" if decided else "no"
        print(
            styled(
                f"{sign} {rule.rule} {words(rule.state):<20} {verdict:<12} {rule.says}",
                "bold" if rule.matched else "dim" if decided else "",
            )
        )
        decided = decided or rule.matched
        if decided and not rule.matched:
            continue
        for evidence in rule.evidence:
            print(f"      {evidence.path}:{evidence.line}  {evidence.says}")
    for claim in result.claims:
        print(f"\nclaimed: {claim.path}:{claim.line}  {claim.text}")
    print(f"\n{result.next.says}")
