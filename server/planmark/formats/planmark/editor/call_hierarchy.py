"""Dependencies as an LSP call hierarchy: an achievement calls the achievements that it depends on."""

from __future__ import annotations

from planmark.formats.planmark.editor.navigation import target_at
from planmark.formats.planmark.editor.references import achievement_target
from planmark.ide.document import EditorDocument
from planmark.ide.features import AchievementTarget, DependencyCall, Location
from planmark.plans.model import Dependency, Evidence
from planmark.workspace.snapshot import PlanDocuments


def prepare(page: EditorDocument, line: int, column: int) -> AchievementTarget | None:
    """Return the achievement under the cursor, else the achievement that the document is about."""
    target = target_at(page, line, column)
    if isinstance(target, AchievementTarget):
        return target
    return AchievementTarget(page.plan, page.achievement) if page.plan and page.achievement else None


def needed_by(page: EditorDocument, target: AchievementTarget) -> list[DependencyCall]:
    """Return the callers of an achievement: the achievements, of all plans, that depend on it."""
    own = [(target.plan, edge.achievement, edge.reason) for edge in _edges(page, target) if _is_needed(edge, target)]
    links = page.view.evaluations.links
    node = (target.plan.path, target.state.id)
    foreign_calls = {
        link.waits: (links.plans[path], link.waits[1], link.reason)
        for path, plan_links in links.links.items()
        for link in reversed(plan_links)
        if link.needs == node
    }
    return [call for call_parts in (*own, *foreign_calls.values()) if (call := _call(page, *call_parts))]


def needs(page: EditorDocument, target: AchievementTarget) -> list[DependencyCall]:
    """Return the callees of an achievement: the achievements that it depends on."""
    standings = page.view.evaluations[target.plan.path].outside.standings
    calls = []
    for edge in _edges(page, target):
        if edge.achievement != target.state.id:
            continue
        standing = standings.get(edge.depends_on)
        files = page.view.snapshot.plan_at(standing.plan) if standing else target.plan
        if files and (call := _call(page, files, standing.id if standing else edge.depends_on, edge.reason)):
            calls.append(call)
    return calls


def _is_needed(edge: Dependency, target: AchievementTarget) -> bool:
    return edge.depends_on == target.state.id


def _edges(page: EditorDocument, target: AchievementTarget) -> tuple[Dependency, ...]:
    return page.view.evaluations[target.plan.path].state.dependencies


def _call(page: EditorDocument, plan: PlanDocuments, other: str, evidence: Evidence) -> DependencyCall | None:
    target = achievement_target(page.view, plan, other)
    declared_location = Location(evidence.path, EditorDocument(page.view, evidence.path).whole_line(evidence.line - 1))
    return DependencyCall(target, declared_location) if target else None
