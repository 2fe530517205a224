"""The state of a plan: its achievements by the decision table, its next step, and the claims of its text."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from planmark.formats.planmark.documents.document import parsed_name
from planmark.formats.planmark.documents.plan import Achievement
from planmark.formats.planmark.ownership.discovery import FEEDBACK_FOLDER
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.assignment import AssignedDocuments, assign_documents
from planmark.formats.planmark.workflow.decision_table import (
    AchievementInputs,
    decide,
    file_evidence,
    subplan_facts,
    task_facts,
)
from planmark.formats.planmark.workflow.declared import unreadable_declarations, unreadable_parts_of_parallel_json
from planmark.formats.planmark.workflow.dependencies import dependencies
from planmark.formats.planmark.workflow.naming import is_certainly_work, put_renamings_first, renamings_by_achievement
from planmark.formats.planmark.workflow.out_of_sight import (
    notes,
    paths_that_prevent_completion,
    put_questions_first,
    unknown_work,
)
from planmark.formats.planmark.workflow.steps import FIX_STATES, StepInputs, choose_next_step, plan_step
from planmark.formats.planmark.workflow.verdicts import doubts_by_path, reviews
from planmark.metrics.trace import profiled
from planmark.plans.document import Document
from planmark.plans.effort import total_effort
from planmark.plans.evaluation import Decision, PlanEvaluation
from planmark.plans.model import (
    NOT_WORKABLE_STATES,
    SETTLED_STATES,
    AchievementState,
    ClaimLine,
    Dependency,
    DependencyOrder,
    Evidence,
    Execution,
    NextStep,
    PlanCondition,
    PlanState,
    Ready,
    Step,
)
from planmark.plans.outside import NO_OTHER_PLANS, OtherAchievement, OtherPlansInput
from planmark.plans.roles import STEP_ROLES, step_about
from planmark.storage.paths import join
from planmark.workspace.snapshot import Copy

ATTENTION_STATES = ("needs_fix", "fix_resolved", "execution_blocked")
"""States of achievements that make a plan need attention."""
ASKING_STEPS: tuple[Step, ...] = ("rename_document", "confirm_state", "update_index")
"""Steps that ask a person whether unfinished work exists."""
STEPS_OF_COMPLETE_PLAN: tuple[Step, ...] = ("complete_plan", "closed")
"""Next steps of a plan that is complete."""


def evaluate(plan: PlanDocuments, *, ignore_claims: bool = False) -> PlanState:
    """Return the state of a plan. If `ignore_claims` is True, claims in the text do not affect the next step."""
    return evaluate_plan(plan, ignore_claims=ignore_claims).state


@profiled("judge")
def evaluate_plan(
    plan: PlanDocuments,
    outside: OtherPlansInput = NO_OTHER_PLANS,
    ignore_claims: bool = False,
    earlier: tuple[PlanDocuments, PlanEvaluation] | None = None,
) -> PlanEvaluation:
    """Return the state of a plan, with the inputs and decisions that led to it.

    `outside` are the facts about other plans. If `ignore_claims` is True, claims in the text do not affect the next step.

    `earlier` is an older version of the plan with its evaluation. This argument only saves time, and does not change
    the result. If an achievement still has the same document objects, its earlier decision is used again.
    """
    assigned_documents, edges = assign_documents(plan), dependencies(plan, outside)
    inputs_without_dependencies, own_decisions = _decisions_without_dependencies(plan, assigned_documents, earlier)
    states_by_id = {achievement_id: decision.state for achievement_id, decision in own_decisions.items()}
    states_by_id |= {name: standing.state for name, standing in outside.standings.items()}
    open_dependencies = _open_dependencies(
        edges, {achievement_id for achievement_id, state in states_by_id.items() if state == "approved"}
    )
    broken_evidence = outside.unreadable | unreadable_declarations(plan)
    inputs_by_id = {
        achievement_id: _with_dependencies(
            inputs,
            open_dependencies.get(achievement_id, ()),
            broken_evidence.get(None) or broken_evidence.get(achievement_id),
        )
        for achievement_id, inputs in inputs_without_dependencies.items()
    }
    decisions = {
        achievement_id: _decision_with_question(
            inputs,
            decide(inputs) if inputs.open_dependencies or inputs.unreadable_evidence else own_decisions[achievement_id],
        )
        for achievement_id, inputs in inputs_by_id.items()
    }
    unknown_places = unknown_work(plan, assigned_documents)
    decisions = put_renamings_first(
        put_questions_first(plan, unknown_places, decisions, inputs_by_id), renamings_by_achievement(plan)
    )
    needed_ids_by_id: dict[str, list[str]] = {}
    for edge in edges:
        needed_ids_by_id.setdefault(edge.achievement, []).append(edge.depends_on)
    achievements = tuple(
        _achievement_state(
            plan,
            achievement,
            inputs_by_id[achievement.id],
            decisions[achievement.id],
            needed_ids_by_id.get(achievement.id, ()),
        )
        for achievement in plan.facts.achievements
    )
    claims = _claim_lines(plan)
    unfinished_ids = {achievement.id for achievement in achievements if achievement.state not in SETTLED_STATES}
    efforts = [
        achievement.effort
        for achievement in plan.facts.achievements
        if achievement.id in unfinished_ids and achievement.effort
    ]
    places_that_prevent_completion = paths_that_prevent_completion(plan, unknown_places)
    step = choose_next_step(
        StepInputs(
            plan,
            achievements,
            decisions,
            () if ignore_claims else claims,
            broken_evidence,
            places_that_prevent_completion,
        )
    )
    state = PlanState(
        path=plan.path,
        feature=plan.feature,
        title=plan.facts.title,
        lifecycle=plan.lifecycle,
        lifecycle_by=plan.lifecycle_by,
        lifecycle_evidence=_lifecycle_evidence(plan),
        legacy=not plan.verdicts and bool(plan.subplans or plan.executions or claims),
        state=_plan_condition(plan, achievements, step),
        counts=dict(Counter(achievement.state for achievement in achievements)),
        next=step,
        also_ready=_other_ready_achievements(achievements, edges, step),
        claims=claims,
        open_effort=total_effort(efforts) if efforts else None,
        priority=plan.facts.priority,
        dependencies=edges,
        achievements=achievements,
        notes=notes(plan, unknown_places),
    )
    by_id = {achievement.id: achievement for achievement in achievements}
    return PlanEvaluation(
        state,
        inputs_by_id,
        decisions,
        assigned_documents,
        outside,
        by_id,
        broken_evidence,
        unknown_places,
        own_decisions,
    )


def _lifecycle_evidence(plan: PlanDocuments) -> Evidence | None:
    """Return the evidence for the lifecycle: the Status line or the folder; None if neither sets the lifecycle."""
    if plan.lifecycle_by == "status" and (status := plan.facts.status):
        return Evidence(plan.path, plan.document.line(status.position), status.text)
    if plan.lifecycle_by == "folder":
        return Evidence(plan.path, 1, f"it lies in {plan.lifecycle_folder or '.'}/")
    return None


def standings(plan: PlanDocuments) -> dict[str, OtherAchievement]:
    """Return a mapping from the id of each achievement of a plan to the facts that other plans need about it.

    These facts are the title, the state, and the verdict that approves the achievement.
    """
    assigned_documents = assign_documents(plan)
    result = {}
    for achievement in plan.facts.achievements:
        inputs = _achievement_inputs(plan, achievement, assigned_documents)
        decision = decide(inputs)
        verdict_path = inputs.approved.path if decision.state == "approved" and inputs.approved else None
        result[achievement.id] = OtherAchievement(
            plan.path, achievement.id, achievement.title, decision.state, verdict_path
        )
    return result


def _decisions_without_dependencies(
    plan: PlanDocuments, assigned_documents: AssignedDocuments, earlier: tuple[PlanDocuments, PlanEvaluation] | None
) -> tuple[dict[str, AchievementInputs], dict[str, Decision]]:
    """Return two mappings by the id of an achievement: its inputs without dependencies, and the decision that follows
    from these inputs. `earlier` has the same meaning as in `evaluate_plan`.
    """
    earlier_bases = _input_sources_by_id(earlier[0], earlier[1].assigned_documents) if earlier else {}
    inputs_by_id: dict[str, AchievementInputs] = {}
    decisions: dict[str, Decision] = {}
    for achievement_id, basis in _input_sources_by_id(plan, assigned_documents).items():
        if earlier and achievement_id in earlier_bases and _are_equal_sources(basis, earlier_bases[achievement_id]):
            inputs_by_id[achievement_id] = _with_dependencies(earlier[1].inputs[achievement_id])
            decisions[achievement_id] = earlier[1].own_decisions[achievement_id]
        else:
            inputs_by_id[achievement_id] = _achievement_inputs(plan, basis.achievement, assigned_documents)
            decisions[achievement_id] = decide(inputs_by_id[achievement_id])
    return inputs_by_id, decisions


class _InputSources(NamedTuple):
    """The values from which the inputs of an achievement are computed, apart from its dependencies.

    `achievement` and `values` are compared by value. `documents` are compared by identity, because a document that did
    not change is the same object.
    """

    achievement: Achievement
    values: tuple[object, ...]
    documents: tuple[object, ...]


def _input_sources_by_id(plan: PlanDocuments, assigned_documents: AssignedDocuments) -> dict[str, _InputSources]:
    """Return the values from which the inputs of each achievement are computed, by id."""
    about_plan = (plan.path, plan.folder, plan.facts.created, plan.named_plans)
    bases = {}
    for achievement in plan.facts.achievements:
        executions = assigned_documents.executions.get(achievement.id, ())
        verdicts = assigned_documents.verdicts.get(achievement.id, ())
        values = (
            *about_plan,
            plan.document.line(achievement.position),
            achievement.dropped and plan.document.line(achievement.dropped.position),
            *(assigned_documents.numbers_by_path[verdict.path] for verdict in verdicts),
        )
        documents = (assigned_documents.subplans.get(achievement.id), *plan.copies, None, *executions, None, *verdicts)
        bases[achievement.id] = _InputSources(achievement, values, documents)
    return bases


def _are_equal_sources(basis: _InputSources, other_basis: _InputSources) -> bool:
    """Tell whether two bases lead to equal inputs."""
    return (
        basis[:2] == other_basis[:2]
        and len(basis.documents) == len(other_basis.documents)
        and all(map(operator.is_, basis.documents, other_basis.documents))
    )


def _with_dependencies(
    inputs: AchievementInputs,
    open_dependencies: tuple[Dependency, ...] = (),
    unreadable_evidence: Evidence | None = None,
) -> AchievementInputs:
    """Return `inputs` with `open_dependencies` and `unreadable_evidence` as the dependencies.

    If `inputs` has these dependencies already, return the same object, which saves memory.
    """
    if inputs.open_dependencies == open_dependencies and inputs.unreadable_evidence == unreadable_evidence:
        return inputs
    return inputs._replace(open_dependencies=open_dependencies, unreadable_evidence=unreadable_evidence)


def _achievement_inputs(
    plan: PlanDocuments, achievement: Achievement, assigned_documents: AssignedDocuments
) -> AchievementInputs:
    """Return the inputs of the decision about an achievement, without its dependencies."""
    verdicts = assigned_documents.verdicts.get(achievement.id, ())
    tasks = _current_tasks(assigned_documents.executions.get(achievement.id, ()))
    doubts = doubts_by_path(
        plan, achievement, verdicts, has_work=bool(tasks or achievement.id in assigned_documents.subplans)
    )
    subplan = assigned_documents.subplans.get(achievement.id)
    is_withdrawn = subplan is not None and subplan_facts(subplan).is_withdrawn
    return AchievementInputs(
        achievement=achievement.id,
        plan_path=plan.path,
        plan_line=plan.document.line(achievement.position),
        feedback_folder=join(plan.folder, FEEDBACK_FOLDER),
        subplan=None if is_withdrawn else subplan,
        tasks=tasks,
        executions=tuple(_execution(task, plan.copies) for task in tasks),
        reviews=reviews(verdicts, assigned_documents.numbers_by_path, doubts),
        open_dependencies=(),
        withdrawn_subplan=subplan if is_withdrawn else None,
        drop_evidence=Evidence(plan.path, plan.document.line(achievement.dropped.position), achievement.dropped.text)
        if achievement.dropped
        else None,
    )


def _current_tasks(tasks: Sequence[Document]) -> tuple[Document, ...]:
    """Return the EXECUTION_TASK that counts for each execution number.

    This is the last of `tasks` with the number, because a re-run (`_V2`, `_RECOVERY`) supersedes the earlier runs.
    """
    return tuple({parsed_name(task).execution: task for task in tasks}.values())


def _execution(task: Document, copies: Sequence[Copy]) -> Execution:
    """Return the execution that the EXECUTION_TASK `task` describes.

    If `task` says that the execution is done, but a copy with a different text does not, the execution is open.
    """
    execution = _execution_by_its_file(task)
    if execution.outcome != "done":
        return execution
    other_executions = [
        _execution_by_its_file(copy.differing_document)
        for copy in copies
        if copy.counts == task.path and copy.differing_document
    ]
    unfinished_executions = [other for other in other_executions if other.outcome != "done"]
    if not unfinished_executions:
        return execution
    text = f"open: this file says that it is done, and {unfinished_executions[0].path} says that it is not"
    disputed_evidence = (execution.evidence, *(other.evidence for other in unfinished_executions))
    return Execution(
        execution.number, task.path, "open", Evidence(task.path, disputed_evidence[0].line, text), disputed_evidence
    )


def _execution_by_its_file(task: Document) -> Execution:
    """Return the execution that the EXECUTION_TASK `task` describes. Copies of the file have no effect."""
    facts = task_facts(task)
    if facts.evidence is None:
        evidence = file_evidence(task, f"{facts.outcome}: no status says that it is done")
    else:
        evidence = Evidence(task.path, task.line(facts.evidence.position), f"{facts.outcome}: {facts.evidence.text}")
    return Execution(parsed_name(task).execution, task.path, facts.outcome, evidence)


def _decision_with_question(inputs: AchievementInputs, decision: Decision) -> Decision:
    """Return `decision`, with a question for a person as its step if there is an APPROVED that does not approve.

    Decisions about fixes, and about approved or dropped achievements, stay as they are.
    """
    if not inputs.reviews.doubts or decision.state in (*FIX_STATES, *SETTLED_STATES):
        return decision
    evidence = (*inputs.reviews.doubts, *decision.evidence)
    return Decision(decision.letter, decision.state, "confirm_state", evidence[0].path, evidence)


def _open_dependencies(edges: Sequence[Dependency], approved_names: set[str]) -> dict[str, tuple[Dependency, ...]]:
    """Return a mapping from the id of each waiting achievement to the dependencies that are not approved."""
    result: dict[str, list[Dependency]] = {}
    for edge in edges:
        if edge.holds and edge.depends_on not in approved_names:
            result.setdefault(edge.achievement, []).append(edge)
    return {achievement_id: tuple(open_edges) for achievement_id, open_edges in result.items()}


def _achievement_state(
    plan: PlanDocuments,
    achievement: Achievement,
    inputs: AchievementInputs,
    decision: Decision,
    depends_on: Sequence[str],
) -> AchievementState:
    """Return the state of an achievement; `depends_on` are the names of the achievements that it needs."""
    verdict = inputs.approved if decision.state == "approved" else inputs.fix or inputs.approved
    return AchievementState(
        id=achievement.id,
        title=achievement.title,
        priority=achievement.priority,
        state=decision.state,
        step=decision.step,
        path=plan.path,
        line=plan.document.line(achievement.position),
        subplan=inputs.subplan.path if inputs.subplan else None,
        executions=inputs.executions,
        verdict=verdict.path if verdict else None,
        round=inputs.reviews.round,
        depends_on=tuple(depends_on),
        blocked_by=()
        if decision.state in SETTLED_STATES
        else tuple(edge.depends_on for edge in inputs.open_dependencies),
        evidence=decision.evidence,
        ref=achievement.id,
    )


def _claim_lines(plan: PlanDocuments) -> tuple[ClaimLine, ...]:
    """Return the claims of the PLAN, one for each achievement and line, sorted by achievement and line."""
    lines_by_claim = {
        (achievement_id, claim.position): ClaimLine(
            achievement_id, plan.path, plan.document.line(claim.position), claim.text
        )
        for claim in plan.facts.claims
        for achievement_id in claim.achievements
    }
    position_by_id = {achievement_id: position for position, achievement_id in enumerate(plan.facts.ids)}
    return tuple(sorted(lines_by_claim.values(), key=lambda line: (position_by_id[line.achievement], line.line)))


def _plan_condition(plan: PlanDocuments, achievements: Sequence[AchievementState], step: NextStep) -> PlanCondition:
    """Return the condition of a plan, such as `in_progress`; `step` is the next step of the plan."""
    states = {achievement.state for achievement in achievements}
    conditions: tuple[tuple[PlanCondition, Callable[[], bool]], ...] = (
        ("no_achievements", lambda: not achievements),
        ("complete", lambda: step.step in STEPS_OF_COMPLETE_PLAN),
        ("needs_attention", lambda: bool(states & set(ATTENTION_STATES)) or step.step in ASKING_STEPS),
        ("in_progress", lambda: bool(plan.subplans or plan.executions or plan.verdicts or _has_misnamed_work(plan))),
    )
    return next((condition for condition, is_met in conditions if is_met()), "planned")


def _has_misnamed_work(plan: PlanDocuments) -> bool:
    """Tell whether a misnamed file of a plan is certainly work."""
    return any(is_certainly_work(document, plan.facts.ids) for document in plan.misnamed)


def parallel_json_repair_step(plan: PlanDocuments) -> NextStep | None:
    """Return the step that corrects an unreadable `parallel.json`; None if the file is readable.

    No other step may change the file before this step.
    """
    broken_evidence = next(iter(unreadable_parts_of_parallel_json(plan).values()), None)
    return (
        plan_step("wait", broken_evidence.path, f"{broken_evidence.says}. Mend it first") if broken_evidence else None
    )


def requested_step(state: PlanState, step: Step) -> NextStep:
    """Return a step that a person asks for.

    The step `resume` is about the next achievement; any other step is about the plan.
    """
    achievement_id = state.next.achievement if step == "resume" else None
    return step_about(
        step,
        achievement_id,
        state.path,
        f"a person asked for it; by the files, the next step is {state.next.step.replace('_', ' ')}",
    )


def _other_ready_achievements(
    achievements: Sequence[AchievementState], edges: Sequence[Dependency], step: NextStep
) -> tuple[Ready, ...]:
    """Return the achievements that can be worked on now, except the achievement of `step`.

    If `edges` contains dependencies, these are the achievements that wait for no other achievement. Otherwise, they are
    the achievements with the same priority as the achievement of `step`.
    """
    priority = next((achievement.priority for achievement in achievements if achievement.id == step.achievement), None)
    order: DependencyOrder = "stated" if edges else "unstated"
    return tuple(
        Ready(achievement.id, achievement.step, STEP_ROLES[achievement.step].role, order)
        for achievement in achievements
        if achievement.id != step.achievement
        and achievement.state not in NOT_WORKABLE_STATES
        and achievement.step != "confirm_state"
        and not achievement.blocked_by
        and (edges or achievement.priority == priority)
    )
