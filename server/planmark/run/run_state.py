"""The state of a run in memory: its steps that run or wait, its spending, and the reason why it stops."""

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
from planmark.run.choice import WantedSteps
from planmark.run.finish import FinishedWork
from planmark.run.journal import Journal
from planmark.run.run_record import RunRecord
from planmark.run.spending import NOTHING_RESERVED, NOTHING_SPENT, Limits, Reserve, Spending
from planmark.storage.processes import ProcessIdentity


class RunRequest(NamedTuple):
    """The request of a person for a run. If `has_trees` is False, one agent works in the workspace itself.

    `most_agents` is the maximum number of attempts at the same time. `max_attempts` is the maximum number of attempts
    for one step.
    """

    agents: Sequence[AgentProgram]
    most_agents: int
    max_attempts: int
    limits: Limits
    wanted: WantedSteps
    has_trees: bool = True


class FinishingAttempt(NamedTuple):
    """An ended attempt whose work is being finished.

    `result` is the result of the attempt, and `future` will have the finished work.
    """

    result: AttemptResult
    future: Future[FinishedWork]


@dataclass
class StepWork:
    """A leased step with its current attempt. `number` is the number of this attempt.

    `name` is the name under which the agent holds the lease, and `root` the workspace in which it works. `before` is
    the state of the item when the work began. `supervisor` is None if no attempt runs, or if an earlier process started
    the attempt. `reserve` is the maximum cost of the attempt. `counted_attempts` is the number of attempts that count
    towards the maximum. `waits` is the number of waits in a row. `not_before` is the earliest time of the next attempt,
    by `time.monotonic`. `session` is the agent's session that the next attempt continues. `is_adopted` tells that an
    earlier process started the current attempt. `finishing` is None unless the work of an ended attempt is being
    finished.
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
    counted_attempts: int = 0
    waits: int = 0
    not_before: float = 0.0
    session: str = ""
    is_adopted: bool = False
    finishing: FinishingAttempt | None = None

    @property
    def is_running(self) -> bool:
        """Whether an attempt runs, as far as the run knows at this moment."""
        return self.supervisor is not None or self.is_adopted

    @property
    def key(self) -> tuple[str, str]:
        """A tuple of the name of the item and the step."""
        return self.lease.achievement, self.lease.step


class Stop(NamedTuple):
    """The reason why a run starts nothing more, and the exit code of the run.

    `ends_attempts` tells whether running attempts are ended. `is_open` tells whether a person can resume the run. A
    resumed run goes on with the steps that have no end.
    """

    exit: int
    why: str
    ends_attempts: bool = False
    is_open: bool = False


@dataclass
class AgentRun:
    """A run. `view` is the view of the person's workspace. `look` returns the current view of the integration branch.

    `access` is the access to the work trees and the leases. `say` prints a message to the person. `finishers` are the
    threads that finish the work of ended attempts; one thread does all other work. `works` are the leased steps.
    `given_up` maps the name of an item to the reason why the run has given up the item. `rounds` maps an item and a
    step to the number of times that the step was done. `paused` maps the name of an agent that starts nothing more to
    the reason. `waiting` are the reasons why steps wait.
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
        """The person's own workspace. It is not in the work tree of an agent."""
        return Path(self.view.snapshot.root)

    def plan_in(self, view: View) -> AnyPlan | None:
        """Return the plan of the run in a view; None if the view does not have the plan."""
        try:
            plan = plan_at(view, self.named.plan.path)
        except NoAnswerError:
            return None
        return plan if plan.path == self.named.plan.path else None

    def attempt_folder(self, number: int) -> Path:
        """Return the folder of the attempt with a number."""
        return self.folder / str(number)

    def next_number(self) -> int:
        """Return the number for the next attempt. The first attempt has the number 1."""
        return max(self.record.attempts, default=0) + 1

    def program_by_name(self) -> Mapping[str, str]:
        """Return a mapping from the name under which an agent holds a lease to the name of its program.

        The name of the program is the name of the agent in the user's file.
        """
        return {work.name: work.agent.name for work in self.works}
