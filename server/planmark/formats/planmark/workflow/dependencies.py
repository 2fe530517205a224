"""The dependencies of a plan. Each dependency has the line that declares it, and its problem, if there is one."""

from __future__ import annotations

from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.cycles import edges_in_cycles
from planmark.formats.planmark.workflow.declared import own_edges
from planmark.plans.model import Dependency
from planmark.plans.outside import NO_OTHER_PLANS, OtherPlansInput


def dependencies(plan: PlanDocuments, outside: OtherPlansInput = NO_OTHER_PLANS) -> tuple[Dependency, ...]:
    """Return every dependency that the achievements of a plan have, without duplicates.

    The plan itself, or a different plan, may declare such a dependency. Dependencies on unknown achievements and
    dependencies in cycles are marked.
    """
    declared_edges, ids = own_edges(plan), frozenset(plan.facts.ids)
    cyclic_edges = edges_in_cycles([edge for edge in declared_edges if edge[0] in ids and edge[1] in ids])
    own_dependencies = [
        Dependency(
            waiting_id,
            needed_id,
            reason,
            waiting_id not in ids or needed_id not in ids,
            (waiting_id, needed_id) in cyclic_edges or (waiting_id, needed_id) in outside.cyclic,
            _missing_achievement_message(waiting_id, needed_id, ids),
        )
        for (waiting_id, needed_id), reason in declared_edges.items()
    ]
    foreign_dependencies = [
        Dependency(
            edge.waits,
            edge.needs,
            edge.reason,
            bool(edge.unknown),
            (edge.waits, edge.needs) in outside.cyclic,
            edge.unknown,
        )
        for edge in outside.edges
    ]
    return (*own_dependencies, *foreign_dependencies)


def _missing_achievement_message(waiting_id: str, needed_id: str, ids: frozenset[str]) -> str:
    """Return a message if the plan does not have both achievements of an edge; else ""."""
    missing_id = next((achievement_id for achievement_id in (needed_id, waiting_id) if achievement_id not in ids), None)
    return f"the PLAN has no {missing_id}" if missing_id else ""
