"""The git repository of a workspace, for calls of git that write: lists of arguments, never a shell.

Unlike the calls of `storage/git.py`, these run the user's own hooks and filters, because they do what the user's own
`git commit` and `git worktree add` do. Hooks and filters are local, so that no versioned file can start a program.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from planmark.cli.errors import UNREADABLE, WAITING, CommandError
from planmark.storage.git import HOOK_VARIABLES, NO_VARIABLES, Output
from planmark.storage.git_checkout import Checkout, checkout_of

CALL_SECONDS = 600
"""Maximum time of a call. A large repository with filters takes minutes to check out."""
OLDEST_GIT = (2, 38)
"""The first git with `merge-tree --write-tree`."""
CONFIGURATION_OPTIONS = (
    *("-c", "core.quotePath=false"),
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "advice.detachedHead=false"),
)
CALL_VARIABLES: Mapping[str, str] = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "true",
    "LC_ALL": "C",
}
"""The variables of every call, so that no call waits for a terminal."""
VERSION_PATTERN = re.compile(r"(\d+)\.(\d+)")
BRANCH_PREFIX = "refs/heads/"
MAX_SAYS = 500
"""Maximum number of characters of a message of git."""


class GitCallError(CommandError):
    """A call of git failed; the message has what git said."""


class GitTooOldError(CommandError):
    """The installed git lacks a command."""


class GitRepository(NamedTuple):
    """A repository with the work tree that contains the workspace.

    `top` is the top of that work tree, `main` the top of the main work tree. `common` is the folder of git that all work
    trees share. `prefix` is the path of the workspace below `top`, "" or with a slash at the end. `user_ignores` is the
    path of the user's own list of ignored files, "" without one. Git is asked for all of them once.
    """

    program: str
    top: Path
    main: Path
    common: Path
    prefix: str
    user_ignores: str = ""

    def workspace_in(self, top: Path) -> Path:
        """Return the workspace in a work tree, by the top of the work tree."""
        return top / self.prefix


class ListedTree(NamedTuple):
    """A work tree as git lists it. `branch` is "" without a branch; `locked` is the reason of its lock, or None."""

    top: Path
    commit: str
    branch: str
    locked: str | None
    is_bare: bool


def open_repository(root: Path) -> GitRepository:
    """Return the repository of a workspace (resolved). Raises CommandError if there is none that work trees can share."""
    program = shutil.which("git")
    # A program inside the workspace is never started.
    if program is None or Path(program).resolve().is_relative_to(root):
        raise CommandError(f"git was not found, and each work tree needs it. {_WITHOUT}", UNREADABLE)
    program = str(Path(program).absolute())
    checkout = checkout_of(root)
    if checkout is None:
        if (root / "HEAD").is_file() and (root / "objects").is_dir() and (root / "refs").is_dir():
            raise CommandError(
                f"{root} is a bare repository, without files to work on: use a checkout (git worktree add)", UNREADABLE
            )
        raise CommandError(
            f"{root} is in no git repository, and each work tree needs one: git init && git add -A && git commit. {_WITHOUT}",
            UNREADABLE,
        )
    _refuse_old(program, checkout.top)
    below = root.relative_to(checkout.top).as_posix()
    prefix = "" if below == "." else f"{below}/"
    git_repository = GitRepository(program, checkout.top, checkout.top, checkout.common_folder.resolve(), prefix)
    return git_repository._replace(main=_main_top(git_repository, checkout), user_ignores=_user_ignores(git_repository))


_WITHOUT = "Without it, one agent works in the folder itself: give --no-worktree"


def _refuse_old(program: str, folder: Path) -> None:
    statement = _run(program, folder, ("version",)).out.decode("utf-8", "replace")
    match = VERSION_PATTERN.search(statement)
    if match is None or (int(match[1]), int(match[2])) < OLDEST_GIT:
        oldest = ".".join(map(str, OLDEST_GIT))
        raise GitTooOldError(
            f"{program} is {statement.strip()[:100] or 'of an unknown version'}: work trees are integrated with "
            f"git {oldest} or newer. Update git, or work in the folder itself: give --no-worktree",
            UNREADABLE,
        )


def _user_ignores(here: GitRepository) -> str:
    done = call(here, "config", "-z", "--type=path", "--get", "core.excludesFile")
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return os.fsdecode(done.out).partition("\0")[0] if done.code == 0 else f"{home}/git/ignore"


def _main_top(git_repository: GitRepository, checkout: Checkout) -> Path:
    """Return the top of the main work tree; of a bare repository, the first work tree that is not Planmark's."""
    if checkout.folder.resolve() == git_repository.common:
        return checkout.top
    others = [tree for tree in work_trees(git_repository) if not tree.is_bare and not is_own(tree)]
    return others[0].top if others else checkout.top


