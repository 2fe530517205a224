"""The example workspaces, and the function that copies an example workspace."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from planmark.storage.paths import WorkspaceError
from planmark.workspace.atomic_write import TakenError

FOLDERS = {"planmark": "workspace"}
"""Format → the folder of its example, if the folder does not have the name of the format."""


def copy_example(target: Path, plan_format: str = "planmark") -> None:
    """Copy the example of a format to a folder, which is created.

    Raises TakenError if the folder is not empty, WorkspaceError if the package has no example, and OSError.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TakenError(f"{target} exists and is not empty: name a new folder")
    shutil.copytree(_example(plan_format), target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def _example(plan_format: str) -> Path:
    """Return the folder of the example of a format: package data, or the source of the package data in a checkout."""
    example_folder = Path(str(resources.files("planmark").joinpath("examples")))
    checkout_folder = Path(__file__).resolve().parents[3] / "examples"
    for folder in (example_folder, checkout_folder):
        path = folder / FOLDERS.get(plan_format, plan_format)
        if path.is_dir():
            return path
    raise WorkspaceError("the example workspace is missing: reinstall planmark")
