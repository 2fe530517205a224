"""`planmark status`: shows every plan, or the achievements of one plan with their evidence."""

from __future__ import annotations

import argparse
import sys
import time
from typing import NoReturn

import msgspec

from planmark.cli.arguments import add_options, wrong_choice_text
from planmark.cli.console import is_colour_terminal, json_before_run, print_result
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.cli.options import CACHED_COMMANDS
from planmark.cli.status_export import ITEM_FIELDS, PLAN_FIELDS, csv_text, item_row, plan_row
from planmark.cli.status_filter import StatusFilter, chosen_items, chosen_plans, filter_note, read_filter
from planmark.cli.status_plan import plan_lines
from planmark.cli.status_workspace import (
    chosen_children,
    grammaplan_lines,
    holders_cell,
    priority_text,
    workspace_lines,
    workspace_notes,
)
from planmark.cli.workspace_access import (
    checked_format,
    find_plan,
    fresh_view,
    open_workspace,
    restrict_to_format,
    root_of,
    with_leases,
)
from planmark.plans.model import PlanState
from planmark.queries.api_types import Run, StatusResult, WorkspaceResult
from planmark.queries.grammaplans import GrammaplanResult
from planmark.queries.holders import current_leases_of_plan, holder_in_words
from planmark.queries.item_order import item_name
from planmark.queries.plan_answers import answer_functions
from planmark.queries.status_facts import severity_counts
from planmark.queries.status_result import workspace_result
from planmark.queries.workspace_view import AnyPlan, View
from planmark.workspace.index import Index

WATCH_PAUSE_SECONDS = 1.0
"""Seconds from the end of a scan to the next scan, with `--watch`."""
EXPORT_FORMS = ("csv",)


class Options(CommandOptions):
    """The options of the command."""

    feature: str | None
    json: bool
    plan_format: str | None
    all: bool
    watch: bool
    brief: bool
    hook: str | None
    state: list[str] | None
    role: list[str] | None
    lifecycle: list[str] | None
    sort: str | None
    export: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", nargs="?", metavar="@FEATURE", help="a plan: its name, a part of it, or a path")
    add_options(parser, CACHED_COMMANDS["status"])


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    checked_format(options.plan_format)
    _refuse_wrong_options(options)
    if options.brief:
        # Import `brief_status` only here, because most calls have no option `--brief`.
        from planmark.cli.brief_status import brief_status

        return brief_status(context, options.hook)
    if options.watch:
        _watch_status(context)
    started = time.perf_counter()
    return _status_result(options, with_leases(context, open_workspace(context, needs_diagnostics=True)), started)


def _refuse_wrong_options(options: Options) -> None:
    """Raise CommandError for options that exclude each other, and for an unknown form of export."""
    if options.hook is not None and not options.brief:
        raise CommandError("--hook needs --brief: planmark status --brief --hook HOST", BAD_USAGE)
    if options.export is None:
        return
    if options.export not in EXPORT_FORMS:
        raise CommandError(f"--export takes {wrong_choice_text(options.export, EXPORT_FORMS)}", BAD_USAGE)
    for name, is_given in (("--json", options.json), ("--watch", options.watch), ("--brief", options.brief)):
        if is_given:
            raise CommandError(f"--export and {name} exclude each other", BAD_USAGE)


def _watch_status(context: CommandContext[Options]) -> NoReturn:
    """Print the result after every change of a state or a lease, until the user interrupts the command."""
    options = context.options
    index = Index(root_of(options))
    states_before: bytes | None = None
    while True:
        started = time.perf_counter()
        view = with_leases(context, fresh_view(index))
        states = repr(([view.state(plan.path) for plan in view.plans], view.leases.by_plan)).encode()
        if states != states_before:
            states_before = states
            if is_colour_terminal():
                sys.stdout.write("\x1b[2J\x1b[H")
            print_result(_status_result(options, view, started), quiet=options.quiet)
            sys.stdout.flush()
        time.sleep(WATCH_PAUSE_SECONDS)


def _status_result(options: Options, view: View, started: float) -> CommandResult:
    """Return the result of the command for `view`.

    `started` is the time at which the command began, by `time.perf_counter`.
    """
    view = restrict_to_format(view, options.plan_format, needs_plan=options.feature is not None)
    grammaplan = answer_functions().overview_named(view, options.feature) if options.feature else None
    plan = find_plan(view, options.feature) if options.feature and grammaplan is None else None
    feature = grammaplan.feature if grammaplan else plan.feature if plan else ""
    status_filter = read_filter(
        options.state or (),
        options.role or (),
        options.lifecycle or (),
        options.sort or "",
        is_about_items=plan is not None,
    )
    if options.json:
        workspace = _workspace_result(view, plan, grammaplan, status_filter)
        ms = round((time.perf_counter() - started) * 1000, 1)
        run = Run(view.snapshot.revision, ms, view.read_count == 0)
        output = json_before_run(StatusResult(workspaces=[workspace], run=run))
        return CommandResult(
            DONE, output, notes=_notes(view, plan, grammaplan, status_filter, options), run=run, feature=feature
        )
    notes = _notes(view, plan, grammaplan, status_filter, options)
    if options.export:
        return CommandResult(
            DONE, _csv_output(view, plan, grammaplan, status_filter), "utf8", notes=notes, feature=feature
        )
    if grammaplan:
        lines = grammaplan_lines(view, grammaplan, status_filter)
    elif plan:
        state = view.state(plan.path)
        misnamed_files = answer_functions().misnamed(view.snapshot, plan.path)
        holders = _holders_by_item(view, state)
        lines = plan_lines(state, status_filter, view.diagnostics_of(plan), misnamed_files, holders)
    else:
        lines = workspace_lines(view, status_filter, show_all=options.all)
    return CommandResult(DONE, "".join(lines), notes=notes, feature=feature)


