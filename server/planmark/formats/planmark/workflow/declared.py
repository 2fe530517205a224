"""The dependencies that the documents of a plan declare, each with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from planmark.formats.planmark.documents.dependencies import NeededAchievement, resolve_ids
from planmark.formats.planmark.documents.ids import positions_between
from planmark.formats.planmark.documents.parallel_json import Parallel, parse_needed_achievement
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.plans.model import Evidence

MIN_RANGE_BOUND, RANGE_BOUND_PER_ACHIEVEMENT = 1000, 20
"""Numbers from which `max_range_achievements` computes how many achievements the ranges of a PLAN may name.

The result is the maximum of two numbers: `MIN_RANGE_BOUND`, and `RANGE_BOUND_PER_ACHIEVEMENT` times the number of
achievements of the PLAN.
"""


class DeclaredDependency(NamedTuple):
    """One declaration of a dependency.

    `achievement` waits for `needed_achievement`. If `reverse` is True, `needed_achievement` waits for `achievement`
    instead. `reason` is the line that declares the dependency.
    """

    achievement: str
    needed_achievement: NeededAchievement
    reverse: bool
    reason: Evidence


class SplitDeclarations(NamedTuple):
    """The declarations of a plan, split at the bound of `max_range_achievements`. `too_wide_ranges` are the ranges
    beyond the bound.

    An achievement with a range beyond the bound waits until the range is corrected.
    """

    dependencies: tuple[DeclaredDependency, ...]
    too_wide_ranges: tuple[DeclaredDependency, ...]


def all_declarations(plan: PlanDocuments) -> Iterator[DeclaredDependency]:
    """Yield every dependency that a plan declares: first in `parallel.json`, then in fields of achievements' bodies."""
    facts = parallel_facts(plan)
    if plan.parallel is not None and facts is not None:
        for entry in facts.entries:
            for reverse, entry_ids in ((False, entry.depends_on), (True, entry.blocks or ())):
                for name in entry_ids:
                    verb = "blocks" if reverse else "depends on"
                    reason = Evidence(plan.parallel.path, entry.line + 1, f"{entry.achievement} {verb} {name}")
                    yield DeclaredDependency(
                        entry.achievement, _without_own_plan(plan, parse_needed_achievement(name)), reverse, reason
                    )
    for achievement in plan.facts.achievements:
        for declaration in achievement.declarations:
            reason = Evidence(plan.path, plan.document.line(declaration.quote.position), declaration.quote.text)
            for needed_achievement in declaration.needed_achievements:
                yield DeclaredDependency(achievement.id, needed_achievement, declaration.reverse, reason)


def max_range_achievements(plan: PlanDocuments) -> int:
    """Return the maximum number of achievements that all ranges of a PLAN may name together. This maximum is called the
    bound.

    The bound keeps the number of edges proportional to the length of the text.
    """
    return max(MIN_RANGE_BOUND, RANGE_BOUND_PER_ACHIEVEMENT * len(plan.facts.achievements))


def split_at_bound(
    plan: PlanDocuments, declared_dependencies: Iterable[DeclaredDependency], ids_of: Callable[[str], Sequence[str]]
) -> SplitDeclarations:
    """Return two groups of declarations: those within the bound of `max_range_achievements`, and ranges beyond it.

    Earlier declarations take precedence. `ids_of` takes the feature of a plan and returns the ids of this plan; the
    feature "" means `plan`.
    """
    remaining_count = max_range_achievements(plan)
    dependencies: list[DeclaredDependency] = []
    too_wide_ranges: list[DeclaredDependency] = []
    for dependency in declared_dependencies:
        range_length = (
            len(
                positions_between(
                    dependency.needed_achievement.first_id,
                    dependency.needed_achievement.last_id,
                    ids_of(dependency.needed_achievement.plan),
                )
            )
            if dependency.needed_achievement.last_id
            else 0
        )
        is_within_bound = range_length <= remaining_count
        remaining_count -= range_length if is_within_bound else 0
        (dependencies if is_within_bound else too_wide_ranges).append(dependency)
    return SplitDeclarations(tuple(dependencies), tuple(too_wide_ranges))


