"""`planmark status`: every plan, or the achievements of one, with the evidence."""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time
from collections.abc import Sequence

import msgspec

from planmark.cli.console import (
    CONDITION_STYLES,
    STATE_STYLES,
    Cell,
    around_ms,
    on_terminal,
    print_json,
    print_line,
    print_table,
    print_text,
    severities,
    tell,
)
from planmark.cli.errors import DONE
from planmark.cli.table import Column
from planmark.cli.workspace_access import find_plan, fresh_view, open_workspace, root_of
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.format import PlanSite
from planmark.plans.model import WORKED_ON, AchievementState, PlanState
from planmark.plans.phrases import MARKS, condition, is_next, next_text, progress_bar, progress_text, words
from planmark.plans.registry import format_named, formats
from planmark.queries.api_types import Run, StatusResult, WorkspaceResult, severity_counts, workspace_result
from planmark.queries.grammaplans import GrammaplanResult, grammaplan_named, grammaplan_result
from planmark.queries.lookup import no_plans_message, urgency
from planmark.queries.misnamed import MisnamedResult, misnamed_files, why_no_plan
from planmark.queries.workspace_view import View
from planmark.storage.result_cache import CachedResult
from planmark.text.pluralize import counted
from planmark.workflow.plan_state import lifecycle_text
from planmark.workspace.index import Index

