"""The integration of finished work into its integration branch.

It needs no checkout, and one process does it at a time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

from planmark.cli.errors import WAITING, CommandError
from planmark.coordination.lease import Lease
from planmark.plans.format import PlanSite
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View
from planmark.run.boxes import (
    TextByPath,
    boxed_documents,
    newly_done_refs,
    state_with_texts,
    with_old_boxes,
    with_ticks,
)
from planmark.run.branches import BranchTip, WorkPlace, WorkState, integration_lock, integration_tip, work_state
from planmark.run.progress import has_box
from planmark.run.reading import LeasedItem
from planmark.run.repository import BRANCH_PREFIX, GitRepository, call, output_text
from planmark.run.tree_objects import blob_texts, commit_tree, merge_trees, tree_with_texts
from planmark.run.worktrees import WorkTree

MAX_TRIES = 5
"""Maximum number of merges for one integration.

A second merge is necessary only if a person has changed the integration branch during the first.
"""
Fence = Callable[[], contextlib.AbstractContextManager[None]]
"""A function that returns a context manager for the moment when the integration branch moves.

Inside the context, the leases do not change. The context manager raises an error if the lease is lost.
"""


class Integration(NamedTuple):
    """The outcome of an integration. `commit` is the commit of the integration branch afterwards.

    `paths` are the files in conflict. `says` is the reason why nothing was integrated. `state` is the state of the work
    after an integration.
    """

    outcome: Literal["integrated", "nothing", "conflict"]
    commit: str
    paths: tuple[str, ...] = ()
    says: str = ""
    state: WorkState | None = None


class MergedCommits(NamedTuple):
    """The commits of a merge.

    `tip` is the integration branch, `head` a work tree's branch, and `base` their common ancestor.
    """

    base: str
    tip: str
    head: str


def integrate(
    work: WorkPlace, tree: WorkTree, lease: Lease, view: View, leased_item: LeasedItem, message: str, fence: Fence
) -> Integration:
    """Merge the branch of a work tree into the integration branch, and tick the box of the item there.

    `view` is the view of the workspace in the work tree. `message` is the message of the merge commit. The branch moves
    inside the context that `fence` returns. If the merge has conflicts, nothing changes. Raises CommandError if git
    cannot merge, and the errors of `fence`.
    """
    repository = work.repository
    with integration_lock(repository):
        for _ in range(MAX_TRIES):
            state = work_state(work)
            tip, head = integration_tip(work, state), state.commit_of(tree.branch)
            base = output_text(repository, "merge-base", tip, head)
            if base == head:
                return Integration("nothing", tip)
            merge_result = _merge_commits(repository, MergedCommits(base, tip, head), lease, view, leased_item)
            if isinstance(merge_result, Integration):
                return merge_result
            commit = commit_tree(repository, merge_result, (tip, head), message)
            with fence():
                update_output = call(
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
            if update_output.code == 0:
                integrated_tip = BranchTip(commit, "", "")
                new_state = state._replace(branches={**state.branches, work.into: integrated_tip})
                return Integration("integrated", commit, state=new_state)
            if work_state(work).commit_of(work.into) == tip:
                raise CommandError(f"git does not move {work.into}: {update_output.error_line}", WAITING)
    raise CommandError(f"{work.into} changes faster than it can be merged: try again", WAITING)


def _merge_commits(
    repository: GitRepository, commits: MergedCommits, lease: Lease, view: View, leased_item: LeasedItem
) -> str | Integration:
    """Return the id of the merged git tree, in which the box of the item is ticked.

    If the merge has conflicts, return an `Integration` with them.
    """
    _, tip, head = commits
    documents = boxed_documents(leased_item.state) if isinstance(leased_item.plan, PlanSite) else ()
    if not isinstance(leased_item.plan, PlanSite) or not documents:
        merged_tree = merge_trees(repository, tip, head)
        return Integration("conflict", tip, merged_tree.conflicts) if merged_tree.conflicts else merged_tree.tree
    plan = view.formats.input_of(leased_item.plan)
    base_texts, tip_texts, head_texts = _texts(repository, commits, documents)
    state_before, state_after = state_with_texts(plan, base_texts), state_with_texts(plan, head_texts)
    unticked_texts = with_old_boxes(state_before, state_after, head_texts)
    has_only_boxes = unticked_texts == base_texts and all(tip_texts.values())
    changed_texts = {} if has_only_boxes else _changed_texts(repository, head_texts, unticked_texts)
    unticked_head = head
    if changed_texts:
        unticked_head = commit_tree(
            repository, tree_with_texts(repository, head, changed_texts), (head,), "planmark: the boxes as they were"
        )
    merged_tree = merge_trees(repository, tip, unticked_head)
    # If the branch changed nothing but boxes in the documents, the merge has the documents of the integration branch.
    conflicts = [
        path
        for path in merged_tree.conflicts
        if not has_only_boxes or path not in _paths_from_top(repository, documents)
    ]
    if conflicts:
        return Integration("conflict", tip, tuple(conflicts))
    texts = tip_texts if has_only_boxes else _texts(repository, (merged_tree.tree,), documents)[0]
    try:
        refs = newly_done_refs(state_before, state_after, lease.achievement) if has_box(leased_item) else ()
        ticked_texts = with_ticks(plan, texts, refs) if refs else texts
    except NoAnswerError as error:
        return Integration("conflict", tip, documents, str(error))
    if not has_only_boxes:
        return tree_with_texts(repository, merged_tree.tree, _changed_texts(repository, texts, ticked_texts))
    # Git has merged each document too. If only one side has changed it, its text is known without a read.
    known_texts = {
        path: head_texts[path] if base_texts[path] == tip_texts[path] else tip_texts[path] for path in documents
    }
    unknown_paths = {path for path in documents if base_texts[path] not in (tip_texts[path], head_texts[path])}
    return tree_with_texts(
        repository,
        merged_tree.tree,
        _changed_texts(repository, {**known_texts, **dict.fromkeys(unknown_paths, "")}, ticked_texts),
    )


def _texts(repository: GitRepository, trees: Sequence[str], documents: Sequence[str]) -> list[dict[str, str]]:
    """Return a list with a mapping from path to text for each entry of `trees`. An entry is a tree or a commit.

    The text of a missing document is "".
    """
    names = [f"{tree}:{path}" for tree in trees for path in _paths_from_top(repository, documents)]
    texts = iter(blob_texts(repository, names))
    return [{path: next(texts) or "" for path in documents} for _ in trees]


def _paths_from_top(repository: GitRepository, documents: Iterable[str]) -> list[str]:
    """Return the paths of documents from the top of the repository. `documents` are their paths from the workspace."""
    return [f"{repository.prefix}{path}" for path in documents]


def _changed_texts(repository: GitRepository, old_texts: TextByPath, new_texts: TextByPath) -> dict[str, str]:
    """Return a mapping from path to text, for the documents whose text in `new_texts` differs from `old_texts`.

    The paths in the result are from the top of the repository.
    """
    return {f"{repository.prefix}{path}": content for path, content in new_texts.items() if content != old_texts[path]}
