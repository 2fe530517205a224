"""The plans that a verdict names in its Plan field or in its title."""

from __future__ import annotations

from planmark.formats.planmark.documents.document_references import plan_feature_named_in
from planmark.formats.planmark.documents.verdict import Verdict
from planmark.plans.document import Document
from planmark.text.lookalikes import fold_characters
from planmark.workspace.snapshot import PlanPlace, PlanTable

MAX_PLANS_PER_FEATURE = 8
"""Maximum number of PLANs with the same feature that `plans_named_in` returns. Further PLANs are ignored."""


def plans_named_in(verdict: Document, table: PlanTable) -> list[PlanPlace]:
    """Return the plans that the Plan field or the title of a verdict names."""
    assert isinstance(verdict.facts, Verdict)
    plan_names = (verdict.facts.plan_feature or "", *verdict.facts.features)
    return [
        plan
        for feature in dict.fromkeys(plan_names)
        for plan in table.by_feature.get(feature, ())[:MAX_PLANS_PER_FEATURE]
    ]


def other_features_named(verdict: Document, own_feature: str, table: PlanTable) -> tuple[str, ...]:
    """Return the features of the PLANs that a verdict names in its Plan field or its title, except `own_feature`.

    If the title names `own_feature`, all other features in the title are ignored. Features of files that only look like
    PLANs are included. In the Plan field, the feature may be in lower case.
    """
    assert isinstance(verdict.facts, Verdict)
    features_of_title = verdict.facts.features
    field_feature = verdict.facts.plan_feature or plan_feature_named_in(fold_characters(verdict.facts.plan).upper())
    features = (
        *((field_feature,) if field_feature else ()),
        *(() if own_feature in features_of_title else features_of_title),
    )
    return tuple(feature for feature in dict.fromkeys(features) if feature != own_feature and _has_plan(feature, table))


def _has_plan(feature: str, table: PlanTable) -> bool:
    """Tell whether a feature has a PLAN, or a file that is meant as its PLAN."""
    if feature in table.by_feature or feature in table.misnamed:
        return True
    return any(not_plan.path.endswith((f"/PLAN_{feature}.md", f"/plan_{feature}.md")) for not_plan in table.not_plans)
