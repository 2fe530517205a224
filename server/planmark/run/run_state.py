"""The state of a run in memory: its steps that run or wait, what it has spent, and why it stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from planmark.coordination.lease import Lease
from planmark.queries.lookup import NoAnswerError, plan_at
from planmark.queries.meant import NamedPlan
from planmark.queries.workspace_view import AnyPlan, View
from planmark.run.access import WorkAccess
from planmark.run.agents import AgentProgram
from planmark.run.attempts import AttemptResult
from planmark.run.choice import Wanted
from planmark.run.finish import FinishedWork
from planmark.run.journal import Journal
from planmark.run.run_record import RunRecord
from planmark.run.spending import NOTHING_RESERVED, NOTHING_SPENT, Limits, Reserve, Spending
from planmark.storage.processes import ProcessIdentity


class RunRequest(NamedTuple):
    """The request of a person for a run. `has_trees` is False for one agent that works in the workspace itself."""

    agents: Sequence[AgentProgram]
    most_agents: int
    max_attempts: int
    limits: Limits
    wanted: Wanted
    has_trees: bool = True


class Finishing(NamedTuple):
    """An attempt that has ended while its work is still being finished: its result, and the future of its finished work."""

    result: AttemptResult
    future: Future[FinishedWork]


@dataclass
class StepWork:
    """A leased step with its current attempt. `supervisor` is None while no attempt runs.

    `counted` is the number of attempts that count, and `waits` the number of waits in a row. `not_before` is the time of
    the next attempt by `time.monotonic`. `session` is the session of the agent that the next attempt continues.
    `is_adopted` tells that an earlier process started the current attempt. `finishing` is None unless the attempt has
    ended, and its work is being finished.
    """

    agent: AgentProgram
    name: str
    lease: Lease
    root: Path
    tier: int
    prompt: str
    prompt_tokens: int
    before: str
    number: int = 0
    supervisor: ProcessIdentity | None = None
    reserve: Reserve = NOTHING_RESERVED
    counted: int = 0
    waits: int = 0
    not_before: float = 0.0
    session: str = ""
    is_adopted: bool = False
    finishing: Finishing | None = None

    @property
    def is_running(self) -> bool:
        """Whether an attempt runs, as far as the run knows."""
        return self.supervisor is not None or self.is_adopted

    @property
    def key(self) -> tuple[str, str]:
        """The item and the step."""
        return self.lease.achievement, self.lease.step


class Stop(NamedTuple):
    """The reason why a run starts nothing more, and its exit code.

    `ends_attempts` tells whether running attempts end too. With `is_open`, what has no end yet is taken up when the run
    goes on.
    """

    exit: int
    why: str
    ends_attempts: bool = False
    is_open: bool = False


@dataclass
class AgentRun:
    """A run. `view` is the workspace of the person, and `look` returns the current view of the integration branch.

    `access` is the place of the work trees and the remote that shares leases. `given_up` are the names of items that
    the run does not work on any more → why, with the exit code that follows. `rounds` counts how often each step was
    done. `paused` maps each agent that starts nothing more to the reason. `say` tells the person what happens.
    `finishers` are the threads that finish the work of ended attempts; everything else happens in one thread.
    """

    id: str
    folder: Path
    journal: Journal
    record: RunRecord
    view: View
    named: NamedPlan
    terms: RunRequest
    look: Callable[[], View]
    access: WorkAccess
    say: Callable[[str], None]
    finishers: Executor
    works: list[StepWork] = field(default_factory=list)
    spending: Spending = NOTHING_SPENT
    given_up: dict[str, Stop] = field(default_factory=dict)
    rounds: dict[tuple[str, str], int] = field(default_factory=dict)
    paused: dict[str, str] = field(default_factory=dict)
    stop: Stop | None = None
    waiting: Sequence[str] = ()

    @property
    def root(self) -> Path:
        """The workspace in which the person works, which is no worktree of an agent."""
        return Path(self.view.snapshot.root)

    def plan_in(self, view: View) -> AnyPlan | None:
        """Return the plan of the run in a view; None if it is gone."""
        try:
            plan = plan_at(view, self.named.plan.path)
        except NoAnswerError:
            return None
        return plan if plan.path == self.named.plan.path else None

    def attempt_folder(self, number: int) -> Path:
        """Return the folder of an attempt."""
        return self.folder / str(number)

    def next_number(self) -> int:
        """Return the number of the next attempt, 1 for the first."""
        return max(self.record.attempts, default=0) + 1

    def running(self) -> Mapping[str, str]:
        """Return the names that lease steps → their agents."""
        return {work.name: work.agent.name for work in self.works}
