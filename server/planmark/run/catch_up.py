"""The commits that the person made since an integration branch began, taken in before new work begins there."""

from __future__ import annotations

import os
from collections.abc import Sequence

from planmark.cli.errors import WAITING, CommandError
from planmark.run.box_lines import with_marks_of, without_marks
from planmark.run.branches import WorkPlace, WorkState, integration_tip
from planmark.run.repository import BRANCH_PREFIX, GitRepository, call, commit_of, is_ancestor, output, text
from planmark.run.tree_objects import MergedTree, blob_texts, commit_tree, merge_trees, tree_with

MAX_NAMED = 4


def caught_up_tip(work: WorkPlace, state: WorkState) -> str:
    """Return the commit of the integration branch, with everything of the branch that it began from.

    The caller holds the lock. Raises CommandError if both are in conflict, and as `integration_tip` does.
    """
    repository, tip = work.repository, integration_tip(work, state)
    branch = state.branches.get(work.into)
    if branch is None or "<" not in branch.relation:
        return tip
    newer = upstream = commit_of(repository, branch.upstream)
    if not upstream or is_ancestor(repository, upstream, tip):
        return tip
    if not is_ancestor(repository, tip, upstream):
        name = text(repository, "rev-parse", "--abbrev-ref", f"{work.into}@{{upstream}}")
        merged = _merged(repository, tip, upstream)
        if merged.conflicts:
            more = " and more" if len(merged.conflicts) > MAX_NAMED else ""
            raise CommandError(
                f"{work.into} and {name} are in conflict in {', '.join(merged.conflicts[:MAX_NAMED])}{more}. "
                f"Resolve it: git switch {work.into} && git merge {name}, and switch back when it is committed",
                WAITING,
            )
        newer = commit_tree(repository, merged.tree, (tip, upstream), f"planmark: take in {name}\n")
    output(repository, "update-ref", "-m", "planmark: take in", f"{BRANCH_PREFIX}{work.into}", newer, tip)
    return newer


def _merged(repository: GitRepository, ours: str, theirs: str) -> MergedTree:
    """Merge two commits. Boxes of one document that both have changed are no conflict."""
    merged = merge_trees(repository, ours, theirs)
    documents = [path for path in merged.conflicts if path.endswith(".md")]
    if not documents or len(documents) < len(merged.conflicts):
        return merged
    base = os.fsdecode(call(repository, "merge-base", ours, theirs).out).strip()
    before, after = _texts(repository, base, documents), _texts(repository, theirs, documents)
    plain = {path: without_marks(before[path], after[path]) for path in documents}
    tree = tree_with(repository, theirs, plain)
    again = merge_trees(repository, ours, commit_tree(repository, tree, (theirs,), "planmark: the boxes as they were"))
    if again.conflicts:
        return merged
    texts = _texts(repository, again.tree, documents)
    marked = {path: with_marks_of(texts[path], before[path], after[path]) for path in documents}
    return MergedTree(tree_with(repository, again.tree, marked), ())


def _texts(repository: GitRepository, tree: str, paths: Sequence[str]) -> dict[str, str]:
    """Return the texts of files in a tree or commit, "" for a file that it does not have."""
    texts = blob_texts(repository, [f"{tree}:{path}" for path in paths])
    return {path: content or "" for path, content in zip(paths, texts, strict=True)}
