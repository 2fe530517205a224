"""The files that changed since a revision of git, by the program `git`.

It starts no other program: no shell, no hook, no monitor, no external diff, and no filter that the repository sets.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from planmark.cli.errors import BAD_USAGE, CommandError

TIMEOUT_SECONDS = 30
MAX_BYTES = 64 * 1024 * 1024
"""Maximum size of an output; 64 MiB are about a million paths."""
CONFIGURATION = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.quotePath=false")
OF_A_HOOK = frozenset(
    {"GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_WORK_TREE"}
)
"""Variables that git sets for its hooks. They mean a different folder than the workspace."""


NOTHING: Mapping[str, str] = {}


class Output(NamedTuple):
    """The result of a call of git: its exit code, its output, and the first line of its messages."""

    code: int
    out: bytes
    says: str


def changed_since(root: Path, revision: str) -> frozenset[str]:
    """Return the files below `root` that differ from a revision, relative to it, with those that git does not know yet.

    Files that git ignores never count as changed. Raises CommandError without git, without a repository, and for an
    unknown revision.
    """
    git = _program(root)
    inside = _call(git, root, "rev-parse", "--is-inside-work-tree")
    if inside.code or inside.out.strip() != b"true":
        reason = "" if not inside.says or "not a git repository" in inside.says else f": {inside.says}"
        raise CommandError(f"--since needs a git repository, but {root} is in none{reason}", BAD_USAGE)
    untracked = _paths(git, root, "ls-files", "--others", "--exclude-standard", "-z")
    commit = _commit(git, root, revision)
    if commit is None:
        # Before the first commit every file is new.
        return untracked | _paths(git, root, "ls-files", "-z")
    filters = _empty_filters(git, root)
    options = ("--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules", "--relative")
    return untracked | _paths(git, root, "diff", *options, "-z", commit, "--", more=filters)


def _program(root: Path) -> str:
    """Return the path of git. One that lies in the workspace is never started."""
    found = shutil.which("git")
    if found is None or Path(found).resolve().is_relative_to(root.resolve()):
        raise CommandError("--since needs git, which was not found", BAD_USAGE)
    return str(Path(found).absolute())


def _commit(git: str, root: Path, revision: str) -> str | None:
    """Return the commit of a revision; None for HEAD before the first commit. Raises CommandError if it is unknown."""
    unknown = CommandError(f"--since: git knows no revision `{revision}` in {root}", BAD_USAGE)
    if not revision or revision.startswith("-") or "\0" in revision:
        # It would be an option of git, not a revision.
        raise unknown
    named = _call(git, root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    commit = named.out.decode("ascii", "replace").strip()
    if named.code == 0 and commit.isalnum():
        return commit
    if revision == "HEAD" and _call(git, root, "symbolic-ref", "--quiet", "HEAD").code == 0:
        return None
    raise unknown


def _empty_filters(git: str, root: Path) -> dict[str, str]:
    """Return variables that replace each filter of the configuration by no filter.

    They are not options, because the name of a filter may contain `=`.
    """
    found = _call(git, root, "config", "-z", "--name-only", "--get-regexp", r"^filter\.")
    names = sorted({name for name in found.out.decode("utf-8", "surrogateescape").split("\0") if name})
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdecimal() else 0
    more = {"GIT_CONFIG_COUNT": str(first + len(names))}
    for at, name in enumerate(names, first):
        more[f"GIT_CONFIG_KEY_{at}"] = name
        more[f"GIT_CONFIG_VALUE_{at}"] = "false" if name.endswith(".required") else ""
    return more


def _paths(git: str, root: Path, *arguments: str, more: Mapping[str, str] = NOTHING) -> frozenset[str]:
    done = _call(git, root, *arguments, more=more)
    if done.code:
        raise CommandError(f"git {arguments[0]} failed in {root}: {done.says or f'exit code {done.code}'}", BAD_USAGE)
    return frozenset(os.fsdecode(path) for path in done.out.split(b"\0") if path)


def _call(git: str, root: Path, *arguments: str, more: Mapping[str, str] = NOTHING) -> Output:
    """Run git in a folder, with `more` variables. Raises CommandError if it does not end in time, or prints too much."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_A_HOOK}
    environment.update(GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0", GIT_PAGER="cat", LC_ALL="C", **more)
    # The output goes to files, because a pipe would have to be kept in memory.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as messages:
        try:
            done = subprocess.run(
                (git, *CONFIGURATION, *arguments),
                cwd=root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=messages,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CommandError(f"git {arguments[0]} did not end within {TIMEOUT_SECONDS} seconds", BAD_USAGE) from None
        except OSError as error:
            raise CommandError(f"cannot start git: {error.strerror or error}", BAD_USAGE) from None
        if out.tell() > MAX_BYTES:
            raise CommandError(f"git {arguments[0]} printed more than {MAX_BYTES // 1024**2} MiB", BAD_USAGE)
        out.seek(0)
        messages.seek(0)
        says = messages.read(1000).decode("utf-8", "replace").strip().partition("\n")[0]
        return Output(done.returncode, out.read(), says)
