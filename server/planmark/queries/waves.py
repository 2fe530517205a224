"""The waves of a plan: the items that agents can do at the same time, the order of the waves, and their hours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec

from planmark.coordination.waves import (
    MAX_EXCLUDED_PAIRS,
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
    """The hours of a plan: `sum` is for all items, `makespan` for the longest item of each wave, and `critical` for the
    critical path.

    `median` is the median of the stated hours. Each is null if no document states any hours.
    """

    sum: float | None
    makespan: float | None
    critical: float | None
    median: float | None


class WavesResult(msgspec.Struct, frozen=True, kw_only=True):
    """The waves of the open items of a plan. The items of a `cycle` wait for each other; then `waves` is empty."""

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
    """Return the waves of the open items of a plan.

    `agents` is the maximum number of agents that work at the same time; None for no maximum.
    """
    state, scopes = view.state(plan.path), work_scopes(view, plan)
    needs_by_name, other_blockers = needs_of_items(state)
    items = [
        OrderedItem(item, needs_by_name[item_name(item)], scopes.get(item_name(item), NO_SCOPE))
        for item in open_items(state)
    ]
    order, ranks, wait_reasons, ranks_before = ranking_of_items(state, items)
    median_item_hours = median_hours(scopes.values())
    work_items = [
        WorkItem(
            item_name(ordered_item.item),
            hours_of(ordered_item.scope),
            ordered_item.scope.files,
            ordered_item.needs,
            rank,
            wait_reason,
        )
        for ordered_item, rank, wait_reason in zip(items, ranks, wait_reasons, strict=True)
    ]
    cycle = _cycle_through_other_plans(view, plan, {item.id for item in work_items})
    notes = [*_item_notes(state, items, other_blockers), *_order_notes(order, items)]
    work_schedule = Schedule((), (), (), None, None, None, median_item_hours)
    if not cycle:
        try:
            work_schedule = schedule(work_items, agents, median_item_hours, ranks_before)
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
                        placed_item.item.id,
                        placed_item.item.hours,
                        placed_item.item.files,
                        placed_item.why,
                        titles[placed_item.item.id],
                    )
                    for placed_item in wave
                ),
            )
            for number, wave in enumerate(work_schedule.waves, 1)
        ),
        excluded_pairs=work_schedule.excluded_pairs,
        critical_path=work_schedule.critical_path,
        hours=WaveHours(
            *(
                _rounded(hours)
                for hours in (
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
    """Return sentences about the numbers of items and waves, the critical path, and the hours; () without waves."""
    item_count = sum(len(wave.members) for wave in result.waves)
    if not item_count:
        return ()
    order, critical_path, hours = _ORDER_TEXTS[result.order], result.critical_path, result.hours
    waves_text = (
        "one after the other,"
        if item_count == len(result.waves) > 1 and not result.agents
        else f"in {counted_noun(len(result.waves), 'wave')}"
    )
    limit = f", at most {result.agents} at a time" if result.agents else ""
    path_text = (
        f"all {item_count} items" if len(critical_path) == item_count > MAX_NAMED_ITEMS else " → ".join(critical_path)
    )
    lines = [f"{counted_noun(item_count, 'item')} left, {waves_text} {order}{limit}", f"Critical path: {path_text}"]
    if hours.sum is not None:
        hours_text = f"{hours.sum:g} one after the other, {hours.makespan:g} in waves"
        lines.append(f"Hours: {hours_text}, {hours.critical:g} on the critical path")
    return tuple(lines)


def hours_label(member: WaveMember, median_item_hours: float | None) -> str:
    """Return the hours of an item as text, such as `5`.

    If its hours are unknown, return the median of the plan, such as `≈1.5`. If that is also unknown, return "".
    """
    return (
        f"{member.hours:g}"
        if member.hours is not None
        else ""
        if median_item_hours is None
        else f"≈{median_item_hours:g}"
    )


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 2)


def _cycle_through_other_plans(view: View, plan: AnyPlan, names: Collection[str]) -> tuple[str, ...]:
    """Return the names in a cycle of dependencies through other plans; () if there is no such cycle.

    The first name is repeated at the end. Only a cycle with an item of `plan` in `names` counts.
    """
    if isinstance(plan, PlanSite):
        return ()
    for edge in view.state(plan.path).dependencies:
        if edge.cyclic and edge.achievement in names and edge.depends_on.startswith("@"):
            cycles = view.evaluations.outside(plan.path).cycles
            direct_cycle = (edge.achievement, edge.depends_on, edge.achievement)
            return next((cycle.names for cycle in cycles if edge.depends_on in cycle.names), direct_cycle)
    return ()


def _item_notes(
    state: PlanState, items: Sequence[OrderedItem], other_blockers: Sequence[tuple[str, str]]
) -> Iterator[str]:
    """Yield notes about items that the waves leave out, and about conditions that the waves do not show.

    `other_blockers` has pairs: the name of an item, and the name of a blocker that is in no wave.
    """
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
    for name, blocker in other_blockers:
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
    """Yield a note if the tasks follow each other only because the document lists them in this order."""
    if order == "document" and len(items) > 1:
        stories_note = (
            "; user stories do not wait for each other"
            if len({ordered_item.scope.track for ordered_item in items} - {""}) > 1
            else ""
        )
        yield f"no document declares an order, so tasks follow each other if they are not marked as parallel{stories_note}"


def _work_notes(work_items: Sequence[WorkItem], schedule: Schedule) -> Iterator[str]:
    """Yield notes about items without files, items without hours, and conflicts that the schedule does not list."""
    if ids_without_files := [item.id for item in work_items if not item.files]:
        yield f"no document names the files of {_listed_names(ids_without_files)}: separate them by a working copy for each agent"
    ids_without_hours = [item.id for item in work_items if item.hours is None]
    if ids_without_hours and schedule.median is not None:
        yield f"no effort for {_listed_names(ids_without_hours)}: the median of the plan counts, {schedule.median:g} h (≈)"
    elif ids_without_hours:
        yield "no effort is written, so that all items count as equally long"
    if not schedule.has_all_pairs:
        yield f"more than {MAX_EXCLUDED_PAIRS} pairs of items change the same files; the others are not listed"


def _listed_names(names: Sequence[str]) -> str:
    """Return a list in words: at most MAX_NAMED_ITEMS of `names`, and then the number of further names."""
    more = len(names) - MAX_NAMED_ITEMS
    return ", ".join(names[:MAX_NAMED_ITEMS]) + (f" and {counted_noun(more, 'other')}" if more > 0 else "")
