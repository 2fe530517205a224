"""Changes of OpenSpec among the paths of a workspace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from planmark.formats.checkbox.places import is_in_excluded_folder
from planmark.plans.format import PlanSite
from planmark.plans.model import Lifecycle
from planmark.text.lazy_pattern import lazy_pattern

NAME = "openspec"
OPENSPEC_FOLDER = "openspec"
CHANGES_FOLDER = "changes"
ARCHIVE_FOLDER = "archive"
TASKS_FILE_NAME = "tasks.md"
MISPLACED_ROLE = "misplaced"
"""The role of a `tasks.md` in a place that OpenSpec does not read."""
_MISPLACED_TASKS = lazy_pattern(rf"(?:^|/){OPENSPEC_FOLDER}/{ARCHIVE_FOLDER}/[^/]+/{re.escape(TASKS_FILE_NAME)}$")
"""Pattern for the path of a `tasks.md` in `openspec/archive/`, a folder that OpenSpec does not read."""
ROLES_BY_FILE_NAME = {TASKS_FILE_NAME: "tasks", "proposal.md": "proposal", "design.md": "design"}
"""Mapping from the name of a file directly in the folder of a change to the role of the file."""


SPECS_FOLDER = "openspec/specs"
"""The folder of the specs of the project, relative to the folder that contains `openspec/`."""
CONFIG_PATHS = ("openspec/config.yaml", "openspec/config.yml", "openspec/project.md")
"""Paths of files with context for every change, relative to the folder that contains `openspec/`. Only the first
existing file is read.
"""


class ChangePath(NamedTuple):
    """The path of a file in a change.

    `folder` is the folder of the change, and `name` the name of the change. `inner_path` is the path of the file inside
    the folder.
    """

    folder: str
    name: str
    is_archived: bool
    inner_path: str


def change_path_of(path: str) -> ChangePath | None:
    """Return the path of a file in a change, split into its parts; None if the file belongs to no change. Files in
    hidden folders belong to no change.
    """
    parts = path.split("/")
    for index in range(len(parts) - 3, -1, -1):
        if parts[index] != OPENSPEC_FOLDER or parts[index + 1] != CHANGES_FOLDER:
            continue
        is_archived = parts[index + 2] == ARCHIVE_FOLDER
        name_index = index + 3 if is_archived else index + 2
        if name_index >= len(parts) - 1 or is_in_excluded_folder(parts[:index]):
            return None
        if any(part.startswith(".") for part in parts[name_index:-1]):
            return None
        return ChangePath(
            "/".join(parts[: name_index + 1]), parts[name_index], is_archived, "/".join(parts[name_index + 1 :])
        )
    return None


def root_of(folder: str) -> str:
    """Return the folder that contains `openspec/`; "" for the workspace itself."""
    return f"/{folder}".rpartition(f"/{OPENSPEC_FOLDER}/{CHANGES_FOLDER}/")[0].removeprefix("/")


def role_of(path: str) -> str | None:
    """Return the role of a file, or None if OpenSpec does not read it."""
    change = change_path_of(path)
    if change is None:
        return (
            MISPLACED_ROLE
            if _MISPLACED_TASKS.search(path) and not is_in_excluded_folder(path.split("/")[:-1])
            else None
        )
    if change.inner_path in ROLES_BY_FILE_NAME:
        return ROLES_BY_FILE_NAME[change.inner_path]
    if not change.inner_path.lower().endswith(".md"):
        return None
    if change.inner_path.startswith("specs/"):
        return "spec" if change.inner_path.endswith("/spec.md") else "delta"
    return "note"


def discover(paths: Sequence[str]) -> list[PlanSite]:
    """Return the changes whose documents are among `paths`, which are sorted.

    A change is a folder directly below `changes/` or `changes/archive/`. A folder that contains only `.openspec.yaml`
    has no document, and is not a plan yet.
    """
    documents_by_change: dict[ChangePath, list[str]] = {}
    for path in paths:
        change = change_path_of(path)
        if change:
            documents_by_change.setdefault(change._replace(inner_path=""), []).append(path)
    return [_change_site(change, files) for change, files in documents_by_change.items()]


def _change_site(change: ChangePath, documents: Sequence[str]) -> PlanSite:
    """Return the site of a change, with its documents."""
    tasks_path = f"{change.folder}/{TASKS_FILE_NAME}"
    lifecycle: Lifecycle = "archived" if change.is_archived else "active"
    path = tasks_path if tasks_path in documents else change.folder
    return PlanSite(NAME, path, change.folder, change.name, lifecycle, tuple(documents))
