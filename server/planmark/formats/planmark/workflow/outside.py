"""The facts about other plans that affect the state of a plan: the achievements that it waits for, and cycles of
dependencies between plans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from planmark.formats.planmark.documents.dependencies import resolve_ids
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.cycles import component_numbers, cycle_through, targets_of
from planmark.formats.planmark.workflow.declared import (
    DeclaredDependency,
    all_declarations,
    names_other_plans,
    own_edges,
    split_at_bound,
    unreadable_ranges,
)
from planmark.plans.model import Evidence
from planmark.plans.outside import (
    NO_OTHER_PLANS,
    AchievementNode,
    CrossPlanCycle,
    CrossPlanDependency,
    OtherAchievement,
    OtherPlansInput,
)
from planmark.workspace.plan_work import PlanDependencies, PlanDependency

StandingsOf = Callable[[PlanDocuments], Mapping[str, OtherAchievement]]
"""Function that returns a mapping from the id of each achievement of a plan to the facts that other plans need."""


NO_LINKS = PlanDependencies({}, {}, {}, {}, {}, {}, {})
MAX_NAMED_PLANS = 5
"""Maximum number of plans with the same name per message; more are omitted."""
MAX_CACHED_WORKSPACES = 4
"""Maximum number of workspaces, or versions of a workspace, whose links are cached. After a change, the states and the
diagnostics need the same links.
"""


class _CachedLinks(NamedTuple):
    """The links between `plans`.

    `declarations` is a mapping from the `id` of each plan object to the plan's declarations about other plans. An `id`
    names one object only, because `plans` keeps the objects alive.
    """

    plans: tuple[PlanDocuments, ...]
    declarations: dict[int, tuple[DeclaredDependency, ...]]
    links: PlanDependencies


_cached_links: tuple[_CachedLinks, ...] = ()


def links_between(plans: tuple[PlanDocuments, ...]) -> PlanDependencies:
    """Return the links between plans: the dependencies of achievements on achievements of other plans.

    The links are cached for the last few values of `plans`.
    """
    global _cached_links
    known_links = next((known for known in _cached_links if known.plans is plans), None)
    if known_links is None:
        declarations = {id(plan): _declarations_about_other_plans(plan) for plan in plans}
        known_links = _CachedLinks(plans, declarations, _compute_links(plans, declarations))
        _cached_links = (known_links, *_cached_links)[:MAX_CACHED_WORKSPACES]
    return known_links.links


def _compute_links(
    plans: tuple[PlanDocuments, ...], declarations: Mapping[int, tuple[DeclaredDependency, ...]]
) -> PlanDependencies:
    """Return the links between plans. This function computes what `links_between` caches."""
    declaring_plans = [plan for plan in plans if declarations[id(plan)]]
    if not declaring_plans:
        return NO_LINKS
    plans_by_feature: dict[str, list[PlanDocuments]] = {}
    for plan in plans:
        plans_by_feature.setdefault(plan.feature, []).append(plan)
    links = PlanDependencies({}, {}, {}, {}, {}, {}, {})
    ids_by_feature = {
        feature: plans_with_name[0].facts.ids if len(plans_with_name) == 1 else ()
        for feature, plans_with_name in plans_by_feature.items()
    }
    for plan in declaring_plans:
        bounded_declarations = split_at_bound(
            plan, declarations[id(plan)], lambda feature: ids_by_feature.get(feature, ())
        )
        for dependency in bounded_declarations.dependencies:
            _add_links(links, plan, dependency, plans_by_feature.get(dependency.needed_achievement.plan, []))
        if bounded_declarations.too_wide_ranges:
            _add_ranges_beyond_bound(links, plan, bounded_declarations.too_wide_ranges, plans_by_feature)
    _mark_cycles_between_plans(links)
    return links


def _declarations_about_other_plans(plan: PlanDocuments) -> tuple[DeclaredDependency, ...]:
    """Return the declarations of a plan about achievements of other plans.

    The declarations of a plan object in `_cached_links` are returned from there, because a change usually replaces only
    one of many plans.
    """
    for known_links in _cached_links:
        declarations = known_links.declarations.get(id(plan))
        if declarations is not None:
            return declarations
    if not names_other_plans(plan):
        return ()
    return tuple(dependency for dependency in all_declarations(plan) if dependency.needed_achievement.plan)


def outside_of(path: str, links: PlanDependencies, standings_of: StandingsOf) -> OtherPlansInput:
    """Return the facts about other plans that affect the plan at `path`.

    `standings_of` returns the title, the state and the verdict of each achievement of a plan.
    """
    if path not in links.plans:
        return NO_OTHER_PLANS
    edges: dict[tuple[str, str], CrossPlanDependency] = {}
    standings: dict[str, OtherAchievement] = {}
    for link in links.links.get(path, ()):
        name = _name_in_plan(links, link.needed_node, path)
        edges.setdefault((link.waiting_node[1], name), CrossPlanDependency(link.waiting_node[1], name, link.reason, ""))
        standings[name] = standings_of(links.plans[link.needed_node[0]])[link.needed_node[1]]
    return OtherPlansInput(
        (*edges.values(), *links.unknown.get(path, ())),
        standings,
        frozenset(links.cyclic.get(path, ())),
        tuple(links.cycles.get(path, ())),
        links.too_wide.get(path, ()),
        links.unreadable.get(path, {}),
    )


def _add_links(
    links: PlanDependencies, plan: PlanDocuments, dependency: DeclaredDependency, named_plans: Sequence[PlanDocuments]
) -> None:
    """Add to `links` the edges that the declaration `dependency` of `plan` stands for.

    `named_plans` are the plans with the feature that the declaration names.
    """
    links.plans[plan.path] = plan
    named_plan = named_plans[0] if len(named_plans) == 1 else None
    for achievement_id in resolve_ids(dependency.needed_achievement, named_plan.facts.ids if named_plan else ()):
        name = f"@{dependency.needed_achievement.plan} {achievement_id}"
        if (
            named_plan is not None
            and achievement_id in named_plan.facts.by_id
            and dependency.achievement in plan.facts.by_id
        ):
            links.plans[named_plan.path] = named_plan
            own_node, foreign_node = (plan.path, dependency.achievement), (named_plan.path, achievement_id)
            waiting_node, needed_node = (foreign_node, own_node) if dependency.reverse else (own_node, foreign_node)
            links.links.setdefault(waiting_node[0], []).append(
                PlanDependency(waiting_node, needed_node, dependency.reason)
            )
        else:
            waiting_and_needed = (
                (name, dependency.achievement) if dependency.reverse else (dependency.achievement, name)
            )
            reason = _unresolved_reason(plan, dependency, named_plans, achievement_id)
            links.unknown.setdefault(plan.path, []).append(
                CrossPlanDependency(*waiting_and_needed, dependency.reason, reason)
            )


def _add_ranges_beyond_bound(
    links: PlanDependencies,
    plan: PlanDocuments,
    too_wide_ranges: tuple[DeclaredDependency, ...],
    plans_by_feature: Mapping[str, Sequence[PlanDocuments]],
) -> None:
    """Add `too_wide_ranges`, the ranges of `plan` that are beyond the bound, to `links`.

    Achievements that depend on such a range wait until the range is corrected.
    """
    links.plans[plan.path] = plan
    links.too_wide[plan.path] = too_wide_ranges
    for dependency in too_wide_ranges:
        waiting_plan = plans_by_feature[dependency.needed_achievement.plan][0] if dependency.reverse else plan
        links.plans[waiting_plan.path] = waiting_plan
        for achievement_id, evidence in unreadable_ranges(plan, (dependency,)).items():
            links.unreadable.setdefault(waiting_plan.path, {}).setdefault(achievement_id, evidence)


def _unresolved_reason(
    plan: PlanDocuments, dependency: DeclaredDependency, named_plans: Sequence[PlanDocuments], achievement_id: str
) -> str:
    """Return the reason why a declared dependency cannot be resolved.

    An achievement of the dependency or its plan does not exist, or several plans have the same name.
    """
    if dependency.achievement not in plan.facts.by_id:
        return f"the PLAN has no {dependency.achievement}"
    if not named_plans:
        return f"no plan is called {dependency.needed_achievement.plan}"
    if len(named_plans) > 1:
        list_text = ", ".join(named_plan.path for named_plan in named_plans[:MAX_NAMED_PLANS])
        more_text = ", …" if len(named_plans) > MAX_NAMED_PLANS else ""
        return f"{len(named_plans)} plans are called {dependency.needed_achievement.plan}: {list_text}{more_text}"
    return f"{named_plans[0].path} has no {achievement_id}"


def _mark_cycles_between_plans(all_links: PlanDependencies) -> None:
    """Mark the edges in `all_links` that are part of a cycle through more than one plan."""
    plan_edges = [(link.waiting_node[0], link.needed_node[0]) for links in all_links.links.values() for link in links]
    group_by_path = component_numbers(plan_edges)
    paths_by_group: dict[int, list[str]] = {}
    for path, group in group_by_path.items():
        paths_by_group.setdefault(group, []).append(path)
    for paths in paths_by_group.values():
        if len(paths) > 1:
            _mark_cycles_in_group(all_links, paths)


def _mark_cycles_in_group(links: PlanDependencies, paths: Sequence[str]) -> None:
    """Mark the edges in `links` that are part of a cycle through more than one of the plans at `paths`."""
    group_paths = frozenset(paths)
    edges: dict[tuple[AchievementNode, AchievementNode], Evidence] = {}
    for path in paths:
        ids = links.plans[path].facts.by_id
        for (waiting_id, needed_id), reason in own_edges(links.plans[path]).items():
            if waiting_id in ids and needed_id in ids:
                edges.setdefault(((path, waiting_id), (path, needed_id)), reason)
        for link in links.links.get(path, ()):
            if link.needed_node[0] in group_paths:
                edges.setdefault((link.waiting_node, link.needed_node), link.reason)
    component_by_node = component_numbers(edges)
    plans_by_component: dict[int, set[str]] = {}
    for (path, _), number in component_by_node.items():
        plans_by_component.setdefault(number, set()).add(path)
    cyclic_edges: list[tuple[AchievementNode, AchievementNode]] = [
        edge
        for edge in edges
        if component_by_node[edge[0]] == component_by_node[edge[1]]
        and len(plans_by_component[component_by_node[edge[0]]]) > 1
    ]
    targets = targets_of(cyclic_edges)
    reported_components: set[int] = set()
    for waiting_node, needed_node in sorted(cyclic_edges):
        links.cyclic.setdefault(waiting_node[0], set()).add(
            (waiting_node[1], _name_in_plan(links, needed_node, waiting_node[0]))
        )
        if waiting_node[0] != needed_node[0] and component_by_node[waiting_node] not in reported_components:
            reported_components.add(component_by_node[waiting_node])
            cycle = cycle_through(targets, waiting_node, needed_node)
            names = tuple(_name_in_plan(links, node, waiting_node[0]) for node in cycle)
            reasons = tuple(edges[pair] for pair in pairwise(cycle))
            links.cycles.setdefault(waiting_node[0], []).append(CrossPlanCycle(names, reasons))


def _name_in_plan(links: PlanDependencies, node: AchievementNode, plan_path: str) -> str:
    """Return the name by which the PLAN at `plan_path` refers to the achievement `node`.

    This is the id or, for an achievement of a different plan, a name such as `@OTHER 1.1`.
    """
    return node[1] if node[0] == plan_path else f"@{links.plans[node[0]].feature} {node[1]}"
