"""Many questions to git in one call: the ids and the texts of objects, also of files with unusual names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from planmark.run.branches import work_place, work_state
from planmark.run.repository import GitRepository, object_ids, open_repository
from planmark.run.tree_objects import blob_texts, tree_of_folder, tree_with_texts
from work_helpers import commit_all, git, isolate_git, needs_git

pytestmark = needs_git
NAMES = ("plain.md", "with space.md", "line\nbreak.md", "plain.md missing", "empty.md", "x missing\nplain.md")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    """Return a repository with one commit, whose files have their own names as their texts."""
    isolate_git(tmp_path, monkeypatch)
    root = tmp_path / "shop"
    root.mkdir()
    for name in NAMES:
        (root / name).write_text("" if name == "empty.md" else f"{name}\n", encoding="utf-8")
    commit_all(root, begins=True)
    return open_repository(root.resolve())


def test_the_ids_of_many_objects_come_in_their_order(repository: GitRepository) -> None:
    head = git(repository.top, "rev-parse", "HEAD")
    names = ["HEAD", head, "no-such-branch", "HEAD^{tree}", "HEAD:no\nfile", *(f"HEAD:{name}" for name in NAMES), ""]
    ids = object_ids(repository, *names)
    assert ids[:3] == [head, head, ""] and ids[3] == git(repository.top, "rev-parse", "HEAD^{tree}")
    assert ids[4] == "" == ids[-1]
    assert ids[5:-1] == [git(repository.top, "rev-parse", f"HEAD:{name}") for name in NAMES]


def test_the_texts_of_many_files_come_in_their_order(repository: GitRepository) -> None:
    names = [*(f"HEAD:{name}" for name in NAMES), "HEAD:no file", "HEAD^{tree}", "HEAD:plain.md"]
    texts = blob_texts(repository, names)
    assert texts == [*("" if name == "empty.md" else f"{name}\n" for name in NAMES), None, None, "plain.md\n"]


def test_a_tree_gets_several_texts_and_keeps_the_modes(repository: GitRepository) -> None:
    git(repository.top, "update-index", "--chmod=+x", "plain.md")
    git(repository.top, "commit", "-q", "-m", "executable")
    tree = tree_with_texts(repository, "HEAD", {"plain.md": "new\n", "line\nbreak.md": "other\n"})
    assert blob_texts(repository, [f"{tree}:plain.md", f"{tree}:line\nbreak.md", f"{tree}:with space.md"]) == [
        "new\n",
        "other\n",
        "with space.md\n",
    ]
    assert git(repository.top, "ls-tree", tree, "plain.md").startswith("100755")


def test_a_change_in_the_second_of_the_checkout_is_in_the_tree_of_the_folder(repository: GitRepository) -> None:
    git(repository.top, "config", "core.trustctime", "false")
    path, index, second = repository.top / "plain.md", repository.top / ".git/index", 1_767_225_600
    os.utime(path, (second, second))
    git(repository.top, "update-index", "--refresh")
    os.utime(index, (second, second))
    path.write_text("PLAIN.MD\n", encoding="utf-8")
    os.utime(path, (second, second))
    tree = tree_of_folder(repository, repository.top)
    assert blob_texts(repository, [f"{tree}:plain.md"]) == ["PLAIN.MD\n"]


@pytest.mark.parametrize(
    ("commits", "relation"),
    [((), "="), (("main",), "<"), (("planmark/shop/main",), ">"), (("main", "planmark/shop/main"), "<>")],
)
def test_the_state_tells_what_the_integration_branch_lacks(
    repository: GitRepository, commits: tuple[str, ...], relation: str
) -> None:
    git(repository.top, "branch", "planmark/shop/main")
    git(repository.top, "branch", "--set-upstream-to=main", "planmark/shop/main")
    head = git(repository.top, "rev-parse", "HEAD")
    for branch in commits:
        newer = git(repository.top, "commit-tree", f"{head}^{{tree}}", "-p", head, "-m", branch)
        git(repository.top, "update-ref", f"refs/heads/{branch}", newer)
    state = work_state(work_place(repository, "shop"))
    tip = state.branches["planmark/shop/main"]
    assert (tip.upstream, tip.relation) == ("refs/heads/main", relation)
    assert state.trees[0].commit == git(repository.top, "rev-parse", "main")


def test_a_followed_branch_that_is_gone_has_no_relation(repository: GitRepository) -> None:
    git(repository.top, "branch", "other")
    git(repository.top, "branch", "planmark/shop/main")
    git(repository.top, "branch", "--set-upstream-to=other", "planmark/shop/main")
    git(repository.top, "branch", "-D", "other")
    assert work_state(work_place(repository, "shop")).branches["planmark/shop/main"].relation == ""
