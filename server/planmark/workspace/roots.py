"""Where a workspace begins, and what lies in it. Imports nothing large: it is asked before anything else is loaded."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

MARKERS = ("planmark.toml", "work-space", ".git")


class WorkspaceError(Exception):
    """No workspace where one was looked for, or a folder that must not be one; the message says what to do."""


def current_folder() -> Path:
    """The current folder of the process. Raises WorkspaceError where there is none any more, or it cannot be read."""
    try:
        here = Path.cwd()
    except OSError as error:
        reason = str(error.strerror or error)
    else:
        if _is_readable(here):
            return here
        reason = "permission denied"
    raise WorkspaceError(
        f"the current folder cannot be read ({reason}): change to another one, or name the workspace: planmark --workspace DIR"
    )


def marked_root(start: Path) -> Path | None:
    """The nearest folder from `start` upwards with a marker, which may be a workspace; None where there is none."""
    start = start.resolve()
    folder = start if _is_folder(start) else start.parent
    return next((place for place in (folder, *folder.parents) if _has_marker(place) and not _forbidden(place)), None)


def refuse_forbidden(root: Path) -> Path:
    """`root`, resolved; WorkspaceError where it is no folder, unreadable, the home folder, above it, or the root of a disk."""
    try:
        resolved, is_folder = root.resolve(), _is_folder(root)
    except (OSError, RuntimeError, ValueError):
        is_folder = False
    if not is_folder:
        raise WorkspaceError(f"{root} is no folder. Name one that exists: planmark --workspace DIR")
    if not _is_readable(resolved):
        raise WorkspaceError(f"{resolved} cannot be read: permission denied. Name another: planmark --workspace DIR")
    if reason := _forbidden(resolved):
        raise WorkspaceError(
            f"{resolved} is {reason}: it is not read as a workspace. Name the project: planmark --workspace DIR"
        )
    return resolved


def leaves(root: Path, path: str) -> bool:
    """Whether a new file at `path` below `root` (resolved) would lie outside: by a link on the way, or by `..`."""
    return ".." in Path(path).parts or resolved_inside(root, (root / path).parent) is None


def resolved_inside(root: Path, path: Path) -> Path | None:
    """Where `path`, which need not exist, leads; None where that is outside `root` (resolved), or no path at all."""
    try:
        resolved = path.resolve()
        resolved.exists()
    except (OSError, RuntimeError, ValueError):
        return None
    return resolved if resolved.is_relative_to(root) else None


def existing(root: Path, places: Iterable[str]) -> dict[str, bool]:
    """Whether there is a file or folder at each path relative to `root`, now; False for what lies outside.

    Each folder is looked at once: most of what is not there lies in a folder that is not there.
    """
    folders: dict[str, bool] = {"": True}

    def is_there(path: str) -> bool:
        if path not in folders:
            folders[path] = is_there(path.rpartition("/")[0]) and _exists_inside(root, path)
        return folders[path]

    return {place: ".." not in place.split("/") and is_there(place) for place in places}


def _exists_inside(root: Path, path: str) -> bool:
    """Whether a path in an existing folder exists; a link must lead to something inside."""
    target = f"{root}/{path}"
    try:
        if not stat.S_ISLNK(os.lstat(target).st_mode):
            return True
        return Path(target).resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError, ValueError):
        return False


def _has_marker(folder: Path) -> bool:
    """A `work-space` inside a folder of that name is the work of a wrong current folder, no marker."""
    markers = MARKERS if folder.name != "work-space" else tuple(name for name in MARKERS if name != "work-space")
    return any(os.path.exists(folder / name) for name in markers)  # noqa: PTH110  # it raises nothing where it may not look


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  # as above


def _is_readable(folder: Path) -> bool:
    """Whether what a folder holds can be listed and opened, as far as its own permissions say."""
    return os.access(folder, os.R_OK | os.X_OK)


def _forbidden(folder: Path) -> str:
    home = Path.home().resolve()
    if folder.parent == folder:
        return "the root of a disk"
    if folder == home:
        return "your home folder"
    return "a folder above your home folder" if folder in home.parents else ""