def _holders_by_item(view: View, state: PlanState) -> dict[str, str]:
    """Return a mapping from the name of an item of a plan to a text about the agent that holds the item."""
    leases = current_leases_of_plan(view.leases, state)
    return {name: holder_in_words(lease, view.leases.now) for name, lease in leases.items()}


def _notes(
    view: View, plan: AnyPlan | None, grammaplan: GrammaplanResult | None, status_filter: StatusFilter, options: Options
) -> tuple[str, ...]:
    """Return notes about the plans and items that the output does not show.

    JSON and CSV leave out only the plans or items that the filter excludes. For these outputs, there is a note only if
    a filter is given.
    """
    if plan is not None and status_filter.may_leave_out:
        items = view.state(plan.path).achievements
        return (filter_note(status_filter, len(chosen_items(status_filter, items)), len(items), "achievement"),)
    if grammaplan is not None and status_filter.may_leave_out:
        return (
            filter_note(
                status_filter, len(chosen_children(view, grammaplan, status_filter)), len(grammaplan.children), "plan"
            ),
        )
    if plan is not None or grammaplan is not None:
        return ()
    if not options.json and not options.export:
        return tuple(workspace_notes(view, options.plan_format, status_filter, show_all=options.all))
    if not status_filter.may_leave_out:
        return ()
    return tuple(workspace_notes(view, options.plan_format, status_filter, show_all=True))


def _workspace_result(
    view: View, plan: AnyPlan | None, grammaplan: GrammaplanResult | None, status_filter: StatusFilter
) -> WorkspaceResult:
    """Return the JSON object of the workspace, with only the plans or items that the filter allows."""
    result = (
        _grammaplan_workspace(view, grammaplan) if grammaplan else workspace_result(view, plan.path if plan else None)
    )
    if status_filter == StatusFilter():
        return result
    if plan is not None:
        (plan_result,) = result.plans
        items_by_place = {(item.line, item.id, item.ref): item for item in plan_result.achievements}
        items = chosen_items(status_filter, view.state(plan.path).achievements)
        achievements = [items_by_place[item.line, item.id, item.ref] for item in items]
        return msgspec.structs.replace(result, plans=[msgspec.structs.replace(plan_result, achievements=achievements)])
    results_by_path = {listed_plan.path: listed_plan for listed_plan in result.plans}
    ordered_plans = chosen_plans(
        view, status_filter, (listed_plan for listed_plan in view.plans if listed_plan.path in results_by_path)
    )
    return msgspec.structs.replace(result, plans=[results_by_path[listed_plan.path] for listed_plan in ordered_plans])


def _csv_output(
    view: View, plan: AnyPlan | None, grammaplan: GrammaplanResult | None, status_filter: StatusFilter
) -> str:
    """Return the items of `plan` as CSV. If `plan` is None, return the plans of `grammaplan` as CSV.

    If both are None, return the plans of the workspace as CSV.
    """
    if plan is not None:
        state = view.state(plan.path)
        holders = _holders_by_item(view, state)
        items = chosen_items(status_filter, state.achievements)
        return csv_text(ITEM_FIELDS, (item_row(state, item, holders.get(item_name(item), "")) for item in items))
    paths = {child.path for child in grammaplan.children} if grammaplan else None
    plans = chosen_plans(
        view, status_filter, (listed_plan for listed_plan in view.plans if paths is None or listed_plan.path in paths)
    )
    return csv_text(PLAN_FIELDS, (_plan_cells(view, listed_plan) for listed_plan in plans))


def _plan_cells(view: View, plan: AnyPlan) -> list[str]:
    state = view.state(plan.path)
    counts = severity_counts(view.diagnostics_of(plan))
    return plan_row(state, counts, priority_text(state), holders_cell(view, state)[0])


def _grammaplan_workspace(view: View, grammaplan: GrammaplanResult) -> WorkspaceResult:
    """Return the JSON object of the workspace, with only one GRAMMAPLAN and its plans."""
    paths = {child.path for child in grammaplan.children}
    result = workspace_result(view)
    children = [plan for plan in result.plans if plan.path in paths]
    return msgspec.structs.replace(result, plans=children, grammaplans=(grammaplan,))
