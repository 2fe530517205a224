"""The plan of a SUBPLAN or EXECUTION_TASK: of all plans with its feature, the plan that is nearest to the document."""

from __future__ import annotations

from planmark.formats.planmark.documents.document import work_facts
from planmark.formats.planmark.documents.document_references import (
    features_named_in,
    plain_value,
    plan_feature_named_in,
)
from planmark.formats.planmark.documents.execution_task import ExecutionTask
from planmark.formats.planmark.ownership.discovery import folder_rank
from planmark.plans.document import Document
from planmark.workspace.snapshot import PlanPlace, PlanTable


def nearest_plan(document: Document, table: PlanTable) -> PlanPlace | None:
    """Return the plan of a SUBPLAN or an EXECUTION_TASK, or None if there is no such plan.

    The plan has the feature in the file name. If no plan has this feature, the plan has a feature that the header
    names. If several plans have the feature, return the nearest of them.
    """
    candidates = table.by_feature.get(document.name.feature, [])
    if not candidates:
        features = dict.fromkeys(_features_in_header(document))
        candidates = [plan for feature in features for plan in table.by_feature.get(feature, ())]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    plan_field = work_facts(document).plan
    return min(candidates, key=lambda plan: _distance_order(plan, document, plan_field))


def _features_in_header(document: Document) -> tuple[str, ...]:
    """Return the features that the Plan field and the SUBPLAN field of a document name."""
    facts = work_facts(document)
    subplan_feature = facts.subplan[0] if isinstance(facts, ExecutionTask) and facts.subplan else ""
    plan_feature = plan_feature_named_in(facts.plan) if facts.plan else None
    return (
        *((plan_feature,) if plan_feature else ()),
        *features_named_in(facts.plan),
        *((subplan_feature,) if subplan_feature else ()),
    )


def _distance_order(plan: PlanPlace, document: Document, plan_field: str) -> tuple[int, bool, int, str]:
    """Return a sort key for the distance between a plan and a document. The nearest plan has the lowest key.

    `plan_field` is the value of the document's Plan field. If the folder of the document has the same rank for two
    plans, the plan whose path is in `plan_field` is nearer. Otherwise, the plan with the longer common path is nearer.
    """
    names_path = "/" in plan_field and plan.path.endswith(_path_in_header(plan_field))
    return folder_rank(plan, document), not names_path, -common_folder_count(plan.path, document.path), plan.path


def common_folder_count(path: str, other_path: str) -> int:
    """Return the number of leading folders that two paths have in common."""
    count = 0
    for part, other_part in zip(path.split("/"), other_path.split("/"), strict=False):
        if part != other_part:
            break
        count += 1
    return count


def _path_in_header(plan_field: str) -> str:
    """Return the path of the PLAN in the value `plan_field`, stripped of `@`, dots and slashes at its beginning.

    If `plan_field` contains no path, return `plan_field`.
    """
    paths = [word for word in plain_value(plan_field).split() if "/" in word]
    return paths[0].lstrip("@./") if paths else plan_field
