"""The merge of the person's newer commits into an integration branch, before new work begins on that branch."""

from __future__ import annotations

import os
from collections.abc import Sequence

from planmark.cli.errors import WAITING, CommandError
from planmark.run.box_lines import with_changed_marks, with_old_marks
from planmark.run.branches import WorkPlace, WorkState, integration_tip
from planmark.run.repository import BRANCH_PREFIX, GitRepository, call, commit_of, is_ancestor, output, output_text
from planmark.run.tree_objects import MergedTree, blob_texts, commit_tree, merge_trees, tree_with_texts

MAX_NAMED_FILES = 4
"""Maximum number of files in conflict that the message of an error names."""


def caught_up_tip(work: WorkPlace, state: WorkState) -> str:
    """Return the commit of the integration branch, after a merge of the upstream branch into it.

    The upstream branch is the branch from which the integration branch began. The caller holds the lock of
    `integrating`. Raises CommandError if the two branches are in conflict, and for the reasons of `integration_tip`.
    """
    repository, tip = work.repository, integration_tip(work, state)
    branch = state.branches.get(work.into)
    if branch is None or "<" not in branch.relation:
        return tip
    new_tip = upstream = commit_of(repository, branch.upstream)
    if not upstream or is_ancestor(repository, upstream, tip):
        return tip
    if not is_ancestor(repository, tip, upstream):
        upstream_name = output_text(repository, "rev-parse", "--abbrev-ref", f"{work.into}@{{upstream}}")
        merged_tree = _merge_commits(repository, tip, upstream)
        if merged_tree.conflicts:
            more_text = " and more" if len(merged_tree.conflicts) > MAX_NAMED_FILES else ""
            raise CommandError(
                f"{work.into} and {upstream_name} are in conflict in {', '.join(merged_tree.conflicts[:MAX_NAMED_FILES])}{more_text}. "
                f"Resolve it: git switch {work.into} && git merge {upstream_name}, and switch back when it is committed",
                WAITING,
            )
        new_tip = commit_tree(repository, merged_tree.tree, (tip, upstream), f"planmark: take in {upstream_name}\n")
    output(repository, "update-ref", "-m", "planmark: take in", f"{BRANCH_PREFIX}{work.into}", new_tip, tip)
    return new_tip


def _merge_commits(repository: GitRepository, ours: str, theirs: str) -> MergedTree:
    """Merge two commits, and return the merged tree. If both commits changed boxes of a document, this is no conflict."""
    merged_tree = merge_trees(repository, ours, theirs)
    documents = [path for path in merged_tree.conflicts if path.endswith(".md")]
    if not documents or len(documents) < len(merged_tree.conflicts):
        return merged_tree
    base = os.fsdecode(call(repository, "merge-base", ours, theirs).out).strip()
    base_texts, their_texts = _texts(repository, base, documents), _texts(repository, theirs, documents)
    unticked_texts = {path: with_old_marks(base_texts[path], their_texts[path]) for path in documents}
    tree = tree_with_texts(repository, theirs, unticked_texts)
    unticked_merge = merge_trees(
        repository, ours, commit_tree(repository, tree, (theirs,), "planmark: the boxes as they were")
    )
    if unticked_merge.conflicts:
        return merged_tree
    texts = _texts(repository, unticked_merge.tree, documents)
    marked_texts = {path: with_changed_marks(texts[path], base_texts[path], their_texts[path]) for path in documents}
    return MergedTree(tree_with_texts(repository, unticked_merge.tree, marked_texts), ())


def _texts(repository: GitRepository, tree: str, paths: Sequence[str]) -> dict[str, str]:
    """Return a mapping from path to text, for the files `paths` in a tree or commit.

    The text is "" for a file that the tree or commit does not have.
    """
    texts = blob_texts(repository, [f"{tree}:{path}" for path in paths])
    return {path: content or "" for path, content in zip(paths, texts, strict=True)}
