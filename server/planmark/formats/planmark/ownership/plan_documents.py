"""A plan with the facts of its PLAN."""

from __future__ import annotations

from planmark.formats.planmark.documents.plan import Plan
from planmark.workspace.snapshot import WorkPlan

PlanDocuments = WorkPlan[Plan]
