"""Edits that tick a plan in ROADMAP, and the decision table of GSD.

A plan without a SUMMARY is not done, so it cannot be ticked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from planmark.formats.gsd.phases import PhasePlan
from planmark.formats.gsd.tree import Tree
from planmark.plans.format import AppliedRow, PlanInput, TickEdit, TickOutcome
from planmark.plans.model import AchievementState, Evidence, PlanState, State


def tick(plan_input: PlanInput, _state: PlanState, item: AchievementState, undo: bool) -> TickOutcome:
    """Return the edit that ticks a plan's line in ROADMAP; with `undo`, the edit that removes the tick."""
    tree = Tree(plan_input)
    plan = next((plan_file for plan_file in tree.plans if plan_file.ref == item.ref), None)
    if plan is None:
        return TickOutcome(refused=f"{item.ref} is not a plan of {plan_input.site.folder}")
    if tree.roadmap.conflicts:
        line = tree.roadmap.conflicts[0]
        return TickOutcome(
            refused=f"{tree.roadmap_path} has an unresolved merge conflict in line {line}: resolve it", waits=True
        )
    if not undo and plan.state != "done":
        return TickOutcome(
            refused=f"{plan.id} has no SUMMARY: in GSD a plan is done when {plan.id}-SUMMARY.md exists", waits=True
        )
    box = plan.box
    if box is None:
        roadmap_path = tree.roadmap_path or f"{plan_input.site.folder}/ROADMAP.md"
        return TickOutcome(
            refused=f"{roadmap_path} does not list {plan.id}: write `- [ ] {plan.id}-PLAN.md — …` there first"
        )
    if box.is_ticked != undo:
        return TickOutcome()
    return TickOutcome((TickEdit(tree.roadmap_path, box.line, *box.box, " " if undo else "x"),))


class _StateRow(NamedTuple):
    """A row of the decision table.

    `test` tells whether a plan fulfils the condition of the row. `evidence_of` returns the evidence that the condition
    is fulfilled.
    """

    letter: str
    state: State
    description: str
    test: Callable[[PhasePlan], bool]
    evidence_of: Callable[[Tree, PhasePlan], Sequence[Evidence]]


def _file_evidence(path: str, statement: str) -> tuple[Evidence, ...]:
    """Return the evidence that `statement` is true of the file at `path`; no evidence if `path` is ""."""
    return (Evidence(path, 1, statement),) if path else ()


def _box_evidence(tree: Tree, plan: PhasePlan) -> tuple[Evidence, ...]:
    """Return the mark of the plan's box in ROADMAP as evidence; no evidence without a box."""
    return (Evidence(tree.roadmap_path, plan.box.line, f"[{plan.box.mark}]"),) if plan.box else ()


def _deferral_evidence(tree: Tree, plan: PhasePlan) -> tuple[Evidence, ...]:
    """Return the line of ROADMAP that says that the phase of a plan is deferred."""
    roadmap_phase, row = plan.phase.roadmap_phase, plan.phase.progress_row
    line = roadmap_phase.box_line if roadmap_phase and roadmap_phase.struck else row.line if row else 1
    return (Evidence(tree.roadmap_path, line, f"phase {plan.phase.id} is deferred"),)


def _blocking_phase_evidence(tree: Tree, plan: PhasePlan) -> tuple[Evidence, ...]:
    """Return the evidence for the phases that a plan waits for, and for those that do not exist."""
    blocking_phases = [
        (phase_id, phase.roadmap_phase) for phase_id in plan.blocking_phase_ids if (phase := tree.phase(phase_id))
    ]
    own_phase = plan.phase.roadmap_phase
    return (
        *(
            Evidence(
                tree.roadmap_path,
                (roadmap_phase.line or roadmap_phase.box_line) if roadmap_phase else 1,
                f"phase {phase_id} is not done",
            )
            for phase_id, roadmap_phase in blocking_phases
        ),
        *(
            Evidence(tree.roadmap_path, own_phase.depends_line if own_phase else 1, f"phase {phase_id} does not exist")
            for phase_id in plan.phase.missing_ids
        ),
    )


def _blocking_plan_evidence(_: Tree, plan: PhasePlan) -> tuple[Evidence, ...]:
    """Return the evidence for the plans that a plan waits for, and for those that do not exist."""
    line = plan.facts.depends_line if plan.facts else 1
    return (
        *(Evidence(blocker.path, 1, f"{blocker.id} has no SUMMARY") for blocker in plan.blockers if blocker.path),
        *(Evidence(plan.path, line, f"{missing_id} does not exist") for missing_id in plan.missing_ids),
    )


STATE_TABLE: tuple[_StateRow, ...] = (
    _StateRow(
        *("A", "deferred", "it lies in a second folder of its phase, which GSD does not read"),
        lambda plan: plan.is_duplicate,
        lambda _, plan: _file_evidence(plan.path, "lies in a second folder"),
    ),
    _StateRow(
        *("B", "done", "its SUMMARY exists"),
        lambda plan: bool(plan.summary),
        lambda _, plan: _file_evidence(plan.summary, "exists"),
    ),
    _StateRow(
        *("C", "done", "its phase has one SUMMARY for all plans"),
        lambda plan: bool(plan.path and plan.phase.summaries),
        lambda _, plan: _file_evidence(plan.phase.summaries[0], "is about the whole phase"),
    ),
    _StateRow(
        *("D", "deferred", "its phase is struck through in ROADMAP, or deferred in the progress table"),
        lambda plan: plan.phase.is_postponed and not plan.phase.is_shipped,
        _deferral_evidence,
    ),
    _StateRow(
        *("E", "open", "only ROADMAP lists it, so it does not count"), lambda plan: plan.is_only_listed, _box_evidence
    ),
    _StateRow(
        *("F", "blocked", "a plan that it depends on, or one of an earlier wave, has no SUMMARY or does not exist"),
        lambda plan: bool(plan.blockers or plan.missing_ids),
        _blocking_plan_evidence,
    ),
    _StateRow(
        *("G", "blocked", "a phase that its phase depends on is not done, or does not exist"),
        lambda plan: bool(plan.blocking_phase_ids),
        _blocking_phase_evidence,
    ),
    _StateRow(
        *("H", "open", "it has no SUMMARY, and nothing blocks it"),
        lambda _: True,
        lambda _, plan: _file_evidence(plan.path, "has no SUMMARY"),
    ),
)
"""The rows in the order of their tests. The last row matches every plan."""


def explain(plan_input: PlanInput, _state: PlanState, item: AchievementState) -> Sequence[AppliedRow]:
    """Return the result of each row of the decision table for a plan. The first row that matches decides."""
    tree = Tree(plan_input)
    plan = next((plan_file for plan_file in tree.plans if plan_file.ref == item.ref), None)
    if plan is None:
        return []
    chosen_row = next(row for row in STATE_TABLE if row.test(plan))
    return [
        AppliedRow(row.letter, row.state, row.description, row is chosen_row, tuple(row.evidence_of(tree, plan)))
        if row.test(plan)
        else AppliedRow(row.letter, row.state, row.description, False, ())
        for row in STATE_TABLE
    ]
