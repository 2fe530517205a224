"""The dependencies of a plan, each with the line that declares it and its problem, if any."""

from __future__ import annotations

from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.cycles import edges_in_cycles
from planmark.formats.planmark.workflow.declared import own_edges
from planmark.plans.model import Dependency
from planmark.plans.outside import EMPTY_OUTSIDE, Outside


def dependencies(plan: PlanDocuments, outside: Outside = EMPTY_OUTSIDE) -> tuple[Dependency, ...]:
    """Return every dependency from `parallel.json`, the fields of bodies and other plans, without duplicates.

    Dependencies on unknown achievements and dependencies in cycles are marked.
    """
    declared_edges, ids = own_edges(plan), frozenset(plan.facts.ids)
    around = edges_in_cycles([edge for edge in declared_edges if edge[0] in ids and edge[1] in ids])
    own = [
        Dependency(
            waits,
            needs,
            reason,
            waits not in ids or needs not in ids,
            (waits, needs) in around or (waits, needs) in outside.cyclic,
            _missing(waits, needs, ids),
        )
        for (waits, needs), reason in declared_edges.items()
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
    return (*own, *foreign_dependencies)


def _missing(waits: str, needs: str, ids: frozenset[str]) -> str:
    """Return a message about an edge to or from an unknown achievement of the plan; "" if both achievements exist."""
    missing_id = next((achievement_id for achievement_id in (needs, waits) if achievement_id not in ids), None)
    return f"the PLAN has no {missing_id}" if missing_id else ""
