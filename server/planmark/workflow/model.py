"""The words of the workflow: states, steps, roles, and the values that every door shows."""

from __future__ import annotations

from typing import Literal

import msgspec

from planmark.documents.effort import Effort
from planmark.documents.execution_task import Outcome
from planmark.documents.priority import Priority
from planmark.workspace.snapshot import Decides, Lifecycle

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
]
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
]
ON_DEMAND: tuple[Step, ...] = ("pause", "resume", "verify", "parallel")
"""The steps that no state asks for: a person does."""
PlanCondition = Literal["no_achievements", "planned", "in_progress", "needs_attention", "complete"]
Role = Literal["strategist", "planner", "designer", "executor", "reviewer"]
Order = Literal["stated", "unstated"]


class Evidence(msgspec.Struct, frozen=True):
    """What a file says: `line` is 1-based, and 1 where the existence of the file is the evidence."""

    path: str
    line: int
    says: str


class Execution(msgspec.Struct, frozen=True):
    """One execution of a SUBPLAN; a re-run (`_V2`) has taken the place of the file it repeats.

    `disputed` is what several files of its number say, where they disagree about whether it is done.
    """

    number: int
    path: str
    outcome: Outcome
    evidence: Evidence
    disputed: tuple[Evidence, ...] = ()


class Dependency(msgspec.Struct, frozen=True):
    """A declared dependency; an achievement of another plan is called `@OTHER 1.1`.

    `holds` is False where it names no achievement (`problem` says why) or is part of a cycle.
    """

    achievement: str
    depends_on: str
    reason: Evidence
    unknown: bool
    cyclic: bool
    problem: str = ""

    @property
    def holds(self) -> bool:
        """Whether it may block: it is neither unknown nor cyclic."""
        return not self.unknown and not self.cyclic


class NextStep(msgspec.Struct, frozen=True):
    """What to do next. `file` is the document that the step is about, None where it has yet to be created."""

    step: Step
    achievement: str | None
    role: Role
    tier: int
    file: str | None
    reason: str


class Ready(msgspec.Struct, frozen=True):
    """Another achievement that could be worked on now."""

    achievement: str
    step: Step
    role: Role
    order: Order


class ClaimLine(msgspec.Struct, frozen=True):
    """A line (1-based) of the PLAN that says that an achievement is done."""

    achievement: str
    path: str
    line: int
    text: str


class AchievementState(msgspec.Struct, frozen=True):
    """An achievement and its state, with what decided it. Paths are relative to the workspace, lines 1-based.

    `round` is the round of the last review, 0 where there was none.
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


class PlanState(msgspec.Struct, frozen=True):
    """A plan and the states of its achievements: the one object that every door reads.

    `open_effort` is what the PLAN estimates for the achievements that are not approved, where it does; `notes` say what was not
    read where the plan looks for its work.
    """

    path: str
    feature: str
    title: str
    lifecycle: Lifecycle
    lifecycle_by: Decides | None
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
