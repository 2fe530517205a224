"""The integration branch of a plan, and the place of its work trees."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from planmark.cli.errors import BAD_USAGE, UNREADABLE, WAITING, CommandError
from planmark.coordination.lease_names import path_component
from planmark.run.repository import (
    BRANCH_PREFIX,
    GitRepository,
    ListedTree,
    branch_of,
    call,
    commit_of,
    is_made_by_planmark,
    output,
    setting_of,
    work_trees,
)
from planmark.storage.file_lock import hold_lock

FOLDER_KEY, INTO_KEY = "planmark.workFolder", "planmark.workInto"
"""The keys in git's configuration: for the folder of the work trees, and for the name of the integration branch.

No versioned file can set them.
"""
OWN_BRANCH_PREFIX = "planmark/"
"""The beginning of the names of branches that Planmark makes."""
FEATURE_PLACEHOLDER = "{feature}"
"""The text in the setting INTO_KEY that the encoded feature of the plan replaces."""
LOCK_FILE = "integrate.lock"
LOCK_SECONDS = 60.0
"""Maximum number of seconds that a process waits for the lock of an integration."""


class WorkPlace(NamedTuple):
    """The place of the work on a plan. `name` is the feature of the plan, encoded for names of branches.

    `into` is the name of the integration branch. `folder` is the folder that holds the work trees.
    """

    repository: GitRepository
    name: str
    into: str
    folder: Path


class BranchTip(NamedTuple):
    """The last commit of a branch, and how the branch compares with its upstream branch.

    `upstream` is the full name of the upstream branch, "" if the branch has no upstream branch. `relation` is `=` if
    both are equal, `>` if the branch has more commits, and `<` if it lacks commits. `<>` means that it has more and
    lacks others. `relation` is "" if the upstream branch does not exist.
    """

    commit: str
    upstream: str
    relation: str


class WorkState(NamedTuple):
    """The work trees of a repository, and the branches of the work on a plan.

    The first of `trees` is the main work tree. `branches` maps the name of a branch to its tip.
    """

    trees: list[ListedTree]
    branches: dict[str, BranchTip]

    def commit_of(self, branch: str) -> str:
        """Return the commit of a branch of the work; "" if there is no such branch."""
        return self.branches[branch].commit if branch in self.branches else ""


def work_place(repository: GitRepository, feature: str) -> WorkPlace:
    """Return the place of the work on a plan, by the user's settings. Raises CommandError if a setting is unusable."""
    return _work_place_named(repository, path_component(feature))


def work_place_of_branch(repository: GitRepository, branch: str) -> WorkPlace:
    """Return the place of the work to which a branch belongs. Raises CommandError if a setting is unusable.

    `branch` is the branch of a work tree that Planmark has made.
    """
    return _work_place_named(repository, branch.removeprefix(OWN_BRANCH_PREFIX).partition("/")[0])


def is_branch_of(work: WorkPlace, branch: str) -> bool:
    """Tell whether `branch`, the branch of a work tree, belongs to the work on the plan."""
    return branch.startswith(f"{OWN_BRANCH_PREFIX}{work.name}/")


def feature_in(branch: str) -> str:
    """Return the feature of the plan that the name of a branch contains. `branch` is the branch of a work tree."""
    return unquote(branch.removeprefix(OWN_BRANCH_PREFIX).partition("/")[0])


def _work_place_named(repository: GitRepository, name: str) -> WorkPlace:
    return WorkPlace(repository, name, integration_branch(repository, name), work_folder(repository))


def integration_branch(repository: GitRepository, name: str) -> str:
    """Return the name of the integration branch of a plan. Raises CommandError if the setting is unusable.

    `name` is the feature of the plan, encoded for names of branches.
    """
    branch = setting_of(repository, INTO_KEY).replace(FEATURE_PLACEHOLDER, name)
    if not branch:
        return f"{OWN_BRANCH_PREFIX}{name}/main"
    if branch.startswith(("-", "refs/")) or call(repository, "check-ref-format", f"{BRANCH_PREFIX}{branch}").code:
        raise CommandError(
            f"{INTO_KEY} is `{branch[:80]}`, which is not a name of a branch: git config {INTO_KEY} NAME", BAD_USAGE
        )
    return branch


