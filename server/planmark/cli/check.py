"""`planmark check`: what is wrong, where, and what to do about it."""

from __future__ import annotations

import argparse
import difflib
import itertools
from collections.abc import Callable
from pathlib import Path

from planmark.answers.results import CheckResult, DiagnosticResult, diagnostic_result, severity_counts
from planmark.answers.view import View
from planmark.checks.catalogue import CATALOGUE
from planmark.checks.diagnostic import Diagnostic, at_least
from planmark.checks.fixes import Fix, fix_of
from planmark.cli.errors import BAD_USAGE, DONE, FOUND, UNREADABLE, CommandError
from planmark.cli.output import SEVERITY_STYLES, print_json, say, severities, styled
from planmark.cli.workspace import fresh_view, open_workspace
from planmark.syntax.blocks import split_lines
from planmark.workspace.changes import TextChange, changed_text
from planmark.workspace.index import Index
from planmark.workspace.writing import WriteError, rewrite_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders; else the whole workspace")
    parser.add_argument("--format", choices=("text", "json", "github"), default="text", help="how it is written (text)")
    parser.add_argument("--fix", action="store_true", help="mend what can be mended without thinking, then check again")
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
    wanted = [_relative(view, path) for path in args.paths]

    def chosen(diagnostic: Diagnostic) -> bool:
        inside = (path in ("", diagnostic.path) or diagnostic.path.startswith(f"{path}/") for path in wanted)
        return (not codes or diagnostic.code in codes) and (not wanted or any(inside))

    if args.fix:
        view = _mended(Path(view.snapshot.root), chosen, quiet=args.quiet)
    diagnostics = [diagnostic for diagnostic in view.diagnostics if chosen(diagnostic)]
    if args.format == "github":
        for diagnostic in diagnostics:
            print(_annotation(diagnostic_result(view, diagnostic)))
    elif args.format == "json":
        results = [diagnostic_result(view, diagnostic) for diagnostic in diagnostics]
        print_json(CheckResult(workspace=view.snapshot.root, diagnostics=results))
    else:
        _show(view, diagnostics)
        say(severities(severity_counts(tuple(diagnostics))) or "nothing found", quiet=args.quiet)
    return FOUND if any(at_least(d.severity, args.fail_on) for d in diagnostics) else DONE


def _mended(root: Path, chosen: Callable[[Diagnostic], bool], *, quiet: bool) -> View:
    """Mends one finding after the other and checks again in between; what cannot be written is said once."""
    index = Index(root)
    view = fresh_view(index)
    failed: set[tuple[str, str]] = set()
    while found := _next_fix(view, chosen, failed):
        diagnostic, mended = found
        try:
            for path in dict.fromkeys(change.path for change in mended.changes if isinstance(change, TextChange)):
                own = [c for c in mended.changes if isinstance(c, TextChange) and c.path == path]
                rewrite_file(root, path, view.text(path), changed_text(view.text(path), own))
                index.touch([path])
            say(f"{diagnostic.path}:{diagnostic.line} {mended.title}", quiet=quiet)
        except WriteError as error:
            say(str(error), quiet=False)
            failed.add((diagnostic.path, diagnostic.code))
        view = fresh_view(index)
    return view


def _next_fix(
    view: View, chosen: Callable[[Diagnostic], bool], failed: set[tuple[str, str]]
) -> tuple[Diagnostic, Fix] | None:
    for diagnostic in view.diagnostics:
        if chosen(diagnostic) and (diagnostic.path, diagnostic.code) not in failed:
            mended = fix_of(view.snapshot, diagnostic, view.text)
            if mended and mended.preferred and all(isinstance(change, TextChange) for change in mended.changes):
                return diagnostic, mended
    return None


LEVELS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}
"""Severity → the command of a GitHub workflow that annotates a line."""


def _annotation(found: DiagnosticResult) -> str:
    """A finding as a line that GitHub Actions shows at its place."""
    place = found.range
    values = {
        "file": found.path,
        "line": place.start.line,
        "endLine": place.end.line,
        "col": place.start.column,
        "endColumn": place.end.column,
        "title": found.code,
    }
    listed = ",".join(f"{name}={_escaped(str(value), ',:')}" for name, value in values.items())
    return f"::{LEVELS[found.severity]} {listed}::{_escaped(found.message)}"


def _escaped(text: str, also: str = "") -> str:
    """As the commands of a workflow want it: `%25`, `%0D`, `%0A`, and in properties commas and colons."""
    return "".join(f"%{ord(c):02X}" if c in f"%\r\n{also}" else c for c in text)


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
