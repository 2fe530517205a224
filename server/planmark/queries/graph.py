"""The graph of a plan: its achievements as nodes, their dependencies as edges, and their waves as columns."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import msgspec

from planmark.coordination.waves import ExcludedPair
from planmark.plans.model import DONE_STATES, AchievementState, Evidence, PlanState, State
from planmark.plans.outside import OtherAchievement
from planmark.plans.phrases import is_next, name_in_words, state_label
from planmark.queries.item_order import item_name
from planmark.queries.waves import WaveMember, WavesResult, hours_label, summary_lines, waves_result
from planmark.queries.workspace_view import View
from planmark.text.visible import visible_in_one_line


class GraphNode(msgspec.Struct, frozen=True):
    """An achievement. `plan` is null, or the path of the PLAN if the achievement belongs to a different plan.

    `wave` counts from 1. It is null for an achievement outside all waves, because it is done or left out. `critical` is
    true on the critical path. Two nodes may have one id, but never one `ref`. `column` is the 0-based position in
    `columns` of the graph. `hours_label` is the effort in words, or "" if no document of the plan states any effort.
    `why` is the reason why the achievement is in no earlier wave, or in no wave.
    """

    id: str
    title: str
    state: State
    next: bool
    plan: str | None = None
    state_label: str = ""
    wave: int | None = None
    critical: bool = False
    column: int = 0
    hours_label: str = ""
    why: str = ""
    ref: str = ""


class GraphEdge(msgspec.Struct, frozen=True):
    """A dependency of an achievement on the achievement `depends_on`. `holds` is false for an unknown id or a cycle.

    `reason` is the place that declares the dependency.
    """

    achievement: str
    depends_on: str
    holds: bool
    reason: Evidence


class GraphColumn(msgspec.Struct, frozen=True):
    """A column of the drawing, from left to right: waves, or achievements that are not in a wave.

    `wave` is the first wave of the column. If many consecutive waves have only one achievement each, these waves share
    a column. `title` is "" in a plan without waves, whose columns follow the dependencies.
    """

    title: str
    wave: int | None = None


class GraphResult(msgspec.Struct, frozen=True, kw_only=True):
    """The graph of a plan.

    `columns` are the columns of the drawing from left to right: the waves, and the achievements outside all waves.
    `summary` says in words how many waves there are, the critical path, and the hours. `conflicts` are the pairs of
    achievements that change the same files. The achievements of a `cycle` wait for each other; then there are no waves.
    `critical_path`, `conflicts` and `cycle` name achievements by their `ref`. `edges` names them by their id.
    """

    schema: str = "planmark.graph/1"
    workspace: str
    plan: str
    feature: str
    nodes: list[GraphNode]
    edges: list[GraphEdge]
    columns: list[GraphColumn] = []
    critical_path: list[str] = []
    conflicts: list[ExcludedPair] = []
    cycle: list[str] = []
    summary: list[str] = []
    notes: list[str] = []


DONE, OTHER_PLANS_COLUMN, NO_WAVE_COLUMN = GraphColumn("Done"), GraphColumn("Other plans"), GraphColumn("Not in a wave")
"""The columns of nodes without a wave: the first two come before the first wave, the third after the last wave."""
MAX_SEPARATE_SINGLE_WAVES = 5
"""Maximum number of consecutive waves with only one achievement in each that still have a column each. Longer sequences
of such waves share one column.
"""


def graph_result(view: View, path: str) -> GraphResult:
    """Return the graph of the plan at `path`.

    The nodes are the achievements of the plan, and the achievements of other plans that they depend on.
    """
    state = view.state(path)
    waves = waves_result(view, next(plan for plan in view.plans if plan.path == path), None)
    critical_names = frozenset(waves.critical_path)
    waves_and_members = {member.achievement: (wave.n, member) for wave in waves.waves for member in wave.members}
    edges = [GraphEdge(edge.achievement, edge.depends_on, edge.holds, edge.reason) for edge in state.dependencies]
    other_standings = view.evaluations[path].outside.standings if path in view.evaluations else {}
    median_item_hours = waves.hours.median
    nodes = [
        _node(state, item, waves_and_members.get(item_name(item)), critical_names, median_item_hours)
        for item in state.achievements
    ]
    nodes += [
        _node_of_other_plan(name, standing, state_of_other_achievement(view, standing))
        for name, standing in other_standings.items()
    ]
    columns, column_numbers = _wave_columns(nodes, waves)
    if not waves.waves:
        column_numbers = _depths(nodes, edges)
        columns = [GraphColumn("") for _ in range(max(column_numbers, default=-1) + 1)]
    return GraphResult(
        workspace=view.snapshot.root,
        plan=state.path,
        feature=state.feature,
        nodes=[msgspec.structs.replace(node, column=index) for node, index in zip(nodes, column_numbers, strict=True)],
        edges=edges,
        columns=columns,
        critical_path=list(waves.critical_path),
        conflicts=list(waves.excluded_pairs),
        cycle=list(waves.cycle),
        summary=list(summary_lines(waves)),
        notes=[visible_in_one_line(note) for note in waves.notes],
    )


def state_of_other_achievement(view: View, standing: OtherAchievement) -> State:
    """Return the current state of an achievement of a different plan. `standing` is this achievement as the evaluation
    of the plan saw it.
    """
    item = view.evaluations[standing.plan].by_id.get(standing.id)
    return item.state if item else standing.state


def _node(
    state: PlanState,
    item: AchievementState,
    wave_and_member: tuple[int, WaveMember] | None,
    critical_names: Collection[str],
    median_item_hours: float | None,
) -> GraphNode:
    """Return the node of an item.

    `wave_and_member` has the number of its wave and its `WaveMember`; None if the item is in no wave. `critical_names`
    are the names of the items on the critical path.
    """
    node = GraphNode(
        *(item.id or item.ref, item.title, item.state, is_next(state, item), None, state_label(item)),
        ref=item_name(item),
    )
    if wave_and_member is None:
        return msgspec.structs.replace(node, why=_why_left_out(item))
    wave, member = wave_and_member
    hours = hours_label(member, median_item_hours)
    return msgspec.structs.replace(
        node,
        wave=wave,
        critical=member.achievement in critical_names,
        hours_label=f"{hours} h" if hours else "",
        why=member.why,
    )


def _why_left_out(item: AchievementState) -> str:
    """Return the reason why an item is in no wave; "" if the item is done."""
    if item.state in DONE_STATES:
        return ""
    if item.optional:
        return "optional"
    if not item.leaf:
        return "done when all items below it are"
    if item.listed:
        return "only the overview names it"
    return "a person confirms it first" if item.state == "unsupported" else ""


def _node_of_other_plan(name: str, standing: OtherAchievement, state: State) -> GraphNode:
    """Return the node of an achievement of a different plan. `name` is its feature and its id: `@TILL 1.1`."""
    return GraphNode(name, standing.title, state, False, standing.plan, name_in_words(state), ref=name)


def _wave_columns(nodes: Iterable[GraphNode], waves: WavesResult) -> tuple[list[GraphColumn], list[int]]:
    """Return the columns of a plan with waves, and for each node the position of its column.

    Columns without a node are left out.
    """
    column_by_wave: dict[int, GraphColumn] = {}
    for is_single, group in itertools.groupby(waves.waves, lambda wave: len(wave.members) == 1):
        wave_numbers = [wave.n for wave in group]
        if is_single and len(wave_numbers) > MAX_SEPARATE_SINGLE_WAVES:
            column_by_wave |= dict.fromkeys(
                wave_numbers, GraphColumn(f"Waves {wave_numbers[0]} to {wave_numbers[-1]}", wave_numbers[0])
            )
        else:
            column_by_wave |= {number: GraphColumn(f"Wave {number}", number) for number in wave_numbers}
    columns_of_nodes = [column_by_wave[node.wave] if node.wave else _column_outside_waves(node) for node in nodes]
    all_columns = dict.fromkeys((DONE, OTHER_PLANS_COLUMN, *column_by_wave.values(), NO_WAVE_COLUMN))
    used_columns = frozenset(columns_of_nodes)
    position_by_column = {
        column: number for number, column in enumerate(column for column in all_columns if column in used_columns)
    }
    return list(position_by_column), [position_by_column[column] for column in columns_of_nodes]


def _column_outside_waves(node: GraphNode) -> GraphColumn:
    if node.plan is not None:
        return OTHER_PLANS_COLUMN
    return DONE if node.state in DONE_STATES else NO_WAVE_COLUMN


def _depths(nodes: Sequence[GraphNode], edges: Iterable[GraphEdge]) -> list[int]:
    """Return the depth of each node, in the order of `nodes`.

    The depth of a node without dependencies is 0. Otherwise it is one more than the depth of its deepest dependency.
    Nodes that wait for each other, and nodes that depend on them, have the depth 0.
    """
    ids = {node.id for node in nodes}
    dependents: dict[str, list[str]] = {}
    open_need_counts: Counter[str] = Counter()
    for dependent_id, needed_id in {(edge.achievement, edge.depends_on) for edge in edges if edge.holds}:
        if dependent_id in ids and needed_id in ids:
            dependents.setdefault(needed_id, []).append(dependent_id)
            open_need_counts[dependent_id] += 1
    depths = dict.fromkeys(ids, 0)
    free_ids = [name for name in ids if not open_need_counts[name]]
    placed_ids: set[str] = set()
    while free_ids:
        name = free_ids.pop()
        placed_ids.add(name)
        for dependent in dependents.get(name, ()):
            depths[dependent] = max(depths[dependent], depths[name] + 1)
            open_need_counts[dependent] -= 1
            if not open_need_counts[dependent]:
                free_ids.append(dependent)
    return [depths[node.id] if node.id in placed_ids else 0 for node in nodes]
