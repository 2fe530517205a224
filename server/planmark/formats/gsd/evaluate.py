"""The state of a GSD tree: its plans, its phases, and the next step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import planmark.formats.gsd.layout as layout
from planmark.formats.checkbox.situation import list_in_words
from planmark.formats.gsd.phases import PhaseTree, PlanFile
from planmark.formats.gsd.tree import Tree
from planmark.plans.format import PlanInput
from planmark.plans.model import (
    AchievementState,
    Count,
    Dependency,
    Evidence,
    Group,
    NextStep,
    PlanCondition,
    PlanState,
    Progress,
    Ready,
    State,
    Step,
)
from planmark.plans.roles import STEP_ROLES
from planmark.text.pluralize import counted_noun

MAX_NAMED_PHASES = 5
"""Maximum number of phases per clause that are named; for more, the clause states only their number."""
MAX_READY_PLANS = 10
"""Maximum number of plans per tree that are listed as ready in addition to the next plan; more are omitted."""


def evaluate(plan_input: PlanInput) -> PlanState:
    """Return the state of a tree."""
    tree = Tree(plan_input)
    items = tuple(_item(tree, plan) for plan in tree.plans)
    step = next_step(tree)
    counts: dict[State, int] = {}
    for plan in tree.plans:
        if not plan.is_only_listed:
            counts[plan.state] = counts.get(plan.state, 0) + 1
    deferred_count = counts.get("deferred", 0)
    done_count, total = counts.get("done", 0), sum(counts.values()) - deferred_count
    tool = Count(done_count, total) if tree.is_archive else tool_count(plan_input)
    return PlanState(
        path=plan_input.site.path,
        feature=plan_input.site.feature,
        title=_tree_title(tree),
        lifecycle=tree.lifecycle,
        lifecycle_by="folder",
        lifecycle_evidence=None,
        legacy=False,
        state=_condition(tree, step, counts),
        counts=counts,
        next=step,
        also_ready=_also_ready(tree, step),
        claims=(),
        open_effort=None,
        priority=None,
        dependencies=tuple(_dependencies(tree)),
        achievements=items,
        format=layout.NAME,
        groups=tuple(_group(phase) for phase in tree.phases),
        progress=Progress(done_count, total, 0, deferred_count, tool if tool != Count(done_count, total) else None),
    )


def _dependencies(tree: Tree) -> Iterator[Dependency]:
    """Yield the dependencies between plans that the PLANs state."""
    circle_ids = frozenset(tree.circle_plan_ids)
    for plan in tree.plans:
        facts = plan.facts
        for needed_id in plan.depends_on if facts and not plan.is_duplicate else ():
            statement = f"depends_on: {', '.join(facts.depends_on)}" if facts else ""
            reason = Evidence(plan.path, facts.depends_line if facts else 1, statement)
            is_cyclic = plan.id in circle_ids and needed_id in circle_ids
            yield Dependency(plan.id, needed_id, reason, needed_id not in tree.by_id, is_cyclic)


def tool_count(plan_input: PlanInput) -> Count:
    """Return the counts that GSD shows: the files named like SUMMARYs, and the files named like PLANs, with any ids."""
    names = [
        path.rpartition("/")[2] for path in plan_input.documents if (place := layout.place_of(path)) and place.folder
    ]
    roles = [layout.name_of_file(name).role for name in names]
    return Count(roles.count(layout.SUMMARY), roles.count(layout.PLAN))


def _tree_title(tree: Tree) -> str:
    state_facts = tree.state_facts
    if state_facts and state_facts.milestone and not tree.is_archive:
        return (
            f"{state_facts.milestone} {state_facts.name}".strip()
            if state_facts.name != "milestone"
            else state_facts.milestone
        )
    return tree.roadmap.title or tree.site.feature


def _item(tree: Tree, plan: PlanFile) -> AchievementState:
    box = plan.box
    path = plan.path or plan.summary or tree.roadmap_path
    awaited_names = [
        *(other.ref for other in plan.blockers),
        *plan.missing_ids,
        *_first_open_refs(tree, plan.blocking_phase_ids),
    ]
    return AchievementState(
        id=plan.id,
        title=plan.title,
        priority="",
        state=plan.state,
        step=_step_of(tree, plan),
        path=path,
        line=box.line if plan.is_only_listed and box else 1,
        subplan=None,
        executions=(),
        verdict=None,
        depends_on=plan.depends_on,
        blocked_by=tuple(dict.fromkeys(awaited_names)) if plan.state == "blocked" else (),
        evidence=_evidence(tree, plan),
        ref=plan.ref,
        kind="plan",
        group=plan.phase.id,
        parallel=plan.is_parallel,
        marker=box.mark if box else "",
        listed=plan.is_only_listed,
    )


def _step_of(tree: Tree, plan: PlanFile) -> Step:
    if tree.has_lost_roadmap and plan.state not in ("done", "deferred"):
        return "confirm_state"
    if plan.state == "blocked":
        return "wait"
    if plan.state != "open" or (plan.is_only_listed and plan.is_settled):
        return "closed"
    return "plan_phase" if plan.is_only_listed else "execute_plan"


def _first_open_refs(tree: Tree, phase_ids: Sequence[str]) -> list[str]:
    """Return, for each phase, the ref of its first plan that is not done.

    A phase without such a plan is returned by its name.
    """
    refs = []
    for phase_id in phase_ids:
        phase = tree.phase(phase_id)
        first_plan = phase.first_open if phase else None
        refs.append(first_plan.ref if first_plan else f"phase {phase_id}")
    return refs


def _evidence(tree: Tree, plan: PlanFile) -> tuple[Evidence, ...]:
    box = plan.box
    plan_note = " planned, no file" if plan.is_only_listed else ""
    box_evidence = (Evidence(tree.roadmap_path, box.line, f"[{box.mark}]{plan_note}"),) if box else ()
    if plan.summary:
        return (Evidence(plan.summary, 1, "exists"), *box_evidence)
    if plan.state == "done":
        return (Evidence(plan.phase.summaries[0], 1, "is about the whole phase"), *box_evidence)
    if plan.is_duplicate:
        return (Evidence(plan.path, 1, "lies in a second folder of its phase"), *box_evidence)
    if plan.path:
        return (Evidence(plan.path, 1, "has no SUMMARY"), *box_evidence)
    return box_evidence


def _group(phase: PhaseTree) -> Group:
    roadmap_phase = phase.roadmap_phase
    line = (
        (roadmap_phase.line or roadmap_phase.box_line)
        if roadmap_phase
        else phase.progress_row.line
        if phase.progress_row
        else 1
    )
    return Group(
        id=phase.id,
        title=phase.title,
        line=line,
        state=phase.state,
        done=phase.done_count,
        total=sum(plan.state != "deferred" for plan in phase.counted_plans),
        blocked_by=phase.blocked_by,
        verification=phase.verification,
    )


def step(name: Step, file: str | None, reason: str, plan: PlanFile | None = None, group: str | None = None) -> NextStep:
    """Return a next step with its role and tier."""
    duty = STEP_ROLES[name]
    identity, ref = (plan.id, plan.ref) if plan else (None, None)
    return NextStep(name, identity, duty.role, duty.tier, file, reason, ref, group)


def next_step(tree: Tree) -> NextStep:
    """Return the next step: the step of the first phase that needs work, else a step for the whole tree."""
    roadmap = tree.roadmap_path or None
    if tree.lifecycle == "archived":
        return step("closed", roadmap, "The milestone is archived")
    if tree.has_lost_roadmap:
        plan = next(plan for plan in tree.plans if plan.state not in ("done", "deferred"))
        reason = f"There is no ROADMAP, so no milestone is active, but {plan.id} has no SUMMARY"
        return step("confirm_state", plan.path, reason, plan)
    waiting_plan: PlanFile | None = None
    waiting_phase: PhaseTree | None = None
    for phase in tree.phases:
        if phase.is_shipped or phase.state == "deferred":
            continue
        phase_step = _step_of_phase(tree, phase)
        if phase_step:
            return phase_step
        if phase.blocked_by and not phase.is_settled:
            waiting_phase = waiting_phase or phase
        waiting_plan = waiting_plan or next((plan for plan in phase.counted_plans if plan.state == "blocked"), None)
    if waiting_plan:
        return step(
            "wait",
            waiting_plan.path,
            f"Every open plan waits; {waiting_plan.id} waits for {_awaited_name(waiting_plan)}",
            waiting_plan,
        )
    if waiting_phase:
        cause = _awaited_phase_name(waiting_phase)
        return step(
            "wait",
            roadmap,
            f"Every open phase waits; phase {waiting_phase.id} waits for {cause}",
            group=waiting_phase.id,
        )
    if not tree.phases:
        return step("plan_phase", roadmap, "ROADMAP lists no phase: start a milestone with `/gsd:new-milestone`")
    return _final_step(tree)


def _awaited_name(plan: PlanFile) -> str:
    """Return the name of the first plan or phase for which a plan waits.

    A missing plan or phase comes first, because a person must correct that.
    """
    if plan.missing_ids:
        return f"{plan.missing_ids[0]}, which does not exist"
    return plan.blockers[0].id if plan.blockers else _awaited_phase_name(plan.phase)


def _awaited_phase_name(phase: PhaseTree) -> str:
    if phase.missing_ids:
        return f"phase {phase.missing_ids[0]}, which does not exist"
    return f"phase {phase.blocked_by[0]}"


def _step_of_phase(tree: Tree, phase: PhaseTree) -> NextStep | None:
    """Return the step that a phase needs; None if the phase needs no step or waits."""
    ready = ready_plans(phase)
    if ready:
        return _execution_step(phase, ready[0])
    if phase.is_claimed_done:
        return None
    if phase.state == "done":
        return _verification_step(phase)
    if phase.blocked_by or any(plan.state == "blocked" for plan in phase.counted_plans):
        return None
    return _planning_step(tree, phase)


def ready_plans(phase: PhaseTree) -> list[PlanFile]:
    """Return the plans of a phase that can be executed now, by wave and number."""
    return sorted((plan for plan in phase.counted_plans if plan.state == "open"), key=lambda plan: plan.order)


def _execution_step(phase: PhaseTree, plan: PlanFile) -> NextStep:
    reason = f"{plan.id} has no SUMMARY, and nothing blocks it"
    if phase.is_claimed_done:
        reason = (
            f"ROADMAP says that phase {phase.id} is complete, but {plan.id} has no SUMMARY: confirm it, or execute it"
        )
    return step("execute_plan", plan.path, reason, plan)


def _planning_step(tree: Tree, phase: PhaseTree) -> NextStep:
    """Return the step for a phase without a plan to execute.

    If no document states the purpose of the phase, the step is its discussion.
    """
    roadmap = tree.roadmap_path or None
    listed_plan_files = [plan for plan in phase.plans if plan.is_only_listed]
    if phase.counted_plans and listed_plan_files:
        reason = f"ROADMAP lists {listed_plan_files[0].id} in phase {phase.id}, but it has no PLAN"
    elif listed_plan_files:
        reason = (
            f"ROADMAP lists {counted_noun(len(listed_plan_files), 'plan')} in phase {phase.id}, but none has a file"
        )
    else:
        reason = f"Phase {phase.id} has no plans"
    goal = phase.roadmap_phase.goal if phase.roadmap_phase else ""
    has_context = any(path.endswith("-CONTEXT.md") for path in phase.notes)
    if not phase.plans and not has_context and (not goal or goal.startswith("[")):
        return step("discuss_phase", roadmap, f"{reason}, no CONTEXT and no goal", group=phase.id)
    return step("plan_phase", roadmap, reason, group=phase.id)


def _verification_step(phase: PhaseTree) -> NextStep | None:
    """Return the step for a phase whose plans are all done, if its verification or its UAT needs a step; else None."""
    verification = phase.verification
    if verification == "gaps_found" or phase.open_uat_status == "diagnosed":
        path = next((path for path, facts in phase.verifications.items() if facts.result == "gaps_found"), None)
        path = path or next((path for path, facts in phase.uats.items() if facts.status == "diagnosed"), None)
        return step("close_gaps", path, f"Every plan of phase {phase.id} is done, but gaps were found", group=phase.id)
    if verification == "human_needed" or phase.open_uat_status:
        path = next((path for path, facts in phase.verifications.items() if facts.result == "human_needed"), None)
        path = path or next((path for path, facts in phase.uats.items() if facts.status == phase.open_uat_status), None)
        why = "a person has to test it" if verification == "human_needed" else f"its UAT is {phase.open_uat_status}"
        return step("verify_work", path, f"Every plan of phase {phase.id} is done, but {why}", group=phase.id)
    return None


def _final_step(tree: Tree) -> NextStep:
    """Return the step for a tree in which no phase needs work."""
    roadmap = tree.roadmap_path or None
    for phase in tree.phases:
        if (
            phase.state == "done"
            and not phase.is_claimed_done
            and not phase.is_shipped
            and phase.verification != "passed"
        ):
            reason = f"Every plan of phase {phase.id} is done, but nothing says that it was verified"
            return step("verify_work", roadmap, reason, group=phase.id)
    if doubts := unproved_clauses(tree):
        return step("complete_milestone", roadmap, f"No phase is left; {doubts[0]}")
    phase_count = sum(not phase.is_shipped for phase in tree.phases)
    return step("complete_milestone", roadmap, f"{counted_noun(phase_count, 'phase')} done, and none is left")


def unproved_clauses(tree: Tree) -> list[str]:
    """Return a clause for each reason to doubt phases that ROADMAP calls complete: their files do not show it."""
    doubts: dict[str, list[str]] = {}
    for phase in tree.phases:
        if phase.is_claimed_done and not phase.is_shipped and (doubt := _reason_to_doubt(phase)):
            doubts.setdefault(doubt, []).append(phase.id)
    return [f"ROADMAP says that {_phases_with_verb(ids)} complete, but {doubt}" for doubt, ids in doubts.items()]


def _phases_with_verb(ids: Sequence[str]) -> str:
    if len(ids) == 1:
        return f"phase {ids[0]} is"
    if len(ids) > MAX_NAMED_PHASES:
        return f"{len(ids)} phases are"
    return f"phases {list_in_words(list(ids))} are"


def _reason_to_doubt(phase: PhaseTree) -> str:
    if phase.state not in ("done", "deferred"):
        return "a plan has no SUMMARY" if phase.counted_plans else "no file shows it"
    if any(check_facts.contradictory for check_facts in phase.verifications.values()):
        return "its VERIFICATION contradicts itself"
    return {"gaps_found": "gaps were found", "human_needed": "a person has to test it"}.get(phase.verification, "")


def _also_ready(tree: Tree, next_step: NextStep) -> tuple[Ready, ...]:
    """Return the other ready plans of the same wave as the next plan."""
    plan = (
        next((plan_file for plan_file in tree.plans if plan_file.ref == next_step.ref), None) if next_step.ref else None
    )
    if plan is None or next_step.step != "execute_plan":
        return ()
    other_plans = [
        plan_file
        for plan_file in ready_plans(plan.phase)
        if plan_file is not plan and plan_file.wave == plan.wave and plan_file.wave
    ]
    return tuple(
        Ready(plan_file.ref, "execute_plan", "executor", "stated") for plan_file in other_plans[:MAX_READY_PLANS]
    )


def _condition(tree: Tree, next_step: NextStep, counts: dict[State, int]) -> PlanCondition:
    if not tree.plans and not tree.phases:
        return "no_achievements"
    is_doubtful = tree.circle_plan_ids or tree.circle_phases or tree.has_missing_dependency
    if tree.conflicts or is_doubtful or next_step.step == "confirm_state":
        return "needs_attention"
    if next_step.step == "complete_milestone" and unproved_clauses(tree):
        return "needs_attention"
    if next_step.step in ("closed", "complete_milestone"):
        return "complete"
    return "in_progress" if counts.get("done") else "planned"
