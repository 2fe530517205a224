"""The waves of a plan: the items that agents can do at the same time, the order of the waves, and their hours."""

from __future__ import annotations

import heapq
import math
import statistics
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from planmark.coordination.waves import (
    MAX_PAIRS,
    ExcludedPair,
    Follows,
    Schedule,
    WaitingCycleError,
    WorkItem,
    schedule,
)
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.format import PlanSite
from planmark.plans.model import DONE_STATES, WORKED_ON, AchievementState, PlanState, State
from planmark.plans.phrases import lifecycle_text
from planmark.plans.registry import format_named, methodology_part
from planmark.plans.work_scope import WorkScope
from planmark.queries.adoptable import adoptable
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.pluralize import counted
from planmark.workspace.snapshot import PlanDocuments, Snapshot

WaveOrder = Literal["declared", "priority", "document"]
"""The source of the order of items: declared dependencies or waves, priorities, or the order of the document."""
MAX_NAMED = 5
"""The maximum number of items that a note names."""
NO_SCOPE = WorkScope()
LEFT_OUT: frozenset[State] = DONE_STATES | {"unsupported"}
"""The states of items that no agent is to do. A person must confirm a ticked item whose file does not exist."""
WorkScopes = Callable[[Snapshot, PlanDocuments, PlanEvaluation], Mapping[str, WorkScope]]
"""The part of the methodology that returns achievement id → the scope of its work."""


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


class OrderedItem(NamedTuple):
    """An open item, the names of its dependencies, and the scope of its work; see `WorkItem`."""

    item: AchievementState
    needs: tuple[str, ...]
    scope: WorkScope


def waves_result(view: View, plan: AnyPlan, agents: int | None) -> WavesResult:
    """Return the waves of the items of a plan that are not done, for at most `agents` at a time."""
    state, scopes = view.state(plan.path), _scopes(view, plan)
    needs, outside = _needs(state)
    items = [OrderedItem(item, needs[_name(item)], scopes.get(_name(item), NO_SCOPE)) for item in _open_items(state)]
    order, ranks, after, follows = _order(state, items)
    median = _median(scopes.values())
    work = [
        WorkItem(_name(one.item), _hours(one.scope), one.scope.files, one.needs, rank, why)
        for one, rank, why in zip(items, ranks, after, strict=True)
    ]
    cycle = _outside_cycle(view, plan, {item.id for item in work})
    notes = [*_item_notes(state, items, outside), *_order_notes(order, items)]
    made = Schedule((), (), (), None, None, None, median)
    if not cycle:
        try:
            made = schedule(work, agents, median, follows)
            notes += _work_notes(work, made)
        except WaitingCycleError as error:
            cycle = error.cycle
    titles = {_name(one.item): one.item.title for one in items}
    return WavesResult(
        workspace=view.snapshot.root,
        plan=state.path,
        feature=state.feature,
        agents=agents,
        order=order,
        waves=tuple(
            Wave(
                n,
                tuple(
                    WaveMember(one.item.id, one.item.hours, one.item.files, one.why, titles[one.item.id])
                    for one in wave
                ),
            )
            for n, wave in enumerate(made.waves, 1)
        ),
        excluded_pairs=made.excluded_pairs,
        critical_path=made.critical_path,
        hours=WaveHours(*(_rounded(one) for one in (made.total, made.makespan, made.critical, made.median))),
        notes=tuple(notes),
        cycle=cycle,
    )


_ORDERS: dict[WaveOrder, str] = {
    "declared": "by the declared order",
    "priority": "by priority",
    "document": "in the order of the document",
}


