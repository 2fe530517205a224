"""The types for plans in any format: states, steps, roles, items, and the state of a plan."""

from __future__ import annotations

from typing import Literal

import msgspec

from planmark.plans.effort import Effort
from planmark.plans.priority import Priority

Lifecycle = Literal["active", "backlog", "paused", "stopped", "archived"]
"""The lifecycles of a plan.

If the folder and the Status of a PLAN disagree, the lifecycle that is later in this order counts.
"""
WORKABLE_LIFECYCLES: tuple[Lifecycle, ...] = ("active", "backlog")
"""The lifecycles of plans that Planmark may choose if the user names no plan."""
LifecycleSource = Literal["folder", "status"]
"""The source of a lifecycle: the folder of the plan, or the Status of its PLAN."""
Outcome = Literal["done", "open", "blocked", "stopped", "failed"]
"""The outcomes of an execution.

An execution that was given up, superseded or skipped is `stopped`. A `stopped` or `failed` execution is neither open
nor done.
"""
State = Literal[
    "approved",
    "needs_fix",
    "fix_resolved",
    "design_placeholder",
    "execution_blocked",
    "active_execution",
    "next_execution",
    "awaiting_review",
    "no_execution",
    "blocked",
    "no_subplan",
    "dropped",
    "open",
    "in_progress",
    "done",
    "unsupported",
    "deferred",
]
"""The states of items. An `unsupported` item is ticked, but a file that it was to create does not exist."""
DONE_STATES: frozenset[State] = frozenset({"approved", "dropped", "done", "deferred"})
"""The states of items that need no more work."""
Step = Literal[
    "address_fix",
    "re_review",
    "fill_subplan",
    "fill_execution",
    "unblock",
    "continue_execution",
    "next_execution",
    "synthesize",
    "request_review",
    "create_execution",
    "create_subplan",
    "rename_document",
    "confirm_state",
    "complete_plan",
    "closed",
    "define_achievements",
    "fill_plan",
    "update_index",
    "wait",
    "pause",
    "resume",
    "verify",
    "parallel",
    "review",
    "research",
    "finish_execution",
    "implement_task",
    "continue_task",
    "reconcile",
    "write_requirements",
    "write_design",
    "write_tasks",
    "verify_and_archive",
    "plan_phase",
    "discuss_phase",
    "execute_plan",
    "close_gaps",
    "verify_work",
    "complete_milestone",
]
"""The steps of plans in all formats. `STEP_ROLES` has the task of each step in words."""
REVIEW_STEPS: tuple[Step, ...] = ("request_review", "re_review")
"""The steps of reviewers."""
STEPS_IN_PARTS: tuple[Step, ...] = ("review", "research")
"""Steps that a person asks for, and that consist of parts. Several agents do the parts in parallel."""
STEPS_ON_DEMAND: tuple[Step, ...] = ("pause", "resume", "verify", "parallel")
"""Steps of a whole plan that no state of the plan leads to. Only a person can ask for them."""
REQUESTED_STEPS: tuple[Step, ...] = (*STEPS_ON_DEMAND, "finish_execution")
"""All steps that no state leads to, except the steps in `STEPS_IN_PARTS`. `finish_execution` is about one achievement.
"""
PlanCondition = Literal["no_achievements", "planned", "in_progress", "needs_attention", "complete"]
"""The states of a whole plan."""
Role = Literal["strategist", "planner", "designer", "executor", "reviewer"]
DependencyOrder = Literal["stated", "unstated"]
"""Whether a plan states an order of its achievements: `stated` if it declares dependencies, else `unstated`."""


class Evidence(msgspec.Struct, frozen=True):
    """A statement of a file. `line` is 1-based; the line is 1 if the existence of the file is the evidence."""

    path: str
    line: int
    says: str


class Execution(msgspec.Struct, frozen=True):
    """An execution of a SUBPLAN. If it was run again, `path` is the file of the last run, such as a file with `_V2`.

    `disputed` are the statements of several files with the same number, if the files disagree about whether the
    execution is done. Otherwise `disputed` is empty.
    """

    number: int
    path: str
    outcome: Outcome
    evidence: Evidence
    disputed: tuple[Evidence, ...] = ()


class Dependency(msgspec.Struct, frozen=True):
    """A declared dependency: `achievement` waits for `depends_on`. A name such as `@OTHER 1.1` means an achievement of
    a different plan.

    `reason` is the line that declares the dependency. A dependency is `unknown` if one of the names is not the name of
    an achievement, and `problem` says why. It is `cyclic` if it is part of a cycle.
    """

    achievement: str
    depends_on: str
    reason: Evidence
    unknown: bool
    cyclic: bool
    problem: str = ""

    @property
    def holds(self) -> bool:
        """Whether the dependency counts: it is neither unknown nor cyclic."""
        return not self.unknown and not self.cyclic


