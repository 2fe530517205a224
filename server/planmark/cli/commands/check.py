"""`planmark check`: the diagnostics of the workspace, and their fixes."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from planmark.cli.apply_fixes import FixOptions, FixOutcome, apply_document_fixes
from planmark.cli.arguments import add_options
from planmark.cli.console import json_text, line, print_note
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.diagnostic_output import annotation, diagnostic_lines, severity_summary
from planmark.cli.errors import BAD_USAGE, DONE, PROBLEMS_FOUND, UNREADABLE, CommandError
from planmark.cli.options import PLAN_FORMAT_OPTION
from planmark.cli.telemetry import attach_index
from planmark.cli.workspace_access import (
    checked_format,
    find_plan,
    find_plan_and_document,
    fresh_view,
    open_workspace,
    path_from_root,
    restrict_to_format,
    root_of,
    with_leases,
)
from planmark.diagnostics.codes import catalogue, current_code
from planmark.plans.diagnostic import Diagnostic, is_at_least_as_grave
from planmark.plans.format import FormatDocument
from planmark.queries.api_types import (
    CheckResult,
    Failure,
    FixResult,
    LeftOutResult,
    diagnostic_result,
)
from planmark.queries.budget_check import with_prompt_and_lease_diagnostics
from planmark.queries.lookup import no_plans_message
from planmark.queries.meant import needed_achievement
from planmark.queries.persistent_index import open_index
from planmark.queries.plan_formats import documents_of_changed_plans, format_of, no_plans_of_format_message
from planmark.queries.preflight import preflight_of
from planmark.queries.preflight_check import preflight_diagnostics
from planmark.queries.sarif import sarif_log
from planmark.queries.status_facts import severity_counts
from planmark.queries.workspace_view import View
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.pluralize import counted_noun
from planmark.text.similarity import most_similar
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import Change

_ID_OR_REF = lazy_pattern(r"[0-9]+(?:\.[0-9]+)*|:[0-9]+-[0-9a-f]+|[A-Z]{1,4}[0-9]+")
"""Pattern of the id or the ref of an item: `1.2`, `:12-a4f1`, `T001`."""


class Options(CommandOptions):
    """The options of the command."""

    paths: list[str]
    format: str
    fix: bool
    diff: bool
    unsafe: bool
    select: str | None
    fail_on: Literal["error", "warning", "hint"]
    since: str | None
    plan_format: str | None
    allow_empty: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files, folders or plans (@FEATURE); default: the whole workspace. `@FEATURE N.N`: the preflight of an achievement, which is what files prove before its review",
    )
    parser.add_argument("--format", choices=tuple(REPORT_FORMATTERS), default="text", help="output format (text)")
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
        "--since", metavar="REF", help="only plans with documents that changed since this revision of git"
    )
    add_options(parser, (PLAN_FORMAT_OPTION,))
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "hint"),
        default="warning",
        help="minimum severity for exit code 1 (warning)",
    )
    parser.add_argument("--allow-empty", action="store_true", help="accept a workspace without a plan")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    codes = _selected_codes(options.select)
    _refuse_wrong_options(options)
    root = root_of(options)
    if names_achievement(root, options.paths):
        return _preflight(context, codes)
    plan_names = [path for path in options.paths if _names_plan(root, path)]
    paths = [_relative_path(root, path) for path in options.paths if path not in plan_names]
    plan_format = checked_format(options.plan_format)
    changed_paths = _changed_files(root, options.since)
    paths_of_changed_plans: frozenset[str] = frozenset()
    paths_of_named_plans: frozenset[str] = frozenset()
    format_documents: Mapping[str, FormatDocument] = {}

    def is_selected(diagnostic: Diagnostic) -> bool:
        path = diagnostic.path
        return (
            (not codes or diagnostic.code in codes)
            and (not options.paths or path in paths_of_named_plans or any(_is_below(path, folder) for folder in paths))
            and plan_format in (None, format_documents[path].format if path in format_documents else format_of(path))
            and (changed_paths is None or path in paths_of_changed_plans)
        )

    fix_summary = FixSummary()
    if options.fix:
        index = open_index(root)
        attach_index(context, index)
        if changed_paths is not None:
            paths_of_changed_plans = documents_of_changed_plans(fresh_view(index), changed_paths)
        if plan_format is not None:
            format_documents = fresh_view(index).snapshot.records
        paths_of_named_plans = (
            _diagnostic_paths_of_plans(fresh_view(index), plan_names) if plan_names else paths_of_named_plans
        )
        fix_options = FixOptions(is_selected, options.unsafe, options.diff, bool(codes))
        view, fix_summary = _apply_fixes(index, fix_options, quiet=options.quiet)
    else:
        view = open_workspace(context, report_problems=False, needs_diagnostics=True)
    view = context.view = with_prompt_and_lease_diagnostics(with_leases(context, view))
    paths_of_named_plans = _diagnostic_paths_of_plans(view, plan_names)
    format_documents = view.snapshot.records
    if changed_paths is not None:
        paths_of_changed_plans |= documents_of_changed_plans(view, changed_paths)
    diagnostics = [diagnostic for diagnostic in view.diagnostics if is_selected(diagnostic)]
    failure = None
    restricted_view = restrict_to_format(view, plan_format)
    if not (restricted_view.plans or options.paths or options.allow_empty):
        message = (
            no_plans_of_format_message(restricted_view, plan_format) if plan_format else no_plans_message(view.snapshot)
        )
        message = f"{message}\nNothing was checked: --allow-empty accepts that"
        failure = Failure(message, UNREADABLE)
        print_note(f"planmark: {message}", quiet=False)
    code = PROBLEMS_FOUND if any(is_at_least_as_grave(d.severity, options.fail_on) for d in diagnostics) else DONE
    report = CheckReport(
        replace(view, text=functools.cache(view.text)),
        diagnostics,
        fix_summary,
        failure,
        code=UNREADABLE if failure else code,
        abbreviates_hints=not (options.select or options.paths),
    )
    return REPORT_FORMATTERS[options.format](report)


def names_achievement(root: Path, arguments: Sequence[str]) -> bool:
    """Tell whether the arguments are a plan and an achievement, and not files and folders.

    In place of the plan, the first argument may name a document of the plan.
    """
    if len(arguments) != 2 or arguments[1].startswith("@") or path_from_root(root, arguments[1]) is not None:
        return False
    return _names_plan(root, arguments[0]) or _ID_OR_REF.fullmatch(arguments[1]) is not None


def _names_plan(root: Path, name: str) -> bool:
    """Tell whether `name` means a plan: it has the form `@FEATURE`, and is not the path of a file or folder."""
    return name.startswith("@") and path_from_root(root, name) is None


def _diagnostic_paths_of_plans(view: View, plan_names: Sequence[str]) -> frozenset[str]:
    """Return the paths of the files that have a diagnostic of a named plan. A name has the form `@CHECKOUT`."""
    diagnostic_paths: set[str] = set()
    for name in plan_names:
        plan = find_plan(view, name)
        diagnostic_paths.update(diagnostic.path for diagnostic in view.diagnostics_of(plan))
    return frozenset(diagnostic_paths)


def _is_below(path: str, folder: str) -> bool:
    """Tell whether `path` is `folder`, or a path below `folder`. The folder "" is the workspace."""
    return folder in ("", path) or path.startswith(f"{folder}/")


def _preflight(context: CommandContext[Options], codes: set[str]) -> CommandResult:
    """Return the findings of the preflight of an achievement, as diagnostics. The exit code is 1 if there is a finding.

    Only findings with one of `codes` are returned. If `codes` is empty, all findings are returned.
    """
    options = context.options
    for name, is_given in (("fix", options.fix), ("since", options.since)):
        if is_given:
            raise CommandError(f"--{name} is not for the preflight of an achievement: name only the plan", BAD_USAGE)
    plan_format = checked_format(options.plan_format)
    view = context.view = restrict_to_format(open_workspace(context), plan_format, needs_plan=plan_format is not None)
    named_plan = find_plan_and_document(view, options.paths[0])
    achievement = needed_achievement(view, named_plan, options.paths[1])
    diagnostics = [
        diagnostic
        for diagnostic in preflight_diagnostics(view, preflight_of(view, named_plan.plan, achievement, view.exists))
        if not codes or diagnostic.code in codes
    ]
    report = CheckReport(
        view, diagnostics, FixSummary(), None, code=PROBLEMS_FOUND if diagnostics else DONE, abbreviates_hints=False
    )
    result = REPORT_FORMATTERS[options.format](report)
    subject = f"{named_plan.plan.feature} {achievement.id or achievement.ref}"
    note = (
        f"{subject}: {counted_noun(len(diagnostics), 'problem')} before its review"
        if diagnostics
        else f"{subject}: nothing found"
    )
    return result._replace(notes=(note,) if options.format == "text" else result.notes)


class FixSummary(NamedTuple):
    """The fixes that `--fix` applied, and the fixes that it skipped. `diff` is None without the option `--diff`."""

    applied: Sequence[FixOutcome] = ()
    left_out: Sequence[FixOutcome] = ()
    diff: str | None = None


class CheckReport(NamedTuple):
    """The result of a check, before it is written in a format.

    `failure` is the reason why no file was checked; None if files were checked. `code` is the exit code of the command.
    With `abbreviates_hints`, the output as text shows only the message of each hint.
    """

    view: View
    diagnostics: list[Diagnostic]
    fix_summary: FixSummary
    failure: Failure | None
    code: int
    abbreviates_hints: bool


def _changed_files(root: Path, revision: str | None) -> frozenset[str] | None:
    """Return the paths of the files that changed since `revision`, a revision of git; None if `revision` is None."""
    if revision is None:
        return None
    # Import `git_changes` only here, because it needs git, and most checks do not.
    from planmark.cli.git_changes import changed_since

    return changed_since(root, revision)


def _refuse_wrong_options(options: Options) -> None:
    """Raise CommandError for options that contradict each other."""
    for name, is_given in (("diff", options.diff), ("unsafe", options.unsafe)):
        if is_given and not options.fix:
            raise CommandError(f"--{name} needs --fix: planmark check --fix --{name}", BAD_USAGE)
    if options.unsafe and not options.select:
        raise CommandError("--unsafe needs --select CODES: name the checks whose fixes may change a state", BAD_USAGE)
    if options.diff and options.format not in ("text", "json"):
        raise CommandError(f"--diff does not support --format {options.format}; use text or json", BAD_USAGE)


def _apply_fixes(index: Index, options: FixOptions, *, quiet: bool) -> tuple[View, FixSummary]:
    """Apply fixes, and print a note about each applied or skipped fix.

    Return a tuple: a view, and a summary of the fixes. The view is the view after the fixes. With `--diff`, it is the
    view before any fix.
    """
    fix_run = apply_document_fixes(index, options, quiet=quiet)
    file_changes: list[Change] = []
    diff = None
    if options.allows_unsafe or options.is_dry_run:
        from planmark.cli.apply_file_fixes import apply_file_fixes, unified_diff

        file_changes = apply_file_fixes(fix_run) if options.allows_unsafe else []
        diff = unified_diff(fix_run, file_changes) if options.is_dry_run else None
    left_out = sorted(fix_run.left_out.values())
    for fix in (*fix_run.outcomes, *left_out):
        print_note(str(fix), quiet=quiet)
    return fix_run.first_view if options.is_dry_run else fix_run.view, FixSummary(fix_run.outcomes, left_out, diff)


def _as_json(report: CheckReport) -> CommandResult:
    result = CheckResult(
        workspace=report.view.snapshot.root,
        diagnostics=[diagnostic_result(report.view, diagnostic) for diagnostic in report.diagnostics],
        fixed=[FixResult(*fix[:-1]) for fix in report.fix_summary.applied],
        left_out=[LeftOutResult(*fix) for fix in report.fix_summary.left_out],
        diff=report.fix_summary.diff,
        error=report.failure,
    )
    return CommandResult(report.code, json_text(result))


def _as_sarif(report: CheckReport) -> CommandResult:
    results = [diagnostic_result(report.view, diagnostic) for diagnostic in report.diagnostics]
    return CommandResult(report.code, json_text(sarif_log(report.view.snapshot.root, results, report.failure)))


def _as_annotations(report: CheckReport) -> CommandResult:
    results = (diagnostic_result(report.view, diagnostic) for diagnostic in report.diagnostics)
    return CommandResult(report.code, "".join(line(annotation(result)) for result in results))


def _as_text(report: CheckReport) -> CommandResult:
    if report.fix_summary.diff is not None:
        return CommandResult(report.code, report.fix_summary.diff, "utf8")
    lines = diagnostic_lines(report.view, report.diagnostics, abbreviates_hints=report.abbreviates_hints)
    is_checked = report.diagnostics or not report.failure
    counts = severity_counts(tuple(report.diagnostics))
    notes = (severity_summary(counts, abbreviates_hints=report.abbreviates_hints),) if is_checked else ()
    return CommandResult(report.code, "".join(lines), notes=notes)


REPORT_FORMATTERS: dict[str, Callable[[CheckReport], CommandResult]] = {
    "text": _as_text,
    "json": _as_json,
    "sarif": _as_sarif,
    "github": _as_annotations,
}
"""Mapping from the name of a format to the function that returns a report in this format."""


def _selected_codes(codes_argument: str | None) -> set[str]:
    """Return the codes in `codes_argument`, the value of `--select`, which has commas between the codes.

    If the option is not given, return an empty set. Raises CommandError for an unknown code.
    """
    codes = {current_code(code.strip()) for code in (codes_argument or "").split(",") if code.strip()}
    for code in sorted(codes - set(catalogue())):
        similar = most_similar(code, catalogue())
        hint = f"did you mean {similar}?" if similar else f"codes: {', '.join(catalogue())}"
        raise CommandError(f"unknown code {code}; {hint}", BAD_USAGE)
    return codes


def _relative_path(root: Path, path_argument: str) -> str:
    """Return the path that an argument of the command names, relative to the workspace; "" for the root.

    Raises CommandError if there is no file or folder at this path.
    """
    path = path_from_root(root, path_argument)
    if path is None:
        hint = f"; did you mean planmark check @PLAN {path_argument}?" if _ID_OR_REF.fullmatch(path_argument) else ""
        raise CommandError(f"no file or folder {path_argument} in {root}{hint}", UNREADABLE)
    return "" if path == "." else path
