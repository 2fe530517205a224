"""The files that have changed since a commit, with their changed lines. The program `git` finds them."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from planmark.storage import git
from planmark.storage.safe_read import NotReadError, read_inside

MAX_UNTRACKED_BYTES = 1024 * 1024
"""Maximum size in bytes of an untracked file; a larger file counts as binary."""
MAX_LINE_CHARACTERS = 4096
"""Maximum number of characters that are kept of an added line."""
DEFAULT_BRANCHES = ("main", "master", "trunk", "develop")
"""Common names of default branches.

The search for the default branch tries them in this order, after the branch that the remote names as its default.
"""
SUBMODULE_MODE, ABSENT_MODE = "160000", "000000"
"""The modes that git prints for a submodule, and for a file that does not exist."""

ChangeKind = Literal["added", "deleted", "modified", "renamed", "mode", "link", "binary", "submodule", "unmerged"]
CHANGE_KINDS: dict[str, ChangeKind] = {
    "A": "added",
    "C": "added",
    "D": "deleted",
    "R": "renamed",
    "T": "link",
    "U": "unmerged",
}
"""Mapping from git's letter for a change to its kind. Any other letter means that the file was modified."""
_RAW_LINE = re.compile(rb":(\d{6}) (\d{6}) [0-9a-f]+ [0-9a-f]+ ([A-Z])(\d*)\t(.*)", re.DOTALL)
"""Pattern for a raw line of `git diff --raw`: the old mode, the new mode, the letter of the change, and the paths."""
_HUNK_HEADER = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
"""Pattern for the header of a hunk, with the number of removed and of added lines."""
_ESCAPED_BYTE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
"""Pattern for an escaped byte in a quoted path."""
_BYTE_BY_ESCAPE_LETTER = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


class ChangedFile(NamedTuple):
    """A changed file. Its paths are relative to the folder of the repository.

    `old_path` is the path before the change. It is equal to `path` unless the file was renamed, and "" for an untracked
    file. `line_count` is the number of changed lines; a line whose text changed counts once. `added_lines` are the
    texts of the added lines. `has_new_mode` tells whether the permissions changed.
    """

    path: str
    old_path: str
    kind: ChangeKind
    line_count: int = 0
    added_lines: tuple[str, ...] = ()
    has_new_mode: bool = False


class ComparisonBase(NamedTuple):
    """The commit with which the work is compared, and its description.

    `commit` is None if the repository has no commit yet.
    """

    commit: str | None
    says: str


class WorkDiff(NamedTuple):
    """The changed files of the work in a folder, and the commit with which they are compared.

    If the changes are unknown, `base` is None, and `problem` is the reason.
    """

    base: ComparisonBase | None
    files: tuple[ChangedFile, ...] = ()
    problem: str = ""


def diff_since(root: Path, revision: str | None) -> WorkDiff:
    """Return the changes in the repository of a folder since a revision.

    If `revision` is None, return the changes since HEAD left the default branch. If git cannot compare: raises GitError
    if `revision` is given, else the result has the `problem`.
    """
    try:
        repository = git.repository(root)
        base = comparison_base(repository, revision)
        return WorkDiff(base, changed_files_since(repository, base))
    except git.GitError as error:
        if revision is not None:
            raise
        return WorkDiff(None, problem=str(error))


def comparison_base(repository: git.Repository, revision: str | None) -> ComparisonBase:
    """Return the commit with which the work is compared: the commit of `revision`.

    If `revision` is None, it is the commit at which HEAD left the default branch. Raises GitError if the revision is
    unknown.
    """
    if revision is not None:
        return ComparisonBase(git.commit_of(repository, revision), revision)
    head = git.commit_of(repository, "HEAD")
    if head is None:
        return ComparisonBase(None, "the empty repository")
    for branch in _possible_default_branches(repository):
        merge_base_output = git.call(repository, "merge-base", "HEAD", branch)
        commit = merge_base_output.out.decode("ascii", "replace").strip()
        if merge_base_output.code == 0 and commit:
            name = branch.removeprefix("refs/heads/")
            return ComparisonBase(
                commit, f"HEAD, which is in {name}" if commit == head else f"the merge base with {name}"
            )
    return ComparisonBase(head, "HEAD")


