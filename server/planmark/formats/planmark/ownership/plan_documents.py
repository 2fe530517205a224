"""A plan of the methodology with its documents, with the type of its facts."""

from __future__ import annotations

from typing import cast

from planmark.formats.planmark.documents.plan import Plan
from planmark.workspace.snapshot import CorePlanFacts, WorkPlan

PlanDocuments = WorkPlan[Plan]


def as_plan_documents(plan: WorkPlan[CorePlanFacts]) -> PlanDocuments:
    """Return a plan of a snapshot as PlanDocuments. The core does not know the full type of the plan's facts."""
    assert isinstance(plan.facts, Plan)
    return cast(PlanDocuments, plan)