def summary(result: WavesResult) -> tuple[str, ...]:
    """Return in words how many waves there are, the critical path and the hours; () without waves."""
    items = sum(len(wave.members) for wave in result.waves)
    if not items:
        return ()
    order, path, hours = _ORDERS[result.order], result.critical_path, result.hours
    waves = (
        "one after the other,"
        if items == len(result.waves) > 1 and not result.agents
        else f"in {counted(len(result.waves), 'wave')}"
    )
    limit = f", at most {result.agents} at a time" if result.agents else ""
    named = f"all {items} items" if len(path) == items > MAX_NAMED else " → ".join(path)
    lines = [f"{counted(items, 'item')} left, {waves} {order}{limit}", f"Critical path: {named}"]
    if hours.sum is not None:
        in_order = f"{hours.sum:g} one after the other, {hours.makespan:g} in waves"
        lines.append(f"Hours: {in_order}, {hours.critical:g} on the critical path")
    return tuple(lines)


def hours_label(member: WaveMember, median: float | None) -> str:
    """Return the hours of an item: `5`, or `≈1.5` if the median of the plan stands for them; "" without any effort."""
    return f"{member.hours:g}" if member.hours is not None else "" if median is None else f"≈{median:g}"


def _scopes(view: View, plan: AnyPlan) -> Mapping[str, WorkScope]:
    if isinstance(plan, PlanSite):
        return format_named(plan.format).scopes(view.formats.input_of(plan))
    of_methodology: WorkScopes = methodology_part("work_scopes")
    return of_methodology(view.snapshot, plan, view.evaluations[plan.path])


def _name(item: AchievementState) -> str:
    return item.ref or item.id


def _open_items(state: PlanState) -> list[AchievementState]:
    """Return the leaves that are neither done nor ticked nor only announced, each name once."""
    left = [item for item in state.achievements if item.leaf and not item.listed and item.state not in LEFT_OUT]
    return list({_name(item): item for item in reversed(left)}.values())[::-1]


def _hours(scope: WorkScope) -> float | None:
    """Return the middle of an effort in hours; None without an effort."""
    middle = (scope.effort.low + scope.effort.high) / 2 if scope.effort else math.inf
    return middle if math.isfinite(middle) else None


def _median(scopes: Iterable[WorkScope]) -> float | None:
    """Return the median of the hours of all items of a plan, including done items."""
    known = [hours for scope in scopes if (hours := _hours(scope)) is not None]
    return statistics.median(known) if known else None


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 2)


def _needs(state: PlanState) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    """Return the dependencies of each open item, and the names outside the open items that still block an open item.

    Each leaf has the dependencies of its parents. A dependency on a parent is a dependency on all leaves of the parent.
    """
    by_name: dict[str, AchievementState] = {_name(item): item for item in state.achievements}
    for item in state.achievements:
        by_name.setdefault(item.id, item)
    leaves: dict[str, list[str]] = {}
    above = {_name(item): _line_of(item, by_name) for item in state.achievements}
    for item in _open_items(state):
        for one in above[_name(item)]:
            leaves.setdefault(_name(one), []).append(_name(item))
    declared: dict[str, list[str]] = {}
    for edge in state.dependencies:
        if not edge.unknown and edge.achievement in by_name:
            declared.setdefault(_name(by_name[edge.achievement]), []).append(edge.depends_on)
    needs: dict[str, tuple[str, ...]] = {}
    outside: list[tuple[str, str]] = []
    for item in _open_items(state):
        wanted: dict[str, None] = {}
        for one in above[_name(item)]:
            own = frozenset(leaves.get(_name(one), ())) if one is not item else frozenset[str]()
            for name in dict.fromkeys((*declared.get(_name(one), ()), *one.depends_on, *one.blocked_by)):
                target = by_name.get(name)
                below = leaves.get(_name(target), []) if target else []
                wanted.update(dict.fromkeys(leaf for leaf in below if leaf not in own))
                if not below and name in one.blocked_by:
                    outside.append((_name(item), name))
        needs[_name(item)] = tuple(wanted)
    return needs, outside


def _line_of(item: AchievementState, by_name: Mapping[str, AchievementState]) -> list[AchievementState]:
    """Return an item and all its parents."""
    line = [item]
    while (parent := by_name.get(line[-1].parent or "")) is not None and parent not in line:
        line.append(parent)
    return line