def _possible_default_branches(repository: git.Repository) -> Iterator[str]:
    """Yield names of references that may be the default branch; the default branch of the remote comes first."""
    remote_output = git.call(repository, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
    if remote_output.code == 0:
        yield remote_output.out.decode("utf-8", "replace").strip().removeprefix("refs/remotes/")
    for name in DEFAULT_BRANCHES:
        yield f"origin/{name}"
        yield f"refs/heads/{name}"


def changed_files_since(repository: git.Repository, base: ComparisonBase) -> tuple[ChangedFile, ...]:
    """Return the files that differ from the commit of `base`, and the untracked files, sorted by path.

    The search covers the whole repository. Paths are relative to the folder of `repository`; a path outside of this
    folder begins with `..`. Files that git ignores never count. Raises GitError.
    """
    top = git.output(repository, "rev-parse", "--show-toplevel").removesuffix(b"\n")
    top_repository = repository._replace(folder=Path(os.fsdecode(top)))
    changed_files = [] if base.commit is None else _tracked_files(top_repository, base.commit)
    new_paths = git.untracked_files(top_repository)
    if base.commit is None:
        # Before the first commit every file is new.
        new_paths |= git.paths(top_repository, "ls-files", "-z")
    folder_prefix = git.output(repository, "rev-parse", "--show-prefix").removesuffix(b"\n")
    return _relative_to(
        os.fsdecode(folder_prefix),
        [*changed_files, *(_untracked_file(top_repository.folder, path) for path in new_paths)],
    )


def _relative_to(folder: str, files: Sequence[ChangedFile]) -> tuple[ChangedFile, ...]:
    """Return `files` with paths relative to `folder`, sorted by path. `folder` is relative to the top of the work tree;
    "" is the top.
    """
    if not folder:
        return tuple(sorted(files))

    def path_in_folder(path: str) -> str:
        return posixpath.relpath(path, folder) if path else ""

    return tuple(
        sorted(file._replace(path=path_in_folder(file.path), old_path=path_in_folder(file.old_path)) for file in files)
    )


def _tracked_files(repository: git.Repository, commit: str) -> list[ChangedFile]:
    """Return the tracked files that differ from a commit. Raises GitError."""
    # A submodule is compared by its commit alone, because git would start itself in the submodule to compare files.
    options = (
        "--no-ext-diff",
        "--no-textconv",
        "--ignore-submodules=dirty",
        "--submodule=short",
        "--no-relative",
        "--no-color",
    )
    diff_output = git.output(
        *(repository, "diff", "--raw", "--patch", "-U0", "-M", "--no-abbrev", *options, commit, "--"),
        variables=git.filter_off_variables(repository),
    )
    raw_lines, _, patch = diff_output.partition(b"\n\n")
    # Compared with a commit, a file with a merge conflict counts as a modified file.
    conflicts = {entry.partition("\t")[2] for entry in git.paths(repository, "ls-files", "--unmerged", "-z")}
    return [
        file._replace(kind="unmerged") if file.path in conflicts else file for file in _parse_diff(raw_lines, patch)
    ]


def _parse_diff(raw_lines: bytes, patch: bytes) -> list[ChangedFile]:
    """Return the changed files in an output of `git diff`.

    The output has a raw line and a patch for each file, in the same order. Raises GitError if the raw lines and the
    patches do not match, for example because a setting changes the output.
    """
    sections = iter(_file_sections(patch))
    missing_section: list[bytes] = []
    files = []
    for line in raw_lines.split(b"\n"):
        raw_match = _RAW_LINE.fullmatch(line)
        if raw_match is None:
            continue
        old_mode, new_mode, status = raw_match[1].decode(), raw_match[2].decode(), raw_match[3].decode()
        paths_of_file = [unquoted_path(name) for name in raw_match[5].split(b"\t")]
        # Git shows a file that became a link as two changes. The same holds for a link that became a file.
        file_sections = (
            [] if status == "U" else [next(sections, missing_section) for _ in range(2 if status == "T" else 1)]
        )
        if any(section is missing_section for section in file_sections):
            raise git.GitError(f"git shows no changes of {paths_of_file[-1]}")
        files.append(
            _changed_file(
                paths_of_file[-1],
                paths_of_file[0],
                (old_mode, new_mode),
                status,
                [_parse_section(section) for section in file_sections],
            )
        )
    if next(sections, None) is not None:
        raise git.GitError("git shows changes of a file that it does not list")
    return files


class PatchSection(NamedTuple):
    """The facts about the changed lines of one file in a patch.

    The facts are the number of changed lines, the texts of the added lines, and whether the file is binary.
    """

    line_count: int
    added_lines: tuple[str, ...]
    is_binary: bool


def _parse_section(section: Sequence[bytes]) -> PatchSection:
    """Return the facts in a section of a patch. Each section is about one file."""
    line_count, added_lines, is_binary = 0, [], False
    for line in section:
        if hunk := _HUNK_HEADER.match(line):
            line_count += max(int(number) if number else 1 for number in hunk.groups())
        elif line_count and line.startswith(b"+"):
            added_lines.append(line[1:].decode("utf-8", "replace")[:MAX_LINE_CHARACTERS])
        elif not line_count:
            is_binary = is_binary or line.startswith((b"Binary files ", b"GIT binary patch"))
    return PatchSection(line_count, tuple(added_lines), is_binary)


def _changed_file(
    path: str, old_path: str, modes: tuple[str, str], status: str, sections: Sequence[PatchSection]
) -> ChangedFile:
    """Return a changed file. `modes` are its old and its new mode, and `status` is git's letter for the change."""
    has_new_mode = modes[0] != modes[1] and ABSENT_MODE not in modes
    line_count = sum(section.line_count for section in sections)
    kind = CHANGE_KINDS.get(status, "modified")
    if SUBMODULE_MODE in modes:
        kind = "submodule"
    elif any(section.is_binary for section in sections):
        kind = "binary"
    elif kind == "modified" and has_new_mode and not line_count:
        kind = "mode"
    return ChangedFile(
        path,
        old_path,
        kind,
        line_count,
        tuple(line for section in sections for line in section.added_lines),
        has_new_mode,
    )


def _file_sections(patch: bytes) -> Iterator[list[bytes]]:
    """Yield the section of each file in a patch, as a list of lines without the header.

    Only a header begins with `diff --git`. Each line of a file has a sign before it.
    """
    section: list[bytes] | None = None
    for line in patch.split(b"\n"):
        if line.startswith(b"diff --git "):
            if section is not None:
                yield section
            section = []
        elif section is not None:
            section.append(line)
    if section is not None:
        yield section


def unquoted_path(name: bytes) -> str:
    """Return a path without the quotes and escapes that git may have added, as in a string of C."""
    if name.startswith(b'"') and name.endswith(b'"'):
        name = _ESCAPED_BYTE.sub(_unescape, name[1:-1])
    return os.fsdecode(name)


def _unescape(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes([int(code, 8) if len(code) == 3 else _BYTE_BY_ESCAPE_LETTER.get(code[0], code[0])])


def _untracked_file(folder: Path, path: str) -> ChangedFile:
    """Return an untracked file as a changed file. It has no lines if it is binary or a nested repository."""
    if path.endswith("/"):
        return ChangedFile(path, "", "submodule")
    try:
        data = read_inside(folder.resolve(), path, MAX_UNTRACKED_BYTES)
    except (NotReadError, OSError):
        return ChangedFile(path, "", "binary")
    if len(data) > MAX_UNTRACKED_BYTES or b"\0" in data:
        return ChangedFile(path, "", "binary")
    lines = tuple(line[:MAX_LINE_CHARACTERS] for line in data.decode("utf-8", "replace").split("\n") if line)
    return ChangedFile(path, "", "added", len(lines), lines)
