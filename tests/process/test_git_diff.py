"""The files that the work since a commit changed, read from real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from planmark.storage import git
from planmark.storage.git_diff import (
    MAX_LINE_CHARACTERS,
    MAX_UNTRACKED_BYTES,
    ChangedFile,
    changed_files_since,
    comparison_base,
)

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
Git = Callable[..., str]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names, links and permissions")


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Return a function that runs git in a repository with the branch `main`."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-configuration"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def run(*arguments: str, folder: Path = tmp_path) -> str:
        identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
        return subprocess.run(
            ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.strip()

    run("init", "-q", "-b", "main")
    return run


def commit(ask: Git, folder: Path, **files: str | bytes) -> str:
    for name, content in files.items():
        place = folder / name.replace("__", "/").replace("_dot_", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    ask("add", "-A")
    ask("commit", "-q", "--allow-empty", "-m", "A")
    return ask("rev-parse", "HEAD")


def changed(folder: Path, revision: str | None = None) -> dict[str, ChangedFile]:
    inside = git.repository(folder)
    return {file.path: file for file in changed_files_since(inside, comparison_base(inside, revision))}


def test_lines_of_texts(ask: Git, tmp_path: Path) -> None:
    first = commit(ask, tmp_path, a_dot_py="1\n2\n3\n4\n", gone_dot_py="1\n2\n", b_dot_py="1\n2\n3\n4\n5\n")
    (tmp_path / "a.py").write_text("1\nTWO\n3\n4\n5\n")
    (tmp_path / "gone.py").unlink()
    (tmp_path / "b.py").rename(tmp_path / "c.py")
    (tmp_path / "new.py").write_text("x\ny\n")
    ask("add", "c.py")
    assert changed(tmp_path, first) == {
        "a.py": ChangedFile("a.py", "a.py", "modified", 2, ("TWO", "5")),
        "gone.py": ChangedFile("gone.py", "gone.py", "deleted", 2),
        "c.py": ChangedFile("c.py", "b.py", "renamed"),
        "new.py": ChangedFile("new.py", "", "added", 2, ("x", "y")),
    }


def test_lines_that_look_like_git(ask: Git, tmp_path: Path) -> None:
    commit(ask, tmp_path, a_dot_md="a\n", b_dot_md="b\n")
    hostile = [
        "diff --git a/x b/x",
        "Binary files a and b differ",
        "@@ -1 +1,99 @@",
        "++ b/x",
        ":100644 100644 a b M\tx",
    ]
    (tmp_path / "a.md").write_text("\n".join(["a", *hostile, ""]))
    (tmp_path / "b.md").write_text("c\n")
    files = changed(tmp_path)
    assert files["a.md"] == ChangedFile("a.md", "a.md", "modified", 5, tuple(hostile))
    assert files["b.md"].added_lines == ("c",)


@POSIX
def test_names_that_git_quotes(ask: Git, tmp_path: Path) -> None:
    names = ['a "b".md', "tab\t.md", "line\nbreak.md", "é.md", "back\\slash.md", "diff --git a b.md", " ", "\x01.md"]
    for name in names:
        (tmp_path / name).write_text("1\n")
    first = commit(ask, tmp_path)
    for name in names:
        (tmp_path / name).write_text("2\n")
    files = changed(tmp_path, first)
    assert set(files) == set(names)
    assert all(file.added_lines == ("2",) for file in files.values())


@POSIX
def test_modes_links_and_programs(ask: Git, tmp_path: Path) -> None:
    first = commit(ask, tmp_path, run="a\n", tool=b"\0\1", link="a\n", both="a\n")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "both").write_text("b\n")
    (tmp_path / "both").chmod(0o755)
    (tmp_path / "tool").write_bytes(b"\0\2")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("run")
    files = changed(tmp_path, first)
    assert {path: (file.kind, file.has_new_mode) for path, file in files.items()} == {
        "run": ("mode", True),
        "both": ("modified", True),
        "tool": ("binary", False),
        "link": ("link", True),
    }


def test_new_files_that_are_not_read(ask: Git, tmp_path: Path) -> None:
    commit(ask, tmp_path, _dot_gitignore="*.log\n")
    (tmp_path / "large.txt").write_text("x" * (MAX_UNTRACKED_BYTES + 1))
    (tmp_path / "long.txt").write_text("x" * (MAX_LINE_CHARACTERS + 9))
    (tmp_path / "tool").write_bytes(b"a\0")
    (tmp_path / "ignored.log").write_text("x")
    files = changed(tmp_path)
    assert {path: file.kind for path, file in files.items()} == {
        "large.txt": "binary",
        "long.txt": "added",
        "tool": "binary",
    }
    assert len(files["long.txt"].added_lines[0]) == MAX_LINE_CHARACTERS


def test_a_repository_without_commits(ask: Git, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x\n")
    (tmp_path / "b.py").write_text("y\n")
    ask("add", "b.py")
    assert {path: file.kind for path, file in changed(tmp_path).items()} == {"a.py": "added", "b.py": "added"}


def test_a_submodule_counts_by_its_commit(ask: Git, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    ask("init", "-q", "-b", "main", folder=library)
    commit(lambda *known: ask(*known, folder=library), library, a="1\n")
    main = tmp_path / "main"
    main.mkdir()
    ask("init", "-q", "-b", "main", folder=main)
    ask("submodule", "--quiet", "add", str(library), "lib", folder=main)
    first = commit(lambda *known: ask(*known, folder=main), main, b="1\n")
    (main / "lib" / "a").write_text("2\n")
    assert changed(main, first) == {}
    ask("commit", "-qam", "B", folder=main / "lib")
    assert changed(main, first)["lib"].kind == "submodule"


def test_a_conflict(ask: Git, tmp_path: Path) -> None:
    commit(ask, tmp_path, a="1\n")
    ask("checkout", "-qb", "other")
    commit(ask, tmp_path, a="2\n")
    ask("checkout", "-q", "main")
    commit(ask, tmp_path, a="3\n")
    with pytest.raises(subprocess.CalledProcessError):
        ask("merge", "-q", "other")
    assert changed(tmp_path, "HEAD")["a"].kind == "unmerged"


def test_the_base_is_where_the_branch_began(ask: Git, tmp_path: Path) -> None:
    first = commit(ask, tmp_path, a="1\n")
    inside = git.repository(tmp_path)
    assert comparison_base(inside, None) == (first, "HEAD, which is in main")
    ask("checkout", "-qb", "work")
    second = commit(ask, tmp_path, b="1\n")
    assert comparison_base(inside, None).commit == first
    assert comparison_base(inside, "HEAD") == (second, "HEAD")
    ask("branch", "-q", "-D", "main")
    assert comparison_base(inside, None) == (second, "HEAD")
    with pytest.raises(git.GitError, match="git knows no revision `--all`"):
        comparison_base(inside, "--all")


def test_the_remote_names_the_default_branch(ask: Git, tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    origin.mkdir()
    ask("init", "-q", "-b", "stable", folder=origin)
    first = commit(lambda *known: ask(*known, folder=origin), origin, a="1\n")
    ask("clone", "-q", str(origin), "clone")
    clone = tmp_path / "clone"
    commit(lambda *known: ask(*known, folder=clone), clone, b="1\n")
    inside = git.repository(clone)
    assert comparison_base(inside, None) == (first, "the merge base with origin/stable")
    assert set(changed(clone)) == {"b"}


def test_paths_are_relative_to_the_folder(ask: Git, tmp_path: Path) -> None:
    first = commit(ask, tmp_path, plans__a="1\n", src__b="1\n")
    (tmp_path / "plans" / "a").write_text("2\n")
    (tmp_path / "src" / "b").write_text("2\n")
    (tmp_path / "src" / "c").write_text("2\n")
    assert set(changed(tmp_path / "plans", first)) == {"a", "../src/b", "../src/c"}


@POSIX
def test_no_program_of_the_repository_is_started(ask: Git, tmp_path: Path) -> None:
    marker = tmp_path.parent / f"{tmp_path.name}-started"
    script = f"sh -c 'touch {marker}; cat'"
    first = commit(ask, tmp_path, a_dot_txt="1\n", _dot_gitattributes="*.txt filter=evil diff=evil\n")
    for name in ("filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "diff.external", "core.fsmonitor"):
        ask("config", name, script)
    (tmp_path / "a.txt").write_text("2\n")
    os.utime(tmp_path / "a.txt", (1, 1))
    assert changed(tmp_path, first)["a.txt"].added_lines == ("2",)
    assert not marker.exists()
