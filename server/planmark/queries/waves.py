"""The waves of a plan: the items that agents can do at the same time, the order of the waves, and their hours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec

from planmark.coordination.waves import (
    MAX_PAIRS,
    ExcludedPair,
    Schedule,
    WaitingCycleError,
    WorkItem,
    schedule,
)
from planmark.plans.format import PlanSite
from planmark.plans.model import DONE_STATES, WORKABLE_LIFECYCLES, PlanState
from planmark.plans.phrases import lifecycle_text
from planmark.queries.adoptable import adoptable_ids
from planmark.queries.item_order import (
    NO_SCOPE,
    OrderedItem,
    WaveOrder,
    hours_of,
    item_name,
    median_hours,
    needs_of_items,
    open_items,
    ranking_of_items,
    work_scopes,
)
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.pluralize import counted_noun

MAX_NAMED_ITEMS = 5
"""The maximum number of items that a note names."""


class WaveMember(msgspec.Struct, frozen=True):
    """An item in a wave.

    `hours` is null if no document states the hours; the schedule then uses the median of the plan.
    """

    achievement: str
    hours: float | None
    files: tuple[str, ...]
    why: str
    title: str = ""


class Wave(msgspec.Struct, frozen=True):
    """Items that agents can do at the same time; `n` counts from 1."""

    n: int
    members: tuple[WaveMember, ...]


class WaveHours(msgspec.Struct, frozen=True):
    """The hours of all items, of the longest item of each wave, and of the critical path; null without any effort."""

    sum: float | None
    makespan: float | None
    critical: float | None
    median: float | None


class WavesResult(msgspec.Struct, frozen=True, kw_only=True):
    """The waves of the open items of a plan. With a `cycle`, whose items wait for each other, `waves` is empty."""

    schema: str = "planmark.waves/1"
    workspace: str
    plan: str
    feature: str
    agents: int | None
    order: WaveOrder
    waves: tuple[Wave, ...]
    excluded_pairs: tuple[ExcludedPair, ...]
    critical_path: tuple[str, ...]
    hours: WaveHours
    notes: tuple[str, ...]
    cycle: tuple[str, ...] = ()


def waves_result(view: View, plan: AnyPlan, agents: int | None) -> WavesResult:
    """Return the waves of the items of a plan that are not done, for at most `agents` at a time."""
    state, scopes = view.state(plan.path), work_scopes(view, plan)
    needs, outside_blockers = needs_of_items(state)
    items = [
        OrderedItem(item, needs[item_name(item)], scopes.get(item_name(item), NO_SCOPE)) for item in open_items(state)
    ]
    order, ranks, wait_reasons, ranks_before = ranking_of_items(state, items)
    median = median_hours(scopes.values())
    work_items = [
        WorkItem(
            item_name(ordered_item.item),
            hours_of(ordered_item.scope),
            ordered_item.scope.files,
            ordered_item.needs,
            rank,
            why,
        )
        for ordered_item, rank, why in zip(items, ranks, wait_reasons, strict=True)
    ]
    cycle = _outside_cycle(view, plan, {item.id for item in work_items})
    notes = [*_item_notes(state, items, outside_blockers), *_order_notes(order, items)]
    work_schedule = Schedule((), (), (), None, None, None, median)
    if not cycle:
        try:
            work_schedule = schedule(work_items, agents, median, ranks_before)
            notes += _work_notes(work_items, work_schedule)
        except WaitingCycleError as error:
            cycle = error.cycle
    titles = {item_name(ordered_item.item): ordered_item.item.title for ordered_item in items}
    return WavesResult(
        workspace=view.snapshot.root,
        plan=state.path,
        feature=state.feature,
        agents=agents,
        order=order,
        waves=tuple(
            Wave(
                number,
                tuple(
                    WaveMember(
                        ordered_item.item.id,
                        ordered_item.item.hours,
                        ordered_item.item.files,
                        ordered_item.why,
                        titles[ordered_item.item.id],
                    )
                    for ordered_item in wave
                ),
            )
            for number, wave in enumerate(work_schedule.waves, 1)
        ),
        excluded_pairs=work_schedule.excluded_pairs,
        critical_path=work_schedule.critical_path,
        hours=WaveHours(
            *(
                _round_hours(ordered_item)
                for ordered_item in (
                    work_schedule.total_hours,
                    work_schedule.makespan,
                    work_schedule.critical_hours,
                    work_schedule.median,
                )
            )
        ),
        notes=tuple(notes),
        cycle=cycle,
    )


_ORDER_TEXTS: dict[WaveOrder, str] = {
    "declared": "by the declared order",
    "priority": "by priority",
    "document": "in the order of the document",
}


def summary_lines(result: WavesResult) -> tuple[str, ...]:
    """Return in words how many waves there are, the critical path and the hours; () without waves."""
    item_count = sum(len(wave.members) for wave in result.waves)
    if not item_count:
        return ()
    order, critical_path, hours = _ORDER_TEXTS[result.order], result.critical_path, result.hours
    waves = (
        "one after the other,"
        if item_count == len(result.waves) > 1 and not result.agents
        else f"in {counted_noun(len(result.waves), 'wave')}"
    )
    limit = f", at most {result.agents} at a time" if result.agents else ""
    path_text = (
        f"all {item_count} items" if len(critical_path) == item_count > MAX_NAMED_ITEMS else " → ".join(critical_path)
    )
    lines = [f"{counted_noun(item_count, 'item')} left, {waves} {order}{limit}", f"Critical path: {path_text}"]
    if hours.sum is not None:
        in_order = f"{hours.sum:g} one after the other, {hours.makespan:g} in waves"
        lines.append(f"Hours: {in_order}, {hours.critical:g} on the critical path")
    return tuple(lines)


def hours_label(member: WaveMember, median: float | None) -> str:
    """Return the hours of an item: `5`, or `≈1.5` if the median of the plan stands for them; "" without any effort."""
    return f"{member.hours:g}" if member.hours is not None else "" if median is None else f"≈{median:g}"


def _round_hours(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 2)


def _outside_cycle(view: View, plan: AnyPlan, names: Collection[str]) -> tuple[str, ...]:
    """Return a cycle of open items through other plans, with its first name again at the end; () without a cycle."""
    if isinstance(plan, PlanSite):
        return ()
    for edge in view.state(plan.path).dependencies:
        if edge.cyclic and edge.achievement in names and edge.depends_on.startswith("@"):
            cycles = view.evaluations.outside(plan.path).cycles
            direct_cycle = (edge.achievement, edge.depends_on, edge.achievement)
            return next((cycle.names for cycle in cycles if edge.depends_on in cycle.names), direct_cycle)
    return ()


def _item_notes(
    state: PlanState, items: Sequence[OrderedItem], outside_blockers: Sequence[tuple[str, str]]
) -> Iterator[str]:
    if not items:
        yield "nothing is left to do" if state.state == "complete" else f"no item to do: {state.next.reason}"
    if listed_names := [
        item_name(item) for item in state.achievements if item.listed and item.state not in DONE_STATES
    ]:
        yield f"left out, because only the overview names them: {_listed_names(listed_names)}"
    if optional_names := [
        item_name(item) for item in state.achievements if item.optional and item.state not in DONE_STATES
    ]:
        yield f"left out, because they are optional: {_listed_names(optional_names)}"
    if ticked_names := [item_name(item) for item in state.achievements if item.leaf and item.state == "unsupported"]:
        yield f"left out, because they are ticked, though a file of theirs does not exist: {_listed_names(ticked_names)}"
    if items and state.lifecycle not in WORKABLE_LIFECYCLES:
        yield f"the plan is {lifecycle_text(state)}"
    claimed_ids = frozenset(adoptable_ids(state))
    if claimed_names := [item_name(ordered_item.item) for ordered_item in items if ordered_item.item.id in claimed_ids]:
        yield f"the PLAN says that these are done, but no verdict does: {_listed_names(claimed_names)}; confirm that first"
    if items and state.next.step == "confirm_state":
        yield f"a person confirms the state first: {state.next.reason}"
    for name, blocker in outside_blockers:
        yield f"{name} also waits for {blocker}, which is not part of these waves"
    for ordered_item in items:
        is_blocked_itself = ordered_item.item.state == "execution_blocked" or (
            ordered_item.item.state == "blocked" and not ordered_item.item.blocked_by
        )
        if is_blocked_itself and ordered_item.item.evidence:
            yield f"{item_name(ordered_item.item)} is blocked: {ordered_item.item.evidence[0].says}"
    open_names = {item_name(ordered_item.item) for ordered_item in items}
    for edge in state.dependencies:
        if edge.unknown and edge.achievement in open_names:
            reason = f": {edge.problem}" if edge.problem else ", which does not exist"
            yield f"{edge.achievement} depends on {edge.depends_on}{reason}"


def _order_notes(order: WaveOrder, items: Sequence[OrderedItem]) -> Iterator[str]:
    if order == "document" and len(items) > 1:
        stories_note = (
            "; user stories do not wait for each other"
            if len({ordered_item.scope.track for ordered_item in items} - {""}) > 1
            else ""
        )
        yield f"no document declares an order, so tasks follow each other if they are not marked as parallel{stories_note}"


def _work_notes(work_items: Sequence[WorkItem], schedule: Schedule) -> Iterator[str]:
    if ids_without_files := [item.id for item in work_items if not item.files]:
        yield f"no document names the files of {_listed_names(ids_without_files)}: separate them by a working copy for each agent"
    ids_without_hours = [item.id for item in work_items if item.hours is None]
    if ids_without_hours and schedule.median is not None:
        yield f"no effort for {_listed_names(ids_without_hours)}: the median of the plan counts, {schedule.median:g} h (≈)"
    elif ids_without_hours:
        yield "no effort is written, so that all items count as equally long"
    if not schedule.has_all_pairs:
        yield f"more than {MAX_PAIRS} pairs of items change the same files; the others are not listed"


def _listed_names(ids: Sequence[str]) -> str:
    more = len(ids) - MAX_NAMED_ITEMS
    return ", ".join(ids[:MAX_NAMED_ITEMS]) + (f" and {counted_noun(more, 'other')}" if more > 0 else "")
