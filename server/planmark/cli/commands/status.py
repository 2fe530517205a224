"""`planmark status`: shows every plan, or the achievements of one plan with their evidence."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NoReturn

import msgspec

from planmark.cli.arguments import add_options
from planmark.cli.console import (
    CONDITION_STYLES,
    STATE_STYLES,
    Cell,
    json_before_run,
    line,
    on_terminal,
    paragraph,
    print_result,
    severity_text,
    table,
)
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.cli.options import CACHED_COMMANDS
from planmark.cli.table import Column
from planmark.cli.workspace_access import (
    checked_format,
    find_plan,
    fresh_view,
    open_workspace,
    restrict_to_format,
    root_of,
    with_leases,
)
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.format import PlanSite
from planmark.plans.model import WORKABLE_LIFECYCLES, AchievementState, Group, PlanState
from planmark.plans.phrases import (
    STATE_MARKS,
    checked_text,
    condition,
    contract_words,
    effort_text,
    files_text,
    is_next,
    lifecycle_text,
    next_text,
    progress_bar,
    progress_text,
    state_label,
)
from planmark.plans.registry import format_named, formats
from planmark.plans.roles import task_in_words
from planmark.queries.api_types import Run, StatusResult, WorkspaceResult
from planmark.queries.grammaplans import GrammaplanResult
from planmark.queries.holders import holder_in_words, plan_holders
from planmark.queries.item_order import item_name
from planmark.queries.lookup import no_plans_message, urgency
from planmark.queries.misnamed import MisnamedResult, why_no_plan
from planmark.queries.open_steps import name_of_next
from planmark.queries.plan_answers import plan_answers
from planmark.queries.plan_formats import no_plans_of
from planmark.queries.status_facts import severity_counts
from planmark.queries.status_result import workspace_result
from planmark.queries.workspace_view import View
from planmark.text.pluralize import counted_noun
from planmark.workspace.index import Index

WATCH_SECONDS = 1.0
HOLDER_COLUMN = Column("HELD BY", form="text", least=12)
"""The column of the agents that hold steps. Tables have this column only if there is a lease."""
PLAN_COLUMNS = (
    Column("PLAN", form="name", least=18),
    Column("LIFECYCLE", 3),
    Column("PROGRESS"),
    Column("STATE", 2),
    Column("NEXT STEP", form="prose", least=20),
    Column("PROBLEMS", 4),
    Column("PRIORITY", 5, "name", 8),
)
FORMAT_PLANS = (
    Column("PLAN", form="name", least=18),
    Column("PROGRESS"),
    Column("STATE", 2),
    Column("NEXT STEP", form="prose", least=20),
    Column("PROBLEMS", 4),
)
CHILD_COLUMNS = (
    Column("PLAN", form="name", least=18),
    Column("LIFECYCLE", 3),
    Column("PROGRESS"),
    Column("STATE", 2),
    Column("THE TABLE SAYS", 1, "text", 12),
)
ACHIEVEMENT_COLUMNS = (
    Column(""),
    Column("ID"),
    Column("ACHIEVEMENT", form="text", least=16),
    Column("STATE", form="text", least=9),
    Column("EVIDENCE", 1, "text", 24),
)


GROUP_COLUMNS = (
    Column(""),
    Column("ID"),
    Column("PHASE", form="text", least=16),
    Column("DONE"),
    Column("STATE"),
    Column("CHECKED", form="text", least=12),
)


class Options(CommandOptions):
    """The options of the command."""

    feature: str | None
    json: bool
    plan_format: str | None
    all: bool
    watch: bool
    brief: bool
    hook: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", nargs="?", metavar="@FEATURE", help="a plan: its name, a part of it, or a path")
    add_options(parser, CACHED_COMMANDS["status"])


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    checked_format(options.plan_format)
    if options.hook is not None and not options.brief:
        raise CommandError("--hook needs --brief: planmark status --brief --hook HOST", BAD_USAGE)
    if options.brief:
        # Imported only here, because most results show the plans.
        from planmark.cli.brief_status import brief_status

        return brief_status(context, options.hook)
    if options.watch:
        _watch_status(context)
    started = time.perf_counter()
    return _result(options, with_leases(context, open_workspace(context, is_examined=True)), started)


def _watch_status(context: CommandContext[Options]) -> NoReturn:
    """Print the result after every change of a state or a lease, until the user interrupts the command."""
    options = context.options
    index = Index(root_of(options))
    before: bytes | None = None
    while True:
        started = time.perf_counter()
        view = with_leases(context, fresh_view(index))
        states = repr(([view.state(plan.path) for plan in view.plans], view.leases.by_plan)).encode()
        if states != before:
            before = states
            if on_terminal():
                sys.stdout.write("\x1b[2J\x1b[H")
            print_result(_result(options, view, started), quiet=options.quiet)
            sys.stdout.flush()
        time.sleep(WATCH_SECONDS)


def _result(options: Options, view: View, started: float) -> CommandResult:
    """Return the result for a view. `started` is the beginning of the command, by `time.perf_counter`."""
    view = restrict_to_format(view, options.plan_format, needs_plan=options.feature is not None)
    gramma = plan_answers().overview_named(view, options.feature) if options.feature else None
    plan = find_plan(view, options.feature) if options.feature and gramma is None else None
    feature = gramma.feature if gramma else plan.feature if plan else ""
    if options.json:
        workspace = (
            _grammaplan_workspace(view, gramma) if gramma else workspace_result(view, plan.path if plan else None)
        )
        ms = round((time.perf_counter() - started) * 1000, 1)
        run = Run(view.snapshot.revision, ms, view.read == 0)
        output = json_before_run(StatusResult(workspaces=[workspace], run=run))
        return CommandResult(DONE, output, run=run, feature=feature)
    notes: tuple[str, ...] = ()
    if gramma:
        lines = _grammaplan_lines(view, gramma)
    elif plan:
        misnamed = plan_answers().misnamed(view.snapshot, plan.path)
        state = view.state(plan.path)
        holders = {
            name: holder_in_words(lease, view.leases.now) for name, lease in plan_holders(view.leases, state).items()
        }
        lines = _plan_lines(state, view.diagnostics_of(plan), misnamed, holders)
    else:
        lines = _workspace_lines(view, show_all=options.all)
        notes = tuple(_workspace_notes(view, options.plan_format, show_all=options.all))
    return CommandResult(DONE, "".join(lines), notes=notes, feature=feature)


def _grammaplan_workspace(view: View, gramma: GrammaplanResult) -> WorkspaceResult:
    """Return a workspace result with only a GRAMMAPLAN and its plans."""
    paths = {child.path for child in gramma.children}
    result = workspace_result(view)
    children = [plan for plan in result.plans if plan.path in paths]
    return msgspec.structs.replace(result, plans=children, grammaplans=(gramma,))


def _grammaplan_lines(view: View, result: GrammaplanResult) -> Iterator[str]:
    """Yield the plans of a GRAMMAPLAN with their progress by the files, next to the claims of the GRAMMAPLAN."""
    child_results = [child for child in result.children if child.path]
    approved, of = sum(child.approved for child in child_results), sum(child.achievements for child in child_results)
    plans = f"{len(child_results)} of {counted_noun(len(result.children), 'plan')} exist"
    yield paragraph((result.feature, "bold"), f"  GRAMMAPLAN  {approved}/{of} approved  {plans}", indent="  ")
    yield line(result.path)
    rows: list[list[Cell]] = []
    for child in result.children:
        says = " ".join(word for word in (child.status, child.progress) if word)
        state = view.evaluations[child.path].state if child.path else None
        if state is None:
            rows.append([(child.feature, "bold"), ("", ""), ("", ""), ("no PLAN", "yellow"), (says, "dim")])
            continue
        rows.append(
            [
                (child.feature, "bold"),
                (state.lifecycle, ""),
                (progress_bar(state), ""),
                (condition(state), CONDITION_STYLES[state.state]),
                (says, "dim"),
            ]
        )
    if rows:
        yield line()
        yield table(CHILD_COLUMNS, rows)


def _workspace_lines(view: View, *, show_all: bool) -> Iterator[str]:
    """Yield the table of plans; with `show_all`, also the files and folders that are not read."""
    snapshot = view.snapshot
    plans = [plan for plan in snapshot.plans if show_all or plan.lifecycle != "archived"]
    rows = []
    for plan in sorted(plans, key=lambda plan: urgency(view.evaluations[plan.path].state)):
        state = view.evaluations[plan.path].state
        counts = severity_counts(view.diagnostics_of(plan))
        rows.append([*_plan_row(state, counts), _holders_of(view, state)])
    by_format = _sites_by_format(view)
    is_mixed = len(by_format) + bool(snapshot.plans) > 1
    if rows:
        if is_mixed:
            yield line(("PLANs", "bold"))
        yield table(*_without_empty((*PLAN_COLUMNS, HOLDER_COLUMN), rows, ("PRIORITY", "HELD BY")))
    for name, sites in by_format.items():
        if is_mixed:
            yield line()
            yield line((format_named(name).title, "bold"))
        counted_sites = () if show_all else _sites_shown_as_count(view, sites)
        site_rows = [
            [
                *_site_row(state := view.state(site.path), severity_counts(view.diagnostics_of(site))),
                _holders_of(view, state),
            ]
            for site in sorted(sites, key=lambda site: urgency(view.state(site.path)))
            if site not in counted_sites
        ]
        if site_rows:
            yield table(*_without_empty((*FORMAT_PLANS, HOLDER_COLUMN), site_rows, ("HELD BY",)))
    if not show_all:
        return
    for orphan in snapshot.orphans:
        yield line()
        yield line(f"orphan {orphan.feature}: work files but no PLAN_{orphan.feature}.md")
        yield from (line(f"  {path}") for path in orphan.documents)
    for rejected in snapshot.not_plans:
        yield _unread_note(f"not a plan: {rejected.path}", why_no_plan(rejected))
    for file in plan_answers().misnamed(snapshot, None):
        yield _unread_note(f"misnamed, not read: {file.path}", file.says)
    for folder, title in snapshot.unread_plans:
        yield _unread_note(f"plans of {title}, not read: {folder}/", "Planmark does not know this format")
    for folder in snapshot.checkouts:
        yield _unread_note(f"other checkout, not read: {folder}", "it has its own `.git` (`files.nestedCheckouts`)")


def _holders_of(view: View, state: PlanState) -> Cell:
    """Return the agents that hold steps of a plan."""
    holder_leases = plan_holders(view.leases, state).values()
    return ", ".join(dict.fromkeys(lease.agent for lease in holder_leases)), "cyan"


def _without_empty(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], optional: Collection[str]
) -> tuple[list[Column], list[list[Cell]]]:
    """Return the columns and rows of a table without each optional column that has no text."""
    items = [
        index
        for index, column in enumerate(columns)
        if column.header not in optional or any(row[index][0] for row in rows)
    ]
    return [columns[index] for index in items], [[row[index] for index in items] for row in rows]


def _unread_note(what: str, why: str) -> str:
    return line() + line(what) + line(f"  {why}")


def _workspace_notes(view: View, plan_format: str | None, *, show_all: bool) -> Iterator[str]:
    """Yield the note that the workspace has no plan and, without `show_all`, the number of hidden plans."""
    snapshot = view.snapshot
    if not view.plans:
        yield no_plans_of(view, plan_format) if plan_format else no_plans_message(snapshot)
    if show_all:
        return
    for sites in _sites_by_format(view).values():
        if folded_sites := _sites_shown_as_count(view, sites):
            archived = sum(view.state(site.path).lifecycle == "archived" for site in folded_sites)
            parts = ((archived, "archived"), (len(folded_sites) - archived, "done"))
            list_text = ", ".join(f"{number} {what}" for number, what in parts if number)
            yield f"{list_text} not shown (planmark status --all)"
    hidden_count = sum(plan.lifecycle == "archived" for plan in snapshot.plans)
    blind_count = sum(bool(plan.skipped) for plan in snapshot.plans if plan.lifecycle != "archived")
    counts = (
        (hidden_count, f"{counted_noun(hidden_count, 'archived plan')} not shown"),
        (len(snapshot.orphans), f"{counted_noun(len(snapshot.orphans), 'feature')} with work files but no PLAN"),
        (len(snapshot.not_plans), f"{counted_noun(len(snapshot.not_plans), 'file')} not read as a plan"),
        (len(snapshot.misnamed), f"{counted_noun(len(snapshot.misnamed), 'misnamed file')} not read"),
        (blind_count, f"{counted_noun(blind_count, 'plan')} with work that may be in unread folders (planmark check)"),
        (len(snapshot.checkouts), f"{counted_noun(len(snapshot.checkouts), 'other checkout')} not read"),
        *((1, f"plans of {title} in {folder}/ not read") for folder, title in snapshot.unread_plans),
    )
    if texts := [text for number, text in counts if number]:
        yield f"{'; '.join(texts)} (planmark status --all)"


def _sites_by_format(view: View) -> dict[str, list[PlanSite]]:
    """Return the plans of other formats by the name of their format, in the order of the formats."""
    sites = view.snapshot.sites
    by_format = {form.name: [site for site in sites if site.format == form.name] for form in formats()}
    return {name: format_sites for name, format_sites in by_format.items() if format_sites}


def _sites_shown_as_count(view: View, sites: Sequence[PlanSite]) -> list[PlanSite]:
    """Return the archived and the finished plans of another format, which are counted instead of shown."""
    return [site for site in sites if _is_folded(view.state(site.path))]


def _is_folded(state: PlanState) -> bool:
    # A finished plan may still have a next step, such as its archiving.
    is_done = state.state == "complete" and state.next.step in ("closed", "complete_plan")
    return state.lifecycle == "archived" or is_done


def _site_row(state: PlanState, counts: dict[str, int]) -> list[Cell]:
    problems = severity_text({name: counts[name] for name in ("error", "warning")})
    return [
        (state.feature, "bold"),
        (progress_bar(state), ""),
        (condition(state), "" if state.state == "no_achievements" else CONDITION_STYLES[state.state]),
        (_with_files(state), ""),
        (problems, "red" if counts["error"] else "yellow"),
    ]


def _with_files(state: PlanState) -> str:
    """Return the next step and, for an unfinished plan that names files, the number of existing files."""
    has_files = state.built_files is not None and state.built_files.exist > 0
    files = files_text(state) if has_files and state.state != "complete" else ""
    return f"{_next_step(state)}; {files}" if files else _next_step(state)


def _plan_row(state: PlanState, counts: dict[str, int]) -> list[Cell]:
    problems = severity_text({name: counts[name] for name in ("error", "warning")})
    return [
        (state.feature, "bold"),
        (_lifecycle(state) + (", legacy" if state.legacy else ""), ""),
        (progress_bar(state), ""),
        (condition(state), CONDITION_STYLES[state.state]),
        (_next_step(state), ""),
        (problems, "red" if counts["error"] else "yellow"),
        (priority_text(state), ""),
    ]


def priority_text(state: PlanState) -> str:
    """Return the level of a plan's priority.

    Return unknown words unchanged, and "" without a priority.
    """
    if state.priority is None:
        return ""
    return state.priority.text if state.priority.level == "unknown" else state.priority.level


def _next_step(state: PlanState) -> str:
    """Return the next step.

    For a plan outside `WORKED_ON`, the lifecycle precedes the step, because narrow tables drop the column of
    lifecycles.
    """
    return next_text(state) if state.lifecycle in WORKABLE_LIFECYCLES else f"{state.lifecycle}; {next_text(state)}"


def _lifecycle(state: PlanState) -> str:
    return f"{state.lifecycle} ({state.lifecycle_by})" if state.lifecycle_by else state.lifecycle


def _plan_lines(
    state: PlanState,
    diagnostics: tuple[Diagnostic, ...],
    misnamed: tuple[MisnamedResult, ...],
    holders: Mapping[str, str],
) -> Iterator[str]:
    """Yield the achievements of a plan and its next step. `holders` are the holders in words, by the name of the
    item.
    """
    flags = ", ".join((lifecycle_text(state), *(("legacy",) if state.legacy else ())))
    yield paragraph(
        (state.feature, "bold"),
        f"  {flags}  {progress_text(state, 'approved' if state.progress is None else 'done')}{_by_its_tool(state)}{_files(state)}  ",
        (condition(state), CONDITION_STYLES[state.state]),
        indent="  ",
    )
    yield line(state.path)
    rows = [
        [*_achievement_row(item, is_next(state, item)), (holders.get(item_name(item), ""), "cyan")]
        for item in state.achievements
    ]
    if rows:
        yield line()
        yield table(*_without_empty((*ACHIEVEMENT_COLUMNS, HOLDER_COLUMN), rows, ("HELD BY",)))
    if any(group.verification or group.gate for group in state.groups):
        yield line()
        yield table(GROUP_COLUMNS, [_group_row(group) for group in state.groups])
    yield line()
    yield paragraph(f"Next: {next_text(state)}", indent="  ")
    if of_plan := holders.get("" if state.next.achievement or state.next.ref else name_of_next(state)):
        yield paragraph(f"Held by {of_plan}", indent="  ")
    yield paragraph(f"  {state.next.reason}", indent="  ")
    if state.also_ready:
        ready = ", ".join(
            f"{ready.achievement} {task_in_words(ready.step, state.format)}" for ready in state.also_ready
        )
        order_note = " (order not stated)" if state.also_ready[0].order == "unstated" else ""
        yield paragraph(f"Also ready{order_note}: {ready}", indent="  ")
    if state.claims and state.next.step == "confirm_state":
        claimed_ids = dict.fromkeys(claim.achievement for claim in state.claims)
        yield paragraph(f"Claimed by the PLAN's text: {', '.join(claimed_ids)}", indent="  ")
    if state.priority:
        yield paragraph(f"Priority: {state.priority.text}", indent="  ")
    if effort := effort_text(state):
        yield line(f"Remaining effort: {effort}")
    for file in misnamed:
        yield paragraph(f"Misnamed, not read: {file.path}: {file.says}", indent="  ")
    for note in state.notes:
        yield paragraph(f"Not read: {note}", indent="  ")
    if problems := severity_text(severity_counts(diagnostics)):
        yield line(f"Problems: {problems} (planmark check)")
    yield line(f"Prompt: planmark next @{state.feature}")


def _by_its_tool(state: PlanState) -> str:
    """Return the count of the format's own tool, if that count differs: `; OpenSpec counts 53/163`."""
    tool = state.progress.tool if state.progress else None
    return f"; {format_named(state.format).title} counts {tool.done}/{tool.total}" if tool else ""


def _files(state: PlanState) -> str:
    files = files_text(state)
    return f", {files}" if files else ""


def _group_row(group: Group) -> list[Cell]:
    style = STATE_STYLES[group.state]
    return [
        (STATE_MARKS[group.state], style),
        (group.id, ""),
        (group.title, ""),
        (f"{group.done}/{group.total}", ""),
        (contract_words(group.state), style),
        (checked_text(group), "dim"),
    ]


def _achievement_row(item: AchievementState, is_upcoming: bool) -> list[Cell]:
    style = STATE_STYLES[item.state]
    evidence = item.evidence[0] if item.evidence else None
    says = f"{evidence.path.rpartition('/')[2]}:{evidence.line} {evidence.says}" if evidence else ""
    if item.state in ("no_subplan", "approved") and evidence:
        says = evidence.says
    return [
        (STATE_MARKS[item.state], style),
        (f"{item.id or item.ref}{' ←' if is_upcoming else ''}", "bold" if is_upcoming else ""),
        (f"{'  ' * item.level}{item.title}", ""),
        (state_label(item), style),
        (says, "dim"),
    ]
