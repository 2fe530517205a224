"""The folders of the git work tree that contains a folder.

The module finds them by the rules of git, without running git.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

GIT_ENTRY = ".git"
"""The name of the folder or file at the top of a work tree that leads to the git folder of the work tree."""
MAX_POINTER_BYTES = 4_096
"""Maximum number of bytes that are read from a file of git that names a folder or a branch."""


class Checkout(NamedTuple):
    """A work tree. `top` is its top folder, and `folder` its own git folder. All paths are absolute.

    `common_folder` is the git folder that all work trees of the repository share. It is equal to `folder`, except in an
    additional work tree.
    """

    top: Path
    folder: Path
    common_folder: Path


def checkout_of(start: Path) -> Checkout | None:
    """Return the work tree that contains the folder `start`; None if there is no repository.

    As in git, a `.git` folder without a repository is skipped. A `.git` file without a repository ends the search.
    """
    for top in (start, *start.parents):
        entry = top / GIT_ENTRY
        if not os.path.lexists(entry):
            continue
        git_folder = read_pointer(entry, "gitdir:")
        folder = top / git_folder if git_folder else entry
        common_folder = folder / (read_pointer(folder / "commondir") or ".")
        if _is_repository(folder, common_folder):
            return Checkout(top, folder, common_folder)
        if not entry.is_dir():
            return None
    return None


def read_pointer(path: Path, label: str = "") -> str:
    """Return the text after `label` in a small file of git.

    Return "" if the file does not exist, or does not begin with `label`.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return ""
        with path.open("rb") as stream:
            text = os.fsdecode(stream.read(MAX_POINTER_BYTES)).strip()
    except (OSError, ValueError):
        return ""
    return text.removeprefix(label).strip() if text.startswith(label) and "\0" not in text else ""


def _is_repository(folder: Path, common_folder: Path) -> bool:
    try:
        return (
            os.path.lexists(folder / "HEAD")
            and (common_folder / "objects").is_dir()
            and (common_folder / "refs").is_dir()
        )
    except (OSError, ValueError):
        return False
