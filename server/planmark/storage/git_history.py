"""The commits that added, renamed or changed the files of a folder. The program `git` lists them."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from planmark.storage import git
from planmark.storage.git_checkout import checkout_of
from planmark.storage.git_diff import unquoted_path
from planmark.storage.timestamps import iso_seconds

MAX_NAMES = 200
"""Maximum number of file names that are given to git.

If there are more names, git is asked about all Markdown files.
"""
MARKDOWN_PATHSPECS = (":(glob,icase)**/*.md", ":(glob,icase)**/*.markdown")
"""The pathspecs of git that match all Markdown files."""
MAX_SHALLOW_BYTES = 4 * 1024 * 1024
"""Maximum number of bytes that are read of the file `shallow` of a shallow clone.

The file lists the commits whose parents are missing.
"""
_COMMIT_HEADER = re.compile(r"\x01(?P<hash>[0-9a-f]+)\x1f(?P<at>[^\x1f\0\n]*)")
"""Pattern for the header of a commit in the output of `_LOG_OPTIONS`: the hash and the time of the author."""
_GLOB_CHARACTER = re.compile(r"([*?\[\\])")
_LOG_OPTIONS = (
    *("--no-show-signature", "--no-color", "--no-notes", "--root", "--no-follow"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules", "--relative", "-M", "--format=%x01%H%x1f%aI"),
)
_PATCH_OPTIONS = ("--patch", "--unified=0", "--text", "--src-prefix=a/", "--dst-prefix=b/")

FileChangeKind = Literal["added", "changed", "renamed", "deleted"]
_KIND_BY_STATUS: dict[str, FileChangeKind] = {"A": "added", "D": "deleted"}


class LineHunk(NamedTuple):
    """Neighbouring lines of a file that a commit removed, and the lines that the commit put in their place."""

    removed_lines: tuple[str, ...]
    added_lines: tuple[str, ...]


class FileCommit(NamedTuple):
    """A change of a file by one commit.

    `author_time` is the time of the author in ISO form with its offset; "" if the time is unknown. `path` is the path
    of the file after the commit, and `old_path` the path before it. Both are relative to the folder. `kind` is
    `renamed` if the file was only moved. `hunks` are the changed lines, if the caller has asked for them.
    """

    author_time: str
    path: str
    old_path: str
    kind: FileChangeKind
    hunks: tuple[LineHunk, ...] = ()


class FileLog(NamedTuple):
    """The changes of files by commits, with the newest commit first. If they are unknown, `problem` is the reason.

    `line_commits` are the commits of the files for which the caller asked for the changed lines. `uncommitted` are the
    files that differ from the last commit. `is_partial` tells whether older commits were not read.
    """

    commits: tuple[FileCommit, ...] = ()
    line_commits: tuple[FileCommit, ...] = ()
    uncommitted: frozenset[str] = frozenset()
    problem: str = ""
    is_partial: bool = False


NO_FILE_LOG = FileLog()


def read_file_log(root: Path, names: Collection[str], names_with_lines: Collection[str]) -> FileLog:
    """Return the commits that change files with the given names, at any depth of a folder. Merges are left out.

    For the files with a name in `names_with_lines`, `line_commits` has the commits with their changed lines. Git reads
    the commits at most twice, and the uncommitted files once. Each call of git lasts at most `LOG_TIMEOUT_SECONDS`.
    """
    if not names and not names_with_lines:
        return NO_FILE_LOG
    try:
        repository = git.repository(root)
        if git.commit_of(repository, "HEAD") is None:
            return FileLog(problem="the repository has no commit")
        shallow_commits = _shallow_commits(root)
        commits: tuple[FileCommit, ...] = ()
        is_partial = False
        if names:
            log_text = _log_output(repository, names, "--name-status", "-z")
            commits, is_partial = _parse_name_status(log_text, shallow_commits), _has_max_commits(log_text)
        line_commits: tuple[FileCommit, ...] = ()
        if names_with_lines:
            log_text = _log_output(repository, names_with_lines, *_PATCH_OPTIONS)
            line_commits, is_partial = (
                _parse_patches(log_text, shallow_commits),
                is_partial or _has_max_commits(log_text),
            )
        uncommitted = _uncommitted_files(repository) if names else frozenset()
    except git.GitError as error:
        return FileLog(problem=str(error))
    return FileLog(commits, line_commits, uncommitted, is_partial=is_partial or bool(shallow_commits))


def _uncommitted_files(repository: git.Repository) -> frozenset[str]:
    """Return the Markdown files that differ from HEAD, as paths relative to the folder. Raises GitError."""
    options = ("--name-only", "-z", "--no-renames", *git.SAFE_DIFF_OPTIONS)
    diff_output = git.output(
        *(repository, "diff", *options, "HEAD", "--", *MARKDOWN_PATHSPECS),
        variables=git.filter_off_variables(repository),
        seconds=git.LOG_TIMEOUT_SECONDS,
    )
    return frozenset(os.fsdecode(path) for path in diff_output.split(b"\0") if path)


def _shallow_commits(root: Path) -> frozenset[str]:
    """Return the commits of a shallow clone whose parents are missing; an empty set for any other repository.

    Raises GitError if the list of these commits cannot be read.
    """
    checkout = checkout_of(root)
    shallow_file = checkout.common_folder / "shallow" if checkout else None
    if shallow_file is None or not shallow_file.is_file():
        return frozenset()
    try:
        with shallow_file.open("rb") as stream:
            return frozenset(stream.read(MAX_SHALLOW_BYTES).decode("ascii", "replace").split())
    except OSError as error:
        raise git.GitError(f"cannot read {shallow_file}: {error.strerror or error}") from None


def _log_output(repository: git.Repository, names: Collection[str], *options: str) -> str:
    """Return the output of `git log` about the commits of HEAD that change files with these names. Raises GitError."""
    patterns = sorted(":(glob)**/" + _GLOB_CHARACTER.sub(r"\\\1", name) for name in names if "\n" not in name)
    pathspecs = patterns if len(patterns) <= MAX_NAMES else MARKDOWN_PATHSPECS
    limit = f"--max-count={git.MAX_COMMITS}"
    log_output = git.output(
        repository, "log", limit, *_LOG_OPTIONS, *options, "HEAD", "--", *pathspecs, seconds=git.LOG_TIMEOUT_SECONDS
    )
    return log_output.decode("utf-8", "surrogateescape")


def _has_max_commits(text: str) -> bool:
    """Tell whether an output of `git log` has the maximum number of commits.

    Older commits may then be missing.
    """
    return text.count("\x01") >= git.MAX_COMMITS


def _author_time(header: re.Match[str], shallow_commits: Collection[str]) -> str:
    """Return the time of a commit; "" if its time is not valid.

    A commit in `shallow_commits` has no valid time, because git shows every file as added in this commit.
    """
    author_time = header["at"].replace("Z", "+00:00")
    if header["hash"] in shallow_commits:
        return ""
    try:
        iso_seconds(author_time)
    except (ValueError, OverflowError):
        return ""
    return author_time


def _parse_name_status(text: str, shallow_commits: Collection[str]) -> tuple[FileCommit, ...]:
    """Return the changes of files in the output of `git log --name-status -z`.

    The output has a header for each commit. The changed files follow: a status for each file, and one or two paths.
    """
    commits: list[FileCommit] = []
    author_time = ""
    fields = iter(text.split("\0"))
    for raw_field in fields:
        field = raw_field.lstrip("\n")
        if header := _COMMIT_HEADER.match(field):
            author_time = _author_time(header, shallow_commits)
            continue
        if not field:
            continue
        old_path = next(fields, "")
        path = next(fields, "") if field[0] in "RC" else old_path
        kind = "renamed" if field == "R100" else _KIND_BY_STATUS.get(field[0], "changed")
        commits.append(FileCommit(author_time, path, old_path, kind))
    return tuple(commits)


def _parse_patches(text: str, shallow_commits: Collection[str]) -> tuple[FileCommit, ...]:
    """Return the changes of files in the output of `git log --patch`.

    The output has a header for each commit. The changed lines of each file follow.
    """
    commits: list[FileCommit] = []
    author_time = ""
    for part in re.split(r"^(?=\x01|diff --git )", text, flags=re.MULTILINE):
        if header := _COMMIT_HEADER.match(part):
            author_time = _author_time(header, shallow_commits)
        elif part.startswith("diff --git "):
            commits += _parse_file_patch(author_time, part.split("\n"))
    return tuple(commits)


def _parse_file_patch(author_time: str, lines: list[str]) -> Iterator[FileCommit]:
    """Yield the change of the file that a part of a patch describes.

    Yield nothing if git shows no name of the file.
    """
    path, old_path, kind = "", "", "changed"
    hunks: list[tuple[list[str], list[str]]] = []
    for line in lines:
        if line.startswith("@@ "):
            hunks.append(([], []))
        elif hunks:
            if line[:1] in ("-", "+"):
                hunks[-1][line[0] == "+"].append(line[1:])
        elif line.startswith("rename from "):
            old_path = _unquoted(line.removeprefix("rename from "))
        elif line.startswith("rename to "):
            path = _unquoted(line.removeprefix("rename to "))
        elif line.startswith("new file mode"):
            kind = "added"
        elif line.startswith("deleted file mode"):
            kind = "deleted"
        elif line.startswith("--- ") and not old_path:
            old_path = _unquoted(line[4:].removesuffix("\t")).removeprefix("a/")
        elif line.startswith("+++ ") and not path:
            path = _unquoted(line[4:].removesuffix("\t")).removeprefix("b/")
    if kind == "added":
        old_path = path
    elif kind == "deleted":
        path = old_path
    if path:
        final_kind: FileChangeKind = "added" if kind == "added" else "deleted" if kind == "deleted" else "changed"
        line_hunks = tuple(LineHunk(tuple(removed_lines), tuple(added_lines)) for removed_lines, added_lines in hunks)
        yield FileCommit(author_time, path, old_path or path, final_kind, line_hunks)


def _unquoted(text: str) -> str:
    return unquoted_path(os.fsencode(text))
