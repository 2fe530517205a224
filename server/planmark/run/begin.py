"""The beginning of work on a step: take a lease, make a work tree, and render the prompt.

If one of these acts fails, the acts before it are undone.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from planmark.cli.errors import WAITING, CommandError
from planmark.cli.lease_access import (
    LeasedStep,
    ReadView,
    convert_lease_errors,
    process_of,
    release_lease,
    required_agent_name,
    share_lease,
    take_step,
)
from planmark.cli.next_lease import LeaseOptions, steps_to_lease
from planmark.cli.options import AGENT_VARIABLE
from planmark.coordination.lease import Lease, WorkBegin
from planmark.coordination.lease_rules import LeaseRequester, held_leases, lease_key_of
from planmark.coordination.lease_store import LeaseStore, current_machine_state
from planmark.plans.model import Role, State
from planmark.prompts.prompt import ESTIMATING_COUNTER, Counter, Prompt
from planmark.queries.lookup import NoAnswerError, plan_at
from planmark.queries.meant import NamedPlan
from planmark.queries.next import prompt_of
from planmark.queries.open_steps import LeasedNames, OpenStep
from planmark.queries.workspace_view import AnyPlan, View
from planmark.run.access import WorkAccess, open_access
from planmark.run.branches import WorkPlace, integration_lock
from planmark.run.progress import work_begin_of
from planmark.run.reading import leased_item
from planmark.run.uncommitted import (
    CheckoutStatus,
    checkout_status,
    refuse_uncommitted,
    refuse_unmerged,
    require_author,
)
from planmark.run.worktrees import (
    IntegrationCheckout,
    WorkTree,
    add_worktree,
    integration_checkout,
    integration_folder,
    remove_worktree,
    worktree_of_lease,
)
from planmark.storage.git_checkout import GIT_ENTRY
from planmark.storage.machine import host_name
from planmark.text.visible import visible_in_one_line

MAX_ADDED_TOKENS = 60
"""Maximum number of tokens of the text about the work tree. This text is added to the prompt."""
MAX_OTHER_ITEMS = 2
"""Maximum number of items that the prompt names as the work of other agents."""


class WorkTerms(NamedTuple):
    """The terms under which work begins.

    `item` is the ref of an item, and `role` a role; None means any. `agent` is the name of the agent; None means the
    name in the environment, or else a new name. `process` is the id of the agent's process. If `has_tree` is False, the
    agent works in the workspace itself. `budget` is the maximum of tokens of the prompt; None means the maximum in the
    settings. `counter` counts the tokens.
    """

    item: str | None = None
    agent: str | None = None
    role: Role | None = None
    process: int | None = None
    has_tree: bool = True
    budget: int | None = None
    counter: Counter = ESTIMATING_COUNTER


class StartedWork(NamedTuple):
    """Work that has begun. `root` is the workspace in which the agent works.

    `tree` is None if the agent works in the person's own workspace. `before` is the state of the item at the beginning
    of the work. If the work is about the whole plan, `before` is the step. `is_new` is False if the agent already held
    the lease. `notes` are messages to the person.
    """

    lease: Lease
    step: OpenStep
    tree: WorkTree | None
    root: Path
    prompt: Prompt
    before: State | str
    is_new: bool
    notes: tuple[str, ...]


def begin_work(
    view: View,
    named_plan: NamedPlan,
    terms: WorkTerms,
    access: WorkAccess | None = None,
    read_status: Callable[[], CheckoutStatus] | None = None,
) -> StartedWork:
    """Lease a step of a plan to an agent, make a work tree for it, and render the prompt. Return all three.

    `view` is the view of the person's workspace. The states on the integration branch decide which step is leased. If
    an act fails, a new lease is released, and a new work tree is removed. A run passes its `access`, after it has made
    sure that git knows the author. `read_status` returns the status of the person's checkout. A run passes this
    function, to read the status only once for several steps. Raises CommandError and NoAnswerError.
    """
    if access is None:
        feature = view.state(named_plan.plan.path).feature
        access = open_access(Path(view.snapshot.root), feature, has_tree=terms.has_tree)
        if access.place is not None:
            require_author(access.place.repository)
    work = access.place
    if work is None:
        return _begin_in_place(view, named_plan, terms, access)
    repository = work.repository
    status = read_status() if read_status else checkout_status(repository, named_plan.plan)
    notes = refuse_uncommitted(repository, view, named_plan.plan, status)
    checkouts: list[IntegrationCheckout] = []

    def look_at_integration(_is_again: bool) -> View:
        """Return the view of the integration branch, and add its checkout to `checkouts`."""
        with integration_lock(repository):
            checkout = integration_checkout(work)
            refuse_unmerged(work, named_plan.plan, status, checkout)
            checkouts.append(checkout)
            integrated_view = access.read(checkout.root)
            for plan in integrated_view.plans:
                # The states are computed before a different process changes the files.
                integrated_view.state(plan.path)
            return integrated_view

    if not os.path.lexists(integration_folder(work) / GIT_ENTRY):
        with integration_lock(repository):
            integration_checkout(work)
    store = access.store_of(repository.workspace_in(integration_folder(work)).resolve())
    taken_step = _lease_step(store, named_plan, terms, look_at_integration, access)
    with _undo_on_error(store, taken_step, access) as made_trees:
        checkout = checkouts[-1]
        tree = worktree_of_lease(repository, taken_step.lease, checkout.state) or add_worktree(
            work, taken_step.lease, checkout.commit, checkout.state
        )
        made_trees.append((work, tree))
        tree_view = access.read(tree.root.resolve())
        plan = _plan_in_view(tree_view, named_plan.plan, work)
        item = leased_item(tree_view, taken_step.lease, repository.prefix)
        if item is None:
            raise CommandError(
                f"{tree.folder} does not show {taken_step.lease.achievement} of {named_plan.plan.path}", WAITING
            )
        lease = _record_work(store, taken_step.lease, tree, taken_step.lease.began or work_begin_of(item), access)
        prompt = _prompt(tree_view, plan, taken_step.step, terms, added_text=_work_tree_text(store, lease))
    before = lease.began.state if lease.began else ""
    lease_notes = (taken_step.sharing_note, taken_step.handover_note)
    all_notes = (*notes, *(note for note in lease_notes if note))
    return StartedWork(lease, taken_step.step, tree, tree.root, prompt, before, taken_step.is_new, all_notes)


def _begin_in_place(view: View, named_plan: NamedPlan, terms: WorkTerms, access: WorkAccess) -> StartedWork:
    """Begin work in the workspace itself, without a work tree."""
    root = Path(view.snapshot.root)
    store = access.store_of(root)
    taken_step = _lease_step(store, named_plan, terms, lambda is_again: access.read(root) if is_again else view, access)
    with _undo_on_error(store, taken_step, access):
        if taken_step.lease.branch:
            raise CommandError(f"{taken_step.lease.id} has a work tree: go on in {taken_step.lease.worktree}", WAITING)
        item = leased_item(taken_step.view, taken_step.lease, store.place.prefix)
        if item is None:
            raise CommandError(f"{root} does not show {taken_step.lease.achievement} any more", WAITING)
        work_begin = taken_step.lease.began or work_begin_of(item)
        lease = _record_work(store, taken_step.lease, None, work_begin, access)
        prompt = _prompt(taken_step.view, item.plan, taken_step.step, terms)
    notes = tuple(note for note in (taken_step.sharing_note, taken_step.handover_note) if note)
    return StartedWork(lease, taken_step.step, None, root, prompt, work_begin.state, taken_step.is_new, notes)


def _lease_step(
    store: LeaseStore, named_plan: NamedPlan, terms: WorkTerms, read_view: ReadView, access: WorkAccess
) -> LeasedStep:
    """Lease a step of a plan for the agent of `terms`, by the states in the view that `read_view` returns."""
    agent = required_agent_name(
        new_agent() if terms.agent is None and AGENT_VARIABLE not in os.environ else terms.agent
    )
    requester = LeaseRequester(agent, host_name(), str(store.place.tree), process_of(terms.process))
    options = LeaseOptions(None, terms.item, agent, terms.role, terms.process)

    def choose(view: View, names: LeasedNames) -> Sequence[OpenStep]:
        plan = NamedPlan(_plan_in_view(view, named_plan.plan), named_plan.document)
        return steps_to_lease(view, names, plan, options)

    return take_step(store, access.remote, requester, read_view, choose, is_named=terms.item is not None)


def new_agent() -> str:
    """Return a new name for an agent. So two agents without a given name never share a work tree."""
    return f"work-{secrets.token_hex(3)}"


def _plan_in_view(view: View, plan: AnyPlan, work: WorkPlace | None = None) -> AnyPlan:
    """Return the plan of `view` with the path of `plan`. Raises CommandError if there is no such plan.

    The message of the error names the integration branch of `work`.
    """
    try:
        return plan_at(view, plan.path)
    except NoAnswerError:
        branch = work.into if work is not None else "the integration branch"
        raise CommandError(
            f"{plan.path} is not on {branch}, from which the work begins: merge the branch that has it", WAITING
        ) from None


@contextlib.contextmanager
def _undo_on_error(
    store: LeaseStore, taken_step: LeasedStep, access: WorkAccess
) -> Iterator[list[tuple[WorkPlace, WorkTree]]]:
    """Yield an empty list, to which the block of the `with` statement adds each work tree that it makes.

    If the block fails and the lease is new, the work trees are removed and the lease is released.
    """
    made_trees: list[tuple[WorkPlace, WorkTree]] = []
    try:
        yield made_trees
    except BaseException:
        if taken_step.is_new:
            for tree in made_trees:
                with contextlib.suppress(CommandError):
                    remove_worktree(*tree)
            release_lease(store, access.remote, taken_step.lease)
        raise


def _record_work(
    store: LeaseStore, lease: Lease, tree: WorkTree | None, work_begin: WorkBegin, access: WorkAccess
) -> Lease:
    """Return the lease with the work tree and the beginning of the work, and store it.

    Raises CommandError if the stored lease is no longer equal to `lease`.
    """
    recorded_lease = msgspec.structs.replace(lease, began=work_begin)
    if tree is not None:
        recorded_lease = msgspec.structs.replace(
            recorded_lease, worktree=str(tree.folder), branch=tree.branch, base=lease.base or tree.base
        )
    if recorded_lease == lease:
        return lease
    with convert_lease_errors():
        with store.locked_leases() as leases:
            stored_lease = leases.get(lease_key_of(lease))
            if stored_lease is None or stored_lease.lease != lease:
                raise CommandError(f"{lease.id} has changed while its work began: try again", WAITING)
            store.write(leases, recorded_lease)
        share_lease(store, access.remote, recorded_lease, lease)
    return recorded_lease


def _prompt(view: View, plan: AnyPlan, step: OpenStep, terms: WorkTerms, added_text: str = "") -> Prompt:
    """Return the prompt of a step, with `added_text` at the end.

    The budget of the prompt is `terms.budget`, or else the setting. It includes the tokens of `added_text`.
    """
    item_ref = (step.item.ref or step.item.id) if step.item else None
    max_tokens = view.snapshot.settings["prompts.tokenBudget"] if terms.budget is None else terms.budget
    added_tokens = terms.counter.count(added_text)
    prompt = prompt_of(view, plan, item_ref, token_budget=max_tokens - added_tokens, counter=terms.counter)
    if not added_text:
        return prompt
    token_counts = prompt.tokens
    new_counts = msgspec.structs.replace(
        token_counts, prompt=token_counts.prompt + added_tokens, total=token_counts.total + added_tokens
    )
    text = f"{prompt.prompt.rstrip()}\n\n{added_text}"
    return msgspec.structs.replace(prompt, prompt=text, tokens=new_counts, budget=max_tokens)


def _work_tree_text(store: LeaseStore, lease: Lease) -> str:
    """Return the text that tells an agent about its work tree, with at most MAX_ADDED_TOKENS tokens."""
    with convert_lease_errors():
        leases = held_leases(store.read().values(), current_machine_state())
    other_items = sorted(
        {
            visible_in_one_line(other_lease.achievement)
            for other_lease in leases
            if other_lease.id != lease.id and other_lease.plan == lease.plan
        }
        - {""}
    )
    texts = (
        [
            WORK_TREE_TEXT.format(
                others=f"Others work on {' and '.join(other_items[:MAX_OTHER_ITEMS])} at the same time. "
            )
        ]
        if other_items
        else []
    )
    return next(
        (text for text in texts if ESTIMATING_COUNTER.count(text) <= MAX_ADDED_TOKENS), WORK_TREE_TEXT.format(others="")
    )


WORK_TREE_TEXT = """## Your work tree

You work in your own git worktree. Do not push, switch branches, use `git stash`, or write outside of it. {others}
"""
