"""The achievements of a plan as a table, for `planmark status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planmark.cli.console import CONDITION_STYLES, STATE_STYLES, Cell, line, paragraph, severity_text, table
from planmark.cli.status_filter import StatusFilter, chosen_items
from planmark.cli.table import Column, without_empty_columns
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.model import AchievementState, Group, PlanState
from planmark.plans.phrases import (
    STATE_MARKS,
    built_files_text,
    effort_text,
    group_check_text,
    is_next,
    lifecycle_text,
    name_in_words,
    next_text,
    plan_state_label,
    progress_text,
    state_label,
)
from planmark.plans.registry import format_named
from planmark.plans.roles import task_in_words
from planmark.queries.item_order import item_name
from planmark.queries.misnamed import MisnamedResult
from planmark.queries.open_steps import name_for_next_step
from planmark.queries.status_facts import severity_counts

HOLDER_COLUMN = Column("HELD BY", form="text", min_width=12)
"""The column of the agents that hold steps. Tables have this column only if there is a lease."""
ACHIEVEMENT_COLUMNS = (
    Column(""),
    Column("ID"),
    Column("ACHIEVEMENT", form="text", min_width=16),
    Column("STATE", form="text", min_width=9),
    Column("EVIDENCE", 1, "text", 24),
)


GROUP_COLUMNS = (
    Column(""),
    Column("ID"),
    Column("PHASE", form="text", min_width=16),
    Column("DONE"),
    Column("STATE"),
    Column("CHECKED", form="text", min_width=12),
)


def plan_lines(
    state: PlanState,
    status_filter: StatusFilter,
    diagnostics: tuple[Diagnostic, ...],
    misnamed_files: tuple[MisnamedResult, ...],
    holders: Mapping[str, str],
) -> Iterator[str]:
    """Yield the lines about one plan: its achievements that match the filter, its next step, and notes.

    `holders` maps the name of an item to a text about the agent that holds its step. If the next step of the plan
    belongs to no item, the key of its holder is the name that `name_for_next_step` returns.
    """
    lifecycle_words = ", ".join((lifecycle_text(state), *(("legacy",) if state.legacy else ())))
    yield paragraph(
        (state.feature, "bold"),
        f"  {lifecycle_words}  {progress_text(state, 'approved' if state.progress is None else 'done')}{_tool_count_text(state)}{_existing_files_suffix(state)}  ",
        (plan_state_label(state), CONDITION_STYLES[state.state]),
        indent="  ",
    )
    yield line(state.path)
    rows = [
        [
            *_achievement_row(item, is_upcoming=is_next(state, item), is_indented=not status_filter.sort),
            (holders.get(item_name(item), ""), "cyan"),
        ]
        for item in chosen_items(status_filter, state.achievements)
    ]
    if rows:
        yield line()
        yield table(*without_empty_columns((*ACHIEVEMENT_COLUMNS, HOLDER_COLUMN), rows, ("HELD BY",)))
    if any(group.verification or group.gate for group in state.groups):
        yield line()
        yield table(GROUP_COLUMNS, [_group_row(group) for group in state.groups])
    yield line()
    yield paragraph(f"Next: {next_text(state)}", indent="  ")
    if plan_holder := holders.get("" if state.next.achievement or state.next.ref else name_for_next_step(state)):
        yield paragraph(f"Held by {plan_holder}", indent="  ")
    yield paragraph(f"  {state.next.reason}", indent="  ")
    if state.also_ready:
        also_ready = ", ".join(
            f"{ready_step.achievement} {task_in_words(ready_step.step, state.format)}"
            for ready_step in state.also_ready
        )
        order_note = " (order not stated)" if state.also_ready[0].order == "unstated" else ""
        yield paragraph(f"Also ready{order_note}: {also_ready}", indent="  ")
    if state.claims and state.next.step == "confirm_state":
        claimed_ids = dict.fromkeys(claim.achievement for claim in state.claims)
        yield paragraph(f"Claimed by the PLAN's text: {', '.join(claimed_ids)}", indent="  ")
    if state.priority:
        yield paragraph(f"Priority: {state.priority.text}", indent="  ")
    if effort := effort_text(state):
        yield line(f"Remaining effort: {effort}")
    for file in misnamed_files:
        yield paragraph(f"Misnamed, not read: {file.path}: {file.says}", indent="  ")
    for note in state.notes:
        yield paragraph(f"Not read: {note}", indent="  ")
    if problems := severity_text(severity_counts(diagnostics)):
        yield line(f"Problems: {problems} (planmark check)")
    yield line(f"Prompt: planmark next @{state.feature}")


def _tool_count_text(state: PlanState) -> str:
    """Return what the tool of the format counts, as in `; OpenSpec counts 53/163`; "" if there is no such count."""
    tool = state.progress.tool if state.progress else None
    return f"; {format_named(state.format).title} counts {tool.done}/{tool.total}" if tool else ""


def _existing_files_suffix(state: PlanState) -> str:
    files = built_files_text(state)
    return f", {files}" if files else ""


def _group_row(group: Group) -> list[Cell]:
    style = STATE_STYLES[group.state]
    return [
        (STATE_MARKS[group.state], style),
        (group.id, ""),
        (group.title, ""),
        (f"{group.done}/{group.total}", ""),
        (name_in_words(group.state), style),
        (group_check_text(group), "dim"),
    ]


def _achievement_row(item: AchievementState, *, is_upcoming: bool, is_indented: bool) -> list[Cell]:
    """Return the cells of an item. With `is_upcoming`, an arrow shows that the next step is for this item.

    With `is_indented`, the title of a sub-item is indented by its level.
    """
    style = STATE_STYLES[item.state]
    evidence = item.evidence[0] if item.evidence else None
    evidence_text = f"{evidence.path.rpartition('/')[2]}:{evidence.line} {evidence.says}" if evidence else ""
    if item.state in ("no_subplan", "approved") and evidence:
        evidence_text = evidence.says
    return [
        (STATE_MARKS[item.state], style),
        (f"{item.id or item.ref}{' ←' if is_upcoming else ''}", "bold" if is_upcoming else ""),
        (f"{'  ' * item.level * is_indented}{item.title}", ""),
        (state_label(item), style),
        (evidence_text, "dim"),
    ]
