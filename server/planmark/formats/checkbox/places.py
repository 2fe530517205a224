"""Folders in which no format looks for plans."""

from __future__ import annotations

from collections.abc import Iterable

NOT_WORKSPACES = frozenset({"fixtures", "__fixtures__", "testdata", "node_modules", "schemas", "templates", "vendor"})
"""Folders whose copies of a workspace are no workspace."""


def is_outside(folders: Iterable[str]) -> bool:
    """Tell whether one of the folders above a workspace is hidden, or holds copies of other workspaces."""
    return any(folder.startswith(".") or folder in NOT_WORKSPACES for folder in folders)


def prefix(folder: str) -> str:
    """Return how paths below a folder begin: with a slash at its end, "" for the workspace itself."""
    return f"{folder}/" if folder else ""
