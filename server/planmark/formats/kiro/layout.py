"""Specs of Kiro among the paths of a workspace."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.formats.checkbox.places import is_in_excluded_folder
from planmark.plans.format import PlanSite
from planmark.text.lazy_pattern import lazy_pattern

NAME = "kiro"
KIRO_FOLDER = ".kiro"
SPECS_FOLDER = "specs"
STEERING_FOLDER = "steering"
COPY_ROLE = "copy"
"""The role of a `tasks.md` in a copy of a spec."""
_BACKUP_FOLDER = lazy_pattern(r"(?:^|(?<=/))\.kiro/backups/(?:[^/]+/)*specs/[^/]+/")
"""Pattern for the folder of a copy of a spec. Kiro does not read such a folder."""
ROLES_BY_FILE_NAME = {
    "tasks.md": "tasks",
    "requirements.md": "requirements",
    "bugfix.md": "bugfix",
    "design.md": "design",
    "research.md": "research",
    "spec.json": "approvals",
}
"""Mapping from the name of a file directly in the folder of a spec to the role of the file."""
SPEC_FILE_NAMES = ("tasks.md", "requirements.md", "bugfix.md", "design.md")
"""File names. A folder is a spec if it contains at least one file with such a name."""


def spec_folder_and_file_name(path: str) -> tuple[str, str] | None:
    """Return two values for a file directly in the folder of a spec: this folder, and the name of the file.

    Return None for any other file. A copy of a spec inside a `.kiro` folder, or below a different hidden folder, is not
    a spec.
    """
    parts = path.split("/")
    if len(parts) < 4 or parts[-4] != KIRO_FOLDER or parts[-3] != SPECS_FOLDER or is_in_excluded_folder(parts[:-4]):
        return None
    return "/".join(parts[:-1]), parts[-1]


def root_of(folder: str) -> str:
    """Return the folder that contains `.kiro/`; "" for the workspace itself."""
    return f"/{folder}".rpartition(f"/{KIRO_FOLDER}/{SPECS_FOLDER}/")[0].removeprefix("/")


def role_of(path: str) -> str | None:
    """Return the role of a file, or None if Kiro does not read it."""
    spec = spec_folder_and_file_name(path)
    if spec:
        return ROLES_BY_FILE_NAME.get(spec[1])
    parts = path.split("/")
    if (
        parts[-1] == "tasks.md"
        and (match := _BACKUP_FOLDER.search(path))
        and not is_in_excluded_folder(path[: match.start()].split("/"))
    ):
        return COPY_ROLE
    is_steering = len(parts) >= 3 and parts[-3] == KIRO_FOLDER and parts[-2] == STEERING_FOLDER and path.endswith(".md")
    return STEERING_FOLDER if is_steering and not is_in_excluded_folder(parts[:-3]) else None


def discover(paths: Sequence[str]) -> list[PlanSite]:
    """Return the specs whose documents are among `paths`, which are sorted.

    A spec is a folder directly below `.kiro/specs/` that contains one of SPEC_FILE_NAMES. The steering files of the
    project are part of each spec.
    """
    documents_by_folder: dict[str, list[str]] = {}
    steering_by_root: dict[str, list[str]] = {}
    for path in paths:
        spec = spec_folder_and_file_name(path)
        if spec and spec[1] in ROLES_BY_FILE_NAME:
            documents_by_folder.setdefault(spec[0], []).append(path)
        elif role_of(path) == STEERING_FOLDER:
            steering_by_root.setdefault(path.rpartition(f"{KIRO_FOLDER}/")[0], []).append(path)
    return [
        _spec_site(folder, files, steering_by_root.get(folder.rpartition(f"{KIRO_FOLDER}/")[0], ()))
        for folder, files in documents_by_folder.items()
        if _is_spec(folder, files)
    ]


def _is_spec(folder: str, documents: Sequence[str]) -> bool:
    """Tell whether a folder is a spec: one of SPEC_FILE_NAMES is among its documents."""
    return any(f"{folder}/{name}" in documents for name in SPEC_FILE_NAMES)


def _spec_site(folder: str, documents: Sequence[str], steering_files: Sequence[str]) -> PlanSite:
    """Return the site of a spec, with its documents and the steering files of the project."""
    tasks_path = f"{folder}/tasks.md"
    path = tasks_path if tasks_path in documents else folder
    return PlanSite(NAME, path, folder, folder.rpartition("/")[2], "active", (*documents, *steering_files))
