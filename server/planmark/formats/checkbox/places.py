"""Folders in which no format searches for plans."""

from __future__ import annotations

from collections.abc import Iterable

COPY_FOLDERS = frozenset({"fixtures", "__fixtures__", "testdata", "node_modules", "schemas", "templates", "vendor"})
"""Names of folders that contain copies of workspaces. Such copies are not read."""


def is_in_excluded_folder(folders: Iterable[str]) -> bool:
    """Tell whether one of `folders`, the names of the folders above a plan, excludes the plan.

    Hidden folders, and folders with copies of other workspaces, exclude plans.
    """
    return any(folder.startswith(".") or folder in COPY_FOLDERS for folder in folders)


def folder_prefix(folder: str) -> str:
    """Return the prefix of the paths below a folder: the folder with a slash at its end; "" for the workspace itself."""
    return f"{folder}/" if folder else ""
