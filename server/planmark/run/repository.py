"""The git repository of a workspace, for calls of git that write. A call is a list of arguments, without a shell.

A call does what the user's own `git commit` or `git worktree add` does. So it runs the user's own hooks and filters,
unlike the calls of `storage/git.py`. Hooks and filters are local. So no versioned file can start a program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from planmark.cli.errors import UNREADABLE, WAITING, CommandError
from planmark.storage.git import HOOK_VARIABLES, NO_VARIABLES, GitOutput
from planmark.storage.git_checkout import Checkout, checkout_of
from planmark.text.lazy_pattern import lazy_pattern

CALL_SECONDS = 600
"""Maximum number of seconds of a call. The checkout of a large repository with filters takes minutes."""
OLDEST_GIT = (2, 38)
"""The oldest version of git that can be used. It is the first version with `merge-tree --write-tree`."""
CONFIGURATION_OPTIONS = (
    *("-c", "core.quotePath=false"),
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "advice.detachedHead=false"),
)
"""The options of every call of git."""
CALL_VARIABLES: Mapping[str, str] = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "true",
    "LC_ALL": "C",
}
"""The environment variables of every call of git. With them, no call waits for a terminal."""
LIST_TREES_ARGUMENTS = ("worktree", "list", "--porcelain", "-z")
MAX_LISTING_TRIES, LISTING_PAUSE_SECONDS = 10, 0.02
"""Maximum number of tries to list the work trees, and the number of seconds between two tries."""
VERSION_PATTERN = lazy_pattern(r"(\d+)\.(\d+)")
BRANCH_PREFIX = "refs/heads/"
"""The beginning of the full name of a branch."""
MAX_MESSAGE_CHARACTERS = 500
"""Maximum number of characters that are kept of a message of git."""


class GitCallError(CommandError):
    """A call of git has failed. The message contains the message of git."""


class GitTooOldError(CommandError):
    """The installed git is older than OLDEST_GIT."""


class GitRepository(NamedTuple):
    """A git repository, and the work tree that contains the workspace.

    `top` is the top of this work tree, and `main` the top of the main work tree. `common` is the folder of git that all
    work trees share. `prefix` is the path of the workspace from `top`: "", or a path with a slash at the end.
    `user_ignores` is the path of the user's own list of ignored files, "" if it is not known. All values are read once.
    """

    program: str
    top: Path
    main: Path
    common: Path
    prefix: str
    user_ignores: str = ""

    def workspace_in(self, top: Path) -> Path:
        """Return the path of the workspace in the work tree whose top is `top`."""
        return top / self.prefix


class ListedTree(NamedTuple):
    """A work tree, as git lists it. `branch` is "" if no branch is checked out.

    `locked` is the reason why the work tree is locked; None if it is not locked.
    """

    top: Path
    commit: str
    branch: str
    locked: str | None
    is_bare: bool


def open_repository(root: Path) -> GitRepository:
    """Return the repository of a workspace. `root` is the resolved path of the workspace.

    Raises CommandError if there is no repository, or if work trees cannot be made from it.
    """
    program = shutil.which("git")
    # A program inside the workspace is never started.
    if program is None or Path(program).resolve().is_relative_to(root):
        raise CommandError(f"git was not found, and each work tree needs it. {_NO_WORKTREE_ADVICE}", UNREADABLE)
    program = str(Path(program).absolute())
    checkout = checkout_of(root)
    if checkout is None:
        if (root / "HEAD").is_file() and (root / "objects").is_dir() and (root / "refs").is_dir():
            raise CommandError(
                f"{root} is a bare repository, without files to work on: use a checkout (git worktree add)", UNREADABLE
            )
        raise CommandError(
            f"{root} is in no git repository, and each work tree needs one: git init && git add -A && git commit. {_NO_WORKTREE_ADVICE}",
            UNREADABLE,
        )
    _refuse_old_git(program, checkout.top)
    relative_root = root.relative_to(checkout.top).as_posix()
    prefix = "" if relative_root == "." else f"{relative_root}/"
    git_repository = GitRepository(program, checkout.top, checkout.top, checkout.common_folder.resolve(), prefix)
    return git_repository._replace(
        main=_main_top(git_repository, checkout), user_ignores=_user_ignores_path(git_repository)
    )


_NO_WORKTREE_ADVICE = "Without it, one agent works in the folder itself: give --no-worktree"


def _refuse_old_git(program: str, folder: Path) -> None:
    """Raise GitTooOldError if git is older than OLDEST_GIT."""
    version_text = _run(program, folder, ("version",)).out.decode("utf-8", "replace")
    match = VERSION_PATTERN.search(version_text)
    if match is None or (int(match[1]), int(match[2])) < OLDEST_GIT:
        oldest = ".".join(map(str, OLDEST_GIT))
        raise GitTooOldError(
            f"{program} is {version_text.strip()[:100] or 'of an unknown version'}: work trees are integrated with "
            f"git {oldest} or newer. Update git, or work in the folder itself: give --no-worktree",
            UNREADABLE,
        )


def _user_ignores_path(git_repository: GitRepository) -> str:
    """Return the path of the user's own list of ignored files, which may not exist."""
    setting_output = call(git_repository, "config", "-z", "--type=path", "--get", "core.excludesFile")
    config_folder = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return (
        os.fsdecode(setting_output.out).partition("\0")[0]
        if setting_output.code == 0
        else f"{config_folder}/git/ignore"
    )


