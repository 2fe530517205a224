"""Rules for declared dependencies: unknown, unread, too wide, in a cycle, or on a dropped achievement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.cycles import component_numbers, cycle_through, targets_of
from planmark.formats.planmark.workflow.declared import own_declarations, why_too_wide
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, RelatedPlace
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import SETTLED_STATES
from planmark.workspace.snapshot import Snapshot

DEPENDENCY_UNKNOWN = DiagnosticCode(
    "dependency-unknown", "error", "a declared dependency on an achievement or a plan that does not exist"
)
DEPENDENCY_UNREAD = DiagnosticCode(
    "dependency-unread", "warning", "a dependency field with text that is not read as a dependency"
)
DEPENDENCY_TOO_WIDE = DiagnosticCode(
    "dependency-too-wide", "error", "a dependency range with more achievements than a PLAN may name"
)
DEPENDENCY_CYCLE = DiagnosticCode("dependency-cycle", "error", "declared dependencies that form a cycle")
DEPENDENCY_DROPPED = DiagnosticCode("dependency-dropped", "hint", "a declared dependency on a dropped achievement")


def unknown_and_cyclic_dependencies(
    _: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each dependency on an unknown achievement or plan, and for each cycle."""
    edges = evaluation.state.dependencies
    cyclic_pairs = [(edge.achievement, edge.depends_on) for edge in edges if edge.cyclic]
    component_of, targets = component_numbers(cyclic_pairs), targets_of(cyclic_pairs)
    reported_components: set[int] = set()
    for edge in edges:
        if edge.unknown:
            missing_id = edge.depends_on if edge.depends_on not in plan.facts.ids else edge.achievement
            message = (
                f"{edge.achievement} depends on {edge.depends_on}: {edge.problem}; it blocks nothing. Correct the id"
            )
            words = missing_id.rpartition(" ")[2]
            yield DEPENDENCY_UNKNOWN.at(edge.reason.path, edge.reason.line, message, target_text=words)
        elif edge.cyclic and (edge.achievement, edge.depends_on) not in evaluation.outside.cyclic:
            if component_of[edge.achievement] not in reported_components:
                cycle = cycle_through(targets, edge.achievement, edge.depends_on)
                yield DEPENDENCY_CYCLE.at(edge.reason.path, edge.reason.line, _cycle_message(cycle))
            reported_components.add(component_of[edge.achievement])
    for outside_cycle in evaluation.outside.cycles:
        first_reason, *other_reasons = outside_cycle.reasons
        related_places = tuple(RelatedPlace(reason.path, reason.line, reason.says) for reason in other_reasons)
        yield DEPENDENCY_CYCLE.at(
            first_reason.path, first_reason.line, _cycle_message(outside_cycle.names), related_places
        )


def too_wide_ranges(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each range of ids that names more achievements than a PLAN may name.

    A range gets no diagnostic if no unfinished work waits for it.
    """
    unsettled_ids = {
        achievement.id for achievement in evaluation.state.achievements if achievement.state not in SETTLED_STATES
    }
    for wide_declaration in (*own_declarations(plan).too_wide_ranges, *evaluation.outside.too_wide):
        if wide_declaration.achievement not in unsettled_ids and not (
            wide_declaration.reverse and (unsettled_ids or wide_declaration.needed_achievement.plan)
        ):
            continue
        waiting_text = (
            f"all of {wide_declaration.needed_achievement.plan or plan.feature}"
            if wide_declaration.reverse
            else wide_declaration.achievement
        )
        message = f"{why_too_wide(plan, wide_declaration)}; until then {waiting_text} must wait"
        yield DEPENDENCY_TOO_WIDE.at(
            wide_declaration.reason.path,
            wide_declaration.reason.line,
            message,
            target_text=wide_declaration.needed_achievement.first_id,
        )


def _cycle_message(names: Sequence[str]) -> str:
    """Return the message about a cycle of dependencies.

    `names` are the names of the achievements in the cycle, each followed by an achievement that it depends on.
    """
    return f"{' → '.join(names)}: these dependencies form a cycle and block nothing. Remove one"


def unread_dependencies(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each dependency field with text that Planmark cannot read as a dependency.

    The fields of approved and dropped achievements get no diagnostic.
    """
    settled_ids = {
        achievement.id for achievement in evaluation.state.achievements if achievement.state in SETTLED_STATES
    }
    for achievement in plan.facts.achievements:
        for declaration in achievement.declarations:
            if not declaration.unread_parts or achievement.id in settled_ids:
                continue
            is_denied = all(part.denying_word for part in declaration.unread_parts)
            list_text = ", ".join(f"`{part.words}`" for part in declaration.unread_parts)
            reason = f", because it says {declaration.unread_parts[0].denying_word}" if is_denied else ""
            message = (
                f"{achievement.id}: {list_text} is not read as a dependency{reason} and blocks nothing: write ids (`1.1, @OTHER 1.1`), "
                "or `none`, and move the other text elsewhere"
            )
            yield DEPENDENCY_UNREAD.at(
                plan.path,
                plan.document.line(declaration.quote.position),
                message,
                target_text=declaration.unread_parts[0].words,
                severity="hint" if is_denied else None,
            )


def dropped_dependencies(_: Snapshot, _plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each dependency of an unfinished achievement on a dropped achievement.

    A dependency on a dropped achievement is never satisfied.
    """
    achievements_by_id = {achievement.id: achievement for achievement in evaluation.state.achievements}
    outside_standings = evaluation.outside.standings
    for edge in evaluation.state.dependencies:
        waiting_achievement, needed_state = (
            achievements_by_id.get(edge.achievement),
            achievements_by_id.get(edge.depends_on) or outside_standings.get(edge.depends_on),
        )
        if (
            waiting_achievement is None
            or needed_state is None
            or waiting_achievement.state in SETTLED_STATES
            or needed_state.state != "dropped"
            or not edge.holds
        ):
            continue
        message = (
            f"{waiting_achievement.id} depends on {edge.depends_on}, which is dropped and will never be approved: remove the dependency, "
            "or name its replacement"
        )
        dropped_achievement = achievements_by_id.get(edge.depends_on)
        related_places = tuple(
            RelatedPlace(evidence.path, evidence.line, evidence.says)
            for evidence in (dropped_achievement.evidence if dropped_achievement else ())
        )
        yield DEPENDENCY_DROPPED.at(edge.reason.path, edge.reason.line, message, related_places)


TOPIC = Topic(
    codes=(DEPENDENCY_UNKNOWN, DEPENDENCY_UNREAD, DEPENDENCY_TOO_WIDE, DEPENDENCY_CYCLE, DEPENDENCY_DROPPED),
    plan=(unknown_and_cyclic_dependencies, unread_dependencies, too_wide_ranges, dropped_dependencies),
)
