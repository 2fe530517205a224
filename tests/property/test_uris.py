"""A URI of a client leads to a path inside the workspace, or nowhere."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import hypothesis.strategies as st
from hypothesis import given

from planmark.lsp.uris import ancestor_uri, child_uri, relative_path, to_path

NAMES = st.text(
    st.characters(exclude_characters="/\\\0:", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_the_path_of_a_child_uri_is_recovered(names: list[str]) -> None:
    path = "/".join(names)
    folder = "file:///C%3A/some%20where" if sys.platform == "win32" else "file:///some%20where"
    uri = child_uri(folder, path)
    assert relative_path(folder, uri) == path
    assert relative_path(f"{folder}/", uri) == path
    assert ancestor_uri(uri, len(names)) == folder
    assert to_path(uri) == (to_path(folder) or Path()) / path


@given(st.text(st.sampled_from("./\\:%2ef5CcA~\0"), max_size=16), st.booleans())
def test_no_spelling_leads_out(spelled: str, is_windows: bool) -> None:
    found = relative_path("file:///w", f"file:///w/{spelled}", is_windows=is_windows)
    if found is not None:
        pure = PureWindowsPath("C:/w") if is_windows else PurePosixPath("/w")
        parts = (pure / found).parts
        assert parts[: len(pure.parts)] == pure.parts
        assert ".." not in parts
