"""The type of a plan with its documents, for a plan of the methodology."""

from __future__ import annotations

from planmark.formats.planmark.documents.plan import Plan
from planmark.workspace.snapshot import WorkPlan

PlanDocuments = WorkPlan[Plan]
