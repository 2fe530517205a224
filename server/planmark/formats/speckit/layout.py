"""The files of spec-kit: which paths the format reads, and which of them belong to one feature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from planmark.formats.checkbox.places import is_in_excluded_folder
from planmark.plans.format import PlanSite

NAME = "speckit"
TASKS, SPEC, PLAN, CHECKLIST, CONTRACT, CONSTITUTION, ACTIVE = (
    *("tasks", "spec", "plan", "checklist", "contract"),
    *("constitution", "active"),
)
ROLES = {
    "tasks.md": TASKS,
    "spec.md": SPEC,
    "plan.md": PLAN,
    "research.md": "research",
    "data-model.md": "data-model",
    "quickstart.md": "quickstart",
}
"""The documents of a feature by file name. Every other Markdown file beside them is a note, and no plan."""
_FEATURE = re.compile(
    r"^(?P<root>(?:.*/)?)specs/(?P<feature>(?P<number>\d{8}-\d{6}|\d{3,})-[^/]+)/(?P<rest>[^/]+(?:/[^/]+)*)$"
)
_WORKSPACE = re.compile(r"^(?P<root>(?:.*/)?)\.specify/(?P<rest>memory/constitution\.md|feature\.json)$")
_OPENSPEC = re.compile(r"(?:^|/)openspec/", re.IGNORECASE)
_IN_FOLDER = {"checklists": CHECKLIST, "contracts": CONTRACT}


class FeaturePlace(NamedTuple):
    """The place of a path: the root of the project, the name and number of the feature, and the path inside it."""

    root: str
    feature: str
    number: str
    rest: str

    @property
    def folder(self) -> str:
        """The folder of the feature, without a slash at its end."""
        return f"{self.root}specs/{self.feature}"


def place_of(path: str) -> FeaturePlace | None:
    """Return the feature that a path lies in, or None."""
    match = _FEATURE.match(path)
    if not match or not _is_project(match["root"].removesuffix(".specify/")):
        return None
    return FeaturePlace(match["root"], match["feature"], match["number"], match["rest"])


def _is_project(root: str) -> bool:
    """Tell whether a folder ("" or with a slash at its end) may hold a project: neither hidden, nor of another format."""
    return not _OPENSPEC.search(root) and not is_in_excluded_folder(root.split("/")[:-1])


def role_of(path: str) -> str | None:
    """Return the role of the file at a path, or None if the format does not read it."""
    if place := place_of(path):
        folder, slash, name = place.rest.rpartition("/")
        if not slash:
            return ROLES.get(name)
        return _IN_FOLDER.get(folder.split("/")[0]) if name.endswith(".md") else None
    match = _WORKSPACE.match(path)
    if not match or not _is_project(match["root"]):
        return None
    return ACTIVE if match["rest"].endswith(".json") else CONSTITUTION


def discover(paths: Sequence[str]) -> tuple[PlanSite, ...]:
    """Return the features among the sorted paths, in the order of their folders."""
    features: dict[str, list[str]] = {}
    places: dict[str, FeaturePlace] = {}
    folders_by_number: dict[str, list[str]] = {}
    for path in paths:
        if role_of(path) is None:
            continue
        if place := place_of(path):
            features.setdefault(place.folder, []).append(path)
            places[place.folder] = place
        else:
            folders_by_number.setdefault(path.rpartition(".specify/")[0], []).append(path)
    return tuple(
        PlanSite(
            NAME,
            tasks if (tasks := f"{folder}/tasks.md") in documents else folder,
            folder,
            places[folder].feature,
            "active",
            tuple(sorted((*documents, *folders_by_number.get(places[folder].root, ())))),
        )
        for folder, documents in features.items()
        if {f"{folder}/{name}" for name in ("tasks.md", "spec.md", "plan.md")}.intersection(documents)
    )
