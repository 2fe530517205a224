"""The words and values of plans in any format: states, steps, roles, items, and the state of a plan."""

from __future__ import annotations

from typing import Literal

import msgspec

from planmark.plans.effort import Effort
from planmark.plans.priority import Priority

Lifecycle = Literal["active", "backlog", "paused", "stopped", "archived"]
"""The lifecycles of a plan. If folder and Status disagree, the lifecycle that is later in this order wins."""
WORKABLE_LIFECYCLES: tuple[Lifecycle, ...] = ("active", "backlog")
"""The lifecycles of plans that Planmark may choose if the user names no plan."""
LifecycleSource = Literal["folder", "status"]
"""The source of a lifecycle: the folder of the plan, or the Status of its PLAN."""
Outcome = Literal["done", "open", "blocked", "stopped", "failed"]
"""The outcome of an execution.

`stopped` (given up, superseded, skipped) and `failed` are closed: neither open nor done.
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
STEPS_IN_PARTS: tuple[Step, ...] = ("review", "research")
"""The steps that a person asks for, and whose parts several agents do in parallel."""
STEPS_ON_DEMAND: tuple[Step, ...] = ("pause", "resume", "verify", "parallel")
"""The steps of a plan that follow from no state, so that only a person can ask for them."""
REQUESTED_STEPS: tuple[Step, ...] = (*STEPS_ON_DEMAND, "finish_execution")
"""All steps that follow from no state. `finish_execution` is about one achievement."""
PlanCondition = Literal["no_achievements", "planned", "in_progress", "needs_attention", "complete"]
Role = Literal["strategist", "planner", "designer", "executor", "reviewer"]
Order = Literal["stated", "unstated"]


class Evidence(msgspec.Struct, frozen=True):
    """A statement of a file. `line` is 1-based; the line is 1 if the existence of the file is the evidence."""

    path: str
    line: int
    says: str


class Execution(msgspec.Struct, frozen=True):
    """One execution of a SUBPLAN; the file of a re-run (`_V2`) replaces the file of the run before it.

    `disputed` holds the statements of several files with the same number, if the files disagree about whether the
    execution is done.
    """

    number: int
    path: str
    outcome: Outcome
    evidence: Evidence
    disputed: tuple[Evidence, ...] = ()


class Dependency(msgspec.Struct, frozen=True):
    """A declared dependency. The name of an achievement in another plan is written like `@OTHER 1.1`.

    A dependency is `unknown` if it names no achievement; `problem` says why. It is `cyclic` if it is part of a cycle.
    """

    achievement: str
    depends_on: str
    reason: Evidence
    unknown: bool
    cyclic: bool
    problem: str = ""

    @property
    def holds(self) -> bool:
        """True if the dependency may block, because it is neither unknown nor cyclic."""
        return not self.unknown and not self.cyclic


class NextStep(msgspec.Struct, frozen=True):
    """The next step. `file` is the document that the step is about, or None if it does not exist yet.

    `ref` names the item for commands. `group` is the id of the group that the step is about, if it is about a group.
    `label` is the step in words, as in the results of commands.
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
    order: Order
    label: str = ""


class ClaimLine(msgspec.Struct, frozen=True):
    """A line (1-based) of the PLAN that says that an achievement is done."""

    achievement: str
    path: str
    line: int
    text: str


class AchievementState(msgspec.Struct, frozen=True):
    """An achievement, its state, and the evidence for it. Paths are relative to the workspace, lines are 1-based.

    `round` is the round of the last review, or 0 without a review.

    `ref` is the name of the item for commands: its written id if the id is unique, else `:LINE-HHHH`. `parent` and
    `group` are the ref of the parent and the id of the group. `level` is the nesting depth, 0 at the top. A `leaf` has
    no required child. `marker` is the written text of the box, "" without a box. A `listed` item is only announced and
    never counts.
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

    `done` and `total` count the required leaves of the group. `blocked_by` are ids of groups. `verification` is the
    written result of a check of the whole group, or "". `gate` is the written condition for the end of the group, or
    "".
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
    """The number of done items, and of all items."""

    done: int
    total: int


class Progress(msgspec.Struct, frozen=True):
    """The progress of a plan over its required leaves.

    `optional` and `deferred` leaves are outside `total`. `tool` is the count of the format's own tool if that count
    differs, else None.
    """

    done: int
    total: int
    optional: int = 0
    deferred: int = 0
    tool: Count | None = None


class Built(msgspec.Struct, frozen=True):
    """The number of files that a plan is to create, and the number of these files that exist."""

    creates: int
    exist: int


class PlanState(msgspec.Struct, frozen=True):
    """A plan and the states of its achievements: the object that the CLI and the server show.

    `open_effort` is the PLAN's estimate for the achievements that are not approved, or None without an estimate.
    `notes` name the files and folders that may hold the plan's work but do not count. `progress` and `built_files` are
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
"""The states of `DONE_STATES` that an achievement of a PLAN can have."""


class Skipped(msgspec.Struct, frozen=True):
    """A folder or a file that is not read, and why: `is a link, and not followed`."""

    path: str
    why: str


NOT_WORKABLE_STATES: tuple[State, ...] = (*SETTLED_STATES, "blocked", "execution_blocked")
"""The states in which an agent cannot work on an achievement now."""