def work_folder(repository: GitRepository) -> Path:
    """Return the folder that holds the work trees: by the setting, or else beside the main work tree."""
    folder_setting = setting_of(repository, FOLDER_KEY)
    if folder_setting:
        return (repository.main / Path(folder_setting).expanduser()).resolve()
    return repository.main.parent / f"{repository.main.name}.planmark"


@contextlib.contextmanager
def integration_lock(repository: GitRepository) -> Iterator[None]:
    """Hold the lock under which integration branches and their checkouts are changed.

    Raises CommandError if the lock cannot be taken.
    """
    folder = repository.common / "planmark"
    with contextlib.ExitStack() as locks:
        try:
            folder.mkdir(exist_ok=True)
            locks.enter_context(hold_lock(folder / LOCK_FILE, LOCK_SECONDS, is_per_holder=True))
        except TimeoutError:
            raise CommandError(f"a process has integrated for {LOCK_SECONDS:g} s: try again", WAITING) from None
        except OSError as error:
            raise CommandError(f"{folder} cannot be locked: {error.strerror or error}", UNREADABLE) from None
        yield


def work_state(work: WorkPlace) -> WorkState:
    """Return the work trees of the repository, and the branches of the work on a plan. Raises GitCallError."""
    # The work trees come first, so that no branch is older than the commit of a work tree on that branch.
    trees = work_trees(work.repository)
    format_option = "--format=%(refname)%00%(objectname)%00%(upstream)%00%(upstream:trackshort)"
    ref_patterns = (f"{BRANCH_PREFIX}{work.into}", f"{BRANCH_PREFIX}{OWN_BRANCH_PREFIX}{work.name}/")
    branches = {}
    for line in output(work.repository, "for-each-ref", format_option, *ref_patterns).splitlines():
        name, commit, upstream, relation = (os.fsdecode(part) for part in line.split(b"\0"))
        branches[name.removeprefix(BRANCH_PREFIX)] = BranchTip(commit, upstream, relation)
    return WorkState(trees, branches)


def integration_tip(work: WorkPlace, state: WorkState) -> str:
    """Return the commit of the integration branch. If the branch is missing, create it first.

    A new branch begins at the commit that the user has checked out. The caller holds the lock of `integration_lock`. Raises
    CommandError if a work tree has the branch checked out, or if there is no commit.
    """
    _refuse_checked_out(work, state)
    if tip := state.commit_of(work.into):
        return tip
    head, branch = _starting_point(work.repository, state)
    if not head:
        raise CommandError(
            f"{work.repository.top} has no commit yet, and each work tree begins from one: git add -A && git commit",
            WAITING,
        )
    output(
        *(work.repository, "update-ref", "-m", "planmark: begin", f"{BRANCH_PREFIX}{work.into}", head, ""),
    )
    if branch:
        # With an upstream, git shows what is to be merged, and later commits of the upstream are taken in.
        call(work.repository, "branch", f"--set-upstream-to={branch}", work.into)
    return head


def current_tip(work: WorkPlace) -> str:
    """Return the commit of the integration branch; "" if the branch is missing."""
    return commit_of(work.repository, f"{BRANCH_PREFIX}{work.into}")


def _refuse_checked_out(work: WorkPlace, state: WorkState) -> None:
    """Raise CommandError if a work tree has the integration branch checked out.

    An update of the branch would not change the files of that work tree.
    """
    for tree in state.trees:
        if tree.branch == work.into:
            raise CommandError(
                f"{work.into} is checked out in {tree.top}, and an update would not change the files there: "
                f"switch to a different branch there (git -C {tree.top} switch -)",
                WAITING,
            )


def _starting_point(repository: GitRepository, state: WorkState) -> tuple[str, str]:
    """Return a tuple: the commit that the user has checked out, and the name of its branch.

    The commit is "" if there is none. The branch is "" if none is checked out.
    """
    listed_tree = next((tree for tree in state.trees if tree.top == repository.top), None)
    top = repository.main if listed_tree is not None and is_made_by_planmark(listed_tree) else repository.top
    return commit_of(repository, "HEAD", top), branch_of(repository, top)
