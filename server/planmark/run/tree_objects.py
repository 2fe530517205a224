"""Trees and commits of git, made without a checkout."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.cli.errors import UNREADABLE, CommandError
from planmark.run.generated import ignoring_generated
from planmark.run.repository import GitCallError, GitRepository, call, output, text
from planmark.storage.git_checkout import checkout_of

CONFLICT_CODE = 1
"""The exit code of `git merge-tree` for a merge with conflicts."""


class MergedTree(NamedTuple):
    """The tree of a merge, and the files in conflict; with conflicts, the tree has their markers."""

    tree: str
    conflicts: tuple[str, ...]


def merge_trees(repository: GitRepository, ours: str, theirs: str) -> MergedTree:
    """Merge two commits into a tree. Raises GitCallError if git cannot."""
    done = call(repository, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs)
    if done.code not in (0, CONFLICT_CODE):
        raise GitCallError(f"git cannot merge {theirs[:12]} into {ours[:12]}: {done.says}", UNREADABLE)
    tree, *conflicts = [os.fsdecode(part) for part in done.out.split(b"\0") if part]
    return MergedTree(tree, tuple(dict.fromkeys(conflicts)))


def tree_of_folder(repository: GitRepository, folder: Path) -> str:
    """Return the tree of everything in a work tree that git does not ignore, without a change of its index."""
    with _other_index() as index:
        checkout = checkout_of(folder)
        own = checkout.folder / "index" if checkout else None
        if own is not None and own.exists():
            # With the times of the own index, git reads only what has changed.
            shutil.copyfile(own, index)
        more = {"GIT_INDEX_FILE": str(index)}
        output(repository, *ignoring_generated(repository), "add", "--all", folder=folder, more=more)
        return os.fsdecode(output(repository, "write-tree", folder=folder, more=more)).strip()


def changed_files(repository: GitRepository, before: str, after: str) -> tuple[str, ...]:
    """Return the files that differ between two trees or commits, from the top."""
    listed = output(repository, "diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after)
    return tuple(os.fsdecode(path) for path in listed.split(b"\0") if path)


def blob_text(repository: GitRepository, tree: str, path: str) -> str | None:
    """Return the text of a file in a tree, None without such a file. Bytes that are not UTF-8 are kept."""
    done = call(repository, "cat-file", "blob", f"{tree}:{path}")
    return done.out.decode("utf-8", "surrogateescape") if done.code == 0 else None


def tree_with(repository: GitRepository, tree: str, texts: Mapping[str, str]) -> str:
    """Return a tree with other texts of files that it has."""
    if not texts:
        return tree
    entries = b""
    for path, content in texts.items():
        blob = output(repository, "hash-object", "-w", "--stdin", given=content.encode("utf-8", "surrogateescape"))
        listed = output(repository, "--literal-pathspecs", "ls-tree", "-z", "--full-tree", tree, "--", path)
        mode = listed.partition(b" ")[0] or b"100644"
        entries += mode + b" " + blob.strip() + b"\t" + os.fsencode(path) + b"\0"
    with _other_index() as index:
        more = {"GIT_INDEX_FILE": str(index)}
        output(repository, "read-tree", tree, more=more)
        output(repository, "update-index", "-z", "--index-info", more=more, given=entries)
        return os.fsdecode(output(repository, "write-tree", more=more)).strip()


def commit_tree(repository: GitRepository, tree: str, parents: Sequence[str], message: str) -> str:
    """Return a new commit of a tree."""
    given = [option for parent in parents for option in ("-p", parent)]
    made = output(repository, "commit-tree", tree, *given, "-F", "-", given=message.encode("utf-8", "surrogateescape"))
    return made.decode("ascii").strip()


def tree_of_commit(repository: GitRepository, commit: str) -> str:
    """Return the tree of a commit."""
    return text(repository, "rev-parse", "--verify", f"{commit}^{{tree}}")


@contextlib.contextmanager
def _other_index() -> Iterator[Path]:
    """Return the path of an index file that exists for a block."""
    try:
        with tempfile.TemporaryDirectory(prefix="planmark-") as folder:
            yield Path(folder) / "index"
    except OSError as error:
        raise CommandError(f"cannot write a temporary file: {error.strerror or error}", UNREADABLE) from None
