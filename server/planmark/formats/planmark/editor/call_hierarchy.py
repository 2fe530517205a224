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
    """Return a call for each achievement, of any plan, that depends on the achievement `target`.

    In the call hierarchy of an editor, an achievement calls the achievements that it depends on.
    """
    own_calls = [
        (target.plan, edge.achievement, edge.reason)
        for edge in _dependencies_in_plan(document, target)
        if _is_dependency_on(edge, target)
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
    """Return a call for each achievement, of any plan, that the achievement `target` depends on.

    In the call hierarchy of an editor, an achievement calls the achievements that it depends on.
    """
    standings = document.view.evaluations[target.plan.path].outside.standings
    calls = []
    for edge in _dependencies_in_plan(document, target):
        if edge.achievement != target.state.id:
            continue
        standing = standings.get(edge.depends_on)
        plan = document.view.snapshot.plan_at(standing.plan) if standing else target.plan
        if plan and (call := _call(document, plan, standing.id if standing else edge.depends_on, edge.reason)):
            calls.append(call)
    return calls


def _is_dependency_on(edge: Dependency, target: AchievementTarget) -> bool:
    """Tell whether `edge` is a dependency on the achievement `target`."""
    return edge.depends_on == target.state.id


def _dependencies_in_plan(document: EditorDocument, target: AchievementTarget) -> tuple[Dependency, ...]:
    """Return the dependencies of all achievements in the plan of `target`."""
    return document.view.evaluations[target.plan.path].state.dependencies


def _call(
    document: EditorDocument, plan: PlanDocuments, achievement_id: str, evidence: Evidence
) -> DependencyCall | None:
    """Return the call to or from the achievement of `plan` with the id `achievement_id`.

    `evidence` is the line that declares the dependency. Return None if the plan has no achievement with this id.
    """
    target = achievement_target(document.view, plan, achievement_id)
    declared_location = Location(
        evidence.path, EditorDocument(document.view, evidence.path).span_of_line_text(evidence.line - 1)
    )
    return DependencyCall(target, declared_location) if target else None
