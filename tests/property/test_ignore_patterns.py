"""Patterns compared with git itself, over random patterns, names and trees, and the steps that a pattern takes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from planmark.workspace.ignore_patterns import deciding_rule, patterns_of_ignore_file

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="git is not installed: there is nothing to compare with")
EXAMPLES = max(60, int(os.environ.get("PLANMARK_EXAMPLES", "0")))

LETTERS = ["a", "b", "B", "é", "-", " ", "]", "!", "#", "^", "\\", "1", "."]
PIECES = [
    *(
        "*",
        "**",
        "***",
        "?",
        "/",
        "/",
        "**/",
        "/**",
        "/**/",
        "\\/",
        "\\*",
        "\\",
        "\\ ",
        "a",
        "b",
        "ab",
        "B",
        "é",
        " ",
        "\t",
        "1",
    ),
    *(
        "[ab]",
        "[!a]",
        "[^b]",
        "[a-c]",
        "[]a]",
        "[!]]",
        "[a",
        "[]",
        "[\\]]",
        "[a\\-z]",
        "[--1]",
        "[a-]",
        "[[:digit:]]",
        "[[:x:]]",
    ),
    *(
        "[[:alpha:]1]",
        "[[:punct:][:upper:]]",
        "[a/b]",
        "[[:]",
        "[[::]]",
        "[[:alpha]",
        "!",
        "#",
        "-",
        "]",
        ".",
        "\r",
        "\0",
        "[",
    ),
]
patterns = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
lines = st.tuples(
    st.sampled_from(["", "", "", "!", "/", "#", "\\#", "\\!"]), patterns, st.sampled_from(["", "", "/", " "])
).map("".join)
files = st.tuples(
    st.sampled_from([b"", b"", b"\xef\xbb\xbf"]),
    st.lists(lines, max_size=6),
    st.sampled_from(["\n", "\n", "\r\n"]),
    st.sampled_from([b"", b"\n", b"\xff*", b"\r"]),
).map(lambda parts: parts[0] + parts[2].join(parts[1]).encode() + parts[3])
names = (
    st.lists(st.sampled_from(LETTERS), min_size=1, max_size=4).map("".join).filter(lambda name: name not in (".", ".."))
)
folders = st.lists(names, max_size=3)


def git_ignores(root: Path, paths: list[str]) -> set[str]:
    """Return the paths that git ignores, with no ignore file except those below `root`."""
    assert GIT is not None
    command = [
        GIT,
        "-c",
        "core.excludesFile=/dev/null",
        "-c",
        "core.quotePath=false",
        "check-ignore",
        "--no-index",
        "-z",
        "--stdin",
    ]
    asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
    said = subprocess.run(
        command, cwd=root, input=asked, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )
    assert said.returncode in (0, 1), said.stderr
    return {os.fsdecode(path) for path in said.stdout.split(b"\0") if path}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("git")
    subprocess.run([GIT or "git", "init", "-q", str(root)], check=True)
    (root / ".git/info/exclude").write_text("")
    return root


@needs_git
@given(data=files, where=folders, name=names, inner=st.none() | files)
@settings(max_examples=EXAMPLES * 10)
def test_one_file_is_ignored_as_git_does(
    repository: Path, data: bytes, where: list[str], name: str, inner: bytes | None
) -> None:
    root = Path(tempfile.mkdtemp(dir=repository))
    try:
        prefix = root.name
        (root / ".gitignore").write_bytes(data)
        folder = root.joinpath(*where)
        folder.mkdir(parents=True, exist_ok=True)
        if folder.joinpath(name).is_dir():
            return
        (folder / name).write_bytes(b"")
        if where and inner is not None:
            (root / where[0] / ".gitignore").write_bytes(inner)
        path = "/".join([*where, name])
        ignored = bool(git_ignores(repository, [f"{prefix}/{path}"]))
        assert is_ignored(root, path) == ignored
    finally:
        shutil.rmtree(root)


def is_ignored(root: Path, path: str) -> bool:
    """Decide as a walk does: folder by folder; the innermost ignore file with a matching rule decides."""
    parts = path.split("/")
    sources = []
    for depth in range(len(parts)):
        base = "/".join(parts[:depth])
        ignore = root / base / ".gitignore"
        if ignore.is_file():
            sources.append((len(base) + bool(base), patterns_of_ignore_file(ignore.read_bytes())))
        here, is_folder = "/".join(parts[: depth + 1]), depth + 1 < len(parts)
        rules = (deciding_rule(source, here[cut:], is_folder=is_folder) for cut, source in reversed(sources))
        rule = next((rule for rule in rules if rule is not None), None)
        if rule is not None and not rule.is_negative:
            return True
    return False
