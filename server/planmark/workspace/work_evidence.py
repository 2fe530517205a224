"""The evidence for tasks outside of the documents: the commits, and the number of lines of each file that a task
changes.

A look is a check of the commits and these files. It starts git and reads files, so only commands and scans look, never
a request after a keystroke.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from planmark.plans.history import NO_HISTORY, Commit, History
from planmark.storage import git
from planmark.storage.git_checkout import GIT_ENTRY, checkout_of, read_pointer
from planmark.storage.safe_read import NotReadError, read_inside

MAX_COUNTED_FILES = 2_000
"""Maximum number of files whose lines are counted per look. The number of lines of any other file is unknown."""
MAX_FILE_BYTES = 4_000_000
"""Maximum size in bytes of a file whose lines are counted."""

EvidenceStamp = tuple[int, int]
"""The time of the last change of a file in nanoseconds, and its size in bytes. Both are -1 if there is no file."""


class FileLength(NamedTuple):
    """The number of lines of a file, None if unknown, and the stamp of the file when its lines were counted."""

    stamp: EvidenceStamp
    lines: int | None


class WorkLook(NamedTuple):
    """The result of a look at the commits and the files.

    `needs_history` tells whether any plan asks for the commits. `head_stamps` are the stamps of the files of git that
    change whenever HEAD changes, by path. `history` are the commits. `lengths` has the number of lines of each file
    that plans ask for, by path.
    """

    needs_history: bool = False
    head_stamps: Mapping[str, EvidenceStamp] | None = None
    history: History = NO_HISTORY
    lengths: Mapping[str, FileLength] = {}


class WorkEvidence:
    """The result of the last look at commits and files, and the questions that plans have asked since then.

    If `at_once` is True, a question without an answer in the last look is answered by a new look at once. Otherwise, a
    later look answers the question.
    """

    def __init__(self, root: Path, *, at_once: bool) -> None:
        self._root = root
        self._at_once = at_once
        self._last_look = WorkLook()
        self._asked_paths: set[str] = set()

    def history(self) -> History:
        """Return the commits as of the last look."""
        if not self._last_look.needs_history:
            self._last_look = self._last_look._replace(needs_history=True)
            if self._at_once:
                self._last_look = with_history(self._root, self._last_look)
        return self._last_look.history

    def line_count(self, path: str) -> int | None:
        """Return the number of lines of a file as of the last look; None if unknown."""
        length = self._last_look.lengths.get(path)
        if length is None and self._at_once and len(self._asked_paths) < MAX_COUNTED_FILES:
            length = line_count_of_file(self._root, path, None)
            self._last_look = self._last_look._replace(lengths={**self._last_look.lengths, path: length})
        if len(self._asked_paths) < MAX_COUNTED_FILES:
            self._asked_paths.add(path)
        return length.lines if length else None

    def look_with_questions(self) -> WorkLook | None:
        """Return the last look with an unanswered entry for each new question; None if no plan has asked a question.

        `look_again` answers the questions.
        """
        if not self._last_look.needs_history and not self._asked_paths:
            return None
        new_lengths = {
            path: FileLength((-1, -1), None) for path in self._asked_paths if path not in self._last_look.lengths
        }
        return self._last_look._replace(lengths={**self._last_look.lengths, **new_lengths})

    def take(self, new_look: WorkLook) -> bool:
        """Store the result of a new look. Return whether an answer of the new look differs from the answer of the last
        look.
        """
        previous_look = self._last_look
        self._last_look = new_look._replace(needs_history=new_look.needs_history or previous_look.needs_history)
        return previous_look.history is not new_look.history or any(
            length.lines != (old_length.lines if (old_length := previous_look.lengths.get(path)) else None)
            for path, length in new_look.lengths.items()
        )


def look_again(root: Path, previous_look: WorkLook) -> WorkLook:
    """Return a new look that answers the questions in `previous_look`. Unchanged files are not read again."""
    lengths = {path: line_count_of_file(root, path, length) for path, length in previous_look.lengths.items()}
    return with_history(root, previous_look._replace(lengths=lengths))


def with_history(root: Path, previous_look: WorkLook) -> WorkLook:
    """Return `previous_look` with the current commits, if a plan asks for commits.

    Git runs only if HEAD has changed.
    """
    if not previous_look.needs_history:
        return previous_look
    head_stamps = dict(_head_stamps(root))
    if head_stamps == previous_look.head_stamps:
        return previous_look
    return previous_look._replace(
        head_stamps=head_stamps, history=read_history(root) if head_stamps else History(problem=NO_REPOSITORY_REASON)
    )


NO_REPOSITORY_REASON = "the folder is in no git repository"
"""The reason why the commits are unknown."""


def read_history(root: Path) -> History:
    """Return the newest commits, or a history with the reason why the commits are unknown."""
    try:
        repository = git.repository(root)
        if git.commit_of(repository, "HEAD") is None:
            return History(problem="the repository has no commit")
        return History(tuple(Commit(*logged_commit) for logged_commit in git.commits(repository)))
    except git.GitError as error:
        return History(problem=str(error))


def head_files(root: Path) -> tuple[str, ...] | None:
    """Return the paths, relative to the root, of the files of git that change whenever HEAD changes.

    Return no paths if there is no repository. Return None if any of these files is outside the root.
    """
    paths = [Path(path) for path, _ in _head_stamps(root)]
    if not all(path.is_relative_to(root) for path in paths):
        return None
    return tuple(path.relative_to(root).as_posix() for path in paths)


def _head_stamps(root: Path) -> Iterator[tuple[str, EvidenceStamp]]:
    """Yield two values for each file of git that changes whenever HEAD changes: its path and its stamp.

    Does not start git. Yields nothing if there is no repository.
    """
    checkout = checkout_of(root)
    if checkout is None:
        return
    git_entry, git_folder, common_folder = checkout.top / GIT_ENTRY, checkout.folder, checkout.common_folder
    if git_folder != git_entry:
        yield str(git_entry), _stamp_of_path(str(git_entry))
    branch = read_pointer(git_folder / "HEAD", "ref:")
    paths = [
        git_folder / "HEAD",
        git_folder / "logs/HEAD",
        common_folder / "packed-refs",
        common_folder / "reftable/tables.list",
    ]
    if branch and ".." not in branch.split("/"):
        paths.append(common_folder / branch)
    for path in paths:
        yield str(path), _stamp_of_path(str(path))


def _stamp_of_path(path: str) -> EvidenceStamp:
    """Return the stamp of a file; (-1, -1) if there is no file."""
    try:
        status = os.stat(path)  # noqa: PTH116 - thousands of them
    except (OSError, ValueError):
        return -1, -1
    return status.st_mtime_ns, status.st_size


def line_count_of_file(root: Path, path: str, previous_length: FileLength | None) -> FileLength:
    """Return the number of lines of a file, with the stamp of the file.

    `previous_length` is the earlier result for the file, or None. If the stamp is unchanged, return the earlier result
    without reading the file.
    """
    stamp = _stamp_of_path(f"{root}/{path}")
    if previous_length is not None and previous_length.stamp == stamp:
        return previous_length
    if stamp[0] < 0 or stamp[1] > MAX_FILE_BYTES:
        return FileLength(stamp, None)
    try:
        data = read_inside(root, path, MAX_FILE_BYTES)
    except (NotReadError, OSError, ValueError):
        return FileLength(stamp, None)
    return FileLength(stamp, data.count(b"\n") + (not data.endswith(b"\n") and bool(data)))
