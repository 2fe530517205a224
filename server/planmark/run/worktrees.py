"""The work trees of leases, and the checkout of the integration branch: made, found and removed, never by force."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from planmark.cli.errors import UNREADABLE, WAITING, CommandError
from planmark.coordination.lease import Lease
from planmark.coordination.lease_names import path_component
from planmark.run.branches import OWN_BRANCH_PREFIX, WorkPlace, WorkState, work_state
from planmark.run.catch_up import caught_up_tip
from planmark.run.generated import ignoring_generated
from planmark.run.repository import (
    BRANCH_PREFIX,
    GitRepository,
    ListedTree,
    call,
    is_ancestor,
    output,
)

INTEGRATION_REASON = "planmark integration"
MAX_NAMED_FILES = 3


class WorkTree(NamedTuple):
    """The work tree of a lease: its top, its branch, the commit that it began from, and the workspace's path in it."""

    folder: Path
    branch: str
    base: str
    prefix: str

    @property
    def root(self) -> Path:
        """The workspace in the work tree."""
        return self.folder / self.prefix


class IntegrationCheckout(NamedTuple):
    """The checkout of the integration branch: the workspace in it, its commit, and the state of the work before an update."""

    root: Path
    commit: str
    state: WorkState


def add_worktree(work: WorkPlace, lease: Lease, base: str, state: WorkState) -> WorkTree:
    """Return the work tree of a lease, made from a commit. A tree that a killed process began is completed.

    Raises CommandError if git cannot make it, or if its folder or branch belongs to something else.
    """
    repository = work.repository
    name = f"{path_component(lease.achievement)}-g{lease.generation}"
    folder = work.folder / f"{work.name}-{name}"
    branch = f"{OWN_BRANCH_PREFIX}{work.name}/{name}"
    tree = WorkTree(folder, branch, base, repository.prefix)
    reason = f"planmark {lease.id}"
    listed_tree = listed_at(state.trees, folder)
    if listed_tree is not None and folder.exists():
        if (listed_tree.branch, listed_tree.locked) != (branch, reason):
            raise CommandError(
                f"{folder} is a work tree of something else ({listed_tree.branch or listed_tree.commit})", WAITING
            )
        return tree._replace(base=_fork_point(repository, listed_tree.commit, base))
    if os.path.lexists(folder):
        raise CommandError(f"{folder} exists already, and is not a work tree of {lease.id}: move it away", WAITING)
    if listed_tree is not None:
        # The folder was deleted by hand, and git still has it in its list.
        _remove_listed_tree(repository, listed_tree)
    branch_tip = state.commit_of(branch)
    if branch_tip and lease.branch != branch and not is_ancestor(repository, branch_tip, base):
        raise CommandError(
            f"the branch {branch} exists already, with commits of its own: rename it (git branch -m {branch} NAME)",
            WAITING,
        )
    _make_folder(work.folder)
    branch_options = (branch,) if branch_tip else ("-b", branch)
    arguments = (str(folder), *branch_options) if branch_tip else (*branch_options, str(folder), base)
    output(repository, "worktree", "add", "--quiet", "--lock", "--reason", reason, *arguments)
    return tree._replace(base=branch_tip or base)


def tree_of(repository: GitRepository, lease: Lease, state: WorkState) -> WorkTree | None:
    """Return the work tree that a lease records; None if it has none, or if the work tree is gone."""
    if not lease.branch:
        return None
    folder = Path(lease.worktree)
    listed_tree = listed_at(state.trees, folder)
    if listed_tree is None or not folder.is_dir():
        return None
    return WorkTree(folder, lease.branch, lease.base, repository.prefix)


def remove_worktree(work: WorkPlace, tree: WorkTree, state: WorkState | None = None) -> str:
    """Remove a work tree and its branch; return "" or why the tree stays.

    It stays if it has changes, if its branch is not merged into the integration branch, or if this process runs in it.
    `state` is the state of the work, if the caller has just read it. A branch with a newer commit stays.
    """
    repository, folder, state = work.repository, tree.folder, state or work_state(work)
    listed_tree = listed_at(state.trees, folder)
    tip, integration_tip = state.commit_of(tree.branch), state.commit_of(work.into)
    if tip and not (integration_tip and is_ancestor(repository, tip, integration_tip)):
        return f"{tree.branch} is not merged into {work.into}"
    if listed_tree is not None:
        if listed_tree.branch != tree.branch:
            return f"it has {listed_tree.branch or listed_tree.commit[:12]} checked out, not {tree.branch}"
        if changes := changed_paths(repository, folder):
            return f"it has changes: {', '.join(changes)}"
        if _is_current(folder):
            return "it is the current folder"
        if why := _remove_listed_tree(repository, listed_tree):
            return why
    if tip:
        call(repository, "update-ref", "-d", f"{BRANCH_PREFIX}{tree.branch}", tip)
    return ""


