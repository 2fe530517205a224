"""The work trees of leases and the checkout of the integration branch. They are made, found and removed without force."""

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
from planmark.run.generated import git_ignore_options
from planmark.run.repository import (
    BRANCH_PREFIX,
    GitRepository,
    ListedTree,
    call,
    is_ancestor,
    output,
)

INTEGRATION_LOCK_REASON = "planmark integration"
"""The reason that git shows for the lock of the checkout of the integration branch."""
MAX_LISTED_CHANGES = 3
"""Maximum number of changed files that a message lists by path."""


class WorkTree(NamedTuple):
    """The work tree of a lease. `folder` is its top, and `branch` its branch.

    `base` is the commit from which the branch began. `prefix` is the path of the workspace in the work tree.
    """

    folder: Path
    branch: str
    base: str
    prefix: str

    @property
    def root(self) -> Path:
        """The path of the workspace in the work tree."""
        return self.folder / self.prefix


class IntegrationCheckout(NamedTuple):
    """The checkout of the integration branch. `root` is the path of the workspace in it, and `commit` its commit.

    `state` is the state of the work before the checkout was updated.
    """

    root: Path
    commit: str
    state: WorkState


def add_worktree(work: WorkPlace, lease: Lease, base: str, state: WorkState) -> WorkTree:
    """Make a work tree for a lease from the commit `base`, and return it.

    If a process was killed while it made the work tree, the work tree is completed. Raises CommandError if git cannot
    make it, or if its folder or its branch is already in use.
    """
    repository = work.repository
    tree_name = f"{path_component(lease.achievement)}-g{lease.generation}"
    folder = work.folder / f"{work.name}-{tree_name}"
    branch = f"{OWN_BRANCH_PREFIX}{work.name}/{tree_name}"
    tree = WorkTree(folder, branch, base, repository.prefix)
    lock_reason = f"planmark {lease.id}"
    listed_tree = listed_tree_at(state.trees, folder)
    if listed_tree is not None and folder.exists():
        if (listed_tree.branch, listed_tree.locked) != (branch, lock_reason):
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
    output(repository, "worktree", "add", "--quiet", "--lock", "--reason", lock_reason, *arguments)
    return tree._replace(base=branch_tip or base)


def worktree_of_lease(repository: GitRepository, lease: Lease, state: WorkState) -> WorkTree | None:
    """Return the work tree that a lease names; None if it names none, or if the work tree no longer exists."""
    if not lease.branch:
        return None
    folder = Path(lease.worktree)
    listed_tree = listed_tree_at(state.trees, folder)
    if listed_tree is None or not folder.is_dir():
        return None
    return WorkTree(folder, lease.branch, lease.base, repository.prefix)


def remove_worktree(work: WorkPlace, tree: WorkTree, state: WorkState | None = None) -> str:
    """Remove a work tree and its branch. Return "" if they are removed, else the reason why the work tree stays.

    The work tree stays if it has changes, or if its branch is not merged into the integration branch. It also stays if
    it contains the current folder of this process. `state` is the state of the work, if the caller has just read it. If
    another process has added a commit to the branch since that read, the branch stays.
    """
    repository, folder, state = work.repository, tree.folder, state or work_state(work)
    listed_tree = listed_tree_at(state.trees, folder)
    tip, integration_tip = state.commit_of(tree.branch), state.commit_of(work.into)
    if tip and not (integration_tip and is_ancestor(repository, tip, integration_tip)):
        return f"{tree.branch} is not merged into {work.into}"
    if listed_tree is not None:
        if listed_tree.branch != tree.branch:
            return f"it has {listed_tree.branch or listed_tree.commit[:12]} checked out, not {tree.branch}"
        if changes := changed_paths(repository, folder):
            return f"it has changes: {', '.join(changes)}"
        if _contains_current_folder(folder):
            return "it is the current folder"
        if why := _remove_listed_tree(repository, listed_tree):
            return why
    if tip:
        call(repository, "update-ref", "-d", f"{BRANCH_PREFIX}{tree.branch}", tip)
    return ""


