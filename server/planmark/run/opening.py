"""The beginning of a run: its agents, its limits and its place.

It also finds an earlier run of the plan that is still open.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.cli.arguments import wrong_choice_text
from planmark.cli.errors import BAD_USAGE, UNREADABLE, WAITING, CommandError
from planmark.cli.workspace_access import fresh_view
from planmark.coordination.lease_names import path_component
from planmark.coordination.lease_store import LeaseStore
from planmark.queries.lookup import NoAnswerError
from planmark.queries.ticks import item_of_ref
from planmark.queries.workspace_view import View
from planmark.run.access import WorkAccess, open_access
from planmark.run.agents import AgentFile, AgentFileError, AgentProgram, agent_file_path, read_agent_file
from planmark.run.branches import current_tip, integration_lock
from planmark.run.journal import Journal, JournalError, RunStarted
from planmark.run.presets import PRESETS
from planmark.run.reading import read_workspace
from planmark.run.run_record import RunRecord, record_of, runs_folder
from planmark.run.spending import Limits, why_budget_unchecked
from planmark.run.worktrees import integration_checkout
from planmark.storage.file_lock import LOCK_HELD_ERRORS, lock_file_until_close
from planmark.workspace.index import Index


class RunPlace(NamedTuple):
    """The place of the runs of a plan. `runs` is the folder of all runs.

    `look` returns the view of the integration branch, and makes the branch if it is missing. `preview` returns the view
    of the integration branch if the branch exists, else the view of the person's workspace.
    """

    runs: Path
    access: WorkAccess
    look: Callable[[], View]
    preview: Callable[[], View]


def user_agents(workspace: Path) -> AgentFile:
    """Return the user's file of agents. Raises CommandError if it has no agents, or if it cannot be used."""
    path = agent_file_path()
    try:
        file = read_agent_file(path, workspace)
    except AgentFileError as error:
        raise CommandError(str(error), BAD_USAGE) from None
    if not file.agents:
        raise CommandError(
            f"{path} names no agent. See a preset, and copy it there: planmark run --preset {next(iter(PRESETS))}",
            BAD_USAGE,
        )
    return file


def chosen_agents(file: AgentFile, names: Sequence[str], limits: Limits) -> list[AgentProgram]:
    """Return the agents with the given names; all agents if `names` is empty.

    Raises CommandError if an agent is unknown, or does not report the figures that `limits` need.
    """
    for name in names:
        if name not in file.agents:
            raise CommandError(f"--with takes {wrong_choice_text(name, tuple(file.agents))} ({file.path})", BAD_USAGE)
    agents = [file.agents[name] for name in dict.fromkeys(names)] or list(file.agents.values())
    for agent in agents:
        if why := why_budget_unchecked(agent.result, limits):
            raise CommandError(f"{agent.name} cannot be held to the budget: {why}", BAD_USAGE)
    return agents


def run_place(view: View, feature: str, *, has_trees: bool) -> RunPlace:
    """Return the place of the runs of a plan. Raises CommandError.

    If `has_trees` is True, the agents work in work trees, which need git.
    """
    root = Path(view.snapshot.root)
    runs = runs_folder(LeaseStore(root).place)
    store_of_thread = functools.cache(lambda _thread, folder: LeaseStore(folder))
    access = open_access(root, feature, has_tree=has_trees)
    # Each thread of the run keeps what it has read of the leases.
    access = access._replace(store_of=lambda folder: store_of_thread(threading.get_ident(), folder))
    work = access.place
    if work is None:
        index = Index(root)
        read_here = functools.partial(fresh_view, index)
        return RunPlace(runs, access._replace(read=lambda _folder: read_here()), read_here, lambda: view)
    indexes: dict[Path, Index] = {}

    def read(folder: Path) -> View:
        """Return the view of the workspace in `folder`.

        The checkout of the integration branch is read many times. So its index is kept.
        """
        if folder not in indexes:
            return read_workspace(folder)
        return fresh_view(indexes[folder])

    def look() -> View:
        with integration_lock(work.repository):
            checkout_root = integration_checkout(work).root.resolve()
            if checkout_root not in indexes:
                indexes[checkout_root] = Index(checkout_root)
            integrated_view = read(checkout_root)
            for plan in integrated_view.plans:
                # The states are computed before a different process changes the files.
                integrated_view.state(plan.path)
            return integrated_view

    def preview() -> View:
        return look() if current_tip(work) else view

    return RunPlace(runs, access._replace(read=read), look, preview)


def refuse_unknown_item(place: RunPlace, view: View, plan: str, item_name: str) -> None:
    """Raise NoAnswerError if no item has the name `item_name`.

    The item may be in the person's workspace or on the integration branch. `plan` is the path of the plan.
    """
    try:
        item_of_ref(view.state(plan), item_name)
    except NoAnswerError:
        integrated_view = place.preview()
        if integrated_view is view or not any(
            integrated_plan.path == plan for integrated_plan in integrated_view.plans
        ):
            raise
        item_of_ref(integrated_view.state(plan), item_name)


def lock_run(runs: Path, feature: str, plan: str) -> int:
    """Lock the runs of a plan for this process, and return the descriptor of the lock file.

    `runs` is the folder of all runs, and `plan` the path of the plan. Raises CommandError if a different run has the
    lock.
    """
    try:
        runs.mkdir(parents=True, exist_ok=True, mode=0o700)
        return lock_file_until_close(runs / f"{path_component(plan)}.lock")
    except OSError as error:
        if error.errno not in LOCK_HELD_ERRORS:
            raise CommandError(f"{runs} cannot be locked: {error.strerror or error}", UNREADABLE) from None
        open_record = find_open_run(runs, plan)
        name = open_record.started.run if open_record is not None else "a different run"
        process_text = (
            f" (process {open_record.started.pid})" if open_record is not None and open_record.started.pid else ""
        )
        raise CommandError(
            f"{name} of @{feature} runs already{process_text}: wait until it ends, or stop it", WAITING
        ) from None


def find_open_run(runs: Path, plan: str, name: str = "") -> RunRecord | None:
    """Return the newest run of a plan that has not ended; None if there is no such run.

    If `name` is not "", return the run of the plan with the id `name`, even if it has ended. `runs` is the folder of
    all runs, and `plan` the path of the plan.

    Raises CommandError for a damaged journal that names the plan. Other damaged journals are skipped. They can do no
    harm, because leases protect the items of their plans.
    """
    for folder in sorted((path for path in runs.iterdir() if path.is_dir()), reverse=True):
        if name and folder.name != name:
            continue
        journal = Journal(folder)
        try:
            record = record_of(journal.read())
        except JournalError as error:
            if not name and plan not in journal.plans():
                continue
            raise CommandError(str(error), UNREADABLE) from None
        if record is not None and record.started.plan == plan and (name or record.ended is None):
            return record
    return None


def started_event(
    run_id: str,
    place: RunPlace,
    plan: str,
    feature: str,
    argv: Sequence[str],
    agents: Sequence[AgentProgram],
    limits: Limits,
) -> RunStarted:
    """Return the event of the start of a run."""
    return RunStarted(
        run=run_id,
        plan=plan,
        feature=feature,
        branch=place.access.place.into if place.access.place else "",
        argv=tuple(argv),
        agents={agent.name: agent.command for agent in agents},
        budget_usd=limits.cost_usd,
        budget_tokens=limits.tokens,
        pid=os.getpid(),
    )
