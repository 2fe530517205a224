"""The state of a GSD tree: its plans, its phases, and the next step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import planmark.formats.gsd.layout as layout
from planmark.formats.checkbox.situation import list_in_words
from planmark.formats.gsd.phases import PhasePlan, PhaseTree
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
"""Maximum number of phases that a clause names; for more phases, the clause states only their number."""
MAX_READY_PLANS = 10
"""Maximum number of ready plans that the state of a tree contains in addition to the plan of the next step; more are
omitted.
"""


def evaluate(plan_input: PlanInput) -> PlanState:
    """Return the state of a tree."""
    tree = Tree(plan_input)
    items = tuple(_item(tree, plan) for plan in tree.plans)
    step = _next_step(tree)
    counts: dict[State, int] = {}
    for plan in tree.plans:
        if not plan.is_only_listed:
            counts[plan.state] = counts.get(plan.state, 0) + 1
    deferred_count = counts.get("deferred", 0)
    done_count, total = counts.get("done", 0), sum(counts.values()) - deferred_count
    gsd_count = Count(done_count, total) if tree.is_archive else count_shown_by_gsd(plan_input)
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
        also_ready=_also_ready_plans(tree, step),
        claims=(),
        open_effort=None,
        priority=None,
        dependencies=tuple(_dependencies(tree)),
        achievements=items,
        format=layout.NAME,
        groups=tuple(_group(phase) for phase in tree.phases),
        progress=Progress(
            done_count, total, 0, deferred_count, gsd_count if gsd_count != Count(done_count, total) else None
        ),
    )


def _dependencies(tree: Tree) -> Iterator[Dependency]:
    """Yield the dependencies between plans that the PLANs state. GSD does not read plans in a second folder."""
    ids_in_cycle = frozenset(tree.plan_ids_in_cycle)
    for plan in tree.plans:
        facts = plan.facts
        for needed_id in plan.depends_on if facts and not plan.is_duplicate else ():
            statement = f"depends_on: {', '.join(facts.depends_on)}" if facts else ""
            reason = Evidence(plan.path, facts.depends_line if facts else 1, statement)
            is_cyclic = plan.id in ids_in_cycle and needed_id in ids_in_cycle
            yield Dependency(plan.id, needed_id, reason, needed_id not in tree.plan_by_id, is_cyclic)


def count_shown_by_gsd(plan_input: PlanInput) -> Count:
    """Return the two numbers that GSD shows: how many files have names of SUMMARYs, and how many have names of PLANs."""
    names = [
        path.rpartition("/")[2] for path in plan_input.documents if (place := layout.place_of(path)) and place.folder
    ]
    roles = [layout.parse_file_name(name).role for name in names]
    return Count(roles.count(layout.SUMMARY), roles.count(layout.PLAN))


def _tree_title(tree: Tree) -> str:
    """Return the milestone that STATE names, else the title of ROADMAP, else the feature."""
    state_facts = tree.state_facts
    if state_facts and state_facts.milestone and not tree.is_archive:
        return (
            f"{state_facts.milestone} {state_facts.name}".strip()
            if state_facts.name != "milestone"
            else state_facts.milestone
        )
    return tree.roadmap.title or tree.site.feature


def _item(tree: Tree, plan: PhasePlan) -> AchievementState:
    """Return the state of a plan, as an item of the tree."""
    box = plan.box
    path = plan.path or plan.summary or tree.roadmap_path
    awaited_names = [
        *(other.ref for other in plan.blockers),
        *plan.missing_ids,
        *_refs_of_first_unsettled_plans(tree, plan.blocking_phase_ids),
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


def _step_of(tree: Tree, plan: PhasePlan) -> Step:
    """Return the step that a plan needs."""
    if tree.has_lost_roadmap and plan.state not in ("done", "deferred"):
        return "confirm_state"
    if plan.state == "blocked":
        return "wait"
    if plan.state != "open" or (plan.is_only_listed and plan.is_settled):
        return "closed"
    return "plan_phase" if plan.is_only_listed else "execute_plan"


def _refs_of_first_unsettled_plans(tree: Tree, phase_ids: Sequence[str]) -> list[str]:
    """Return, for each phase, the ref of its first plan that is not settled.

    For a phase without such a plan, return the words `phase` and its id.
    """
    refs = []
    for phase_id in phase_ids:
        phase = tree.phase(phase_id)
        first_plan = phase.first_unsettled_plan if phase else None
        refs.append(first_plan.ref if first_plan else f"phase {phase_id}")
    return refs


def _evidence(tree: Tree, plan: PhasePlan) -> tuple[Evidence, ...]:
    """Return the file that decided the state of a plan, and the line of the plan in ROADMAP."""
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
    """Return a phase as a group of the state of the tree."""
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


def _make_step(
    name: Step, path: str | None, reason: str, plan: PhasePlan | None = None, phase_id: str | None = None
) -> NextStep:
    """Return a next step with its role and tier, for a plan, for a phase, or for the whole tree.

    `path` is the file that shows why the step is needed.
    """
    role_and_tier = STEP_ROLES[name]
    plan_id, ref = (plan.id, plan.ref) if plan else (None, None)
    return NextStep(name, plan_id, role_and_tier.role, role_and_tier.tier, path, reason, ref, phase_id)


def _next_step(tree: Tree) -> NextStep:
    """Return the next step: the step of the first phase that needs work, else a step for the whole tree."""
    roadmap = tree.roadmap_path or None
    if tree.lifecycle == "archived":
        return _make_step("closed", roadmap, "The milestone is archived")
    if tree.has_lost_roadmap:
        plan = next(plan for plan in tree.plans if plan.state not in ("done", "deferred"))
        reason = f"There is no ROADMAP, so no milestone is active, but {plan.id} has no SUMMARY"
        return _make_step("confirm_state", plan.path, reason, plan)
    waiting_plan: PhasePlan | None = None
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
        return _make_step(
            "wait",
            waiting_plan.path,
            f"Every open plan waits; {waiting_plan.id} waits for {_awaited_name(waiting_plan)}",
            waiting_plan,
        )
    if waiting_phase:
        awaited_name = _awaited_phase_name(waiting_phase)
        return _make_step(
            "wait",
            roadmap,
            f"Every open phase waits; phase {waiting_phase.id} waits for {awaited_name}",
            phase_id=waiting_phase.id,
        )
    if not tree.phases:
        return _make_step("plan_phase", roadmap, "ROADMAP lists no phase: start a milestone with `/gsd:new-milestone`")
    return _final_step(tree)


def _awaited_name(plan: PhasePlan) -> str:
    """Return the name of the first plan or phase for which a plan waits.

    A plan or phase that does not exist comes first, because a person must correct the dependency.
    """
    if plan.missing_ids:
        return f"{plan.missing_ids[0]}, which does not exist"
    return plan.blockers[0].id if plan.blockers else _awaited_phase_name(plan.phase)


def _awaited_phase_name(phase: PhaseTree) -> str:
    """Return the name of the first phase for which a phase waits. A phase that does not exist comes first."""
    if phase.missing_ids:
        return f"phase {phase.missing_ids[0]}, which does not exist"
    return f"phase {phase.blocked_by[0]}"


def _step_of_phase(tree: Tree, phase: PhaseTree) -> NextStep | None:
    """Return the step that a phase needs; None if the phase needs no step or waits."""
    ready_plans_of_phase = ready_plans(phase)
    if ready_plans_of_phase:
        return _execution_step(phase, ready_plans_of_phase[0])
    if phase.is_claimed_done:
        return None
    if phase.state == "done":
        return _verification_step(phase)
    if phase.blocked_by or any(plan.state == "blocked" for plan in phase.counted_plans):
        return None
    return _planning_step(tree, phase)


def ready_plans(phase: PhaseTree) -> list[PhasePlan]:
    """Return the plans of a phase that can be executed now, by wave and number."""
    return sorted((plan for plan in phase.counted_plans if plan.state == "open"), key=lambda plan: plan.sort_key)


def _execution_step(phase: PhaseTree, plan: PhasePlan) -> NextStep:
    """Return the step that executes a plan."""
    reason = f"{plan.id} has no SUMMARY, and nothing blocks it"
    if phase.is_claimed_done:
        reason = f"ROADMAP says that phase {phase.id} is complete, but {plan.id} has no SUMMARY: confirm the claim, or execute the plan"
    return _make_step("execute_plan", plan.path, reason, plan)


def _planning_step(tree: Tree, phase: PhaseTree) -> NextStep:
    """Return the step for a phase without a plan to execute.

    If no document states the purpose of the phase, the step is to discuss the phase.
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
        return _make_step("discuss_phase", roadmap, f"{reason}, no CONTEXT and no goal", phase_id=phase.id)
    return _make_step("plan_phase", roadmap, reason, phase_id=phase.id)


