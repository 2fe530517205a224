"""Workspaces in memory before and after a rename, for the tests of renaming."""

from __future__ import annotations

import tempfile
from pathlib import Path

from editor_checks import view_at
from planmark.queries.workspace_view import View
from planmark.workspace.workspace_edits import Change, CreateFile, RenamePath, TextChange, changed_text


def carried_out(files: dict[str, str], changes: list[Change]) -> dict[str, str]:
    """Apply the changes in their order, and return the files. Nothing may be overwritten."""
    texts: dict[str, list[TextChange]] = {}
    for change in changes:
        if isinstance(change, TextChange):
            texts.setdefault(change.path, []).append(change)
    result = {path: changed_text(text, texts.get(path, [])) for path, text in files.items()}
    for change in changes:
        if isinstance(change, CreateFile):
            assert change.path not in result
            result[change.path] = change.text
        elif isinstance(change, RenamePath):
            assert not any(path == change.new or path.startswith(f"{change.new}/") for path in result)
            moved = {
                path: change.new + path[len(change.old) :]
                for path in result
                if path == change.old or path.startswith(f"{change.old}/")
            }
            assert moved, change
            result = {moved.get(path, path): text for path, text in result.items()}
    return result


def view_of_files(files: dict[str, str]) -> View:
    """Return the view of a workspace that consists of `files`."""
    with tempfile.TemporaryDirectory() as folder:
        view = view_at(files, Path(folder))
    return View(view.snapshot, view.evaluations, lambda path: files.get(path, ""), 0, formats=view.formats)


def states(files: dict[str, str]) -> dict[tuple[str, str], str]:
    """Return (feature, id) → state of every achievement of a workspace."""
    view = view_of_files(files)
    return {
        (judged.state.feature, known.id): known.state
        for judged in view.evaluations.values()
        for known in judged.state.achievements
    }
