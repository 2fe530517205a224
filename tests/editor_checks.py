"""One-line tests of editor functions: a fixture with `$0` for the cursor, and the expected result."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fixture import cursor, write_files
from planmark.formats.planmark.editor.hover import hover
from planmark.ide.document import EditorDocument
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index


def view_at(files: dict[str, str], folder: Path) -> View:
    """Return the view of a workspace that consists of `files`."""
    write_files(folder, files)
    index = Index(folder)
    return build_view(index.refresh(), index.text_reader())


def page_at(fixture: str) -> tuple[EditorDocument, int, int]:
    """Return the page with the cursor, its 0-based line and its column."""
    files, path, line, column = cursor(fixture)
    with tempfile.TemporaryDirectory() as folder:
        view = view_at({name.lstrip("/"): text for name, text in files.items()}, Path(folder))
        page = EditorDocument(view, path.lstrip("/"))
        # Write the files first, because the view reads each text only when it needs it.
        texts = {name: view.text(name) for name in view.snapshot.paths}
    kept = View(
        view.snapshot, view.evaluations, lambda name: texts.get(name, ""), view.read_count, formats=view.formats
    )
    return EditorDocument(kept, page.path), line, column


def hover_text(fixture: str) -> str:
    """Return the hover text at the cursor, or "" if nothing is shown."""
    page, line, column = page_at(fixture)
    found = hover(page, line, column, lambda path, number: f"{path}#{number}", lambda _plan, _achievement: None)
    return found.markdown if found else ""


def check_hover(fixture: str, *expected: str) -> None:
    """Assert that the hover shows every expected text, in this order."""
    shown = hover_text(fixture)
    position = 0
    for text in expected:
        found = shown.find(text, position)
        assert found >= 0, f"{text!r} is not (or not there) in:\n{shown}"
        position = found + len(text)
