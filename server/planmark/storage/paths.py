"""The root of a workspace, and checks of paths against the root.

This module is loaded first, so it imports no large modules.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

ROOT_MARKERS = ("planmark.toml", "work-space", ".git")


class WorkspaceError(Exception):
    """No workspace was found, or a folder must not be a workspace. The message says what to do."""


def current_folder() -> Path:
    """Return the current folder of the process. Raises WorkspaceError if the folder was deleted or cannot be read."""
    try:
        folder = Path.cwd()
    except OSError as error:
        reason = str(error.strerror or error)
    else:
        if _is_readable(folder):
            return folder
        reason = "permission denied"
    raise WorkspaceError(
        f"the current folder cannot be read ({reason}): change to another one, or name the workspace: planmark --workspace DIR"
    )


def marked_root(start: Path, markers: Iterable[str] = ROOT_MARKERS) -> Path | None:
    """Return the nearest folder from `start` upwards that has one of `markers` and is allowed as a workspace, or None."""
    start = start.resolve()
    folder = start if _is_folder(start) else start.parent
    return next(
        (place for place in (folder, *folder.parents) if _has_marker(place, markers) and not _why_forbidden(place)),
        None,
    )


def refuse_forbidden(root: Path) -> Path:
    """Return `root`, resolved.

    Raises WorkspaceError if `root` is not a folder, is unreadable, is or contains the home folder, or is the root of a
    disk.
    """
    try:
        resolved_path, is_folder = root.resolve(), _is_folder(root)
    except (OSError, RuntimeError, ValueError):
        is_folder = False
    if not is_folder:
        raise WorkspaceError(f"{root} is not a folder. Name one that exists: planmark --workspace DIR")
    if not _is_readable(resolved_path):
        raise WorkspaceError(
            f"{resolved_path} cannot be read: permission denied. Name another: planmark --workspace DIR"
        )
    if reason := _why_forbidden(resolved_path):
        raise WorkspaceError(
            f"{resolved_path} is {reason}: it is not read as a workspace. Name the project: planmark --workspace DIR"
        )
    return resolved_path


def leaves_root(root: Path, path: str) -> bool:
    """Tell whether a new file at `path` would be outside `root` (resolved), because of a link or `..` in `path`."""
    return ".." in Path(path).parts or resolved_inside(root, (root / path).parent) is None


def resolved_inside(root: Path, path: Path) -> Path | None:
    """Return the resolved `path`, which may not exist; None for a path that is invalid or outside `root` (resolved)."""
    try:
        resolved_path = path.resolve()
        resolved_path.exists()
    except (OSError, RuntimeError, ValueError):
        return None
    return resolved_path if resolved_path.is_relative_to(root) else None


def existence_by_path(root: Path, places: Iterable[str]) -> dict[str, bool]:
    """Return path → whether a file or folder exists there now, for paths relative to `root`; False outside `root`.

    Each folder is checked once, because most missing files are in missing folders.
    """
    folders: dict[str, bool] = {"": True}

    def is_there(path: str) -> bool:
        if path not in folders:
            folders[path] = is_there(path.rpartition("/")[0]) and _exists_inside(root, path)
        return folders[path]

    return {place: ".." not in place.split("/") and is_there(place) for place in places}


def _exists_inside(root: Path, path: str) -> bool:
    """Tell whether a path in an existing folder exists. A link must lead to an existing place inside the workspace."""
    target = f"{root}/{path}"
    try:
        if not stat.S_ISLNK(os.lstat(target).st_mode):
            return True
        return Path(target).resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError, ValueError):
        return False


def _has_marker(folder: Path, markers: Iterable[str]) -> bool:
    """Tell whether a folder contains one of `markers`.

    A `work-space` folder inside a `work-space` folder is not a marker, because a command in the wrong folder created
    the inner folder.
    """
    return any(name != folder.name and os.path.exists(folder / name) for name in markers)  # noqa: PTH110  # unlike `Path`, never raises


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  # unlike `Path`, never raises


def _is_readable(folder: Path) -> bool:
    """Tell whether a folder can be listed and its files opened, according to its own permissions."""
    return os.access(folder, os.R_OK | os.X_OK)


def _why_forbidden(folder: Path) -> str:
    home = Path.home().resolve()
    if folder.parent == folder:
        return "the root of a disk"
    if folder == home:
        return "your home folder"
    return "a folder above your home folder" if folder in home.parents else ""


def parent(path: str) -> str:
    """Return the folder of a relative path; "" for the root."""
    return path.rpartition("/")[0]


def join(folder: str, name: str) -> str:
    """Return `folder/name`, or `name` if the folder is "", the root."""
    return f"{folder}/{name}" if folder else name
