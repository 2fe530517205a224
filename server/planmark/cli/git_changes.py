"""The files that changed since a revision of git."""

from __future__ import annotations

from pathlib import Path

from planmark.cli.errors import BAD_USAGE, CommandError
from planmark.storage import git


def changed_since(root: Path, revision: str) -> frozenset[str]:
    """Return the paths, relative to `root`, of the files below `root` that have changed since a revision of git.

    Untracked files count as changed. Files that git ignores never count as changed. Raises CommandError if there is no
    git or no repository, or if the revision is unknown.
    """
    try:
        repository = git.repository(root)
        untracked = git.untracked_files(repository)
        commit = git.commit_of(repository, revision)
        if commit is None:
            # Before the first commit every file is new.
            return untracked | git.paths(repository, "ls-files", "-z")
        filters = git.filter_off_variables(repository)
        options = ("--name-only", "--no-renames", *git.SAFE_DIFF_OPTIONS)
        return untracked | git.paths(repository, "diff", *options, "-z", commit, "--", variables=filters)
    except git.GitError as error:
        raise CommandError(f"--since: {error}", BAD_USAGE) from None
