"""The facts about other plans that affect a plan's state: achievements that it waits for, and cycles through them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from planmark.formats.planmark.documents.dependencies import resolve_ids
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.cycles import components, cycle_through, targets_of
from planmark.formats.planmark.workflow.declared import (
    DeclaredDependency,
    all_declarations,
    names_others,
    own_edges,
    split_at_bound,
    unread_ranges,
)
from planmark.plans.model import Evidence
from planmark.plans.outside import EMPTY_OUTSIDE, Cycle, Edge, Node, OtherAchievement, Outside
from planmark.workspace.plan_work import Link, Links

StandingsOf = Callable[[PlanDocuments], Mapping[str, OtherAchievement]]


NO_LINKS = Links({}, {}, {}, {}, {}, {}, {})
MAX_NAMED_PLANS = 5
"""Maximum number of plans with the same name per message; more are omitted."""
MAX_DECLARATIONS = 4096
"""Maximum number of plans in the cache of declarations about other plans. A change usually affects one plan."""
MAX_LINKS = 4
"""Maximum number of workspaces in the cache of links. States and diagnostics both need the links after a change."""
_standings_cache: OrderedDict[int, tuple[PlanDocuments, tuple[DeclaredDependency, ...]]] = OrderedDict()
_last_links: tuple[tuple[tuple[PlanDocuments, ...], Links], ...] = ()


def links_between(plans: tuple[PlanDocuments, ...]) -> Links:
    """Return the dependencies between plans, by the path of the PLAN that waits."""
    global _last_links
    cached_links = next((links for linked_plans, links in _last_links if linked_plans is plans), None)
    if cached_links is None:
        cached_links = _links(plans)
        _last_links = ((plans, cached_links), *_last_links)[:MAX_LINKS]
    return cached_links


def _links(plans: tuple[PlanDocuments, ...]) -> Links:
    speaking = [files for files in plans if names_others(files)]
    if not speaking:
        return NO_LINKS
    by_feature: dict[str, list[PlanDocuments]] = {}
    for files in plans:
        by_feature.setdefault(files.feature, []).append(files)
    links = Links({}, {}, {}, {}, {}, {}, {})
    ids = {feature: named[0].facts.ids if len(named) == 1 else () for feature, named in by_feature.items()}
    for files in speaking:
        bounded_declarations = split_at_bound(
            files, _declarations_about_other_plans(files), lambda feature: ids.get(feature, ())
        )
        for dependency in bounded_declarations.dependencies:
            _link(links, files, dependency, by_feature.get(dependency.needed_achievement.plan, []))
        if bounded_declarations.too_wide:
            _refuse(links, files, bounded_declarations.too_wide, by_feature)
    _find_cycles(links)
    return links


def _declarations_about_other_plans(plan: PlanDocuments) -> tuple[DeclaredDependency, ...]:
    """Return the declarations of a plan about achievements of other plans."""
    cached = _standings_cache.get(id(plan))
    if cached is not None and cached[0] is plan:
        _standings_cache.move_to_end(id(plan))
        return cached[1]
    dependencies = tuple(dependency for dependency in all_declarations(plan) if dependency.needed_achievement.plan)
    _standings_cache[id(plan)] = (plan, dependencies)
    if len(_standings_cache) > MAX_DECLARATIONS:
        _standings_cache.popitem(last=False)
    return dependencies


def outside_of(path: str, links: Links, standings_of: StandingsOf) -> Outside:
    """Return the facts about other plans that affect the plan at `path`."""
    if path not in links.plans:
        return EMPTY_OUTSIDE
    edges: dict[tuple[str, str], Edge] = {}
    standings: dict[str, OtherAchievement] = {}
    for link in links.links.get(path, ()):
        name = _name(links, link.needs, path)
        edges.setdefault((link.waits[1], name), Edge(link.waits[1], name, link.reason, ""))
        standings[name] = standings_of(links.plans[link.needs[0]])[link.needs[1]]
    return Outside(
        (*edges.values(), *links.unknown.get(path, ())),
        standings,
        frozenset(links.cyclic.get(path, ())),
        tuple(links.cycles.get(path, ())),
        links.too_wide.get(path, ()),
        links.unreadable.get(path, {}),
    )


def _link(links: Links, plan: PlanDocuments, dependency: DeclaredDependency, others: Sequence[PlanDocuments]) -> None:
    """Add the edges that follow from one declaration to `links`."""
    links.plans[plan.path] = plan
    other = others[0] if len(others) == 1 else None
    for achievement_id in resolve_ids(dependency.needed_achievement, other.facts.ids if other else ()):
        name = f"@{dependency.needed_achievement.plan} {achievement_id}"
        if other is not None and achievement_id in other.facts.by_id and dependency.achievement in plan.facts.by_id:
            links.plans[other.path] = other
            own, foreign_node = (plan.path, dependency.achievement), (other.path, achievement_id)
            waits, needs = (foreign_node, own) if dependency.reverse else (own, foreign_node)
            links.links.setdefault(waits[0], []).append(Link(waits, needs, dependency.reason))
        else:
            ends = (name, dependency.achievement) if dependency.reverse else (dependency.achievement, name)
            why = _why_unknown(plan, dependency, others, achievement_id)
            links.unknown.setdefault(plan.path, []).append(Edge(*ends, dependency.reason, why))


def _refuse(
    links: Links,
    plan: PlanDocuments,
    too_wide: tuple[DeclaredDependency, ...],
    by_feature: Mapping[str, Sequence[PlanDocuments]],
) -> None:
    """Add the ranges of a plan beyond the bound to `links`.

    Achievements that depend on such a range wait until it is corrected.
    """
    links.plans[plan.path] = plan
    links.too_wide[plan.path] = too_wide
    for dependency in too_wide:
        waiting = by_feature[dependency.needed_achievement.plan][0] if dependency.reverse else plan
        links.plans[waiting.path] = waiting
        for achievement_id, why in unread_ranges(plan, (dependency,)).items():
            links.unreadable.setdefault(waiting.path, {}).setdefault(achievement_id, why)


def _why_unknown(
    plan: PlanDocuments, dependency: DeclaredDependency, others: Sequence[PlanDocuments], achievement_id: str
) -> str:
    if dependency.achievement not in plan.facts.by_id:
        return f"the PLAN has no {dependency.achievement}"
    if not others:
        return f"no plan is called {dependency.needed_achievement.plan}"
    if len(others) > 1:
        list_text = ", ".join(other.path for other in others[:MAX_NAMED_PLANS])
        more = ", …" if len(others) > MAX_NAMED_PLANS else ""
        return f"{len(others)} plans are called {dependency.needed_achievement.plan}: {list_text}{more}"
    return f"{others[0].path} has no {achievement_id}"


def _find_cycles(all_links: Links) -> None:
    """Mark the edges that are part of cycles through more than one plan."""
    between = [(link.waits[0], link.needs[0]) for links in all_links.links.values() for link in links]
    group_of = components(between)
    groups: dict[int, list[str]] = {}
    for path, group in group_of.items():
        groups.setdefault(group, []).append(path)
    for paths in groups.values():
        if len(paths) > 1:
            _mark_cycles(all_links, paths)


def _mark_cycles(links: Links, paths: Sequence[str]) -> None:
    """Mark the edges of cycles within one group of plans that depend on each other."""
    members = frozenset(paths)
    edges: dict[tuple[Node, Node], Evidence] = {}
    for path in paths:
        ids = links.plans[path].facts.by_id
        for (waiting_id, other), reason in own_edges(links.plans[path]).items():
            if waiting_id in ids and other in ids:
                edges.setdefault(((path, waiting_id), (path, other)), reason)
        for link in links.links.get(path, ()):
            if link.needs[0] in members:
                edges.setdefault((link.waits, link.needs), link.reason)
    component = components(edges)
    plans_of: dict[int, set[str]] = {}
    for (path, _), number in component.items():
        plans_of.setdefault(number, set()).add(path)
    inside: list[tuple[Node, Node]] = [
        edge for edge in edges if component[edge[0]] == component[edge[1]] and len(plans_of[component[edge[0]]]) > 1
    ]
    targets = targets_of(inside)
    reported: set[int] = set()
    for waits, needs in sorted(inside):
        links.cyclic.setdefault(waits[0], set()).add((waits[1], _name(links, needs, waits[0])))
        if waits[0] != needs[0] and component[waits] not in reported:
            reported.add(component[waits])
            cycle = cycle_through(targets, waits, needs)
            names = tuple(_name(links, node, waits[0]) for node in cycle)
            reasons = tuple(edges[pair] for pair in pairwise(cycle))
            links.cycles.setdefault(waits[0], []).append(Cycle(names, reasons))


def _name(links: Links, node: Node, seen_from: str) -> str:
    """Return the name of an achievement in the documents of the plan `seen_from`: its id, or `@OTHER 1.1`."""
    return node[1] if node[0] == seen_from else f"@{links.plans[node[0]].feature} {node[1]}"
