"""Paths that name the same files."""

from __future__ import annotations

import pytest

from planmark.coordination.file_overlap import FileClaims


@pytest.mark.parametrize(
    ("claimed", "asked", "shared"),
    [
        ("src/a.py", "src/a.py", "src/a.py"),
        ("src/", "src/a.py", "src/a.py"),
        ("src/a.py", "src", "src/a.py"),
        ("Src/A.py", "src/a.py", "src/a.py"),
        ("a.py", "src/a.py", "src/a.py"),
        ("src/a.py", "a.py", "src/a.py"),
        (".", "src/a.py", "src/a.py"),
        ("src/a.py", ".", "src/a.py"),
        (".", ".", "."),
        ("caf\u00e9.md", "cafe\u0301.md", "cafe\u0301.md"),
    ],
)
def test_paths_that_meet(claimed: str, asked: str, shared: str) -> None:
    claims = FileClaims()
    claims.add(7, [claimed])
    assert claims.conflicts_with([asked]) == {7: (shared,)}


@pytest.mark.parametrize(
    ("claimed", "asked"),
    [("src/a.py", "src/b.py"), ("src", "src2/a.py"), ("src/a.py", "docs/a.py"), ("a.py", "a.pyc"), ("src/a", "src/ab")],
)
def test_paths_that_do_not_meet(claimed: str, asked: str) -> None:
    claims = FileClaims()
    claims.add(7, [claimed])
    assert claims.conflicts_with([asked]) == {}


def test_every_shared_file_is_named_in_both_directions() -> None:
    files = ["src/a.py", "src/b.py"]
    for first, second in ((["src"], files), (files, ["src"])):
        claims = FileClaims()
        claims.add(0, first)
        assert claims.conflicts_with(second) == {0: ("src/a.py", "src/b.py")}
