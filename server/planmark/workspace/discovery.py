"""Which files are plans, and where each looks for its documents. Rules: the methodology, §1.2 to §1.4."""

from __future__ import annotations

import bisect
import functools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import pathspec

from planmark.documents.document import Document
from planmark.documents.names import looks_like_plan, parse_name
from planmark.documents.plan import Plan
from planmark.workspace.patterns import spec_of
from planmark.workspace.settings import LIFECYCLES, Settings
from planmark.workspace.snapshot import Lifecycle, NotPlan, PlanPlace, PlanTable

PLANNING_FOLDERS = ("planning", "plans")
WORK_FOLDERS = {"subplan": "subplans", "execution_task": "execution"}
FEEDBACKS = "execution/feedbacks"
OWN, PARENT, FLAT, ARCHIVE, FAR = range(0, 50, 10)
"""How near a document is: in the plan's own folder, that above `planning/`, the flat ones of `work-space/`, the archive
that the PLAN names, or outside all of them."""


def parent(path: str) -> str:
    """The folder of a relative path; "" for the root."""
    return path.rpartition("/")[0]


def join(folder: str, name: str) -> str:
    """`folder/name`, where "" is the root."""
    return f"{folder}/{name}" if folder else name


def work_folder(plan_path: str) -> str:
    """The folder that holds a plan's work: its own, or its parent for a PLAN in `planning/` or `plans/`."""
    folder = parent(plan_path)
    return parent(folder) if folder.rpartition("/")[2] in PLANNING_FOLDERS else folder


def find_plans(paths: Iterable[str], documents: Mapping[str, Document]) -> PlanTable:
    """The plans among the documents, and the files that only look like one, with the reason."""
    looking = [path for path in paths if looks_like_plan(path.rpartition("/")[2])]
    doubtful = {path for path in looking if path in documents and _in_folder_of_another(path, documents)}
    contested = {documents[path].name.feature for path in doubtful}
    number = Counter(documents[path].name.feature for path in looking if path in documents)
    work = _work_paths(contested, documents) if contested else {}
    places, rejected = [], []
    for path in looking:
        if parse_name(path.rpartition("/")[2]) is None:
            rejected.append(
                NotPlan(path, "its name is not PLAN_<FEATURE>.md with a feature of capitals, digits and hyphens")
            )
        elif path not in documents:
            rejected.append(NotPlan(path, "it cannot be read (see the problems)"))
        elif path in doubtful and not _has_own_work(path, documents[path].name.feature, work, number):
            owner = parent(path).rpartition("/")[2]
            rejected.append(NotPlan(path, f"it lies in the folder of PLAN_{owner}.md and has no work files of its own"))
        else:
            places.append(_place(path, documents[path]))
    return _table(places, rejected, contested)


def _in_folder_of_another(path: str, documents: Mapping[str, Document]) -> bool:
    folder = parent(path)
    owner = folder.rpartition("/")[2]
    return owner != documents[path].name.feature and join(folder, f"PLAN_{owner}.md") in documents


def _work_paths(features: set[str], documents: Mapping[str, Document]) -> dict[str, list[str]]:
    """Feature → the paths of its work files."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, document in documents.items():
        if document.name.feature in features and document.name.kind in WORK_FOLDERS:
            found[document.name.feature].append(path)
    return found


def _has_own_work(path: str, feature: str, work: Mapping[str, list[str]], number: Mapping[str, int]) -> bool:
    only_one = number[feature] == 1
    return any(only_one or own.startswith(f"{parent(path)}/") for own in work.get(feature, ()))


def _place(path: str, document: Document) -> PlanPlace:
    assert isinstance(document.facts, Plan)
    return PlanPlace(path, document.name.feature, work_folder(path), document.facts.archive_location)


def _table(places: list[PlanPlace], rejected: list[NotPlan], contested: set[str]) -> PlanTable:
    by_feature: dict[str, list[PlanPlace]] = defaultdict(list)
    by_folder: dict[str, list[PlanPlace]] = defaultdict(list)
    by_parallel: dict[str, list[PlanPlace]] = defaultdict(list)
    for plan in places:
        by_feature[plan.feature].append(plan)
        by_folder[plan.folder].append(plan)
        for folder in {parent(plan.path), plan.folder}:
            by_parallel[join(folder, "parallel.json")].append(plan)
    folders = sorted(by_folder)
    return PlanTable(
        places={plan.path: plan for plan in places},
        not_plans=tuple(rejected),
        contested=frozenset(contested),
        features=frozenset(by_feature),
        by_feature=dict(by_feature),
        by_folder=dict(by_folder),
        by_parallel=dict(by_parallel),
        sharing=frozenset(plan.path for plan in places if _shares_folder(plan, by_folder, folders)),
    )


def _shares_folder(plan: PlanPlace, by_folder: Mapping[str, list[PlanPlace]], folders: list[str]) -> bool:
    """Another plan has the same work folder, or it is a grouping folder: not the feature's, with plans below it."""
    if len(by_folder[plan.folder]) > 1:
        return True
    if plan.folder.rpartition("/")[2] == plan.feature:
        return False
    below = f"{plan.folder}/" if plan.folder else ""
    following = bisect.bisect_right(folders, below)
    return following < len(folders) and folders[following].startswith(below)


@functools.lru_cache(maxsize=16)
def _lifecycles(
    patterns: tuple[tuple[Lifecycle, tuple[str, ...]], ...],
) -> tuple[tuple[Lifecycle, pathspec.GitIgnoreSpec], ...]:
    return tuple((name, spec_of(lines)) for name, lines in patterns)


def lifecycle_of(path: str, settings: Settings) -> Lifecycle:
    """The first lifecycle whose patterns fit the path of a PLAN, else active."""
    table = settings["lifecycle"]
    for name, spec in _lifecycles(tuple((name, tuple(table.get(name, ()))) for name in LIFECYCLES)):
        if spec.match_file(path):
            return name
    return "active"


def nearness(plan: PlanPlace, document: Document) -> int:
    """OWN, PARENT, FLAT, ARCHIVE or FAR; in each, the folder of the document's type first (the methodology, §1.4)."""
    own = WORK_FOLDERS[document.name.kind]
    path = _search_path(parent(plan.path), plan.folder, plan.archive_location, own)
    return path.get(parent(document.path), FAR)


@functools.lru_cache(maxsize=4096)
def _search_path(folder: str, work: str, archive_location: str, own: str) -> dict[str, int]:
    """The folders in which a plan's documents of one type are looked for, and how near each is.

    `folder` is the PLAN's, `work` its work folder, `archive_location` what it names as its archive.
    """
    other = next(name for name in WORK_FOLDERS.values() if name != own)
    archives = [archive_location, join(folder, archive_location)] if archive_location else []
    places = [(OWN, folder), (PARENT, work), *((ARCHIVE, archive) for archive in archives)]
    near: dict[tuple[int, str], tuple[str, ...]] = dict.fromkeys(places, (own, "", other))
    near |= dict.fromkeys(((FLAT, work_space) for work_space in _work_spaces(folder)), (own, other))
    found: dict[str, int] = {}
    for (tier, place), names in sorted(near.items()):
        for step, name in enumerate(names):
            found.setdefault(join(place, name) if name else place, tier + step)
    return found


def _work_spaces(folder: str) -> list[str]:
    """The `work-space` folders above a plan, nearest first, and that of the root."""
    parts = folder.split("/")
    above = ["/".join(parts[: index + 1]) for index, name in enumerate(parts) if name == "work-space"]
    return [*reversed(above), *([] if "work-space" in above else ["work-space"])]