def _is_current(folder: Path) -> bool:
    """Tell whether this process runs in a folder. A deleted current folder is in none."""
    try:
        return Path.cwd().is_relative_to(folder)
    except OSError:
        return False


def _remove_listed_tree(repository: GitRepository, listed_tree: ListedTree) -> str:
    """Remove a work tree without changes; return "" or why git refuses."""
    folder = str(listed_tree.top)
    other_top = repository.main if repository.top == listed_tree.top else repository.top
    if listed_tree.locked is not None:
        call(repository, "worktree", "unlock", folder, folder=other_top)
    output = call(repository, *ignoring_generated(repository), "worktree", "remove", folder, folder=other_top)
    if output.code == 0:
        return ""
    if listed_tree.locked is not None:
        call(repository, "worktree", "lock", "--reason", listed_tree.locked, folder, folder=other_top)
    return f"git does not remove it: {output.error_line}"


def integration_folder(work: WorkPlace) -> Path:
    """Return the top of the checkout of the integration branch, which may not exist."""
    return work.folder / f"{work.name}-main"


def integration_checkout(work: WorkPlace) -> IntegrationCheckout:
    """Return the checkout of the integration branch, which first takes in what the person has committed.

    The caller holds the lock while it reads there. Raises CommandError as `checkout_at` does.
    """
    state = work_state(work)
    tip = caught_up_tip(work, state)
    return IntegrationCheckout(checkout_at(work, tip, state), tip, state)


def checkout_at(work: WorkPlace, tip: str, state: WorkState) -> Path:
    """Return the workspace in the checkout of the integration branch, which then shows a commit of that branch.

    The caller holds the lock while it reads there. Raises CommandError if the checkout has changes.
    """
    repository, folder = work.repository, integration_folder(work)
    listed_tree = listed_at(state.trees, folder)
    if listed_tree is not None and folder.is_dir():
        if changes := changed_paths(repository, folder):
            raise CommandError(
                f"{folder} shows {work.into}, and has changes: {', '.join(changes)}. Undo them there, or move them away",
                WAITING,
            )
        if listed_tree.commit != tip or listed_tree.branch:
            output(repository, "checkout", "--quiet", "--detach", tip, folder=folder)
        return repository.workspace_in(folder)
    if listed_tree is not None:
        # The folder was deleted by hand, and git still has it in its list.
        _remove_listed_tree(repository, listed_tree)
    elif os.path.lexists(folder):
        raise CommandError(f"{folder} exists already, and is not a work tree of Planmark: move it away", WAITING)
    _make_folder(work.folder)
    output(
        *(repository, "worktree", "add", "--quiet", "--lock", "--reason", INTEGRATION_REASON, "--detach"),
        *(str(folder), tip),
    )
    return repository.workspace_in(folder)


def changed_paths(repository: GitRepository, folder: Path) -> list[str]:
    """Return the first changed or new files of a work tree, and the number of the others."""
    options = ignoring_generated(repository)
    status = output(
        repository, *options, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", folder=folder
    )
    paths = [os.fsdecode(entry[3:]) for entry in status.split(b"\0") if entry]
    more_count = len(paths) - MAX_NAMED_FILES
    return [*paths[:MAX_NAMED_FILES], *([f"and {more_count} more"] if more_count > 0 else [])]


def listed_at(trees: Iterable[ListedTree], folder: Path) -> ListedTree | None:
    """Return the work tree that git lists at a folder, which may be deleted; None without one."""
    resolved_path = folder.resolve()
    return next((tree for tree in trees if tree.top.resolve() == resolved_path), None)


def _fork_point(repository: GitRepository, commit: str, base: str) -> str:
    output = call(repository, "merge-base", commit, base)
    return output.out.decode("ascii", "replace").strip() or base


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(
            f"{folder} cannot be made: {error.strerror or error}. Choose a different one: "
            "git config planmark.workFolder PATH",
            UNREADABLE,
        ) from None