WATCH_SECONDS = 1.0
PLANS = (
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
CHILDREN = (
    Column("PLAN", form="name", least=18),
    Column("LIFECYCLE", 3),
    Column("PROGRESS"),
    Column("STATE", 2),
    Column("THE TABLE SAYS", 1, "text", 12),
)
ACHIEVEMENTS = (
    Column(""),
    Column("ID"),
    Column("ACHIEVEMENT", form="text", least=16),
    Column("STATE", form="text", least=9),
    Column("EVIDENCE", 1, "text", 24),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", nargs="?", metavar="@FEATURE", help="a plan: its name, a part of it, or a path")
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema status)")
    parser.add_argument("--all", action="store_true", help="also show archived plans, orphans and files not read")
    parser.add_argument("--watch", action="store_true", help="show it again after every change of a state")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if args.watch:
        return _watch(args)
    started = time.perf_counter()
    view = open_workspace(args, examined=True)
    if sys.stdout.isatty():
        _show(args, view, started)
        return DONE
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        _show(args, view, started)
    out, after = shown.getvalue(), ""
    sys.stdout.write(out)
    if args.json:
        out, after = around_ms(out)
    args.answer = CachedResult(DONE, out, after, _about(view, args.feature))
    return DONE


def _about(view: View, wanted: str | None) -> str:
    """Return the feature that a result is about; "" for all."""
    if not wanted:
        return ""
    gramma = grammaplan_named(view, wanted)
    return gramma.name.feature if gramma else find_plan(view, wanted).feature


def _watch(args: argparse.Namespace) -> int:
    index = Index(root_of(args))
    before: bytes | None = None
    while True:
        started = time.perf_counter()
        args.said = []
        view = fresh_view(index)
        shown = repr([view.state(plan.path) for plan in view.plans]).encode()
        if shown != before:
            before = shown
            if on_terminal():
                print("\x1b[2J\x1b[H", end="")
            _show(args, view, started)
            sys.stdout.flush()
        time.sleep(WATCH_SECONDS)


def _show(args: argparse.Namespace, view: View, started: float) -> None:
    gramma = grammaplan_named(view, args.feature) if args.feature else None
    plan = find_plan(view, args.feature) if args.feature and gramma is None else None
    if gramma is not None and args.json:
        shown = [grammaplan_result(view, gramma)]
        paths = {child.path for child in shown[0].children}
        whole = workspace_result(view)
        children = [known for known in whole.plans if known.path in paths]
        result = msgspec.structs.replace(whole, plans=children, grammaplans=tuple(shown))
        _print_json(view, result, started)
    elif gramma is not None:
        _show_grammaplan(view, grammaplan_result(view, gramma))
    elif args.json:
        _print_json(view, workspace_result(view, plan.path if plan else None), started)
    elif plan:
        _show_plan(view.state(plan.path), view.diagnostics_of(plan), misnamed_files(view.snapshot, plan.path))
    else:
        _show_all(args, view)


def _print_json(view: View, result: WorkspaceResult, started: float) -> None:
    ms = round((time.perf_counter() - started) * 1000, 1)
    print_json(StatusResult(workspaces=[result], run=Run(view.snapshot.revision, ms, view.read == 0)))


def _show_grammaplan(view: View, result: GrammaplanResult) -> None:
    """Print the plans of a GRAMMAPLAN with their real progress, beside what its table says about them."""
    there = [child for child in result.children if child.path]
    approved, of = sum(child.approved for child in there), sum(child.achievements for child in there)
    plans = f"{len(there)} of {counted(len(result.children), 'plan')} exist"
    print_text((result.feature, "bold"), f"  GRAMMAPLAN  {approved}/{of} approved  {plans}", indent="  ")
    print_line(result.path)
    rows: list[list[Cell]] = []
    for child in result.children:
        says = " ".join(word for word in (child.status, child.progress) if word)
        state = view.judged[child.path].state if child.path else None
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
        print_line()
        print_table(CHILDREN, rows)


def _show_all(args: argparse.Namespace, view: View) -> None:
    snapshot = view.snapshot
    if not view.plans:
        tell(args, no_plans_message(snapshot))
    shown = [files for files in snapshot.plans if args.all or files.lifecycle != "archived"]
    rows = []
    for files in sorted(shown, key=lambda files: urgency(view.judged[files.path].state)):
        state = view.judged[files.path].state
        counts = severity_counts(view.diagnostics_of(files))
        rows.append(_plan_row(state, counts))
    by_format = [(known.name, [site for site in snapshot.sites if site.format == known.name]) for known in formats()]
    is_mixed = len([sites for _, sites in by_format if sites]) + bool(snapshot.plans) > 1
    if rows:
        if is_mixed:
            print_line(("PLANs", "bold"))
        print_table(PLANS if any(row[-1][0] for row in rows) else PLANS[:-1], rows)
    for name, sites in by_format:
        if sites:
            if is_mixed:
                print_line()
                print_line((format_named(name).title, "bold"))
            _show_sites(args, view, sites)
    hidden = len(snapshot.plans) - len(shown)
    blind = sum(bool(files.skipped) for files in shown)
    notes = [
        (hidden, f"{counted(hidden, 'archived plan')} not shown"),
        (len(snapshot.orphans), f"{counted(len(snapshot.orphans), 'feature')} with work files but no PLAN"),
        (len(snapshot.not_plans), f"{counted(len(snapshot.not_plans), 'file')} not read as a plan"),
        (len(snapshot.misnamed), f"{counted(len(snapshot.misnamed), 'misnamed file')} not read"),
        (blind, f"{counted(blind, 'plan')} with work that may be in unread folders (planmark check)"),
        (len(snapshot.checkouts), f"{counted(len(snapshot.checkouts), 'other checkout')} not read"),
    ]
    if args.all:
        for orphan in snapshot.orphans:
            print_line()
            print_line(f"orphan {orphan.feature}: work files but no PLAN_{orphan.feature}.md")
            for path in orphan.documents:
                print_line(f"  {path}")
        for rejected in snapshot.not_plans:
            _print_left(f"not a plan: {rejected.path}", why_no_plan(rejected))
        for file in misnamed_files(snapshot):
            _print_left(f"misnamed, not read: {file.path}", file.says)
        for folder in snapshot.checkouts:
            _print_left(f"other checkout, not read: {folder}", "it has its own `.git` (`files.nestedCheckouts`)")
    elif said := [text for number, text in notes if number]:
        tell(args, f"{'; '.join(said)} (planmark status --all)")


def _show_sites(args: argparse.Namespace, view: View, sites: Sequence[PlanSite]) -> None:
    """Print the plans of another format. Archived and finished ones are one line without `--all`."""
    states = [view.state(site.path) for site in sites]
    archived = [state for state in states if state.lifecycle == "archived"]
    done = [
        state for state in states if state.lifecycle != "archived" and state.state == "complete" and not _waits(state)
    ]
    folded = () if args.all else (*archived, *done)
    rows = [
        _site_row(state, severity_counts(view.diagnostics_of(site)))
        for state, site in sorted(zip(states, sites, strict=True), key=lambda known: urgency(known[0]))
        if state not in folded
    ]
    if rows:
        print_table(FORMAT_PLANS, rows)
    if folded:
        parts = [f"{len(found)} {what}" for found, what in ((archived, "archived"), (done, "done")) if found]
        tell(args, f"{', '.join(parts)} not shown (planmark status --all)")


def _waits(state: PlanState) -> bool:
    """Tell whether a finished plan still waits for a step, such as its archive."""
    return state.next.step not in ("closed", "complete_plan")


def _site_row(state: PlanState, counts: dict[str, int]) -> list[Cell]:
    problems = severities({name: counts[name] for name in ("error", "warning")})
    return [
        (state.feature, "bold"),
        (progress_bar(state), ""),
        (condition(state), CONDITION_STYLES[state.state]),
        (_next(state), ""),
        (problems, "red" if counts["error"] else "yellow"),
    ]


def _print_left(what: str, why: str) -> None:
    """Print something that is not read, and why."""
    print_line()
    print_line(what)
    print_line(f"  {why}")


def _plan_row(state: PlanState, counts: dict[str, int]) -> list[Cell]:
    problems = severities({name: counts[name] for name in ("error", "warning")})
    return [
        (state.feature, "bold"),
        (_lifecycle(state) + (", legacy" if state.legacy else ""), ""),
        (progress_bar(state), ""),
        (condition(state), CONDITION_STYLES[state.state]),
        (_next(state), ""),
        (problems, "red" if counts["error"] else "yellow"),
        (priority_text(state), ""),
    ]


def priority_text(state: PlanState) -> str:
    """Return the level of a plan's priority.

    Unknown words stay as they are; "" without a priority.
    """
    if state.priority is None:
        return ""
    return state.priority.text if state.priority.level == "unknown" else state.priority.level


def _next(state: PlanState) -> str:
    """Return the next step.

    If the plan is not worked on, its lifecycle comes first, because narrow tables drop that column.
    """
    return next_text(state) if state.lifecycle in WORKED_ON else f"{state.lifecycle}; {next_text(state)}"


def _lifecycle(state: PlanState) -> str:
    return f"{state.lifecycle} ({state.lifecycle_by})" if state.lifecycle_by else state.lifecycle


def _show_plan(state: PlanState, diagnostics: tuple[Diagnostic, ...], misnamed: tuple[MisnamedResult, ...]) -> None:
    flags = ", ".join((lifecycle_text(state), *(("legacy",) if state.legacy else ())))
    print_text(
        (state.feature, "bold"),
        f"  {flags}  {progress_text(state, 'approved' if state.progress is None else 'done')}{_by_its_tool(state)}  ",
        (condition(state), CONDITION_STYLES[state.state]),
        indent="  ",
    )
    print_line(state.path)
    rows = [_achievement_row(known, is_next(state, known)) for known in state.achievements]
    if rows:
        print_line()
        print_table(ACHIEVEMENTS, rows)
    print_line()
    print_text(f"Next: {next_text(state)}", indent="  ")
    print_text(f"  {state.next.reason}", indent="  ")
    if state.also_ready:
        ready = ", ".join(f"{known.achievement} {words(known.step)}" for known in state.also_ready)
        unstated = " (order not stated)" if state.also_ready[0].order == "unstated" else ""
        print_text(f"Also ready{unstated}: {ready}", indent="  ")
    if state.claims and state.next.step == "confirm_state":
        claimed = dict.fromkeys(claim.achievement for claim in state.claims)
        print_text(f"Claimed by the PLAN's text: {', '.join(claimed)}", indent="  ")
    if state.priority:
        print_text(f"Priority: {state.priority.text}", indent="  ")
    if effort := open_effort(state):
        print_line(f"Remaining effort: {effort}")
    for file in misnamed:
        print_text(f"Misnamed, not read: {file.path}: {file.says}", indent="  ")
    for note in state.notes:
        print_text(f"Not read: {note}", indent="  ")
    if problems := severities(severity_counts(diagnostics)):
        print_line(f"Problems: {problems} (planmark check)")
    print_line(f"Prompt: planmark next @{state.feature}")


def _by_its_tool(state: PlanState) -> str:
    """Return what the format's own tool counts, if it counts differently: `; OpenSpec counts 53/163`."""
    tool = state.progress.tool if state.progress else None
    return f"; {format_named(state.format).title} counts {tool.done}/{tool.total}" if tool else ""


def _achievement_row(known: AchievementState, is_upcoming: bool) -> list[Cell]:
    style = STATE_STYLES[known.state]
    evidence = known.evidence[0] if known.evidence else None
    says = f"{evidence.path.rpartition('/')[2]}:{evidence.line} {evidence.says}" if evidence else ""
    if known.state in ("no_subplan", "approved") and evidence:
        says = evidence.says
    return [
        (MARKS[known.state], style),
        (f"{known.id or known.ref}{' ←' if is_upcoming else ''}", "bold" if is_upcoming else ""),
        (f"{'  ' * known.level}{known.title}", ""),
        (words(known.state), style),
        (says, "dim"),
    ]


def open_effort(state: PlanState) -> str:
    """Return the PLAN's estimate of the effort for open achievements; "" if it has none."""
    effort = state.open_effort
    if not effort:
        return ""
    hours = f"{effort.low:g}" if effort.low == effort.high else f"{effort.low:g}-{effort.high:g}"
    return f"{hours} hours, by the PLAN's estimates"
