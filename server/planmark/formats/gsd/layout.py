"""The files of GSD: `.planning/` with ROADMAP, STATE and one folder for each phase."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

from planmark.formats.checkbox.places import is_in_excluded_folder
from planmark.plans.format import PlanSite
from planmark.text.lazy_pattern import lazy_pattern

NAME = "gsd"
ROADMAP, STATE, SHIPPED, PLAN, SUMMARY, VERIFICATION, UAT, NOTES = (
    *("roadmap", "state", "shipped_roadmap", "plan", "summary", "verification", "uat", "notes"),
)
"""Roles of GSD documents. `SHIPPED` are archived ROADMAPs, and `NOTES` documents that are only quoted."""
FOLDER, DEFAULT_FEATURE = ".planning", "planning"
MAX_CACHED_PATHS = 65_536
"""Maximum number of paths whose places and parsed names are cached."""
PHASE_PATTERN = r"\d{1,4}[A-Z]?(?:\.\d{1,4})*"
"""Pattern for the number of a phase: `2`, `02`, `12A`, or `2.1` for an inserted phase."""
_TREE_PATH = lazy_pattern(r"^(?P<root>(?:.*/)?)\.planning(?:/workstreams/(?P<stream>[^/]+))?/(?P<rest>.+)$")
_PHASE_FILE = lazy_pattern(
    r"^(?P<phases>phases|milestones/(?P<version>[^/]+)-phases)/(?P<folder>[^/]+)/(?P<name>[^/]+)\.md$"
)
_PHASE_FOLDER = lazy_pattern(rf"^(?:[A-Z]{{1,6}}-)?(?P<id>{PHASE_PATTERN})-(?P<slug>.+)$")
_MILESTONE_FILE = lazy_pattern(r"^milestones/(?P<version>[^/]+)-(?P<name>ROADMAP|REQUIREMENTS)\.md$")
_PLAN_FILE_STEM = lazy_pattern(
    rf"^(?:[A-Z]{{1,6}}-)?(?P<phase>{PHASE_PATTERN})(?:-(?P<plan>\d{{1,4}}[a-z]?))?-(?P<kind>PLAN|SUMMARY|VERIFICATION|(?:HUMAN-)?UAT)$"
)
_ROLES_AT_ROOT = {"ROADMAP.md": ROADMAP, "STATE.md": STATE, "REQUIREMENTS.md": NOTES, "PROJECT.md": NOTES}
_ROLES_BY_KIND = {"PLAN": PLAN, "SUMMARY": SUMMARY, "VERIFICATION": VERIFICATION, "UAT": UAT, "HUMAN-UAT": UAT}
"""Kind at the end of a file name → role of the document."""


class PhaseFileName(NamedTuple):
    """The parsed name of a phase's file: its role, and the numbers of its phase and its plan ("" if absent)."""

    role: str
    phase: str
    plan: str


def padded_number(number: str) -> str:
    """Return the number of a phase or a plan in the form of file names, with at least two digits."""
    digit_count = len(number) - len(number.lstrip("0123456789"))
    return number[:digit_count].lstrip("0").rjust(2, "0") + number[digit_count:]


def phase_sort_key(phase_id: str) -> tuple[int, str, tuple[int, ...]]:
    """Return the sort key of a phase with an id such as `12A` or `2.1`: its number, its letter, its decimals."""
    number, *decimals = phase_id.split(".")
    return int(number.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), number.lstrip("0123456789"), tuple(map(int, decimals))


@functools.lru_cache(maxsize=MAX_CACHED_PATHS)
def parse_file_name(path: str) -> PhaseFileName:
    """Return the parsed name of a file in the folder of a phase."""
    stem = path.rpartition("/")[2].removesuffix(".md")
    if match := _PLAN_FILE_STEM.match(stem):
        return PhaseFileName(
            _ROLES_BY_KIND[match["kind"]],
            padded_number(match["phase"]),
            padded_number(match["plan"]) if match["plan"] else "",
        )
    if stem == "PLAN" or stem.endswith("-PLAN"):
        return PhaseFileName(PLAN, "", "")
    if stem == "SUMMARY" or stem.endswith("-SUMMARY"):
        return PhaseFileName(SUMMARY, "", "")
    if stem == "VERIFICATION" or stem.endswith("-VERIFICATION"):
        return PhaseFileName(VERIFICATION, "", "")
    return PhaseFileName(NOTES, "", "")