class Ranking(NamedTuple):
    """What orders the items: the rank of each, in words what each waits for, and which ranks follow which."""

    order: WaveOrder
    ranks: list[int]
    after: list[str]
    follows: Follows | None = None


def _order(state: PlanState, items: Sequence[OrderedItem]) -> Ranking:
    """Return what orders the items.

    Waves that documents declare come first, then dependencies. Without both, achievements follow their priorities, and
    tasks of other formats follow each other, except for neighbours that are marked as parallel. Dependencies of such
    tasks count as the order only if every open task has one or is one, because other tasks would seem to be free, and
    only if no group waits for another.
    """
    if any(one.scope.wave for one in items):
        waves = [one.scope.wave or math.inf for one in items]
        return Ranking("declared", *_dense(waves, [f"declared after the wave of {_name(one.item)}" for one in items]))
    if state.format == "planmark":
        if state.dependencies:
            return Ranking("declared", [0] * len(items), [""] * len(items))
        priorities = [_priority(one.item.priority) for one in items]
        return Ranking("priority", *_dense(priorities, [f"after priority {one.item.priority}" for one in items]))
    needed = {name for item in state.achievements for name in item.depends_on}
    is_declared = items and all(one.item.depends_on or one.item.id in needed for one in items)
    if is_declared and not any(group.blocked_by for group in state.groups):
        return Ranking("declared", [0] * len(items), [""] * len(items))
    return _in_document(items)


def _priority(written: str) -> tuple[float, str]:
    """Return the sort key of a priority. A word is sorted after all numbers."""
    is_number = written.replace(".", "", 1).isdecimal()
    return (float(written), "") if is_number else (math.inf, written)


def _dense(keys: Sequence[Any], says: Sequence[str]) -> tuple[list[int], list[str]]:
    """Return the ranks of keys from 0 without gaps, and for each item the text of the first item of the previous rank."""
    rank_of = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    first: dict[int, str] = {}
    for key, text in zip(keys, says, strict=True):
        first.setdefault(rank_of[key] + 1, text)
    ranks = [rank_of[key] for key in keys]
    return ranks, [first.get(rank, "") for rank in ranks]


class _TrackEnd:
    """The end of a track: its rank, or -1 before the first item, which items have it, and the last of them."""

    def __init__(self, rank: int = -1) -> None:
        self.rank = rank
        self.names: list[str] = []
        self.last: AchievementState | None = None

    def takes(self, one: OrderedItem) -> bool:
        """Tell whether an item can be done beside the items of the rank."""
        last = self.last
        return (
            last is not None
            and one.item.parallel
            and last.parallel
            and (one.item.parent, one.item.group) == (last.parent, last.group)
            and not set(one.needs) & set(self.names)
        )


def _in_document(items: Sequence[OrderedItem]) -> Ranking:
    """Return the order of the document, with the dependencies of an item before the item.

    An item follows the last one of its track, and everything before the track that belongs to no track. An item
    without a track follows everything.
    """
    ranks, after = [0] * len(items), [""] * len(items)
    follows: dict[int, tuple[int, ...]] = {}
    first: dict[int, str] = {}
    tracks = {"": _TrackEnd()}
    for at in _needed_first(items):
        one = items[at]
        track = one.scope.track
        end = tracks.get(track) or tracks[""]
        if not (track in tracks and end.takes(one)):
            ends = {track, ""} & tracks.keys() if track else tracks
            rank = len(first)
            first[rank] = _name(one.item)
            follows[rank] = tuple(sorted({tracks[name].rank for name in ends} - {-1}))
            end = _TrackEnd(rank)
            if not track:
                tracks.clear()
            tracks[track] = end
        end.names.append(_name(one.item))
        end.last = one.item
        ranks[at] = end.rank
        before = follows[ranks[at]]
        after[at] = f"written after {first[before[-1]]}" if before else ""
    return Ranking("document", ranks, after, follows)