def own_declarations(plan: PlanDocuments) -> SplitDeclarations:
    """Return the declarations of the plan about its own achievements, split at the bound."""
    return split_at_bound(
        plan,
        (dependency for dependency in all_declarations(plan) if not dependency.needed_achievement.plan),
        lambda _: plan.facts.ids,
    )


def why_too_wide(plan: PlanDocuments, dependency: DeclaredDependency) -> str:
    """Return a message about a range beyond the bound, which also says how to correct the range."""
    needed_achievement = dependency.needed_achievement
    return (
        f"the ranges of this PLAN name more than {max_range_achievements(plan):,} achievements with {needed_achievement.first_id}-{needed_achievement.last_id} of "
        f"{dependency.achievement}: name only the last ones that have to be approved first"
    )


def own_edges(plan: PlanDocuments) -> dict[tuple[str, str], Evidence]:
    """Return a mapping from each edge within the plan to the first line that declares the edge.

    An edge is (id of the waiting achievement, id of the needed achievement). Edges with unknown ids are included.
    """
    return {edge: next(iter(reasons.values())) for edge, reasons in evidence_by_edge(plan).items()}


def evidence_by_edge(plan: PlanDocuments) -> dict[tuple[str, str], dict[str, Evidence]]:
    """Return a mapping from each edge of `own_edges` to a second mapping.

    The second mapping has the first line that declares the edge, by the path of the file.
    """
    result: dict[tuple[str, str], dict[str, Evidence]] = {}
    for dependency in own_declarations(plan).dependencies:
        for other_id in resolve_ids(dependency.needed_achievement, plan.facts.ids):
            edge = (other_id, dependency.achievement) if dependency.reverse else (dependency.achievement, other_id)
            result.setdefault(edge, {}).setdefault(dependency.reason.path, dependency.reason)
    return result


def names_other_plans(plan: PlanDocuments) -> bool:
    """Tell whether a declared dependency of `plan` names a different plan."""
    facts = parallel_facts(plan)
    return plan.facts.names_others or (facts is not None and facts.names_others)


def parallel_facts(plan: PlanDocuments) -> Parallel | None:
    """Return the facts of the plan's `parallel.json`; None if the plan has no such file."""
    return plan.parallel.facts if plan.parallel and isinstance(plan.parallel.facts, Parallel) else None


def unreadable_declarations(plan: PlanDocuments) -> dict[str | None, Evidence]:
    """Return a mapping from the id of each waiting achievement to the evidence of one declaration that cannot be read.

    The key None means that any achievement of the plan may wait because of the declaration.
    """
    return unreadable_ranges(plan, own_declarations(plan).too_wide_ranges) | unreadable_parts_of_parallel_json(plan)


def unreadable_ranges(plan: PlanDocuments, too_wide_ranges: Iterable[DeclaredDependency]) -> dict[str | None, Evidence]:
    """Return the part of `unreadable_declarations` that concerns `too_wide_ranges`, which `plan` declares."""
    result: dict[str | None, Evidence] = {}
    for dependency in too_wide_ranges:
        path, line = dependency.reason.path, dependency.reason.line
        message = f"{path.rpartition('/')[2]} line {line} cannot be read: {why_too_wide(plan, dependency)}"
        result.setdefault(None if dependency.reverse else dependency.achievement, Evidence(path, line, message))
    return result


def unreadable_parts_of_parallel_json(plan: PlanDocuments) -> dict[str | None, Evidence]:
    """Return the part of `unreadable_declarations` that concerns `parallel.json`."""
    facts = parallel_facts(plan)
    if plan.parallel is None or facts is None:
        return {}
    name = plan.parallel.path.rpartition("/")[2]
    broken_entries = [(None, facts.broken), *((entry.achievement, entry.broken) for entry in facts.entries)]
    return {
        achievement_id: Evidence(
            plan.parallel.path,
            broken_part.line + 1,
            f"{name} line {broken_part.line + 1} cannot be read: {broken_part.says}",
        )
        for achievement_id, broken_part in reversed(broken_entries)
        if broken_part is not None
    }


def _without_own_plan(plan: PlanDocuments, needed_achievement: NeededAchievement) -> NeededAchievement:
    """Return `needed_achievement`, without the name of its plan if this plan is `plan`."""
    return (
        NeededAchievement("", needed_achievement.first_id)
        if needed_achievement.plan == plan.feature
        else needed_achievement
    )
