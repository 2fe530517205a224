"""Dependencies as an LSP call hierarchy: an achievement calls the achievements that it depends on."""

from __future__ import annotations

from planmark.formats.planmark.editor.navigation import target_at
from planmark.formats.planmark.editor.references import achievement_target
from planmark.ide.document import EditorDocument
from planmark.ide.features import AchievementTarget, DependencyCall, Location
from planmark.plans.model import Dependency, Evidence
from planmark.workspace.snapshot import PlanDocuments


def achievement_at(document: EditorDocument, line: int, column: int) -> AchievementTarget | None:
    """Return the achievement under the cursor, else the achievement that the document is about."""
    target = target_at(document, line, column)
    if isinstance(target, AchievementTarget):
        return target
    return AchievementTarget(document.plan, document.achievement) if document.plan and document.achievement else None


def dependents(document: EditorDocument, target: AchievementTarget) -> list[DependencyCall]:
    """Return the callers of an achievement: the achievements, of all plans, that depend on it."""
    own_calls = [
        (target.plan, edge.achievement, edge.reason) for edge in _edges(document, target) if _is_needed(edge, target)
    ]
    links = document.view.evaluations.links
    node = (target.plan.path, target.state.id)
    foreign_calls = {
        link.waiting_node: (links.plans[path], link.waiting_node[1], link.reason)
        for path, plan_links in links.links.items()
        for link in reversed(plan_links)
        if link.needed_node == node
    }
    return [call for call_parts in (*own_calls, *foreign_calls.values()) if (call := _call(document, *call_parts))]


def dependencies(document: EditorDocument, target: AchievementTarget) -> list[DependencyCall]:
    """Return the callees of an achievement: the achievements that it depends on."""
    standings = document.view.evaluations[target.plan.path].outside.standings
    calls = []
    for edge in _edges(document, target):
        if edge.achievement != target.state.id:
            continue
        standing = standings.get(edge.depends_on)
        plan = document.view.snapshot.plan_at(standing.plan) if standing else target.plan
        if plan and (call := _call(document, plan, standing.id if standing else edge.depends_on, edge.reason)):
            calls.append(call)
    return calls


def _is_needed(edge: Dependency, target: AchievementTarget) -> bool:
    return edge.depends_on == target.state.id


def _edges(document: EditorDocument, target: AchievementTarget) -> tuple[Dependency, ...]:
    return document.view.evaluations[target.plan.path].state.dependencies


def _call(
    document: EditorDocument, plan: PlanDocuments, achievement_id: str, evidence: Evidence
) -> DependencyCall | None:
    target = achievement_target(document.view, plan, achievement_id)
    declared_location = Location(
        evidence.path, EditorDocument(document.view, evidence.path).whole_line(evidence.line - 1)
    )
    return DependencyCall(target, declared_location) if target else None