def _verification_step(phase: PhaseTree) -> NextStep | None:
    """Return the step for a phase whose plans are all done.

    Return None if neither its VERIFICATION nor a UAT needs a step.
    """
    verification = phase.verification
    if verification == "gaps_found" or phase.open_uat_status == "diagnosed":
        path = next((path for path, facts in phase.verifications.items() if facts.result == "gaps_found"), None)
        path = path or next((path for path, facts in phase.uats.items() if facts.status == "diagnosed"), None)
        return _make_step(
            "close_gaps", path, f"Every plan of phase {phase.id} is done, but gaps were found", phase_id=phase.id
        )
    if verification == "human_needed" or phase.open_uat_status:
        path = next((path for path, facts in phase.verifications.items() if facts.result == "human_needed"), None)
        path = path or next((path for path, facts in phase.uats.items() if facts.status == phase.open_uat_status), None)
        cause = "a person has to test it" if verification == "human_needed" else f"its UAT is {phase.open_uat_status}"
        return _make_step(
            "verify_work", path, f"Every plan of phase {phase.id} is done, but {cause}", phase_id=phase.id
        )
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
            return _make_step("verify_work", roadmap, reason, phase_id=phase.id)
    if clauses := clauses_about_unproved_phases(tree):
        return _make_step("complete_milestone", roadmap, f"No phase is left; {clauses[0]}")
    phase_count = sum(not phase.is_shipped for phase in tree.phases)
    return _make_step("complete_milestone", roadmap, f"{counted_noun(phase_count, 'phase')} done, and none is left")