def _main_top(git_repository: GitRepository, checkout: Checkout) -> Path:
    """Return the top of the main work tree.

    In a bare repository, return the top of the first work tree that Planmark did not make.
    """
    if checkout.folder.resolve() == git_repository.common:
        return checkout.top
    user_trees = [tree for tree in work_trees(git_repository) if not tree.is_bare and not is_made_by_planmark(tree)]
    return user_trees[0].top if user_trees else checkout.top


def is_made_by_planmark(tree: ListedTree) -> bool:
    """Tell whether Planmark made a work tree."""
    return tree.locked is not None and tree.locked.startswith("planmark ")


def work_trees(repository: GitRepository) -> list[ListedTree]:
    """Return the work trees of a repository; the main work tree is the first. Raises GitCallError."""
    trees = []
    for entry in _work_tree_listing(repository).split(b"\0\0"):
        lines = [os.fsdecode(line).partition(" ") for line in entry.split(b"\0") if line]
        values = {name: value for name, _, value in lines}
        if "worktree" in values:
            branch = values.get("branch", "").removeprefix(BRANCH_PREFIX)
            lock_reason = values.get("locked")
            trees.append(
                ListedTree(Path(values["worktree"]), values.get("HEAD", ""), branch, lock_reason, "bare" in values)
            )
    return trees


def _work_tree_listing(repository: GitRepository) -> bytes:
    """Return git's list of the work trees. Raises GitCallError.

    Git fails if a different process removes a work tree at the same time. Then git is asked again.
    """
    for _ in range(MAX_LISTING_TRIES - 1):
        try:
            return output(repository, *LIST_TREES_ARGUMENTS)
        except GitCallError:
            time.sleep(LISTING_PAUSE_SECONDS)
    return output(repository, *LIST_TREES_ARGUMENTS)


