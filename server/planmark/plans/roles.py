"""The role of each step, and the tier of the model that the step needs, in one table. A workspace may set the tier of a
role.
"""

from __future__ import annotations

from typing import NamedTuple

from planmark.plans.model import NextStep, Role, Step


class StepRole(NamedTuple):
    """The role of a step, the tier of the model that the step needs, and the task of the step in words.

    The tier is 1 for pattern work, 2 for design and implementation, and 3 for deep review.
    """

    role: Role
    tier: int
    asks: str


STEP_ROLES: dict[Step, StepRole] = {
    "address_fix": StepRole("executor", 2, "address the fix"),
    "re_review": StepRole("reviewer", 1, "review the fixes again"),
    "fill_subplan": StepRole("designer", 2, "fill in the SUBPLAN"),
    "fill_execution": StepRole("executor", 2, "fill in the EXECUTION_TASK"),
    "unblock": StepRole("executor", 2, "lift what blocks the execution"),
    "continue_execution": StepRole("executor", 2, "continue the execution"),
    "next_execution": StepRole("executor", 2, "begin the next planned execution"),
    "synthesize": StepRole("designer", 2, "write the synthesis of the executions"),
    "request_review": StepRole("reviewer", 1, "review what was done"),
    "create_execution": StepRole("executor", 2, "create the EXECUTION_TASK and begin"),
    "create_subplan": StepRole("designer", 2, "design the SUBPLAN"),
    "rename_document": StepRole("planner", 1, "give the misnamed documents their names"),
    "confirm_state": StepRole("planner", 1, "confirm or reject what the PLAN claims"),
    "complete_plan": StepRole("planner", 1, "close the plan"),
    "closed": StepRole("planner", 1, "nothing, the plan is closed"),
    "define_achievements": StepRole("planner", 2, "define the achievements"),
    "fill_plan": StepRole("planner", 2, "fill in the PLAN"),
    "update_index": StepRole("planner", 1, "make the index and the definitions agree"),
    "wait": StepRole("planner", 1, "wait for what comes first"),
    "pause": StepRole("planner", 1, "pause the plan so that anyone can take it up"),
    "resume": StepRole("planner", 1, "take the plan up again"),
    "verify": StepRole("planner", 1, "verify that the documents say what the files show"),
    "parallel": StepRole("planner", 2, "find out what can be done at the same time"),
    "review": StepRole("reviewer", 2, "review a part of what was done"),
    "research": StepRole("designer", 1, "find out what the design needs to know"),
    "finish_execution": StepRole("executor", 1, "mend what preflight found"),
    "implement_task": StepRole("executor", 2, "start the task"),
    "continue_task": StepRole("executor", 2, "continue the task"),
    "reconcile": StepRole("executor", 1, "compare the open boxes with the files"),
    "write_requirements": StepRole("designer", 2, "write the requirements"),
    "write_design": StepRole("designer", 2, "write the design"),
    "write_tasks": StepRole("designer", 2, "write the tasks"),
    "verify_and_archive": StepRole("reviewer", 2, "verify, then archive"),
    "plan_phase": StepRole("designer", 2, "plan the phase"),
    "discuss_phase": StepRole("planner", 2, "discuss the phase"),
    "execute_plan": StepRole("executor", 2, "execute the plan"),
    "close_gaps": StepRole("designer", 2, "close the gaps"),
    "verify_work": StepRole("reviewer", 2, "verify the work"),
    "complete_milestone": StepRole("planner", 1, "complete the milestone"),
}
"""Mapping from a step to its role, its tier and its task in words."""

TASKS_IN_OTHER_FORMATS: dict[Step, str] = {
    "confirm_state": "let a person decide what holds",
    "wait": "wait for another task",
}
"""Mapping from a step to its task in words in other formats, for steps whose task differs from the methodology."""


def task_in_words(step: Step, plan_format: str) -> str:
    """Return the task of a step in words, for a plan in the format with the name `plan_format`."""
    task_in_plan = STEP_ROLES[step].asks
    return task_in_plan if plan_format == "planmark" else TASKS_IN_OTHER_FORMATS.get(step, task_in_plan)


READING_LINES_BY_ROLE: dict[Role, int] = {
    "executor": 200,
    "planner": 200,
    "designer": 400,
    "reviewer": 600,
    "strategist": 500,
}
"""Mapping from a role to the number of lines that a prompt should tell the role to read. The methodology defines these
numbers.
"""
TOKENS_PER_LINE = 8
"""The number of tokens that a line of a document is assumed to have."""


def soft_budget(role: Role) -> int:
    """Return the soft budget of a role: the number of tokens above which a prompt for the role gets a note."""
    return READING_LINES_BY_ROLE[role] * TOKENS_PER_LINE


def step_about(step: Step, achievement: str | None, file: str | None, reason: str) -> NextStep:
    """Return a `NextStep` of the kind `step`, with the role and the tier from `STEP_ROLES`.

    `achievement` is the id of the achievement, and `file` the path of the document that the step is about.
    """
    step_role = STEP_ROLES[step]
    return NextStep(step, achievement, step_role.role, step_role.tier, file, reason)
