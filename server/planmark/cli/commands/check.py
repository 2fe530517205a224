"""`planmark check`: the diagnostics of the workspace, and their fixes."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from planmark.cli import diagnostic_output
from planmark.cli.apply_fixes import Mended, Terms, mended
from planmark.cli.console import print_json, print_line, print_utf8, say
from planmark.cli.errors import BAD_USAGE, DONE, FOUND, UNREADABLE, CommandError
from planmark.cli.telemetry import opened
from planmark.cli.workspace_access import locate, open_workspace, root_of
from planmark.diagnostics.codes import CATALOGUE, current
from planmark.plans.diagnostic import Diagnostic, at_least
from planmark.queries.api_types import (
    CheckResult,
    Failure,
    FixResult,
    LeftOutResult,
    diagnostic_result,
    severity_counts,
)
from planmark.queries.budget_check import with_prompts
from planmark.queries.lookup import no_plans_message
from planmark.queries.persistent_index import open_index
from planmark.queries.sarif import sarif_log
from planmark.queries.workspace_view import View
from planmark.text.similarity import most_like
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import Change


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders; default: the whole workspace")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="output format (text)")
    parser.add_argument("--json", action="store_const", dest="format", const="json", help="short for --format json")
    parser.add_argument(
        "--fix", action="store_true", help="apply fixes that change no state and no next step, then check again"
    )
    parser.add_argument(
        "--diff", action="store_true", help="with --fix: print the changes as a diff, and write nothing"
    )
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="with --fix and --select: also apply fixes that change a state or need a decision",
    )
    parser.add_argument("--select", metavar="CODES", help="only these codes, separated by commas")
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "hint"),
        default="warning",
        help="minimum severity for exit code 1 (warning)",
    )
    parser.add_argument("--allow-empty", action="store_true", help="accept a workspace without a plan")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    codes = _codes(args.select)
    _refuse_wrong_options(args)
    root = root_of(args)
    wanted = [_relative(root, path) for path in args.paths]

    def chosen(diagnostic: Diagnostic) -> bool:
        inside = (path in ("", diagnostic.path) or diagnostic.path.startswith(f"{path}/") for path in wanted)
        return (not codes or diagnostic.code in codes) and (not wanted or any(inside))

    args.fixed, args.failure = Fixed(), None
    if args.fix:
        index = open_index(root)
        opened(args, index)
        view, args.fixed = _fixed(index, Terms(chosen, args.unsafe, args.diff, bool(codes)), args)
    else:
        view = open_workspace(args, say_problems=False, examined=True)
    view = args.view = with_prompts(view)
    found = [diagnostic for diagnostic in view.diagnostics if chosen(diagnostic)]
    view = replace(view, text=functools.cache(view.text))
    if not (view.plans or args.paths or args.allow_empty):
        args.failure = Failure(
            f"{no_plans_message(view.snapshot)}\nNothing was checked: --allow-empty accepts that", UNREADABLE
        )
    FORMATS[args.format](view, found, args)
    if args.failure:
        say(f"planmark: {args.failure.message}", quiet=False)
        return UNREADABLE
    return FOUND if any(at_least(d.severity, args.fail_on) for d in found) else DONE


class Fixed(NamedTuple):
    """The fixes that `--fix` made and left out. `diff` is the diff of `--diff`, None without it."""

    made: Sequence[Mended] = ()
    left_out: Sequence[Mended] = ()
    diff: str | None = None


def _refuse_wrong_options(args: argparse.Namespace) -> None:
    """Raise CommandError for options that contradict each other."""
    for name in ("diff", "unsafe"):
        if getattr(args, name) and not args.fix:
            raise CommandError(f"--{name} needs --fix: planmark check --fix --{name}", BAD_USAGE)
    if args.unsafe and not args.select:
        raise CommandError("--unsafe needs --select CODES: name the checks whose fixes may change a state", BAD_USAGE)
    if args.diff and args.format not in ("text", "json"):
        raise CommandError(f"--diff does not support --format {args.format}; use text or json", BAD_USAGE)


def _fixed(index: Index, terms: Terms, args: argparse.Namespace) -> tuple[View, Fixed]:
    """Apply the fixes and print them. Return the resulting view, or with `--diff` the unchanged one."""
    mending = mended(index, terms, quiet=args.quiet)
    moves: list[Change] = []
    difference = None
    if terms.unsafe or terms.dry:
        from planmark.cli.apply_file_fixes import diff, moved

        moves = moved(mending) if terms.unsafe else []
        difference = diff(mending, moves) if terms.dry else None
    left_out = sorted(mending.left_out.values())
    for fix in (*mending.made, *left_out):
        say(str(fix), quiet=args.quiet)
    return mending.found if terms.dry else mending.view, Fixed(mending.made, left_out, difference)


def _as_json(view: View, found: list[Diagnostic], args: argparse.Namespace) -> None:
    results = [diagnostic_result(view, diagnostic) for diagnostic in found]
    fixed: Fixed = args.fixed
    made = [FixResult(*fix[:-1]) for fix in fixed.made]
    left_out = [LeftOutResult(*fix) for fix in fixed.left_out]
    print_json(
        CheckResult(
            workspace=view.snapshot.root,
            diagnostics=results,
            fixed=made,
            left_out=left_out,
            diff=fixed.diff,
            error=args.failure,
        )
    )


def _as_sarif(view: View, found: list[Diagnostic], args: argparse.Namespace) -> None:
    results = [diagnostic_result(view, diagnostic) for diagnostic in found]
    print_json(sarif_log(view.snapshot.root, results, args.failure))


def _as_annotations(view: View, found: list[Diagnostic], _: argparse.Namespace) -> None:
    for diagnostic in found:
        print_line(diagnostic_output.annotation(diagnostic_result(view, diagnostic)))


def _as_text(view: View, found: list[Diagnostic], args: argparse.Namespace) -> None:
    if args.fixed.diff is not None:
        print_utf8(args.fixed.diff)
        return
    brief = not (args.select or args.paths)
    diagnostic_output.show(view, found, brief_hints=brief)
    if found or not args.failure:
        diagnostic_output.summarize(severity_counts(tuple(found)), brief_hints=brief, quiet=args.quiet)


FORMATS: dict[str, Callable[[View, list[Diagnostic], argparse.Namespace], None]] = {
    "text": _as_text,
    "json": _as_json,
    "sarif": _as_sarif,
    "github": _as_annotations,
}
"""Format → the function that prints it."""


def _codes(selected: str | None) -> set[str]:
    codes = {current(code.strip()) for code in (selected or "").split(",") if code.strip()}
    for code in sorted(codes - set(CATALOGUE)):
        near = most_like(code, CATALOGUE)
        hint = f"did you mean {near}?" if near else f"codes: {', '.join(CATALOGUE)}"
        raise CommandError(f"unknown code {code}; {hint}", BAD_USAGE)
    return codes


def _relative(root: Path, given: str) -> str:
    """Return a path of the command line relative to the workspace; "" for its root."""
    path = locate(root, given)
    if path is None:
        raise CommandError(f"no file or folder {given} in {root}", UNREADABLE)
    return "" if path == "." else path
