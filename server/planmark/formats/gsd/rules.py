"""Rules that find contradictions between ROADMAP or STATE and the files of GSD."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import planmark.formats.gsd.layout as layout
from planmark.formats.gsd.documents import VERIFICATION_RESULTS, CheckFacts
from planmark.formats.gsd.graph import waves
from planmark.formats.gsd.phases import PhaseTree
from planmark.formats.gsd.roadmap import ProgressRow
from planmark.formats.gsd.tree import Tree
from planmark.plans.diagnostic import Diagnostic, RelatedPlace, Severity, TextFix
from planmark.plans.format import PlanInput
from planmark.plans.model import PlanState
from planmark.text.pluralize import counted_noun
from planmark.text.shorten import shorten

MAX_NAME_LENGTH_IN_MESSAGE = 40
"""Maximum number of characters of a name in a message; more are cut off."""
MAX_NAMED_IN_CYCLE = 4
"""Maximum number of plans or phases of a cycle that a message names; more are omitted."""


def check(plan_input: PlanInput, _state: PlanState) -> Iterable[Diagnostic]:
    """Yield the diagnostics of a tree."""
    tree = Tree(plan_input)
    for rule in RULES:
        yield from rule(tree)


def _make_diagnostic(
    path: str,
    line: int,
    severity: Severity,
    code: str,
    message: str,
    *,
    fix: TextFix | None = None,
    reason_place: tuple[str, int] | None = None,
) -> Diagnostic:
    """Return a diagnostic. `reason_place` contains the path and the line that explain the diagnostic."""
    related_places = (RelatedPlace(reason_place[0], reason_place[1], "because of this"),) if reason_place else ()
    return Diagnostic(path, line, severity, code, message, related_places, fix=fix)


def _check_conflicts(tree: Tree) -> Iterator[Diagnostic]:
    for path, line in tree.conflicts:
        message = "Unresolved merge conflict: both versions are read. Resolve it first"
        yield _make_diagnostic(path, line, "error", "merge-conflict", message)


def _check_plan_boxes(tree: Tree) -> Iterator[Diagnostic]:
    checked_lines: set[int] = set()
    for plan in tree.plans:
        box = plan.box
        if box is None or box.line in checked_lines or plan.is_duplicate:
            continue
        checked_lines.add(box.line)
        if box.is_ticked and plan.state != "done":
            message = f"ROADMAP ticks {plan.id}, but {plan.id}-SUMMARY.md does not exist: untick the plan, or write the SUMMARY"
            fix = TextFix("Untick it", box.line, *box.box, " ")
            yield _make_diagnostic(
                tree.roadmap_path, box.line, "warning", "plan-ticked-without-summary", message, fix=fix
            )
        elif not box.is_ticked and plan.state == "done":
            reason = plan.summary or plan.phase.summaries[0]
            fix = TextFix("Tick it", box.line, *box.box, "x", is_safe=True)
            message = f"{plan.id} has a SUMMARY, but its box is open: tick it"
            yield _make_diagnostic(
                tree.roadmap_path,
                box.line,
                "hint",
                "plan-open-with-summary",
                message,
                fix=fix,
                reason_place=(reason, 1),
            )


def _check_phase_boxes(tree: Tree) -> Iterator[Diagnostic]:
    for phase in tree.phases:
        roadmap_phase = phase.roadmap_phase
        if roadmap_phase is None or roadmap_phase.is_ticked is None:
            continue
        if roadmap_phase.is_ticked and phase.state not in ("done", "deferred"):
            plans_of_phase = [plan for plan in phase.plans if not plan.is_duplicate]
            missing_count = sum(plan.state != "done" for plan in plans_of_phase)
            shortage_text = f"{missing_count} of {counted_noun(len(plans_of_phase), 'plan')} {'has' if missing_count == 1 else 'have'} no SUMMARY"
            shortage_text = shortage_text if plans_of_phase else "it has no plans"
            message = f"Phase {phase.id} is ticked, but {shortage_text}: untick the phase, or {'execute' if plans_of_phase else 'write'} its plans"
            fix = TextFix("Untick it", roadmap_phase.box_line, *roadmap_phase.box, " ")
            yield _make_diagnostic(
                tree.roadmap_path, roadmap_phase.box_line, "warning", "phase-ticked-incomplete", message, fix=fix
            )
        elif not roadmap_phase.is_ticked and phase.state == "done":
            message = f"Every plan of phase {phase.id} is done, but its box is open"
            fix = TextFix("Tick it", roadmap_phase.box_line, *roadmap_phase.box, "x")
            yield _make_diagnostic(
                tree.roadmap_path, roadmap_phase.box_line, "hint", "phase-open-complete", message, fix=fix
            )


def _check_progress_rows(tree: Tree) -> Iterator[Diagnostic]:
    for phase in tree.phases:
        row = phase.progress_row
        if row is None:
            continue
        plan_count, done_count = sum(bool(plan.path) for plan in phase.counted_plans), phase.done_count
        if row.done != done_count or row.total not in (-1, plan_count):
            counts_text = f"{row.done}/{row.total if row.total >= 0 else '?'}"
            if done_count > plan_count:
                files_text = f"there {'is' if done_count == 1 else 'are'} {counted_noun(done_count, 'SUMMARY', 'SUMMARYs')} and {counted_noun(plan_count, 'PLAN')}"
            else:
                files_text = f"the files say {done_count}/{plan_count}"
            message = f"The table says {counts_text} for phase {phase.id}, but {files_text}"
            fix = _fix_of_row(phase, row, counts_text)
            yield _make_diagnostic(tree.roadmap_path, row.line, "hint", "progress-row-mismatch", message, fix=fix)
        is_ticked = phase.roadmap_phase.is_ticked if phase.roadmap_phase else None
        if is_ticked is not None and row.status and is_ticked != row.complete and row.status != "deferred":
            box_line = phase.roadmap_phase.box_line if phase.roadmap_phase else 1
            message = (
                f"The box of phase {phase.id} is {'ticked' if is_ticked else 'open'}, but the table says {row.status}"
            )
            yield _make_diagnostic(
                tree.roadmap_path,
                row.line,
                "warning",
                "roadmap-contradicts-itself",
                message,
                reason_place=(tree.roadmap_path, box_line),
            )


def _fix_of_row(phase: PhaseTree, row: ProgressRow, cell_text: str) -> TextFix | None:
    """Return the fix that writes the numbers from the files into a row whose cell contains `cell_text`.

    Return None if the cell has these numbers already, or if the phase has no folder.
    """
    computed_text = f"{phase.done_count}/{sum(not plan.is_duplicate for plan in phase.plans)}"
    if not phase.folders or computed_text == cell_text:
        return None
    return TextFix(f"Write {computed_text}", row.line, *row.cell, computed_text, is_safe=True)


def _check_state_counts(tree: Tree) -> Iterator[Diagnostic]:
    state_facts = tree.state_facts
    if state_facts is None or state_facts.done_count < 0 or state_facts.total < 0 or tree.lifecycle == "archived":
        return
    current_phases = [phase for phase in tree.phases if not phase.is_shipped and not phase.is_unlisted]
    # STATE may count the plans of shipped phases, and of phases that ROADMAP does not list, or leave them out.
    accepted_counts = [
        (sum(phase.done_count for phase in phases), sum(len(phase.counted_plans) for phase in phases))
        for phases in (current_phases, tree.phases)
    ]
    if (state_facts.done_count, state_facts.total) in accepted_counts:
        return
    done_count, total = accepted_counts[0]
    line = state_facts.done_line if state_facts.done_count != done_count else state_facts.total_line
    message = (
        f"STATE says {state_facts.done_count} of {state_facts.total} plans, the files {done_count} of {total}: "
        "run `gsd-tools state update-progress`"
    )
    yield _make_diagnostic(tree.state_path, line, "hint", "state-count-mismatch", message)


def _check_verifications(tree: Tree) -> Iterator[Diagnostic]:
    for phase in tree.phases:
        for path, facts in phase.verifications.items():
            name = layout.parse_file_name(path)
            if name.plan or not name.phase:
                message = f"GSD looks for {phase.id}-VERIFICATION.md: it does not find a VERIFICATION with this name"
                yield _make_diagnostic(path, 1, "hint", "verification-name", message)
            yield from _check_verification(tree, phase, path, facts)


def _check_verification(tree: Tree, phase: PhaseTree, path: str, facts: CheckFacts) -> Iterator[Diagnostic]:
    if facts.result not in VERIFICATION_RESULTS:
        status_text = (
            f"the status “{shorten(facts.status, MAX_NAME_LENGTH_IN_MESSAGE)}”" if facts.status else "no status"
        )
        message = f"This VERIFICATION has {status_text}: write passed, gaps_found or human_needed"
        yield _make_diagnostic(path, facts.line, "warning", "verification-unknown", message)
    elif facts.contradictory:
        message = (
            f"The front matter says {facts.status}, the text says {facts.body} (line {facts.body_line}): correct one"
        )
        yield _make_diagnostic(
            path,
            facts.line,
            "warning",
            "verification-contradicts-itself",
            message,
            reason_place=(path, facts.body_line),
        )
    if facts.result == "gaps_found" and phase.is_claimed_done and tree.lifecycle != "archived":
        message = f"Phase {phase.id} is marked as complete, but gaps were found: run `/gsd:plan-phase {phase.id.lstrip('0') or '0'} --gaps`"
        yield _make_diagnostic(path, facts.line, "warning", "gaps-found-but-complete", message)


def _check_file_names(tree: Tree) -> Iterator[Diagnostic]:
    for path in tree.misnamed_paths:
        name = layout.parse_file_name(path)
        advice_text = (
            f"name it {name.phase}-NN-PLAN.md" if name.phase else "GSD counts it, but never finds a SUMMARY for it"
        )
        message = f"{shorten(path.rpartition('/')[2], MAX_NAME_LENGTH_IN_MESSAGE)} has no number of a phase and a plan: {advice_text}"
        yield _make_diagnostic(path, 1, "hint", "plan-name-non-canonical", message)
    for phase in tree.phases:
        for path in phase.summaries:
            message = f"One SUMMARY for the whole phase {phase.id}: all its plans are taken as done"
            yield _make_diagnostic(path, 1, "hint", "phase-level-summary", message)
        for plan in phase.plans:
            if plan.summary and not plan.path:
                message = f"{plan.id}-SUMMARY.md has no {plan.id}-PLAN.md beside it: the plan is taken as done"
                yield _make_diagnostic(plan.summary, 1, "information", "summary-without-plan", message)


def _check_folders(tree: Tree) -> Iterator[Diagnostic]:
    for phase in tree.phases:
        for folder in phase.folders[1:]:
            first_name = phase.folders[0].rpartition("/")[2]
            message = f"Phase {phase.id} has a folder already, {shorten(first_name, MAX_NAME_LENGTH_IN_MESSAGE)}: GSD reads only that one"
            yield _make_diagnostic(_first_file_in(tree, folder), 1, "hint", "duplicate-phase-directory", message)
        if phase.is_unlisted and phase.folders and tree.lifecycle != "archived" and tree.roadmap.phases:
            message = f"No ROADMAP lists phase {phase.id}: add it, or remove the folder"
            yield _make_diagnostic(_first_file_in(tree, phase.folders[0]), 1, "hint", "phase-not-in-roadmap", message)


def _first_file_in(tree: Tree, folder: str) -> str:
    """Return the path of the first document in a folder."""
    return next(path for path in sorted(tree.plan_input.documents) if path.startswith(f"{folder}/"))


def _check_dependencies(tree: Tree) -> Iterator[Diagnostic]:
    for plan in tree.plans:
        line = plan.facts.depends_line if plan.facts else 1
        for needed_id in plan.missing_ids:
            message = (
                f"{plan.id} waits for {needed_id}, which does not exist: correct its `depends_on`, or add the plan"
            )
            yield _make_diagnostic(plan.path, line, "warning", "dependency-unknown", message)
    plans_in_cycle = [tree.plan_by_id[plan_id] for plan_id in tree.plan_ids_in_cycle]
    other_plans_in_cycle = [plan for plan in plans_in_cycle if plan.id not in plan.depends_on]
    for plan in plans_in_cycle:
        if plan not in other_plans_in_cycle and plan.facts:
            message = f"{plan.id} waits for itself, so it is never ready: correct its `depends_on`"
            yield _make_diagnostic(plan.path, plan.facts.depends_line, "error", "dependency-cycle", message)
    if other_plans_in_cycle and other_plans_in_cycle[0].facts:
        names_text = ", ".join(plan.id for plan in other_plans_in_cycle[:MAX_NAMED_IN_CYCLE])
        message = f"Plans wait for each other in a circle ({names_text}), so none is ever ready: correct a `depends_on`"
        yield _make_diagnostic(
            other_plans_in_cycle[0].path,
            other_plans_in_cycle[0].facts.depends_line,
            "error",
            "dependency-cycle",
            message,
        )


def _check_phase_dependencies(tree: Tree) -> Iterator[Diagnostic]:
    path, correction = tree.roadmap_path, "correct its `Depends on`"
    for phase in tree.phases:
        for needed_id in phase.missing_ids:
            message = (
                f"Phase {phase.id} waits for phase {needed_id}, which does not exist: {correction}, or add the phase"
            )
            yield _make_diagnostic(path, _depends_line(phase), "warning", "dependency-unknown", message)
    other_phases_in_cycle = [phase for phase in tree.phases_in_cycle if phase.id not in phase.depends_on]
    for phase in tree.phases_in_cycle:
        if phase.id in phase.depends_on:
            message = f"Phase {phase.id} waits for itself, so no plan of it is ever ready: {correction}"
            yield _make_diagnostic(path, _depends_line(phase), "error", "dependency-cycle", message)
    if other_phases_in_cycle:
        names_text = ", ".join(phase.id for phase in other_phases_in_cycle[:MAX_NAMED_IN_CYCLE])
        message = f"Phases wait for each other in a circle ({names_text}), so no plan of them is ever ready: correct a `Depends on`"
        yield _make_diagnostic(path, _depends_line(other_phases_in_cycle[0]), "error", "dependency-cycle", message)


def _depends_line(phase: PhaseTree) -> int:
    """Return the line of ROADMAP that states the dependencies of a phase, else the line of its heading or its box."""
    return (
        (phase.roadmap_phase.depends_line or phase.roadmap_phase.line or phase.roadmap_phase.box_line)
        if phase.roadmap_phase
        else 1
    )


def _check_waves(tree: Tree) -> Iterator[Diagnostic]:
    for phase in tree.phases:
        computed_waves = waves({plan.id: plan.depends_on for plan in phase.counted_plans})
        for plan in phase.counted_plans:
            facts = plan.facts
            if (
                not facts
                or not facts.wave
                or not facts.has_depends
                or computed_waves.get(plan.id, facts.wave) == facts.wave
            ):
                continue
            message = f"{plan.id} is in wave {facts.wave}, but its dependencies make it wave {computed_waves[plan.id]}"
            yield _make_diagnostic(plan.path, facts.wave_line, "warning", "wave-mismatch", message)


RULES: tuple[Callable[[Tree], Iterator[Diagnostic]], ...] = (
    *(
        _check_conflicts,
        _check_plan_boxes,
        _check_phase_boxes,
        _check_progress_rows,
        _check_state_counts,
        _check_verifications,
    ),
    *(_check_file_names, _check_folders, _check_dependencies, _check_phase_dependencies, _check_waves),
)
"""The functions that yield the diagnostics of a tree."""
