"""`planmark check`: what is wrong, where, and what to do about it."""

from __future__ import annotations

import argparse
import difflib
import itertools
from pathlib import Path

from planmark.answers.results import CheckResult, diagnostic_result, severity_counts
from planmark.answers.view import View
from planmark.checks.catalogue import CATALOGUE
from planmark.checks.diagnostic import Diagnostic, at_least
from planmark.cli.errors import BAD_USAGE, DONE, FOUND, UNREADABLE, CommandError
from planmark.cli.output import SEVERITY_STYLES, print_json, say, severities, styled
from planmark.cli.workspace import open_workspace
from planmark.syntax.blocks import split_lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders; else the whole workspace")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how it is written (text)")
    parser.add_argument("--select", metavar="CODES", help="only these codes, separated by commas")
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "hint"),
        default="warning",
        help="exit 1 from this severity on (warning)",
    )


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    codes = _codes(args.select)
    view = open_workspace(argparse.Namespace(**{**vars(args), "quiet": True}))
    diagnostics = [d for d in view.diagnostics if not codes or d.code in codes]
    if wanted := [_relative(view, path) for path in args.paths]:
        diagnostics = [
            d for d in diagnostics if any(path in ("", d.path) or d.path.startswith(f"{path}/") for path in wanted)
        ]
    if args.format == "json":
        results = [diagnostic_result(view, diagnostic) for diagnostic in diagnostics]
        print_json(CheckResult(workspace=view.snapshot.root, diagnostics=results))
    else:
        _show(view, diagnostics)
        say(severities(severity_counts(tuple(diagnostics))) or "nothing found", quiet=args.quiet)
    return FOUND if any(at_least(d.severity, args.fail_on) for d in diagnostics) else DONE


def _codes(selected: str | None) -> set[str]:
    codes = {code.strip() for code in (selected or "").split(",") if code.strip()}
    for code in sorted(codes - set(CATALOGUE)):
        near = difflib.get_close_matches(code, CATALOGUE, 1)
        hint = f"did you mean {near[0]}?" if near else f"codes: {', '.join(CATALOGUE)}"
        raise CommandError(f"no check {code}; {hint}", BAD_USAGE)
    return codes


def _relative(view: View, path: str) -> str:
    """A path of the command line, relative to the workspace; "" for its root."""
    root = Path(view.snapshot.root)
    for candidate in (Path.cwd() / path, root / path):
        resolved = candidate.resolve()
        if resolved.exists() and resolved.is_relative_to(root):
            relative = resolved.relative_to(root).as_posix()
            return "" if relative == "." else relative
    raise CommandError(f"no file or folder {path} in {root}", UNREADABLE)


def _show(view: View, diagnostics: list[Diagnostic]) -> None:
    for path, group in itertools.groupby(diagnostics, key=lambda d: d.path):
        print(styled(path, "bold"))
        lines = split_lines(view.text(path) or "\n")
        for diagnostic in group:
            severity = styled(diagnostic.severity, SEVERITY_STYLES[diagnostic.severity])
            print(f"  {diagnostic.line}: {severity} {diagnostic.code}: {diagnostic.message}")
            quoted = lines[diagnostic.line - 1].strip() if diagnostic.line <= len(lines) else ""
            if quoted:
                print(styled(f"      │ {quoted[:110]}", "dim"))
        print()