def is_own(tree: ListedTree) -> bool:
    """Tell whether Planmark made a work tree."""
    return tree.locked is not None and tree.locked.startswith("planmark ")


def work_trees(repository: GitRepository) -> list[ListedTree]:
    """Return the work trees of a repository, the main one first. Raises GitCallError."""
    trees = []
    for entry in output(repository, "worktree", "list", "--porcelain", "-z").split(b"\0\0"):
        lines = [os.fsdecode(line).partition(" ") for line in entry.split(b"\0") if line]
        values = {name: value for name, _, value in lines}
        if "worktree" in values:
            branch = values.get("branch", "").removeprefix(BRANCH_PREFIX)
            lock_reason = values.get("locked")
            trees.append(
                ListedTree(Path(values["worktree"]), values.get("HEAD", ""), branch, lock_reason, "bare" in values)
            )
    return trees


def commit_of(repository: GitRepository, revision: str, folder: Path | None = None) -> str:
    """Return the commit of a revision, as 40 or 64 hex digits; "" if there is none."""
    output = call(repository, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", folder=folder)
    return output.out.decode("ascii", "replace").strip() if output.code == 0 else ""


def object_ids(repository: GitRepository, *names: str) -> list[str]:
    """Return the ids of objects by their names, such as `HEAD^{tree}`, in one call; "" for an object that is not there.

    Raises GitCallError.
    """
    given = b"".join(os.fsencode(name) + b"\0" for name in names)
    out, ids = output(repository, "cat-file", "--batch-check", "-z", input_bytes=given), list[str]()
    for name in names:
        # Git repeats the name of an object that is not there, and a name may have line breaks.
        missing = os.fsencode(name) + b" missing\n"
        line, _, rest = (b"", b"", out.removeprefix(missing)) if out.startswith(missing) else out.partition(b"\n")
        ids.append(line.partition(b" ")[0].decode("ascii", "replace"))
        out = rest
    return ids


def is_ancestor(repository: GitRepository, older: str, newer_commit: str) -> bool:
    """Tell whether a commit is, or is reached from, a newer one."""
    return older == newer_commit or call(repository, "merge-base", "--is-ancestor", older, newer_commit).code == 0


def branch_of(repository: GitRepository, folder: Path) -> str:
    """Return the branch that a work tree has checked out, "" without one."""
    output = call(repository, "symbolic-ref", "--quiet", "HEAD", folder=folder)
    return os.fsdecode(output.out).strip().removeprefix(BRANCH_PREFIX) if output.code == 0 else ""


def setting_of(repository: GitRepository, key: str) -> str:
    """Return a value of git's configuration, which no versioned file can set; "" without one."""
    output = call(repository, "config", "-z", "--get", key)
    return os.fsdecode(output.out).partition("\0")[0] if output.code == 0 else ""


def output(
    repository: GitRepository,
    *arguments: str,
    folder: Path | None = None,
    variables: Mapping[str, str] = NO_VARIABLES,
    input_bytes: bytes = b"",
) -> bytes:
    """Return the output of a call in a folder, without one in the work tree. Raises GitCallError if the call fails."""
    output = call(repository, *arguments, folder=folder, variables=variables, input_bytes=input_bytes)
    if output.code:
        raise GitCallError(_failure(folder or repository.top, arguments, output), UNREADABLE)
    return output.out


def text(repository: GitRepository, *arguments: str, folder: Path | None = None) -> str:
    """Return the output of a call as one line of text. Raises GitCallError if the call fails."""
    return os.fsdecode(output(repository, *arguments, folder=folder)).strip()


def call(
    repository: GitRepository,
    *arguments: str,
    folder: Path | None = None,
    variables: Mapping[str, str] = NO_VARIABLES,
    input_bytes: bytes = b"",
) -> Output:
    """Run git in a folder, by default in the work tree. Add `variables` to its environment, and give it `input_bytes`.

    Raises GitCallError if git does not start, or does not end in time.
    """
    return _run(repository.program, folder or repository.top, arguments, variables, input_bytes)


def _run(
    program: str,
    folder: Path,
    arguments: tuple[str, ...],
    variables: Mapping[str, str] = NO_VARIABLES,
    input_bytes: bytes = b"",
) -> Output:
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
    says = process.stderr.decode("utf-8", "replace").strip()
    return Output(process.returncode, process.stdout, says[-MAX_SAYS:])


def _failure(folder: Path, arguments: tuple[str, ...], output: Output) -> str:
    what = next(
        word for index, word in enumerate(arguments) if not word.startswith("-") and arguments[index - 1] != "-c"
    )
    return f"git {what} failed in {folder}: {output.error_line or f'exit code {output.code}'}"
