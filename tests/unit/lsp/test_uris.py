"""URIs and paths: what a client spells, it gets back."""

from __future__ import annotations

import sys
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from planmark.lsp.uris import above, below, inside, to_path

NAMES = st.text(
    st.characters(exclude_characters="/\\\0:", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_a_path_below_a_folder_comes_back(names: list[str]) -> None:
    path = "/".join(names)
    folder = "file:///C%3A/some%20where" if sys.platform == "win32" else "file:///some%20where"
    uri = below(folder, path)
    assert inside(folder, uri) == path
    assert inside(f"{folder}/", uri) == path
    assert above(uri, len(names)) == folder
    assert to_path(uri) == (to_path(folder) or Path()) / path


@pytest.mark.skipif(sys.platform == "win32", reason="the paths of other systems")
@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b%20c.md", "/a/b c.md"),
        ("file://localhost/a", "/a"),
        ("FILE:///a", "/a"),
        ("file:///a?x#y", "/a"),
        ("file://server/share", None),
        ("file:a", None),
        ("untitled:a", None),
        ("", None),
        ("file:///a%00b", None),
        ("file://[", None),
        ("file:///\ud800", None),
    ],
)
def test_uris_of_this_system(uri: str, path: str | None) -> None:
    assert to_path(uri) == (Path(path) if path else None)


@pytest.mark.parametrize(
    "uri", ["file:///w/../x.md", "file:///w/./x.md", "file:///w//x.md", "file:///w", "file:///wx/y.md"]
)
def test_what_is_not_plainly_inside_is_left_to_the_file_system(uri: str) -> None:
    assert inside("file:///w", uri) is None
