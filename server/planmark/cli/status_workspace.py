"""The plans of a workspace as tables, for `planmark status`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planmark.cli.console import CONDITION_STYLES, Cell, line, paragraph, severity_text, table
from planmark.cli.status_filter import StatusFilter, chosen_plans, filter_note
from planmark.cli.status_plan import HOLDER_COLUMN
from planmark.cli.table import Column, without_empty_columns
from planmark.plans.format import PlanSite
from planmark.plans.model import WORKABLE_LIFECYCLES, PlanState
from planmark.plans.phrases import built_files_text, next_text, plan_state_label, progress_bar
from planmark.plans.registry import format_named, formats
from planmark.queries.grammaplans import ChildResult, GrammaplanResult
from planmark.queries.holders import current_leases_of_plan
from planmark.queries.lookup import no_plans_message
from planmark.queries.misnamed import rejection_text
from planmark.queries.plan_answers import answer_functions
from planmark.queries.plan_formats import no_plans_of_format_message
from planmark.queries.status_facts import severity_counts
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.pluralize import counted_noun

PLAN_COLUMNS = (
    Column("PLAN", form="name", min_width=18),
    Column("LIFECYCLE", 3),
    Column("PROGRESS"),
    Column("STATE", 2),
    Column("NEXT STEP", form="prose", min_width=20),
    Column("PROBLEMS", 4),
    Column("PRIORITY", 5, "name", 8),
)
FORMAT_PLAN_COLUMNS = (
    Column("PLAN", form="name", min_width=18),
    Column("PROGRESS"),
    Column("STATE", 2),
    Column("NEXT STEP", form="prose", min_width=20),
    Column("PROBLEMS", 4),
)
GRAMMAPLAN_COLUMNS = (
    Column("PLAN", form="name", min_width=18),
    Column("LIFECYCLE", 3),
    Column("PROGRESS"),
    Column("STATE", 2),
    Column("THE TABLE SAYS", 1, "text", 12),
)


def grammaplan_lines(view: View, result: GrammaplanResult, status_filter: StatusFilter) -> Iterator[str]:
    """Yield the lines about a GRAMMAPLAN: a summary, and a table of its plans.

    The table shows the progress of each plan by the files, and what the GRAMMAPLAN claims about the plan.
    """
    existing_children = [child for child in result.children if child.path]
    approved_count = sum(child.approved for child in existing_children)
    total = sum(child.achievements for child in existing_children)
    existence_note = f"{len(existing_children)} of {counted_noun(len(result.children), 'plan')} exist"
    yield paragraph(
        (result.feature, "bold"), f"  GRAMMAPLAN  {approved_count}/{total} approved  {existence_note}", indent="  "
    )
    yield line(result.path)
    rows: list[list[Cell]] = []
    for child in chosen_children(view, result, status_filter):
        claim = " ".join(word for word in (child.status, child.progress) if word)
        state = view.evaluations[child.path].state if child.path else None
        if state is None:
            rows.append([(child.feature, "bold"), ("", ""), ("", ""), ("no PLAN", "yellow"), (claim, "dim")])
            continue
        rows.append(
            [
                (child.feature, "bold"),
                (state.lifecycle, ""),
                (progress_bar(state), ""),
                (plan_state_label(state), CONDITION_STYLES[state.state]),
                (claim, "dim"),
            ]
        )
    if rows:
        yield line()
        yield table(GRAMMAPLAN_COLUMNS, rows)


def chosen_children(view: View, result: GrammaplanResult, status_filter: StatusFilter) -> list[ChildResult]:
    """Return the plans of a GRAMMAPLAN that match a filter.

    A plan that has no PLAN matches no filter by state, role or lifecycle.
    """
    if status_filter == StatusFilter():
        return list(result.children)
    children_by_path = {child.path: child for child in result.children if child.path}
    plans = chosen_plans(view, status_filter, (plan for plan in view.plans if plan.path in children_by_path))
    missing_children = [] if status_filter.may_leave_out else [child for child in result.children if not child.path]
    return [*(children_by_path[plan.path] for plan in plans), *missing_children]


def workspace_lines(view: View, status_filter: StatusFilter, *, show_all: bool) -> Iterator[str]:
    """Yield the tables of the plans that match the filter, with a table for each format.

    With `show_all` and without a filter, also yield the files and folders that are not read.
    """
    snapshot = view.snapshot
    plans = chosen_plans(view, status_filter, plans_to_filter(view, status_filter, show_all=show_all))
    rows: list[list[Cell]] = []
    rows_by_format: dict[str, list[list[Cell]]] = {
        name: [] for name in _sites_by_format(view) if not status_filter.may_leave_out
    }
    for plan in plans:
        state = view.state(plan.path)
        problem_counts = severity_counts(view.diagnostics_of(plan))
        if isinstance(plan, PlanSite):
            rows_by_format.setdefault(plan.format, []).append(
                [*_site_row(state, problem_counts), holders_cell(view, state)]
            )
        else:
            rows.append([*_plan_row(state, problem_counts), holders_cell(view, state)])
    has_several_formats = len(_sites_by_format(view)) + bool(snapshot.plans) > 1
    if rows:
        if has_several_formats:
            yield line(("PLANs", "bold"))
        yield table(*without_empty_columns((*PLAN_COLUMNS, HOLDER_COLUMN), rows, ("PRIORITY", "HELD BY")))
    for position, name in enumerate(name for name in _sites_by_format(view) if name in rows_by_format):
        if has_several_formats:
            if rows or position:
                yield line()
            yield line((format_named(name).title, "bold"))
        if rows_by_format[name]:
            yield table(
                *without_empty_columns((*FORMAT_PLAN_COLUMNS, HOLDER_COLUMN), rows_by_format[name], ("HELD BY",))
            )
    if not show_all or status_filter.may_leave_out:
        return
    for orphan in snapshot.orphans:
        yield line()
        yield line(f"orphan {orphan.feature}: work files but no PLAN_{orphan.feature}.md")
        yield from (line(f"  {path}") for path in orphan.documents)
    for rejected in snapshot.not_plans:
        yield _unread_note(f"not a plan: {rejected.path}", rejection_text(rejected))
    for file in answer_functions().misnamed(snapshot, None):
        yield _unread_note(f"misnamed, not read: {file.path}", file.says)
    for folder, title in snapshot.unread_plans:
        yield _unread_note(f"plans of {title}, not read: {folder}/", "Planmark does not know this format")
    for folder in snapshot.checkouts:
        yield _unread_note(f"other checkout, not read: {folder}", "it has its own `.git` (`files.nestedCheckouts`)")


def plans_to_filter(view: View, status_filter: StatusFilter, *, show_all: bool) -> list[AnyPlan]:
    """Return the plans from which the filter chooses.

    The result contains archived plans only with `show_all` or `--lifecycle`. Without a filter, finished plans of other
    formats are left out, because `workspace_notes` only counts them.
    """
    if show_all or status_filter.lifecycles:
        return list(view.plans)
    if status_filter.may_leave_out:
        return [plan for plan in view.plans if _lifecycle_of(view, plan) != "archived"]
    return [plan for plan in view.plans if not _is_hidden_by_default(view, plan)]


def _is_hidden_by_default(view: View, plan: AnyPlan) -> bool:
    """Tell whether the command leaves out a plan if neither a filter nor `--all` is given."""
    return _is_only_counted(view.state(plan.path)) if isinstance(plan, PlanSite) else plan.lifecycle == "archived"


def _lifecycle_of(view: View, plan: AnyPlan) -> str:
    return view.state(plan.path).lifecycle if isinstance(plan, PlanSite) else plan.lifecycle


def holders_cell(view: View, state: PlanState) -> Cell:
    """Return a cell with the names of the agents that hold steps of a plan."""
    holder_leases = current_leases_of_plan(view.leases, state).values()
    return ", ".join(dict.fromkeys(lease.agent for lease in holder_leases)), "cyan"


def _unread_note(subject: str, reason: str) -> str:
    return line() + line(subject) + line(f"  {reason}")


def workspace_notes(
    view: View, plan_format: str | None, status_filter: StatusFilter, *, show_all: bool
) -> Iterator[str]:
    """Yield notes: that the workspace has no plan, how many plans the filter shows, and what is not shown."""
    snapshot = view.snapshot
    if not view.plans:
        yield no_plans_of_format_message(view, plan_format) if plan_format else no_plans_message(snapshot)
    if status_filter.may_leave_out:
        plans = plans_to_filter(view, status_filter, show_all=show_all)
        yield filter_note(status_filter, len(chosen_plans(view, status_filter, plans)), len(plans), "plan")
        if archived_plan_count := len(view.plans) - len(plans):
            yield f"{counted_noun(archived_plan_count, 'archived plan')} not among them (--all, or --lifecycle archived)"
    if show_all or status_filter.may_leave_out:
        return
    for sites in _sites_by_format(view).values():
        if counted_sites := _sites_shown_as_count(view, sites):
            archived_plan_count = sum(view.state(site.path).lifecycle == "archived" for site in counted_sites)
            labelled_counts = ((archived_plan_count, "archived"), (len(counted_sites) - archived_plan_count, "done"))
            list_text = ", ".join(f"{number} {label}" for number, label in labelled_counts if number)
            yield f"{list_text} not shown (planmark status --all)"
    archived_count = sum(plan.lifecycle == "archived" for plan in snapshot.plans)
    skipped_count = sum(bool(plan.skipped) for plan in snapshot.plans if plan.lifecycle != "archived")
    counted_texts = (
        (archived_count, f"{counted_noun(archived_count, 'archived plan')} not shown"),
        (len(snapshot.orphans), f"{counted_noun(len(snapshot.orphans), 'feature')} with work files but no PLAN"),
        (len(snapshot.not_plans), f"{counted_noun(len(snapshot.not_plans), 'file')} not read as a plan"),
        (len(snapshot.misnamed), f"{counted_noun(len(snapshot.misnamed), 'misnamed file')} not read"),
        (
            skipped_count,
            f"{counted_noun(skipped_count, 'plan')} with work that may be in unread folders (planmark check)",
        ),
        (len(snapshot.checkouts), f"{counted_noun(len(snapshot.checkouts), 'other checkout')} not read"),
        *((1, f"plans of {title} in {folder}/ not read") for folder, title in snapshot.unread_plans),
    )
    if texts := [text for number, text in counted_texts if number]:
        yield f"{'; '.join(texts)} (planmark status --all)"


def _sites_by_format(view: View) -> dict[str, list[PlanSite]]:
    """Return a mapping from the name of a format to its plans, in the order of the formats.

    The plans of the methodology are not in the mapping.
    """
    sites = view.snapshot.sites
    sites_by_name = {
        plan_format.name: [site for site in sites if site.format == plan_format.name] for plan_format in formats()
    }
    return {name: format_sites for name, format_sites in sites_by_name.items() if format_sites}


def _sites_shown_as_count(view: View, sites: Sequence[PlanSite]) -> list[PlanSite]:
    """Return those of `sites` that are archived or finished. The command shows only the number of these plans."""
    return [site for site in sites if _is_only_counted(view.state(site.path))]


def _is_only_counted(state: PlanState) -> bool:
    """Tell whether a plan of another format is archived or finished, so that the command only counts it."""
    # A finished plan may still have a next step, such as its archiving.
    is_done = state.state == "complete" and state.next.step in ("closed", "complete_plan")
    return state.lifecycle == "archived" or is_done


def _site_row(state: PlanState, problem_counts: dict[str, int]) -> list[Cell]:
    """Return the cells of a plan of another format.

    `problem_counts` maps a severity to the number of diagnostics of the plan.
    """
    problems = severity_text({name: problem_counts[name] for name in ("error", "warning")})
    return [
        (state.feature, "bold"),
        (progress_bar(state), ""),
        (plan_state_label(state), "" if state.state == "no_achievements" else CONDITION_STYLES[state.state]),
        (_next_step_and_files(state), ""),
        (problems, "red" if problem_counts["error"] else "yellow"),
    ]


def _next_step_and_files(state: PlanState) -> str:
    """Return the next step of a plan in words. For an unfinished plan, add how many of its named files exist."""
    has_existing_files = state.built_files is not None and state.built_files.exist > 0
    files_note = built_files_text(state) if has_existing_files and state.state != "complete" else ""
    return f"{_next_step_text(state)}; {files_note}" if files_note else _next_step_text(state)


def _plan_row(state: PlanState, problem_counts: dict[str, int]) -> list[Cell]:
    """Return the cells of a plan of the methodology.

    `problem_counts` maps a severity to the number of diagnostics of the plan.
    """
    problems = severity_text({name: problem_counts[name] for name in ("error", "warning")})
    return [
        (state.feature, "bold"),
        (_lifecycle_text(state) + (", legacy" if state.legacy else ""), ""),
        (progress_bar(state), ""),
        (plan_state_label(state), CONDITION_STYLES[state.state]),
        (_next_step_text(state), ""),
        (problems, "red" if problem_counts["error"] else "yellow"),
        (priority_text(state), ""),
    ]


def priority_text(state: PlanState) -> str:
    """Return the level of a plan's priority; "" if the plan has no priority.

    If the level is not known, return the words of the PLAN.
    """
    if state.priority is None:
        return ""
    return state.priority.text if state.priority.level == "unknown" else state.priority.level


def _next_step_text(state: PlanState) -> str:
    """Return the next step of a plan in words.

    If the lifecycle of the plan is not in `WORKABLE_LIFECYCLES`, the text begins with the lifecycle, because narrow
    tables drop the column of lifecycles.
    """
    return next_text(state) if state.lifecycle in WORKABLE_LIFECYCLES else f"{state.lifecycle}; {next_text(state)}"


def _lifecycle_text(state: PlanState) -> str:
    """Return the lifecycle of a plan. If it is known what decided the lifecycle, the text names this in brackets."""
    return f"{state.lifecycle} ({state.lifecycle_by})" if state.lifecycle_by else state.lifecycle
