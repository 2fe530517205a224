"""The state of a GSD tree: its plans, its phases, and the next step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import planmark.formats.gsd.layout as layout
from planmark.formats.checkbox.situation import list_in_words
from planmark.formats.gsd.tree import PhaseTree, PlanFile, Tree
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
from planmark.text.pluralize import counted

MAX_NAMED_PHASES = 5
"""Maximum number of phases per clause that are named; for more, the clause states only their number."""
MAX_READY = 10
"""Maximum number of plans per tree that are listed as ready in addition to the next plan; more are omitted."""


def evaluate(given: PlanInput) -> PlanState:
    """Return the state of a tree."""
    tree = Tree(given)
    items = tuple(_item(tree, plan) for plan in tree.plans)
    following = next_step(tree)
    counts: dict[State, int] = {}
    for plan in tree.plans:
        if not plan.listed:
            counts[plan.state] = counts.get(plan.state, 0) + 1
    deferred = counts.get("deferred", 0)
    done, total = counts.get("done", 0), sum(counts.values()) - deferred
    tool = Count(done, total) if tree.is_archive else tool_count(given)
    return PlanState(
        path=given.site.path,
        feature=given.site.feature,
        title=_title(tree),
        lifecycle=tree.lifecycle,
        lifecycle_by="folder",
        lifecycle_evidence=None,
        legacy=False,
        state=_condition(tree, following, counts),
        counts=counts,
        next=following,
        also_ready=_also_ready(tree, following),
        claims=(),
        open_effort=None,
        priority=None,
        dependencies=tuple(_dependencies(tree)),
        achievements=items,
        format=layout.NAME,
        groups=tuple(_group(phase) for phase in tree.phases),
        progress=Progress(done, total, 0, deferred, tool if tool != Count(done, total) else None),
    )


def _dependencies(tree: Tree) -> Iterator[Dependency]:
    """Yield the dependencies between plans that the PLANs state."""
    circle = frozenset(tree.circle)
    for plan in tree.plans:
        facts = plan.facts
        for wanted in plan.depends_on if facts and not plan.duplicate else ():
            says = f"depends_on: {', '.join(facts.depends_on)}" if facts else ""
            reason = Evidence(plan.path, facts.depends_line if facts else 1, says)
            cyclic = plan.id in circle and wanted in circle
            yield Dependency(plan.id, wanted, reason, wanted not in tree.by_id, cyclic)


def tool_count(given: PlanInput) -> Count:
    """Return the counts of GSD itself: the files whose names end like PLANs and SUMMARYs, regardless of their ids."""
    names = [path.rpartition("/")[2] for path in given.documents if (place := layout.place_of(path)) and place.folder]
    roles = [layout.name_of_file(name).role for name in names]
    return Count(roles.count(layout.SUMMARY), roles.count(layout.PLAN))


def _title(tree: Tree) -> str:
    stated = tree.stated
    if stated and stated.milestone and not tree.is_archive:
        return f"{stated.milestone} {stated.name}".strip() if stated.name != "milestone" else stated.milestone
    return tree.roadmap.title or tree.site.feature


def _item(tree: Tree, plan: PlanFile) -> AchievementState:
    box = plan.box
    path = plan.path or plan.summary or tree.roadmap_path
    waiting = [*(other.ref for other in plan.blockers), *plan.missing, *_first_plans(tree, plan.waits_for)]
    return AchievementState(
        id=plan.id,
        title=plan.title,
        priority="",
        state=plan.state,
        step=_step_of(tree, plan),
        path=path,
        line=box.line if plan.listed and box else 1,
        subplan=None,
        executions=(),
        verdict=None,
        depends_on=plan.depends_on,
        blocked_by=tuple(dict.fromkeys(waiting)) if plan.state == "blocked" else (),
        evidence=_evidence(tree, plan),
        ref=plan.ref,
        kind="plan",
        group=plan.phase.id,
        parallel=plan.parallel,
        marker=box.mark if box else "",
        listed=plan.listed,
    )


def _step_of(tree: Tree, plan: PlanFile) -> Step:
    if tree.is_lost and plan.state not in ("done", "deferred"):
        return "confirm_state"
    if plan.state == "blocked":
        return "wait"
    if plan.state != "open" or (plan.listed and plan.settled):
        return "closed"
    return "plan_phase" if plan.listed else "execute_plan"


def _first_plans(tree: Tree, phases: Sequence[str]) -> list[str]:
    """Return, for each phase, the ref of its first plan that is not done.

    A phase without such a plan is returned by its name.
    """
    result = []
    for identity in phases:
        phase = tree.phase(identity)
        first = phase.first_open if phase else None
        result.append(first.ref if first else f"phase {identity}")
    return result


def _evidence(tree: Tree, plan: PlanFile) -> tuple[Evidence, ...]:
    box = plan.box
    alone = " planned, no file" if plan.listed else ""
    said = (Evidence(tree.roadmap_path, box.line, f"[{box.mark}]{alone}"),) if box else ()
    if plan.summary:
        return (Evidence(plan.summary, 1, "exists"), *said)
    if plan.state == "done":
        return (Evidence(plan.phase.summaries[0], 1, "is about the whole phase"), *said)
    if plan.duplicate:
        return (Evidence(plan.path, 1, "lies in a second folder of its phase"), *said)
    if plan.path:
        return (Evidence(plan.path, 1, "has no SUMMARY"), *said)
    return said


def _group(phase: PhaseTree) -> Group:
    said = phase.said
    line = (said.line or said.box_line) if said else phase.row.line if phase.row else 1
    return Group(
        id=phase.id,
        title=phase.title,
        line=line,
        state=phase.state,
        done=phase.done,
        total=sum(plan.state != "deferred" for plan in phase.counted),
        blocked_by=phase.blocked_by,
        verification=phase.verification,
    )


def step(name: Step, file: str | None, reason: str, plan: PlanFile | None = None, group: str | None = None) -> NextStep:
    """Return a next step with its role and tier."""
    duty = STEP_ROLES[name]
    identity, ref = (plan.id, plan.ref) if plan else (None, None)
    return NextStep(name, identity, duty.role, duty.tier, file, reason, ref, group)


def next_step(tree: Tree) -> NextStep:
    """Return the next step: that of the first phase that is neither done nor called complete."""
    roadmap = tree.roadmap_path or None
    if tree.lifecycle == "archived":
        return step("closed", roadmap, "The milestone is archived")
    if tree.is_lost:
        plan = next(plan for plan in tree.plans if plan.state not in ("done", "deferred"))
        reason = f"There is no ROADMAP, so no milestone is active, but {plan.id} has no SUMMARY"
        return step("confirm_state", plan.path, reason, plan)
    waiting: PlanFile | None = None
    stuck: PhaseTree | None = None
    for phase in tree.phases:
        if phase.shipped or phase.state == "deferred":
            continue
        phase_step = _of_phase(tree, phase)
        if phase_step:
            return phase_step
        if phase.blocked_by and not phase.settled:
            stuck = stuck or phase
        waiting = waiting or next((plan for plan in phase.counted if plan.state == "blocked"), None)
    if waiting:
        return step("wait", waiting.path, f"Every open plan waits; {waiting.id} waits for {_cause(waiting)}", waiting)
    if stuck:
        cause = _phase_cause(stuck)
        return step("wait", roadmap, f"Every open phase waits; phase {stuck.id} waits for {cause}", group=stuck.id)
    if not tree.phases:
        return step("plan_phase", roadmap, "ROADMAP lists no phase: start a milestone with `/gsd:new-milestone`")
    return _at_the_end(tree)


def _cause(plan: PlanFile) -> str:
    """Return the first plan or phase for which a plan waits. One that does not exist comes first: it needs a person."""
    if plan.missing:
        return f"{plan.missing[0]}, which does not exist"
    return plan.blockers[0].id if plan.blockers else _phase_cause(plan.phase)


def _phase_cause(phase: PhaseTree) -> str:
    if phase.missing:
        return f"phase {phase.missing[0]}, which does not exist"
    return f"phase {phase.blocked_by[0]}"


def _of_phase(tree: Tree, phase: PhaseTree) -> NextStep | None:
    """Return the step that a phase needs; None if the phase needs no step or waits."""
    ready = ready_plans(phase)
    if ready:
        return _execute(phase, ready[0])
    if phase.claimed:
        return None
    if phase.state == "done":
        return _check_work(phase)
    if phase.blocked_by or any(plan.state == "blocked" for plan in phase.counted):
        return None
    return _plan_phase(tree, phase)


def ready_plans(phase: PhaseTree) -> list[PlanFile]:
    """Return the plans of a phase that can be executed now, by wave and number."""
    return sorted((plan for plan in phase.counted if plan.state == "open"), key=lambda plan: plan.order)


def _execute(phase: PhaseTree, plan: PlanFile) -> NextStep:
    said = f"{plan.id} has no SUMMARY, and nothing blocks it"
    if phase.claimed:
        said = (
            f"ROADMAP says that phase {phase.id} is complete, but {plan.id} has no SUMMARY: confirm it, or execute it"
        )
    return step("execute_plan", plan.path, said, plan)


def _plan_phase(tree: Tree, phase: PhaseTree) -> NextStep:
    """Return the step for a phase without a plan to execute.

    If no document states the purpose of the phase, the step is its discussion.
    """
    roadmap = tree.roadmap_path or None
    listed = [plan for plan in phase.plans if plan.listed]
    if phase.counted and listed:
        reason = f"ROADMAP lists {listed[0].id} in phase {phase.id}, but it has no PLAN"
    elif listed:
        reason = f"ROADMAP lists {counted(len(listed), 'plan')} in phase {phase.id}, but none has a file"
    else:
        reason = f"Phase {phase.id} has no plans"
    goal = phase.said.goal if phase.said else ""
    context = any(path.endswith("-CONTEXT.md") for path in phase.notes)
    if not phase.plans and not context and (not goal or goal.startswith("[")):
        return step("discuss_phase", roadmap, f"{reason}, no CONTEXT and no goal", group=phase.id)
    return step("plan_phase", roadmap, reason, group=phase.id)


def _check_work(phase: PhaseTree) -> NextStep | None:
    """Return the step for a phase whose plans are all done, if its verification or its UAT needs a step; else None."""
    verified = phase.verification
    if verified == "gaps_found" or phase.testing == "diagnosed":
        path = next((path for path, one in phase.checks.items() if one.result == "gaps_found"), None)
        path = path or next((path for path, one in phase.tests.items() if one.status == "diagnosed"), None)
        return step("close_gaps", path, f"Every plan of phase {phase.id} is done, but gaps were found", group=phase.id)
    if verified == "human_needed" or phase.testing:
        path = next((path for path, one in phase.checks.items() if one.result == "human_needed"), None)
        path = path or next((path for path, one in phase.tests.items() if one.status == phase.testing), None)
        why = "a person has to test it" if verified == "human_needed" else f"its UAT is {phase.testing}"
        return step("verify_work", path, f"Every plan of phase {phase.id} is done, but {why}", group=phase.id)
    return None


def _at_the_end(tree: Tree) -> NextStep:
    """Return the step for a tree in which no phase needs work."""
    roadmap = tree.roadmap_path or None
    for phase in tree.phases:
        if phase.state == "done" and not phase.claimed and not phase.shipped and phase.verification != "passed":
            reason = f"Every plan of phase {phase.id} is done, but nothing says that it was verified"
            return step("verify_work", roadmap, reason, group=phase.id)
    if doubts := unproved(tree):
        return step("complete_milestone", roadmap, f"No phase is left; {doubts[0]}")
    number = sum(not phase.shipped for phase in tree.phases)
    return step("complete_milestone", roadmap, f"{counted(number, 'phase')} done, and none is left")


def unproved(tree: Tree) -> list[str]:
    """Return a clause for each reason to doubt phases that ROADMAP calls complete: their files do not show it."""
    doubts: dict[str, list[str]] = {}
    for phase in tree.phases:
        if phase.claimed and not phase.shipped and (doubt := _doubt(phase)):
            doubts.setdefault(doubt, []).append(phase.id)
    return [f"ROADMAP says that {_phases_are(ids)} complete, but {doubt}" for doubt, ids in doubts.items()]


def _phases_are(ids: Sequence[str]) -> str:
    if len(ids) == 1:
        return f"phase {ids[0]} is"
    if len(ids) > MAX_NAMED_PHASES:
        return f"{len(ids)} phases are"
    return f"phases {list_in_words(list(ids))} are"


def _doubt(phase: PhaseTree) -> str:
    if phase.state not in ("done", "deferred"):
        return "a plan has no SUMMARY" if phase.counted else "no file shows it"
    if any(one.contradictory for one in phase.checks.values()):
        return "its VERIFICATION contradicts itself"
    return {"gaps_found": "gaps were found", "human_needed": "a person has to test it"}.get(phase.verification, "")


def _also_ready(tree: Tree, following: NextStep) -> tuple[Ready, ...]:
    """Return the other ready plans of the same wave as the next plan."""
    plan = next((one for one in tree.plans if one.ref == following.ref), None) if following.ref else None
    if plan is None or following.step != "execute_plan":
        return ()
    others = [one for one in ready_plans(plan.phase) if one is not plan and one.wave == plan.wave and one.wave]
    return tuple(Ready(one.ref, "execute_plan", "executor", "stated") for one in others[:MAX_READY])


def _condition(tree: Tree, following: NextStep, counts: dict[State, int]) -> PlanCondition:
    if not tree.plans and not tree.phases:
        return "no_achievements"
    is_doubtful = tree.circle or tree.phase_circle or tree.waits_for_missing
    if tree.conflicts or is_doubtful or following.step == "confirm_state":
        return "needs_attention"
    if following.step == "complete_milestone" and unproved(tree):
        return "needs_attention"
    if following.step in ("closed", "complete_milestone"):
        return "complete"
    return "in_progress" if counts.get("done") else "planned"
