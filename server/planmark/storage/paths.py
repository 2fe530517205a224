"""The root of a workspace, and checks whether paths are inside the root.

Other modules load this module first. So it imports no large modules.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

ROOT_MARKERS = ("planmark.toml", "work-space", ".git")
"""Names of files and folders. A folder that contains one of them can be the root of a workspace."""


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
    """Return the nearest folder that contains one of `markers` and may be a workspace, else None.

    The search begins at `start`, and goes on with the folders above it.
    """
    start = start.resolve()
    folder = start if _is_folder(start) else start.parent
    return next(
        (
            ancestor
            for ancestor in (folder, *folder.parents)
            if _has_marker(ancestor, markers) and not _forbidden_reason(ancestor)
        ),
        None,
    )


def refuse_forbidden(root: Path) -> Path:
    """Return the resolved path of `root`.

    Raises WorkspaceError if `root` is not a folder, cannot be read, or is the root of a disk. Raises it also if `root`
    is the home folder, or a folder that contains the home folder.
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
    if reason := _forbidden_reason(resolved_path):
        raise WorkspaceError(
            f"{resolved_path} is {reason}: it is not read as a workspace. Name the project: planmark --workspace DIR"
        )
    return resolved_path


def leaves_root(root: Path, path: str) -> bool:
    """Tell whether a new file at `path` may be outside of the workspace.

    The result is True if `path` has a `..`, or if a link in `path` leads out of the workspace. `root` is the resolved
    path of the workspace.
    """
    return ".." in Path(path).parts or resolved_inside(root, (root / path).parent) is None


def resolved_inside(root: Path, path: Path) -> Path | None:
    """Return the resolved form of `path`, which may not exist.

    Return None if `path` is invalid or outside of `root`. `root` is a resolved path.
    """
    try:
        resolved_path = path.resolve()
        resolved_path.exists()
    except (OSError, RuntimeError, ValueError):
        return None
    return resolved_path if resolved_path.is_relative_to(root) else None


def existence_by_path(root: Path, paths: Iterable[str]) -> dict[str, bool]:
    """Return a mapping from each path to whether a file or folder exists there now.

    Paths are relative to `root`. A path outside of `root` counts as missing. Each folder is checked only once, because
    most missing files are in missing folders.
    """
    folder_existence: dict[str, bool] = {"": True}

    def is_there(path: str) -> bool:
        if path not in folder_existence:
            folder_existence[path] = is_there(path.rpartition("/")[0]) and _exists_inside(root, path)
        return folder_existence[path]

    return {path: ".." not in path.split("/") and is_there(path) for path in paths}


def _exists_inside(root: Path, path: str) -> bool:
    """Tell whether a file or folder exists at a path whose folder exists.

    A link counts only if it leads to an existing file or folder inside the workspace.
    """
    target = f"{root}/{path}"
    try:
        if not stat.S_ISLNK(os.lstat(target).st_mode):
            return True
        return Path(target).resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError, ValueError):
        return False


def _has_marker(folder: Path, markers: Iterable[str]) -> bool:
    """Tell whether a folder contains one of `markers`.

    A `work-space` folder inside a `work-space` folder is not a marker, because only a command that ran in the wrong
    folder creates such a folder.
    """
    return any(name != folder.name and os.path.exists(folder / name) for name in markers)  # noqa: PTH110  # unlike `Path`, never raises


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  # unlike `Path`, never raises


def _is_readable(folder: Path) -> bool:
    """Tell whether the permissions of a folder allow this process to list it and to open its files."""
    return os.access(folder, os.R_OK | os.X_OK)


def _forbidden_reason(folder: Path) -> str:
    """Return the reason why a folder must not be a workspace; "" if it may be one.

    `folder` is a resolved path.
    """
    home = Path.home().resolve()
    if folder.parent == folder:
        return "the root of a disk"
    if folder == home:
        return "your home folder"
    return "a folder above your home folder" if folder in home.parents else ""


def parent(path: str) -> str:
    """Return the folder of a relative path; "" if the folder is the root."""
    return path.rpartition("/")[0]


def join(folder: str, name: str) -> str:
    """Return `folder/name`; only `name` if `folder` is "", the root."""
    return f"{folder}/{name}" if folder else name
