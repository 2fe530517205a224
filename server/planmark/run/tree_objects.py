"""Trees and commits of git that are made without a checkout."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.cli.errors import UNREADABLE, CommandError
from planmark.run.generated import git_ignore_options
from planmark.run.repository import GitCallError, GitRepository, call, output
from planmark.storage.git_checkout import checkout_of

CONFLICT_CODE = 1
"""The exit code of `git merge-tree` if the merge has conflicts."""


class MergedTree(NamedTuple):
    """The id of the tree of a merge, and the paths of the files in conflict.

    If there are conflicts, the files of the tree contain conflict markers.
    """

    tree: str
    conflicts: tuple[str, ...]


def merge_trees(repository: GitRepository, ours: str, theirs: str) -> MergedTree:
    """Merge two commits, and return the tree of the merge. Raises GitCallError if git cannot merge them."""
    merge_output = call(repository, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs)
    if merge_output.code not in (0, CONFLICT_CODE):
        raise GitCallError(f"git cannot merge {theirs[:12]} into {ours[:12]}: {merge_output.error_line}", UNREADABLE)
    tree, *conflicts = [os.fsdecode(part) for part in merge_output.out.split(b"\0") if part]
    return MergedTree(tree, tuple(dict.fromkeys(conflicts)))


def tree_of_folder(repository: GitRepository, folder: Path) -> str:
    """Return the id of a tree with all files of a work tree that git does not ignore.

    The index of the work tree does not change.
    """
    with _temporary_index() as index:
        checkout = checkout_of(folder)
        own_index = checkout.folder / "index" if checkout else None
        if own_index is not None and own_index.exists():
            # With the times in the work tree's own index, git reads only the files that have changed, and those that
            # are as new as the index. A newer copy would hide a change in the second of the checkout.
            status = own_index.stat()
            shutil.copyfile(own_index, index)
            os.utime(index, ns=(status.st_atime_ns, status.st_mtime_ns))
        index_variables = {"GIT_INDEX_FILE": str(index)}
        output(repository, *git_ignore_options(repository), "add", "--all", folder=folder, variables=index_variables)
        return os.fsdecode(output(repository, "write-tree", folder=folder, variables=index_variables)).strip()


def changed_files(repository: GitRepository, before: str, after: str) -> tuple[str, ...]:
    """Return the files that differ between two trees or commits, as paths from the top of the repository."""
    diff_output = output(repository, "diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after)
    return tuple(os.fsdecode(path) for path in diff_output.split(b"\0") if path)


def blob_texts(repository: GitRepository, names: Sequence[str]) -> list[str | None]:
    """Return a list with the text of each file in `names`; None for a missing file.

    A name holds a revision and a path, such as `HEAD:README.md`. All files are read in one call of git. Bytes that are
    not UTF-8 are kept. Raises GitCallError.
    """
    input_bytes = b"".join(os.fsencode(name) + b"\0" for name in names)
    output_bytes, offset = output(repository, "cat-file", "--batch", "-z", input_bytes=input_bytes), 0
    texts: list[str | None] = []
    for name in names:
        missing_line = os.fsencode(name) + b" missing\n"
        if output_bytes.startswith(missing_line, offset):
            offset += len(missing_line)
            texts.append(None)
            continue
        end = output_bytes.index(b"\n", offset)
        _, kind, size = output_bytes[offset:end].split(b" ")
        offset = end + 1 + int(size)
        texts.append(output_bytes[end + 1 : offset].decode("utf-8", "surrogateescape") if kind == b"blob" else None)
        offset += 1
    return texts


def tree_with_texts(repository: GitRepository, tree: str, texts: Mapping[str, str]) -> str:
    """Return the id of a tree that is like `tree`, but has the texts in `texts`.

    `tree` is a tree or a commit. `texts` maps the path of a file to its new text.
    """
    if not texts:
        return tree
    tree_output = output(repository, "--literal-pathspecs", "ls-tree", "-z", "--full-tree", tree, "--", *texts)
    modes = {entry.partition(b"\t")[2]: entry.partition(b" ")[0] for entry in tree_output.split(b"\0")}
    entries = b""
    for path, content in texts.items():
        blob = output(
            repository, "hash-object", "-w", "--stdin", input_bytes=content.encode("utf-8", "surrogateescape")
        )
        name = os.fsencode(path)
        entries += modes.get(name, b"100644") + b" " + blob.strip() + b"\t" + name + b"\0"
    with _temporary_index() as index:
        index_variables = {"GIT_INDEX_FILE": str(index)}
        output(repository, "read-tree", tree, variables=index_variables)
        output(repository, "update-index", "-z", "--index-info", variables=index_variables, input_bytes=entries)
        return os.fsdecode(output(repository, "write-tree", variables=index_variables)).strip()


def commit_tree(repository: GitRepository, tree: str, parents: Sequence[str], message: str) -> str:
    """Make a commit of a tree, and return the id of the commit."""
    parent_options = [option for parent in parents for option in ("-p", parent)]
    commit_output = output(
        repository,
        "commit-tree",
        tree,
        *parent_options,
        "-F",
        "-",
        input_bytes=message.encode("utf-8", "surrogateescape"),
    )
    return commit_output.decode("ascii").strip()


@contextlib.contextmanager
def _temporary_index() -> Iterator[Path]:
    """Yield the path of an index file in a temporary folder. The folder is removed after the block."""
    try:
        with tempfile.TemporaryDirectory(prefix="planmark-") as folder:
            yield Path(folder) / "index"
    except OSError as error:
        raise CommandError(f"cannot write a temporary file: {error.strerror or error}", UNREADABLE) from None