def _needed_first(items: Sequence[OrderedItem]) -> list[int]:
    """Return the positions of items in their order, with the dependencies of an item first; items of a cycle are last."""
    at_of = {_name(one.item): at for at, one in enumerate(items)}
    left = [len({need for need in one.needs if need in at_of}) for one in items]
    behind: dict[int, list[int]] = {}
    for at, one in enumerate(items):
        for need in {need for need in one.needs if need in at_of}:
            behind.setdefault(at_of[need], []).append(at)
    free = [at for at, number in enumerate(left) if not number]
    found: list[int] = []
    while free:
        at = heapq.heappop(free)
        found.append(at)
        for other in behind.get(at, ()):
            left[other] -= 1
            if not left[other]:
                heapq.heappush(free, other)
    return [*found, *(at for at, number in enumerate(left) if number)]


def _outside_cycle(view: View, plan: AnyPlan, names: Collection[str]) -> tuple[str, ...]:
    """Return a cycle of open items through other plans, with its first name again at the end; () without a cycle."""
    if isinstance(plan, PlanSite):
        return ()
    for edge in view.state(plan.path).dependencies:
        if edge.cyclic and edge.achievement in names and edge.depends_on.startswith("@"):
            cycles = view.evaluations.outside(plan.path).cycles
            direct = (edge.achievement, edge.depends_on, edge.achievement)
            return next((one.names for one in cycles if edge.depends_on in one.names), direct)
    return ()


def _item_notes(state: PlanState, items: Sequence[OrderedItem], outside: Sequence[tuple[str, str]]) -> Iterator[str]:
    if not items:
        yield "nothing is left to do" if state.state == "complete" else f"no item to do: {state.next.reason}"
    if announced := [_name(item) for item in state.achievements if item.listed and item.state not in DONE_STATES]:
        yield f"left out, because only the overview names them: {_names(announced)}"
    if ticked := [_name(item) for item in state.achievements if item.leaf and item.state == "unsupported"]:
        yield f"left out, because they are ticked, though a file of theirs does not exist: {_names(ticked)}"
    if items and state.lifecycle not in WORKED_ON:
        yield f"the plan is {lifecycle_text(state)}"
    claimed = frozenset(adoptable(state))
    if doubtful := [_name(one.item) for one in items if one.item.id in claimed]:
        yield f"the PLAN says that these are done, but no verdict does: {_names(doubtful)}; confirm that first"
    if items and state.next.step == "confirm_state":
        yield f"a person confirms the state first: {state.next.reason}"
    for name, other in outside:
        yield f"{name} also waits for {other}, which is not part of these waves"
    for one in items:
        stops_itself = one.item.state == "execution_blocked" or (
            one.item.state == "blocked" and not one.item.blocked_by
        )
        if stops_itself and one.item.evidence:
            yield f"{_name(one.item)} is blocked: {one.item.evidence[0].says}"
    open_names = {_name(one.item) for one in items}
    for edge in state.dependencies:
        if edge.unknown and edge.achievement in open_names:
            because = f": {edge.problem}" if edge.problem else ", which does not exist"
            yield f"{edge.achievement} depends on {edge.depends_on}{because}"


def _order_notes(order: WaveOrder, items: Sequence[OrderedItem]) -> Iterator[str]:
    if order == "document" and len(items) > 1:
        yield "no document declares an order, so tasks follow each other if they are not marked as parallel"


def _work_notes(work: Sequence[WorkItem], made: Schedule) -> Iterator[str]:
    if unknown := [item.id for item in work if not item.files]:
        yield f"no document names the files of {_names(unknown)}: separate them by a working copy for each agent"
    missing = [item.id for item in work if item.hours is None]
    if missing and made.median is not None:
        yield f"no effort for {_names(missing)}: the median of the plan counts, {made.median:g} h (≈)"
    elif missing:
        yield "no effort is written, so that all items count as equally long"
    if not made.are_all_pairs:
        yield f"more than {MAX_PAIRS} pairs of items change the same files; the others are not listed"


def _names(ids: Sequence[str]) -> str:
    more = len(ids) - MAX_NAMED
    return ", ".join(ids[:MAX_NAMED]) + (f" and {counted(more, 'other')}" if more > 0 else "")