def commit_of(repository: GitRepository, revision: str, folder: Path | None = None) -> str:
    """Return the commit of a revision, as 40 or 64 hex digits; "" if the revision is unknown.

    HEAD is the HEAD of the work tree around `folder`. The default of `folder` is the work tree of the workspace.
    """
    revision_output = call(repository, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", folder=folder)
    return revision_output.out.decode("ascii", "replace").strip() if revision_output.code == 0 else ""


def object_ids(repository: GitRepository, *names: str) -> list[str]:
    """Return a list with the id of each object, by the names of the objects. A name is, for example, `HEAD^{tree}`.

    The id of a missing object is "". All ids come from one call of git. Raises GitCallError.
    """
    input_bytes = b"".join(os.fsencode(name) + b"\0" for name in names)
    output_left, ids = output(repository, "cat-file", "--batch-check", "-z", input_bytes=input_bytes), list[str]()
    for name in names:
        # Git repeats the name of a missing object, and a name may have line breaks.
        missing_line = os.fsencode(name) + b" missing\n"
        line, _, remaining_output = (
            (b"", b"", output_left.removeprefix(missing_line))
            if output_left.startswith(missing_line)
            else output_left.partition(b"\n")
        )
        ids.append(line.partition(b" ")[0].decode("ascii", "replace"))
        output_left = remaining_output
    return ids


def is_ancestor(repository: GitRepository, older_commit: str, newer_commit: str) -> bool:
    """Tell whether `older_commit` is equal to `newer_commit`, or is an ancestor of it."""
    return (
        older_commit == newer_commit
        or call(repository, "merge-base", "--is-ancestor", older_commit, newer_commit).code == 0
    )


def branch_of(repository: GitRepository, folder: Path) -> str:
    """Return the branch that is checked out in a work tree; "" if no branch is checked out."""
    branch_output = call(repository, "symbolic-ref", "--quiet", "HEAD", folder=folder)
    return os.fsdecode(branch_output.out).strip().removeprefix(BRANCH_PREFIX) if branch_output.code == 0 else ""


def setting_of(repository: GitRepository, key: str) -> str:
    """Return the value of a key in git's configuration; "" if the key has no value.

    No versioned file can set it.
    """
    setting_output = call(repository, "config", "-z", "--get", key)
    return os.fsdecode(setting_output.out).partition("\0")[0] if setting_output.code == 0 else ""


def output(
    repository: GitRepository,
    *arguments: str,
    folder: Path | None = None,
    variables: Mapping[str, str] = NO_VARIABLES,
    input_bytes: bytes = b"",
) -> bytes:
    """Return the output of a call of git. Raises GitCallError if the call fails.

    The call runs in `folder`. The default is the work tree of the workspace.
    """
    git_output = call(repository, *arguments, folder=folder, variables=variables, input_bytes=input_bytes)
    if git_output.code:
        raise GitCallError(_failure_message(folder or repository.top, arguments, git_output), UNREADABLE)
    return git_output.out


def output_text(repository: GitRepository, *arguments: str, folder: Path | None = None) -> str:
    """Return the output of a call of git as text, without blanks around it. Raises GitCallError if the call fails."""
    return os.fsdecode(output(repository, *arguments, folder=folder)).strip()


def call(
    repository: GitRepository,
    *arguments: str,
    folder: Path | None = None,
    variables: Mapping[str, str] = NO_VARIABLES,
    input_bytes: bytes = b"",
) -> GitOutput:
    """Run git in `folder`, and return its exit code and its output. The default is the work tree of the workspace.

    `variables` are added to the environment of git. `input_bytes` is the standard input of git. Raises GitCallError if
    git does not start, or does not end in time.
    """
    return _run(repository.program, folder or repository.top, arguments, variables, input_bytes)


def _run(
    program: str,
    folder: Path,
    arguments: tuple[str, ...],
    variables: Mapping[str, str] = NO_VARIABLES,
    input_bytes: bytes = b"",
) -> GitOutput:
    """Run git as `call` does, but without a `GitRepository`: `program` is the path of git."""
    environment = {name: value for name, value in os.environ.items() if name not in HOOK_VARIABLES}
    environment.update(CALL_VARIABLES, **variables)
    try:
        process = subprocess.run(
            (program, *CONFIGURATION_OPTIONS, *arguments),
            cwd=folder,
            env=environment,
            input=input_bytes,
            capture_output=True,
            timeout=CALL_SECONDS,
            check=False,
            # Without a terminal, no program that git starts can ask a question.
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise GitCallError(
            f"git {arguments[0]} did not end within {CALL_SECONDS} seconds in {folder}", WAITING
        ) from None
    except OSError as error:
        raise GitCallError(f"cannot start git in {folder}: {error.strerror or error}", UNREADABLE) from None
    message = process.stderr.decode("utf-8", "replace").strip()
    return GitOutput(process.returncode, process.stdout, message[-MAX_MESSAGE_CHARACTERS:])


def _failure_message(folder: Path, arguments: tuple[str, ...], output: GitOutput) -> str:
    git_command = next(
        word for index, word in enumerate(arguments) if not word.startswith("-") and arguments[index - 1] != "-c"
    )
    return f"git {git_command} failed in {folder}: {output.error_line or f'exit code {output.code}'}"
