"""The folders of git, compared with what git says, in every kind of work tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from planmark.storage.git_checkout import checkout_of
from planmark.storage.lease_files import lease_place


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")
    command = ["git", *settings, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def repository(folder: Path, *options: str) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q", *options)
    git(folder, "commit", "-q", "--allow-empty", "-m", "Begin")
    return folder


def plain(folder: Path) -> Path:
    return repository(folder / "a")


def below(folder: Path) -> Path:
    (repository(folder / "a") / "b/c").mkdir(parents=True)
    return folder / "a/b/c"


def worktree(folder: Path) -> Path:
    git(repository(folder / "a"), "worktree", "add", "-q", "../w", "-b", "w")
    return folder / "w"


def worktree_of_bare(folder: Path) -> Path:
    repository(folder / "a")
    git(folder, "clone", "-q", "--bare", "a", "bare.git")
    git(folder / "bare.git", "worktree", "add", "-q", "../w", "-b", "w")
    return folder / "w"


def separate(folder: Path) -> Path:
    return repository(folder / "a", f"--separate-git-dir={folder / 'elsewhere'}")


def submodule(folder: Path) -> Path:
    repository(folder / "inner")
    git(repository(folder / "a"), "submodule", "add", "-q", str(folder / "inner"), "part")
    return folder / "a/part"


def in_no_repository(folder: Path) -> Path:
    """Return a folder with a `.git` that is not a repository, inside one that is."""
    (repository(folder / "a") / "b/.git").mkdir(parents=True)
    return folder / "a/b"


@pytest.mark.parametrize(
    "made",
    [plain, below, worktree, worktree_of_bare, separate, submodule, in_no_repository],
    ids=lambda one: one.__name__,
)
def test_the_folders_are_those_that_git_names(tmp_path: Path, made: type) -> None:
    root = made(tmp_path.resolve())
    told = git(root, "rev-parse", "--path-format=absolute", "--show-toplevel", "--git-dir", "--git-common-dir")
    found = checkout_of(root)
    assert found is not None
    assert [str(path.resolve()) for path in found] == told.splitlines()
    place = lease_place(root)
    assert place.prefix == git(root, "rev-parse", "--show-prefix")
    assert str(place.folder) == f"{told.splitlines()[2]}/planmark/leases"


@pytest.mark.parametrize("text", ["", "gitdir: nowhere\n", "gitdir:\n", "\0", "x" * 5000])
def test_a_file_that_leads_to_no_repository_is_not_one(tmp_path: Path, text: str) -> None:
    (repository(tmp_path.resolve() / "a") / "b").mkdir()
    (tmp_path / "a/b/.git").write_text(text)
    assert checkout_of(tmp_path.resolve() / "a/b") is None


def test_a_workspace_without_git_has_leases_in_the_cache(tmp_path: Path, cache: Path) -> None:
    places = [lease_place(tmp_path.resolve() / name) for name in ("a", "b", "a")]
    assert places[0] == places[2]
    assert places[0].folder != places[1].folder
    assert all(place.folder.parent == cache / "leases" and place.prefix == "" for place in places)
