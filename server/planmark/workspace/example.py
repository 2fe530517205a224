"""The example workspaces, and the function that copies an example workspace."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from planmark.storage.paths import WorkspaceError
from planmark.workspace.atomic_write import PathTakenError

FOLDER_BY_FORMAT = {"planmark": "workspace"}
"""Mapping from a format to the folder of its example. Other formats have a folder with the name of the format."""


def copy_example(target: Path, plan_format: str = "planmark") -> None:
    """Copy the example of a format to the folder `target`. If the folder does not exist, it is created.

    Raises PathTakenError if `target` is a file or a folder that is not empty. Raises WorkspaceError if there is no example
    of the format, and OSError if a file cannot be copied.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise PathTakenError(f"{target} exists and is not empty: name a new folder")
    shutil.copytree(
        _example_folder(plan_format), target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )


def _example_folder(plan_format: str) -> Path:
    """Return the folder of the example of a format, in the installed package or in `examples` of a checkout."""
    package_folder = Path(str(resources.files("planmark").joinpath("examples")))
    checkout_folder = Path(__file__).resolve().parents[3] / "examples"
    for folder in (package_folder, checkout_folder):
        path = folder / FOLDER_BY_FORMAT.get(plan_format, plan_format)
        if path.is_dir():
            return path
    raise WorkspaceError("the example workspace is missing: reinstall planmark")