def clauses_about_unproved_phases(tree: Tree) -> list[str]:
    """Return a clause for each reason to doubt that phases are complete although ROADMAP says so."""
    ids_by_doubt: dict[str, list[str]] = {}
    for phase in tree.phases:
        if phase.is_claimed_done and not phase.is_shipped and (doubt := _reason_to_doubt(phase)):
            ids_by_doubt.setdefault(doubt, []).append(phase.id)
    return [f"ROADMAP says that {_phases_with_verb(ids)} complete, but {doubt}" for doubt, ids in ids_by_doubt.items()]


def _phases_with_verb(phase_ids: Sequence[str]) -> str:
    """Return the subject and the verb of a sentence about phases, such as `phases 01 and 02 are`."""
    if len(phase_ids) == 1:
        return f"phase {phase_ids[0]} is"
    if len(phase_ids) > MAX_NAMED_PHASES:
        return f"{len(phase_ids)} phases are"
    return f"phases {list_in_words(list(phase_ids))} are"


def _reason_to_doubt(phase: PhaseTree) -> str:
    """Return why the files do not show that a phase is complete; "" if they show it."""
    if phase.state not in ("done", "deferred"):
        return "a plan has no SUMMARY" if phase.counted_plans else "no file shows it"
    if any(check_facts.contradictory for check_facts in phase.verifications.values()):
        return "its VERIFICATION contradicts itself"
    return {"gaps_found": "gaps were found", "human_needed": "a person has to test it"}.get(phase.verification, "")


def _also_ready_plans(tree: Tree, next_step: NextStep) -> tuple[Ready, ...]:
    """Return the ready plans that are in the same wave as the plan of the next step."""
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
    """Return the condition of the whole tree. `counts` is the number of plans in each state."""
    if not tree.plans and not tree.phases:
        return "no_achievements"
    has_bad_dependency = tree.plan_ids_in_cycle or tree.phases_in_cycle or tree.has_missing_dependency
    if tree.conflicts or has_bad_dependency or next_step.step == "confirm_state":
        return "needs_attention"
    if next_step.step == "complete_milestone" and clauses_about_unproved_phases(tree):
        return "needs_attention"
    if next_step.step in ("closed", "complete_milestone"):
        return "complete"
    return "in_progress" if counts.get("done") else "planned"
