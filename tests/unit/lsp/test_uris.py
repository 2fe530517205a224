"""URIs and paths: the server returns a URI as the client spells it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from planmark.lsp.uris import path_text_of_uri, relative_path, to_path


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
def test_a_uri_not_spelled_below_the_folder_has_no_relative_path(uri: str) -> None:
    assert relative_path("file:///w", uri) is None


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///c%3A/w/x.md", "c:/w/x.md"),
        ("file:///C:/w/x.md", "C:/w/x.md"),
        ("file:///C:", "C:"),
        ("file://localhost/C:/w", "C:/w"),
        ("file://host/share/x.md", "//host/share/x.md"),
        ("file:///w/x.md", "/w/x.md"),
        ("file:///C:/w/D:/x.md", None),
        ("file:///C:/w/x.md:stream", None),
        ("file:///C:/w/x.md%3A$DATA", None),
        ("file:///C:x.md", None),
        ("file://host/C:/x.md", None),
        ("file:////host/share/x.md", None),
        ("file:///%5C%5Chost/share", None),
        ("file:///%2Fhost/share", None),
        ("file:////./pipe/x", None),
        ("file://./pipe/x", None),
        ("file://?/C:/x", None),
        ("file:///%3F/C:/x", None),
        ("file:C:/x", None),
        ("https://host/x", None),
        ("file:///", "/"),
        ("file:", None),
    ],
)
def test_uris_on_windows(uri: str, path: str | None) -> None:
    assert path_text_of_uri(uri, is_windows=True) == path


@pytest.mark.parametrize(
    ("below_folder", "here", "on_windows"),
    [
        ("a%2Fb.md", "a/b.md", "a/b.md"),
        ("%252e%252e/x.md", "%2e%2e/x.md", "%2e%2e/x.md"),
        ("%2e%2e/x.md", None, None),
        ("a/%2E%2e/x.md", None, None),
        ("a%2F..%2F..%2Fx.md", None, None),
        ("..%5Cx.md", "..\\x.md", None),
        ("..\\x.md", "..\\x.md", None),
        ("a%5C..%5C..%5Cx.md", "a\\..\\..\\x.md", None),
        ("D%3A/x.md", "D:/x.md", None),
        ("x.md%3Astream", "x.md:stream", None),
        ("%00", None, None),
        ("%2Fetc/passwd", None, None),
    ],
)
def test_no_relative_path_leads_out_of_its_folder(below_folder: str, here: str | None, on_windows: str | None) -> None:
    for is_windows, path in ((False, here), (True, on_windows)):
        assert relative_path("file:///w", f"file:///w/{below_folder}", is_windows=is_windows) == path