class TreePlace(NamedTuple):
    """The place of a file in its tree. `tree` is the folder that contains ROADMAP, such as `.planning`. `version` is
    the version of the archived milestone to which the file belongs. `folder` is the folder of its phase, and `phase`
    the number of its phase. `version`, `folder` and `phase` are "" if the file belongs to no archived milestone or to
    no phase.
    """

    tree: str
    version: str
    folder: str
    phase: str


@functools.lru_cache(maxsize=MAX_CACHED_PATHS)
def place_of(path: str) -> TreePlace | None:
    """Return the place of a file that belongs to GSD; None for any other file."""
    tree_match = _TREE_PATH.match(path)
    if not tree_match or is_in_excluded_folder(tree_match["root"].split("/")[:-1]):
        return None
    tree, path_in_tree = path[: -len(tree_match["rest"]) - 1], tree_match["rest"]
    if path_in_tree in _ROLES_AT_ROOT:
        return TreePlace(tree, "", "", "")
    if match := _MILESTONE_FILE.match(path_in_tree):
        return TreePlace(tree, match["version"], "", "")
    phase_match = _PHASE_FILE.match(path_in_tree)
    folder_match = _PHASE_FOLDER.match(phase_match["folder"]) if phase_match else None
    if not phase_match or not folder_match:
        return None
    return TreePlace(
        tree,
        phase_match["version"] or "",
        f"{tree}/{phase_match['phases']}/{phase_match['folder']}",
        padded_number(folder_match["id"]),
    )


def role_of(path: str) -> str | None:
    """Return the role of the file at a path, or None if the format does not read it."""
    if not path.endswith(".md"):
        return None
    place = place_of(path)
    if place is None:
        return None
    if place.folder:
        return parse_file_name(path).role
    if place.version:
        return SHIPPED if path.endswith("-ROADMAP.md") else NOTES
    return _ROLES_AT_ROOT[path.rpartition("/")[2]]


def title_of_folder(folder: str) -> str:
    """Return the title of a phase from the name of its folder."""
    match = _PHASE_FOLDER.match(folder.rpartition("/")[2])
    return match["slug"].replace("-", " ") if match else folder


def discover(paths: Sequence[str]) -> tuple[PlanSite, ...]:
    """Return the sites of the trees to which the files at `paths` belong. `paths` are sorted.

    A folder `.planning` or a workstream is one tree, and each archived milestone with phase folders is one more.
    """
    paths_by_tree: dict[str, list[str]] = {}
    paths_by_version: dict[tuple[str, str], list[str]] = {}
    for path in paths:
        place = place_of(path)
        if place and place.version:
            paths_by_version.setdefault((place.tree, place.version), []).append(path)
        elif place:
            paths_by_tree.setdefault(place.tree, []).append(path)
    sites = []
    for tree, tree_paths in paths_by_tree.items():
        if any(place_of(path).folder or role_of(path) in (ROADMAP, STATE) for path in tree_paths):  # type: ignore[union-attr]
            shipped_roadmaps = [
                path
                for (other_tree, _), shipped_paths in paths_by_version.items()
                if other_tree == tree
                for path in shipped_paths
                if role_of(path) == SHIPPED
            ]
            sites.append(_current_site(tree, tree_paths, shipped_roadmaps))
    for (tree, version), tree_paths in paths_by_version.items():
        if any(place_of(path).folder for path in tree_paths):  # type: ignore[union-attr]
            sites.append(_archived_site(tree, version, tree_paths))
    return tuple(sorted(sites, key=lambda site: site.path))


def _current_site(tree: str, tree_paths: list[str], shipped_roadmaps: list[str]) -> PlanSite:
    """Return the site of a tree that is no archived milestone. The lifecycle of a tree without a ROADMAP is `archived`."""
    roadmap_path = f"{tree}/ROADMAP.md"
    feature = tree.rpartition("/workstreams/")[2] if "/workstreams/" in tree else DEFAULT_FEATURE
    has_roadmap = roadmap_path in tree_paths
    return PlanSite(
        NAME,
        roadmap_path if has_roadmap else tree,
        tree,
        feature,
        "active" if has_roadmap else "archived",
        tuple(sorted((*tree_paths, *shipped_roadmaps))),
    )


def _archived_site(tree: str, version: str, tree_paths: list[str]) -> PlanSite:
    """Return the site of an archived milestone with a version, such as `v1.0`."""
    folder, roadmap_path = f"{tree}/milestones/{version}-phases", f"{tree}/milestones/{version}-ROADMAP.md"
    path = roadmap_path if roadmap_path in tree_paths else folder
    return PlanSite(NAME, path, folder, version, "archived", tuple(sorted(tree_paths)))
