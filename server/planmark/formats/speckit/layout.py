"""The files of spec-kit: which paths the format reads, and which of them belong to one feature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from planmark.formats.checkbox.places import is_in_excluded_folder
from planmark.plans.format import PlanSite
from planmark.text.lazy_pattern import lazy_pattern

NAME = "speckit"
TASKS, SPEC, PLAN, CHECKLIST, CONTRACT, CONSTITUTION, ACTIVE = (
    *("tasks", "spec", "plan", "checklist", "contract"),
    *("constitution", "active"),
)
ROLES_BY_FILE_NAME = {
    "tasks.md": TASKS,
    "spec.md": SPEC,
    "plan.md": PLAN,
    "research.md": "research",
    "data-model.md": "data-model",
    "quickstart.md": "quickstart",
}
"""File name → role of a document of a feature. Other Markdown files in the same folder are not read."""
_FEATURE_PATH = lazy_pattern(
    r"^(?P<root>(?:.*/)?)specs/(?P<feature>(?P<number>\d{8}-\d{6}|\d{3,})-[^/]+)/(?P<rest>[^/]+(?:/[^/]+)*)$"
)
_SHARED_PATH = lazy_pattern(r"^(?P<root>(?:.*/)?)\.specify/(?P<rest>memory/constitution\.md|feature\.json)$")
"""Pattern for the paths of files that all features of a project share."""
_OPENSPEC_PATH = lazy_pattern(r"(?:^|/)openspec/", re.IGNORECASE)
_ROLES_BY_FOLDER = {"checklists": CHECKLIST, "contracts": CONTRACT}
"""Folder in the folder of a feature → role of the Markdown files in it."""


class FeaturePlace(NamedTuple):
    """The place of a file of a feature.

    `root` is the folder of the project, "" or with a slash at its end. `feature` is the name of the feature's folder,
    and `number` the number in this name. `inner_path` is the path of the file in this folder.
    """

    root: str
    feature: str
    number: str
    inner_path: str

    @property
    def folder(self) -> str:
        """The folder of the feature, without a slash at its end."""
        return f"{self.root}specs/{self.feature}"


def place_of(path: str) -> FeaturePlace | None:
    """Return the place of a file in the folder of a feature; None for any other path."""
    match = _FEATURE_PATH.match(path)
    if not match or not _may_be_project(match["root"].removesuffix(".specify/")):
        return None
    return FeaturePlace(match["root"], match["feature"], match["number"], match["rest"])


def _may_be_project(root: str) -> bool:
    """Tell whether a folder may contain a project of spec-kit; the folder is "" or ends with a slash.

    Hidden folders and folders of OpenSpec may not contain such a project.
    """
    return not _OPENSPEC_PATH.search(root) and not is_in_excluded_folder(root.split("/")[:-1])


def role_of(path: str) -> str | None:
    """Return the role of the file at a path, or None if the format does not read it."""
    if place := place_of(path):
        folder, slash, name = place.inner_path.rpartition("/")
        if not slash:
            return ROLES_BY_FILE_NAME.get(name)
        return _ROLES_BY_FOLDER.get(folder.split("/")[0]) if name.endswith(".md") else None
    match = _SHARED_PATH.match(path)
    if not match or not _may_be_project(match["root"]):
        return None
    return ACTIVE if match["rest"].endswith(".json") else CONSTITUTION


def discover(paths: Sequence[str]) -> tuple[PlanSite, ...]:
    """Return the features to which the files at `paths` belong, in the order of their first files. `paths` are sorted."""
    paths_by_folder: dict[str, list[str]] = {}
    place_by_folder: dict[str, FeaturePlace] = {}
    shared_paths_by_root: dict[str, list[str]] = {}
    for path in paths:
        if role_of(path) is None:
            continue
        if place := place_of(path):
            paths_by_folder.setdefault(place.folder, []).append(path)
            place_by_folder[place.folder] = place
        else:
            shared_paths_by_root.setdefault(path.rpartition(".specify/")[0], []).append(path)
    return tuple(
        PlanSite(
            NAME,
            task_path if (task_path := f"{folder}/tasks.md") in paths_of_feature else folder,
            folder,
            place_by_folder[folder].feature,
            "active",
            tuple(sorted((*paths_of_feature, *shared_paths_by_root.get(place_by_folder[folder].root, ())))),
        )
        for folder, paths_of_feature in paths_by_folder.items()
        if {f"{folder}/{name}" for name in ("tasks.md", "spec.md", "plan.md")}.intersection(paths_of_feature)
    )
