"""The files of superpowers: plans, the specifications that they implement, and ledgers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.checkbox.places import is_in_excluded_folder
from planmark.plans.format import PlanSite
from planmark.text.lazy_pattern import lazy_pattern

NAME = "superpowers"
PLAN, CANDIDATE, DESIGN, LEDGER = "plan", "candidate", "design", "ledger"
_PLAN_PATH = lazy_pattern(
    r"^(?P<root>(?:.*/)?)docs/(?:(?P<own>superpowers/)(?P<kind>plans|specs)|plans)/(?P<name>[^/]+)\.md$", re.IGNORECASE
)
_LEDGER_PATH = lazy_pattern(r"^(?P<root>(?:.*/)?)\.superpowers/sdd/(?P<plan>[^/]+)/progress\.md$")
_OTHER_FILE_NAME = lazy_pattern(r"(?:README|INDEX|_?(?:plan[-_])?template)$", re.IGNORECASE)
"""Pattern for the names of files that are not plans, although they are in a folder of plans: an overview, or a
template.
"""
_DATE = lazy_pattern(r"^\d{4}-\d{2}-\d{2}-")
_ORIGINAL_SUFFIX = "-original"
"""The end of the name of an old plan. The new plan has the same name without this suffix."""
MAX_ADDED_WORDS = 3
"""Maximum number of words that the name of a newer version may add to the name of the plan."""
MAX_VERSIONS = 8
"""Maximum number of possible newer versions that are read for each plan. Further plans are ignored."""
_METHODOLOGY_NAME = lazy_pattern(r"(?i:PLAN)_|(?:SUBPLAN|EXECUTION|APPROVED|FIX|GRAMMAPLAN|NORTH_STAR)_")
"""Pattern for the beginning of file names of the methodology. Such files may also be in `docs/plans/`."""


def role_of(path: str) -> str | None:
    """Return the role of the file at a path, or None if the format does not read it."""
    if ledger := _LEDGER_PATH.match(path):
        return None if is_in_excluded_folder(ledger["root"].split("/")[:-1]) else LEDGER
    match = _PLAN_PATH.match(path)
    if not match or _OTHER_FILE_NAME.match(match["name"]) or is_in_excluded_folder(match["root"].split("/")[:-1]):
        return None
    if not match["own"]:
        return None if _METHODOLOGY_NAME.match(match["name"]) else CANDIDATE
    return PLAN if match["kind"].lower() == "plans" else DESIGN


def _file_stem(path: str) -> str:
    """Return the file name of a path without the extension."""
    return path.rpartition("/")[2].removesuffix(".md")


def stem_of(path: str) -> str:
    """Return the file name of a plan or design in lower case, without its date, its extension and the suffix `-design`."""
    return _DATE.sub("", path.rpartition("/")[2].removesuffix(".md").removesuffix("-design")).lower()


def root_of(path: str) -> str:
    """Return the project folder of a plan: "", or a path with a slash at its end."""
    return path[: max(path.lower().rfind("docs/"), 0)]


def day_of(path: str) -> str:
    """Return the date in the file name of a plan (`2026-01-31`); "" if the name has no date."""
    match = _DATE.match(path.rpartition("/")[2])
    return match[0].rstrip("-") if match else ""


def discover(paths: Sequence[str]) -> tuple[PlanSite, ...]:
    """Return the plans among `paths`, which are sorted.

    The documents of a plan are the file of the plan, the specifications and ledgers with the same name, and possible
    newer versions.
    """
    designs: dict[str, list[str]] = {}
    ledgers: dict[str, list[str]] = {}
    for path in paths:
        if role_of(path) == DESIGN:
            designs.setdefault(stem_of(path), []).append(path)
        elif ledger := _LEDGER_PATH.match(path):
            ledgers.setdefault(ledger["plan"].removesuffix(".md"), []).append(path)
    all_paths = frozenset(paths)
    versions = _versions_by_plan([path for path in paths if role_of(path) in (PLAN, CANDIDATE)])
    return tuple(
        PlanSite(
            NAME,
            path,
            path.rpartition("/")[0],
            _file_stem(path),
            "archived" if _is_original(path, all_paths) else "active",
            tuple(
                sorted(
                    (path, *designs.get(stem_of(path), ()), *ledgers.get(_file_stem(path), ()), *versions.get(path, ()))
                )
            ),
        )
        for path in paths
        if role_of(path) in (PLAN, CANDIDATE)
    )


def _versions_by_plan(plans: Sequence[str]) -> dict[str, list[str]]:
    """Return a mapping from each plan to the plans in the same folder that may be newer versions of it.

    `plans` are the sorted paths of all plans. The name of a newer version has more words at its end (`NAME-revised.md`)
    or a different date.
    """
    paths_by_name: dict[tuple[str, str], list[str]] = {}
    for path in plans:
        paths_by_name.setdefault((path.rpartition("/")[0], stem_of(path)), []).append(path)
    result: dict[str, list[str]] = {}
    for (folder, stem), newer_paths in paths_by_name.items():
        words = stem.split("-")
        for end in range(max(1, len(words) - MAX_ADDED_WORDS), len(words) + 1):
            for path in paths_by_name.get((folder, "-".join(words[:end])), ()):
                versions = result.setdefault(path, [])
                free_count = MAX_VERSIONS - len(versions)
                if free_count > 0:
                    versions += [version for version in newer_paths[-MAX_VERSIONS - 1 :] if version != path][
                        -free_count:
                    ]
    return result


def _is_original(path: str, all_paths: frozenset[str]) -> bool:
    """Tell whether the file name of a plan is `NAME-original.md`, and its folder also contains a plan `NAME.md`."""
    stem = path.removesuffix(".md")
    return stem.endswith(_ORIGINAL_SUFFIX) and f"{stem.removesuffix(_ORIGINAL_SUFFIX)}.md" in all_paths
