"""The calls of the program `git`, each with a list of arguments.

In these calls, git starts no other program: no shell, no hook, no monitor, no external diff, no check of signatures, no
transport, and no filter of the repository. Only `git_remote.py` allows transports.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

TIMEOUT_SECONDS = 30
"""Maximum number of seconds of a call, unless the caller gives a different number."""
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
"""Maximum size of the output of a call in bytes; 64 MiB hold about a million paths."""
CONFIGURATION_OPTIONS = (
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.quotePath=false"),
    *("-c", "safe.bareRepository=explicit"),
)
"""The options of every call of git."""
GIT_VARIABLES: Mapping[str, str] = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "LC_ALL": "C",
}
"""The environment variables of every call of git.

Git never fetches a missing object, because the repository could name the program that fetches the object.
"""
LOG_TIMEOUT_SECONDS = 5
"""Maximum number of seconds for a call that reads commits."""
MAX_COMMITS, MAX_SUBJECT_CHARACTERS = 2_000, 300
"""Maximum number of commits that are read, and maximum number of characters of the subject of a commit.

If there are more commits, the newest are read.
"""
HOOK_VARIABLES = frozenset(
    {"GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_WORK_TREE"}
)
"""Environment variables that git sets for its hooks.

They may name a different repository than the repository of the workspace.
"""
SAFE_DIFF_OPTIONS = ("--no-ext-diff", "--no-textconv", "--ignore-submodules", "--relative")
"""Options with which `git diff` starts no program, and shows only files inside the folder."""
NO_VARIABLES: Mapping[str, str] = {}
"""No additional environment variables: the default of `variables` in the functions below."""


class GitError(Exception):
    """Git is not installed, does not find the repository or the revision, fails, or does not end in time.

    The message names the reason.
    """


class GitMissingError(GitError):
    """Git is not installed."""


class GitOutput(NamedTuple):
    """The result of a call of git: the exit code, the standard output, and a message from standard error.

    In this module, the message is the first line on standard error.
    """

    code: int
    out: bytes
    error_line: str


class LoggedCommit(NamedTuple):
    """A commit: its short hash, its day, and its subject.

    `day` is the day on which the committer made the commit, such as `2026-01-31`.
    """

    hash: str
    day: str
    subject: str


class Repository(NamedTuple):
    """A folder inside a git work tree, and the path of the program `git`. Git runs in this folder."""

    program: str
    folder: Path


def repository(folder: Path) -> Repository:
    """Return the repository of a folder. Raises GitError if git is missing, or if the folder is in no work tree."""
    program = shutil.which("git")
    # A program inside the workspace is never started.
    if program is None or Path(program).resolve().is_relative_to(folder.resolve()):
        raise GitMissingError("git was not found")
    repository = Repository(str(Path(program).absolute()), folder)
    inside_output = call(repository, "rev-parse", "--is-inside-work-tree")
    if inside_output.code or inside_output.out.strip() != b"true":
        error_line = inside_output.error_line
        reason = "" if not error_line or "not a git repository" in error_line else f": {error_line}"
        raise GitError(f"{folder} is in no git repository{reason}")
    return repository


def commit_of(repository: Repository, revision: str) -> str | None:
    """Return the commit of a revision. Return None if the revision is HEAD, and there is no commit yet.

    Raises GitError if the revision is unknown.
    """
    unknown_error = GitError(f"git knows no revision `{revision}` in {repository.folder}")
    if not revision or revision.startswith("-") or "\0" in revision:
        # git would read this text as an option, not as a revision.
        raise unknown_error
    revision_output = call(repository, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    commit = revision_output.out.decode("ascii", "replace").strip()
    if revision_output.code == 0 and commit.isalnum():
        return commit
    if revision == "HEAD" and call(repository, "symbolic-ref", "--quiet", "HEAD").code == 0:
        return None
    raise unknown_error


def untracked_files(repository: Repository) -> frozenset[str]:
    """Return the files that git neither tracks nor ignores, as paths relative to the folder."""
    return paths(repository, "ls-files", "--others", "--exclude-standard", "-z")


def filter_off_variables(repository: Repository) -> dict[str, str]:
    """Return environment variables that turn off all filters in git's configuration.

    An option cannot do this for every filter, because the name of a filter may contain `=`.
    """
    keys_output = call(repository, "config", "-z", "--name-only", "--get-regexp", r"^filter\.")
    filter_keys = sorted({name for name in keys_output.out.decode("utf-8", "surrogateescape").split("\0") if name})
    count_variable = os.environ.get("GIT_CONFIG_COUNT", "")
    first_index = int(count_variable) if count_variable.isdecimal() else 0
    variables = {"GIT_CONFIG_COUNT": str(first_index + len(filter_keys))}
    for index, name in enumerate(filter_keys, first_index):
        variables[f"GIT_CONFIG_KEY_{index}"] = name
        variables[f"GIT_CONFIG_VALUE_{index}"] = "false" if name.endswith(".required") else ""
    return variables


def commits(repository: Repository) -> tuple[LoggedCommit, ...]:
    """Return the newest commits of HEAD; HEAD must have a commit.

    Raises GitError if git fails, or does not answer within LOG_TIMEOUT_SECONDS.
    """
    # Git pads or cuts each subject, so the output has a bound.
    format_option = f"--format=%h%x1f%cs%x1f%<({MAX_SUBJECT_CHARACTERS},trunc)%s"
    options = ("--no-show-signature", "--no-color", "--no-notes", "--encoding=UTF-8", "-z")
    log_output = output(
        repository,
        "log",
        f"--max-count={MAX_COMMITS}",
        *options,
        format_option,
        "HEAD",
        "--",
        seconds=LOG_TIMEOUT_SECONDS,
    )
    records = (record.split("\x1f", 2) for record in log_output.decode("utf-8", "replace").split("\0"))
    return tuple(LoggedCommit(*(part.strip() for part in record)) for record in records if len(record) == 3)


def paths(repository: Repository, *arguments: str, variables: Mapping[str, str] = NO_VARIABLES) -> frozenset[str]:
    """Return the paths in the output of a call of git. In the output, NUL follows each path.

    Raises GitError if the call fails.
    """
    return frozenset(
        os.fsdecode(path) for path in output(repository, *arguments, variables=variables).split(b"\0") if path
    )


def output(
    repository: Repository,
    *arguments: str,
    variables: Mapping[str, str] = NO_VARIABLES,
    seconds: float = TIMEOUT_SECONDS,
) -> bytes:
    """Return the output of a call of git. Raises GitError if the call fails, or does not end within `seconds`."""
    git_output = call(repository, *arguments, variables=variables, seconds=seconds)
    if git_output.code:
        raise GitError(
            f"git {arguments[0]} failed in {repository.folder}: {git_output.error_line or f'exit code {git_output.code}'}"
        )
    return git_output.out


def call(
    repository: Repository,
    *arguments: str,
    variables: Mapping[str, str] = NO_VARIABLES,
    seconds: float = TIMEOUT_SECONDS,
    input_bytes: bytes = b"",
) -> GitOutput:
    """Run git in the folder of the repository, and return its exit code and its output.

    `variables` are added to the environment of git. `input_bytes` is the standard input of git. Raises GitError if git
    cannot be started, does not end within `seconds`, or prints more than MAX_OUTPUT_BYTES.
    """
    environment = {name: value for name, value in os.environ.items() if name not in HOOK_VARIABLES}
    environment.update(GIT_VARIABLES, **variables)
    # Input and output are files, because the output of a pipe would be held in memory.
    with (
        tempfile.TemporaryFile() as input_file,
        tempfile.TemporaryFile() as output_file,
        tempfile.TemporaryFile() as error_file,
    ):
        input_file.write(input_bytes)
        input_file.seek(0)
        try:
            process = subprocess.run(
                (repository.program, *CONFIGURATION_OPTIONS, *arguments),
                cwd=repository.folder,
                env=environment,
                stdin=input_file,
                stdout=output_file,
                stderr=error_file,
                timeout=seconds,
                check=False,
                # Without a terminal, no program that git starts can ask a question.
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            raise GitError(f"git {arguments[0]} did not end within {seconds:g} seconds") from None
        except OSError as error:
            raise GitError(f"cannot start git: {error.strerror or error}") from None
        if output_file.tell() > MAX_OUTPUT_BYTES:
            raise GitError(f"git {arguments[0]} printed more than {MAX_OUTPUT_BYTES // 1024**2} MiB")
        output_file.seek(0)
        error_file.seek(0)
        error_line = error_file.read(1000).decode("utf-8", "replace").strip().partition("\n")[0]
        return GitOutput(process.returncode, output_file.read(), error_line)