def _contains_current_folder(folder: Path) -> bool:
    """Tell whether the current folder of this process is `folder` or inside it.

    The result is False if the current folder was deleted.
    """
    try:
        return Path.cwd().is_relative_to(folder)
    except OSError:
        return False


def _remove_listed_tree(repository: GitRepository, listed_tree: ListedTree) -> str:
    """Remove a work tree that has no changes. Return "", or the reason why git refuses."""
    folder = str(listed_tree.top)
    other_top = repository.main if repository.top == listed_tree.top else repository.top
    if listed_tree.locked is not None:
        call(repository, "worktree", "unlock", folder, folder=other_top)
    removal_output = call(repository, *git_ignore_options(repository), "worktree", "remove", folder, folder=other_top)
    if removal_output.code == 0:
        return ""
    if listed_tree.locked is not None:
        call(repository, "worktree", "lock", "--reason", listed_tree.locked, folder, folder=other_top)
    return f"git does not remove it: {removal_output.error_line}"


def integration_folder(work: WorkPlace) -> Path:
    """Return the path of the checkout of the integration branch. The checkout may not exist."""
    return work.folder / f"{work.name}-main"


def integration_checkout(work: WorkPlace) -> IntegrationCheckout:
    """Merge the person's new commits into the integration branch, and return the checkout of the branch.

    The caller holds the lock of `integration_lock` while it reads the checkout. Raises CommandError if `caught_up_tip` or
    `checkout_at` raises this error.
    """
    state = work_state(work)
    tip = caught_up_tip(work, state)
    return IntegrationCheckout(checkout_at(work, tip, state), tip, state)


def checkout_at(work: WorkPlace, tip: str, state: WorkState) -> Path:
    """Update the checkout of the integration branch to `tip`, and return the path of the workspace in the checkout.

    `tip` is a commit of the branch. The caller holds the lock of `integration_lock` while it reads the checkout. Raises
    CommandError if the checkout has changes.
    """
    repository, folder = work.repository, integration_folder(work)
    listed_tree = listed_tree_at(state.trees, folder)
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
        *(repository, "worktree", "add", "--quiet", "--lock", "--reason", INTEGRATION_LOCK_REASON, "--detach"),
        *(str(folder), tip),
    )
    return repository.workspace_in(folder)


def changed_paths(repository: GitRepository, folder: Path) -> list[str]:
    """Return the paths of the first changed or new files of a work tree, for a message.

    If there are more than MAX_LISTED_CHANGES files, the last entry is a text with the number of the other files.
    """
    options = git_ignore_options(repository)
    status = output(
        repository, *options, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", folder=folder
    )
    paths = [os.fsdecode(entry[3:]) for entry in status.split(b"\0") if entry]
    more_count = len(paths) - MAX_LISTED_CHANGES
    return [*paths[:MAX_LISTED_CHANGES], *([f"and {more_count} more"] if more_count > 0 else [])]


def listed_tree_at(trees: Iterable[ListedTree], folder: Path) -> ListedTree | None:
    """Return the entry for a folder in git's list of work trees; None if the list does not have the folder.

    The folder itself may be deleted.
    """
    resolved_path = folder.resolve()
    return next((tree for tree in trees if tree.top.resolve() == resolved_path), None)


def _fork_point(repository: GitRepository, commit: str, base: str) -> str:
    """Return the newest common ancestor of `commit` and `base`; `base` if they have no common ancestor."""
    merge_base_output = call(repository, "merge-base", commit, base)
    return merge_base_output.out.decode("ascii", "replace").strip() or base


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(
            f"{folder} cannot be made: {error.strerror or error}. Choose a different one: "
            "git config planmark.workFolder PATH",
            UNREADABLE,
        ) from None