class NextStep(msgspec.Struct, frozen=True):
    """The next step of a plan, or the step of an achievement. `file` is the document that the step is about, or None if
    it does not exist yet.

    `ref` names the item for commands. `group` is the id of the group that the step is about; None for any other step.
    `label` is the step in words, as the results of commands have it.
    """

    step: Step
    achievement: str | None
    role: Role
    tier: int
    file: str | None
    reason: str
    ref: str | None = None
    group: str | None = None
    label: str = ""


class Ready(msgspec.Struct, frozen=True):
    """An achievement that is ready for work, besides the achievement of the next step."""

    achievement: str
    step: Step
    role: Role
    order: DependencyOrder
    label: str = ""


class ClaimLine(msgspec.Struct, frozen=True):
    """A line (1-based) of the PLAN that says that an achievement is done."""

    achievement: str
    path: str
    line: int
    text: str


class AchievementState(msgspec.Struct, frozen=True):
    """An item of a plan, such as an achievement, with its state and the evidence for the state.

    Paths are relative to the workspace, and lines are 1-based. `round` is the round of the last review, 0 if there was
    no review.

    `ref` is the name of the item for commands. It is the id if the document has the id once, else `:LINE-HHHH`, in
    which HHHH is the digest of the line. `parent` is the ref of the parent item. `group` is the id of the group.
    `level` is the depth of the item below its parents, 0 at the top. A `leaf` has no required sub-item. `marker` is the
    text inside the box, "" if there is no box. A `listed` item is named only in an overview, and never counts.
    """

    id: str
    title: str
    priority: str
    state: State
    step: Step
    path: str
    line: int
    subplan: str | None
    executions: tuple[Execution, ...]
    verdict: str | None
    depends_on: tuple[str, ...]
    blocked_by: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    round: int = 0
    ref: str = ""
    parent: str | None = None
    level: int = 0
    kind: Literal["task", "step", "subtask", "phase", "plan"] = "task"
    group: str | None = None
    optional: bool = False
    parallel: bool = False
    leaf: bool = True
    marker: str = ""
    listed: bool = False


class Group(msgspec.Struct, frozen=True):
    """A group of items, such as a phase. A group never counts as an item.

    `done` and `total` count the required leaves of the group. `blocked_by` are the ids of the groups that this group
    waits for. `verification` is the written result of a check of the whole group, or "". `gate` is the written
    condition for the end of the group, or "".
    """

    id: str
    title: str
    line: int
    state: State
    done: int
    total: int
    blocked_by: tuple[str, ...] = ()
    verification: str = ""
    gate: str = ""


class Count(msgspec.Struct, frozen=True):
    """The number of done items, and the number of all items."""

    done: int
    total: int


class Progress(msgspec.Struct, frozen=True):
    """The progress of a plan over its required leaves.

    `optional` and `deferred` leaves are outside `total`. `tool` is the count by the own tool of the format if it
    differs from this count, else None.
    """

    done: int
    total: int
    optional: int = 0
    deferred: int = 0
    tool: Count | None = None


class Built(msgspec.Struct, frozen=True):
    """The files that a plan creates: `creates` is their number, and `exist` is the number of those that exist."""

    creates: int
    exist: int


class PlanState(msgspec.Struct, frozen=True):
    """The state of a plan, with the states of its items. The CLI and the server show these values.

    `open_effort` is the estimated effort of the achievements that are not approved; None if the PLAN has no estimate.
    `notes` name files and folders that may contain work on the plan, but do not count. `progress` and `built_files` are
    None in formats without these values.
    """

    path: str
    feature: str
    title: str
    lifecycle: Lifecycle
    lifecycle_by: LifecycleSource | None
    lifecycle_evidence: Evidence | None
    legacy: bool
    state: PlanCondition
    counts: dict[State, int]
    next: NextStep
    also_ready: tuple[Ready, ...]
    claims: tuple[ClaimLine, ...]
    open_effort: Effort | None
    priority: Priority | None
    dependencies: tuple[Dependency, ...]
    achievements: tuple[AchievementState, ...]
    notes: tuple[str, ...] = ()
    format: str = "planmark"
    groups: tuple[Group, ...] = ()
    progress: Progress | None = None
    built_files: Built | None = None


SETTLED_STATES: tuple[State, ...] = ("approved", "dropped")
"""The members of `DONE_STATES` that an achievement of a PLAN can have. The other members occur only in other formats.
"""


class Skipped(msgspec.Struct, frozen=True):
    """A folder or a file that is not read, and the reason, such as `is a link, and not followed`."""

    path: str
    why: str


NOT_WORKABLE_STATES: tuple[State, ...] = (*SETTLED_STATES, "blocked", "execution_blocked")
"""The states of an achievement on which an agent cannot work now."""
