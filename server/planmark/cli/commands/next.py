"""`planmark next`: the next prompt, ready for an agent."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from planmark.cli.clipboard import copy
from planmark.cli.console import around_ms, json_text, print_whole, say, tell
from planmark.cli.errors import DONE, NOTHING_TO_DO, UNREADABLE, WAITING, CommandError
from planmark.cli.workspace_access import find_meant, open_workspace
from planmark.plans.model import Step
from planmark.prompts.prompt import COUNTED, ESTIMATED
from planmark.queries.api_types import Run, prompt_result
from planmark.queries.lookup import most_urgent
from planmark.queries.meant import NamedPlan, achievement_meant
from planmark.queries.next import prompt_of
from planmark.storage.result_cache import CachedResult

EXIT_CODES: dict[Step, int] = {
    "complete_plan": NOTHING_TO_DO,
    "closed": NOTHING_TO_DO,
    "confirm_state": WAITING,
    "wait": WAITING,
}
"""Step → exit code. Any other step can be worked on and has 0."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "feature",
        nargs="?",
        metavar="@FEATURE",
        help="a plan, or the path of a document; default: the most urgent plan",
    )
    parser.add_argument("--achievement", metavar="N.N", help="this achievement instead of the next one")
    parser.add_argument("--step", metavar="STEP", help="pause, resume, verify or parallel instead of the next step")
    parser.add_argument(
        "--budget", type=int, metavar="N", help="maximum tokens of the prompt and its reading list together"
    )
    parser.add_argument("--exact-tokens", action="store_true", help="count exactly (the extra planmark[tokens])")
    parser.add_argument("--copy", action="store_true", help="also copy the prompt to the clipboard")
    parser.add_argument("--ignore-claims", action="store_true", help="ignore what the text of the PLAN claims")
    parser.add_argument("--show-secrets", action="store_true", help="do not mask what looks like a credential")
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema prompt)")
    parser.add_argument("--out", metavar="FILE", help="write the prompt to FILE instead of standard output")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    started = time.perf_counter()
    own = {"prompts.maskSecrets": False} if args.show_secrets else None
    view = open_workspace(args, ignore_claims=args.ignore_claims, settings=own)
    meant = find_meant(view, args.feature) if args.feature else NamedPlan(most_urgent(view))
    plan, known = meant.plan, achievement_meant(view, meant, args.achievement)
    counter = COUNTED if args.exact_tokens else ESTIMATED
    prompt = prompt_of(
        view, plan, (known.ref or known.id) if known else None, args.step, budget=args.budget, counter=counter
    )
    for note in prompt.notes:
        tell(args, note)
    code = EXIT_CODES.get(prompt.step, DONE)
    out, after = prompt.prompt, ""
    ms = round((time.perf_counter() - started) * 1000, 1)
    if args.json:
        text = json_text(prompt_result(view.snapshot.root, prompt, Run(view.snapshot.revision, ms, view.read == 0)))
        print_whole(text)
        out, after = around_ms(text)
    elif args.out:
        _write(args.out, prompt.prompt)
        say(f"{prompt.feature} {prompt.achievement or ''}: {prompt.step} → {args.out}", quiet=args.quiet)
    else:
        print_whole(out)
    args.answer = CachedResult(code, out, after, plan.feature, prompt.step, prompt.tokens.total)
    if args.copy:
        say(copy(prompt.prompt), quiet=args.quiet)
    return code


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror or error}", UNREADABLE) from None
