"""The integration of finished work into its branch, without a checkout, by one process at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from planmark.cli.errors import WAITING, CommandError
from planmark.coordination.lease import Lease
from planmark.plans.format import PlanSite
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View
from planmark.run.boxes import Texts, boxed_documents, ticked_refs, with_ticks, without_ticks
from planmark.run.branches import WorkPlace, integrating, integration_tip
from planmark.run.progress import has_box
from planmark.run.reading import LeasedItem
from planmark.run.repository import BRANCH_PREFIX, GitRepository, call, commit_of, is_ancestor, text
from planmark.run.tree_objects import (
    blob_text,
    commit_tree,
    merge_trees,
    tree_of_commit,
    tree_with,
)
from planmark.run.worktrees import WorkTree

MAX_TRIES = 5
"""Maximum number of merges for one integration. Each but the first means that a person has just changed the branch."""
Fence = Callable[[], contextlib.AbstractContextManager[None]]
"""A function whose block runs only while the lease is still the last of its item, and raises otherwise."""


class Integration(NamedTuple):
    """The outcome of an integration, and the commit of the integration branch afterwards.

    `paths` are the files in conflict, and `says` the reason why nothing was integrated.
    """

    outcome: Literal["integrated", "nothing", "conflict"]
    commit: str
    paths: tuple[str, ...] = ()
    says: str = ""


def integrate(
    work: WorkPlace, tree: WorkTree, lease: Lease, view: View, about: LeasedItem, message: str, fence: Fence
) -> Integration:
    """Merge the branch of a work tree into the integration branch, and set the box of the item there.

    Nothing changes if the merge has conflicts. Raises CommandError if git cannot merge, and what `fence` raises.
    """
    repository = work.repository
    with integrating(repository):
        head = commit_of(repository, f"{BRANCH_PREFIX}{tree.branch}")
        for _ in range(MAX_TRIES):
            tip = integration_tip(work)
            if is_ancestor(repository, head, tip):
                return Integration("nothing", tip)
            merged = _merged(repository, tip, head, lease, view, about)
            if isinstance(merged, Integration):
                return merged
            commit = commit_tree(repository, merged, (tip, head), message)
            with fence():
                moved = call(
                    *(
                        repository,
                        "update-ref",
                        "-m",
                        f"planmark: {lease.id}",
                        f"{BRANCH_PREFIX}{work.into}",
                        commit,
                        tip,
                    )
                )
            if moved.code == 0:
                return Integration("integrated", commit)
            if integration_tip(work) == tip:
                raise CommandError(f"git does not move {work.into}: {moved.says}", WAITING)
    raise CommandError(f"{work.into} changes faster than it can be merged: try again", WAITING)


def _merged(
    repository: GitRepository, tip: str, head: str, lease: Lease, view: View, about: LeasedItem
) -> str | Integration:
    """Return the tree of the merge, or the conflict."""
    documents = boxed_documents(about.state) if isinstance(about.plan, PlanSite) else ()
    if not isinstance(about.plan, PlanSite) or not documents:
        merged = merge_trees(repository, tip, head)
        return Integration("conflict", tip, merged.conflicts) if merged.conflicts else merged.tree
    plan = view.formats.input_of(about.plan)
    before = _texts(repository, text(repository, "merge-base", tip, head), documents)
    after = _texts(repository, head, documents)
    theirs = head
    if edits := _changes(repository, after, without_ticks(plan, before, after)):
        plain = tree_with(repository, tree_of_commit(repository, head), edits)
        theirs = commit_tree(repository, plain, (head,), "planmark: the boxes as they were")
    merged = merge_trees(repository, tip, theirs)
    if merged.conflicts:
        return Integration("conflict", tip, merged.conflicts)
    if not has_box(about):
        return merged.tree
    texts = _texts(repository, merged.tree, documents)
    try:
        ticked = with_ticks(plan, texts, ticked_refs(plan, before, after, lease.achievement))
    except NoAnswerError as error:
        return Integration("conflict", tip, documents, str(error))
    return tree_with(repository, merged.tree, _changes(repository, texts, ticked))


def _texts(repository: GitRepository, tree: str, documents: Sequence[str]) -> dict[str, str]:
    """Return the texts of documents in a tree, "" for a document that it does not have."""
    return {path: blob_text(repository, tree, f"{repository.prefix}{path}") or "" for path in documents}


def _changes(repository: GitRepository, before: Texts, after: Texts) -> dict[str, str]:
    """Return the texts that changed, by their paths from the top."""
    return {f"{repository.prefix}{path}": content for path, content in after.items() if content != before[path]}
