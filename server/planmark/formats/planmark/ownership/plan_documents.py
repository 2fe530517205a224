"""A plan of the methodology with its documents, with the type of its facts."""

from __future__ import annotations

from typing import cast

from planmark.formats.planmark.documents.plan import Plan
from planmark.workspace.snapshot import CorePlanFacts, WorkPlan

PlanDocuments = WorkPlan[Plan]


def as_plan_documents(plan: WorkPlan[CorePlanFacts]) -> PlanDocuments:
    """Return a plan of a snapshot as PlanDocuments. The core knows only a part of the type of its facts."""
    assert isinstance(plan.facts, Plan)
    return cast(PlanDocuments, plan)
