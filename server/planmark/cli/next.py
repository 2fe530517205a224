"""`planmark next`: the next prompt, ready for an agent."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from planmark.cli.errors import DONE, NOTHING_TO_DO, UNREADABLE, WAITING, CommandError
from planmark.cli.output import print_json, say
from planmark.cli.results import Run, prompt_result
from planmark.cli.status import urgency
from planmark.cli.why import find_achievement
from planmark.cli.workspace import Workspace, find_plan, no_plans, open_workspace
from planmark.prompts.prompt import NothingToDoError, next_prompt, step_for
from planmark.workflow.model import NextStep, Step
from planmark.workspace.snapshot import PlanFiles

EXIT_CODES: dict[Step, int] = {"complete_plan": NOTHING_TO_DO, "confirm_state": WAITING, "wait": WAITING}
"""Step → exit code; any other step can be worked on: 0."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("feature", nargs="?", metavar="@FEATURE", help="a plan; else the one that needs it most")
    parser.add_argument("--achievement", metavar="N.N", help="this achievement instead of the next one")
    parser.add_argument("--ignore-claims", action="store_true", help="go by the files, whatever the PLAN's text claims")
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema prompt)")
    parser.add_argument("--out", metavar="FILE", help="write the prompt to FILE instead of standard output")


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    started = time.perf_counter()
    workspace = open_workspace(args, ignore_claims=args.ignore_claims)
    plan = find_plan(workspace, args.feature) if args.feature else most_urgent(workspace)
    step = _step(args, workspace, plan)
    prompt = next_prompt(workspace.snapshot, plan, workspace.judged[plan.path], step, workspace.text)
    ms = round((time.perf_counter() - started) * 1000, 1)
    ran = Run(workspace.snapshot.revision, ms, workspace.read == 0)
    if args.json:
        print_json(prompt_result(workspace.snapshot.root, prompt, ran))
    elif args.out:
        _write(args.out, prompt.prompt)
        say(f"{prompt.feature} {prompt.achievement or ''}: {prompt.step} → {args.out}", quiet=args.quiet)
    else:
        sys.stdout.write(prompt.prompt)
    return EXIT_CODES.get(step.step, DONE)


def most_urgent(workspace: Workspace) -> PlanFiles:
    """The plan that needs a prompt most: active first, what needs attention before what goes well, then by path.

    Raises CommandError where there is no plan, or nothing left to do.
    """
    plans = workspace.snapshot.plans
    if not plans:
        raise CommandError(no_plans(workspace.snapshot), UNREADABLE)
    chosen = min(plans, key=lambda files: _need(workspace, files))
    if workspace.judged[chosen.path].state.state == "complete":
        raise CommandError(f"nothing to do: all {len(plans)} plans are complete", NOTHING_TO_DO)
    return chosen


def _need(workspace: Workspace, files: PlanFiles) -> tuple[bool, tuple[int, int, str]]:
    state = workspace.judged[files.path].state
    return state.state == "complete", urgency(state)


def _step(args: argparse.Namespace, workspace: Workspace, plan: PlanFiles) -> NextStep:
    judged = workspace.judged[plan.path]
    if not args.achievement:
        return judged.state.next
    known = find_achievement(judged.state, args.achievement)
    try:
        return step_for(judged, known)
    except NothingToDoError as error:
        raise CommandError(str(error), NOTHING_TO_DO) from None


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror or error}", UNREADABLE) from None
