"""Discovery of the plans among the files, and of the folders of their documents (the methodology, §1.2 to §1.4)."""

from __future__ import annotations

import bisect
import functools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import get_args

from planmark.formats.planmark.documents.document import misnamed_facts
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.documents.misnamed import PLAN_FIELDS, feature_like, looks_like_plan
from planmark.formats.planmark.documents.plan import Plan
from planmark.plans.document import Document
from planmark.plans.model import Lifecycle, LifecycleSource
from planmark.plans.vocabulary import Status
from planmark.storage.paths import join, parent
from planmark.workspace.ignore_patterns import pattern_for, patterns_of
from planmark.workspace.settings import LIFECYCLES, Settings
from planmark.workspace.snapshot import NotPlan, PlanPlace, PlanTable

PLANNING_FOLDERS = ("planning", "plans")
WORK_FOLDERS = {"subplan": "subplans", "execution_task": "execution"}
FEEDBACK_FOLDER = "execution/feedbacks"
WORK_FOLDER_NAMES = frozenset({"subplans", "execution", "feedbacks"})
"""Names of the folders for work files, the same for every plan."""
OWN_RANK, PARENT_RANK, FLAT_RANK, ARCHIVE_RANK, FAR_RANK = range(0, 50, 10)
"""Ranks of the folder of a document, the nearest folder first.

OWN is the PLAN's own folder, PARENT the folder above `planning/`.

FLAT are the folders of `work-space/`, ARCHIVE is the archive that the PLAN names, and FAR is any other folder.
"""


def work_folder(plan_path: str) -> str:
    """Return the folder of a plan's work: the folder of the PLAN, or its parent if that is `planning/` or `plans/`."""
    folder = parent(plan_path)
    return parent(folder) if folder.rpartition("/")[2] in PLANNING_FOLDERS else folder


def find_plans(paths: Iterable[str], documents: Mapping[str, Document]) -> PlanTable:
    """Return the plans among the documents, and the files that only look like PLANs with the reason for each."""
    looking = [path for path in paths if looks_like_plan(path.rpartition("/")[2])]
    plan_paths = {path for path in looking if parse_name(path.rpartition("/")[2])}
    doubtful = {path for path in plan_paths if path in documents and _in_folder_of_another(path, documents)}
    contested_features = {documents[path].name.feature for path in doubtful}
    number = Counter(documents[path].name.feature for path in plan_paths if path in documents)
    work = _work_paths(contested_features, documents) if contested_features else {}
    hollow_paths = {path for path in plan_paths if path in documents and _has_no_achievements(documents[path])}
    worked_on = _hollow_plans_with_work(hollow_paths, plan_paths, documents) if hollow_paths else set[str]()
    places, rejected = [], []
    for path in looking:
        if path not in plan_paths:
            if other := _misnamed_plan(path, documents):
                rejected.append(other)
        elif path not in documents:
            rejected.append(NotPlan(path, "it cannot be read (see the problems)"))
        elif path in doubtful and not _has_own_work(path, documents[path].name.feature, work, number):
            owner = parent(path).rpartition("/")[2]
            rejected.append(NotPlan(path, f"it lies in the folder of PLAN_{owner}.md and has no work files of its own"))
        elif path in hollow_paths - worked_on:
            rejected.append(NotPlan(path, NO_CONTENT_REASON))
        else:
            places.append(_plan_place(path, documents[path]))
    return _table(
        places,
        rejected,
        contested_features,
        {documents[path].name.feature: _work_folders(path) for path in hollow_paths},
    )


WRONG_NAME_REASON = "its name is not PLAN_<FEATURE>.md with a feature of capitals, digits and hyphens"
NO_CONTENT_REASON = (
    f"it has no achievement, no work files, and fewer than two of the fields {', '.join(PLAN_FIELDS[:-1])} and "
    f"{PLAN_FIELDS[-1]}"
)


def _misnamed_plan(path: str, documents: Mapping[str, Document]) -> NotPlan | None:
    """Return a file that would be a PLAN under a different name, else None.

    If the name does not begin with `PLAN_` (ignoring case), the content must be that of a PLAN.
    """
    file_name = path.rpartition("/")[2]
    document = documents.get(path)
    facts = misnamed_facts(document) if document else None
    is_plan = facts is not None and facts.is_plan
    if not is_plan and not file_name.lower().startswith("plan_"):
        return None
    if _in_own_folder_of_another(path, documents):
        return NotPlan(path, WRONG_NAME_REASON)
    feature = feature_like(file_name.rpartition(".")[0][len("PLAN") :])
    holds_achievements = bool(facts and facts.ids)
    reason = WRONG_NAME_REASON if holds_achievements else f"{WRONG_NAME_REASON}, and it holds no achievement"
    return NotPlan(path, reason, f"PLAN_{feature}.md" if feature else None, holds_achievements)


def _in_own_folder_of_another(path: str, documents: Mapping[str, Document]) -> bool:
    """Tell whether a folder above `path` is named after the PLAN in it.

    Other files in such a folder are notes of that PLAN.
    """
    folder = parent(path)
    while folder:
        if join(folder, f"PLAN_{folder.rpartition('/')[2]}.md") in documents:
            return True
        folder = parent(folder)
    return False


def _has_no_achievements(document: Document) -> bool:
    return isinstance(document.facts, Plan) and document.facts.is_hollow


def _hollow_plans_with_work(
    hollow_paths: set[str], plan_paths: Iterable[str], documents: Mapping[str, Document]
) -> set[str]:
    """Return the paths of the hollow PLANs that have work.

    Work of a PLAN is any document of its feature, or any document in work folders that belong only to this PLAN.
    """
    features: dict[str, list[str]] = defaultdict(list)
    for path in hollow_paths:
        features[documents[path].name.feature].append(path)
    others = {work_folder(path) for path in plan_paths if path not in hollow_paths}
    folders = {path: _work_folders(path) for path in hollow_paths if work_folder(path) not in others}
    result: set[str] = set()
    for path, document in documents.items():
        if document.name.kind in WORK_FOLDERS:
            result.update(features.get(document.name.feature, ()))
        if document.name.kind in ("verdict", *WORK_FOLDERS) or document.name.meant_kind in ("verdict", *WORK_FOLDERS):
            result.update(plan for plan, own in folders.items() if path.startswith(own))
    return result


def _work_folders(plan_path: str) -> tuple[str, ...]:
    """Return the paths of the folders of a plan's work, each with a slash at its end."""
    return tuple(f"{join(work_folder(plan_path), name)}/" for name in WORK_FOLDERS.values())


def _in_folder_of_another(path: str, documents: Mapping[str, Document]) -> bool:
    folder = parent(path)
    owner = folder.rpartition("/")[2]
    return owner != documents[path].name.feature and join(folder, f"PLAN_{owner}.md") in documents


def _work_paths(features: set[str], documents: Mapping[str, Document]) -> dict[str, list[str]]:
    """Map each feature to the paths of its work files."""
    result: dict[str, list[str]] = defaultdict(list)
    for path, document in documents.items():
        if document.name.feature in features and document.name.kind in WORK_FOLDERS:
            result[document.name.feature].append(path)
    return result


def _has_own_work(path: str, feature: str, work: Mapping[str, list[str]], number: Mapping[str, int]) -> bool:
    only_one = number[feature] == 1
    return any(only_one or own.startswith(f"{parent(path)}/") for own in work.get(feature, ()))


def _plan_place(path: str, document: Document) -> PlanPlace:
    assert isinstance(document.facts, Plan)
    return PlanPlace(path, document.name.feature, work_folder(path), document.facts.archive_location)


def _table(
    places: list[PlanPlace],
    rejected: list[NotPlan],
    contested_features: set[str],
    hollow_paths: dict[str, tuple[str, ...]],
) -> PlanTable:
    by_feature: dict[str, list[PlanPlace]] = defaultdict(list)
    by_folder: dict[str, list[PlanPlace]] = defaultdict(list)
    by_parallel: dict[str, list[PlanPlace]] = defaultdict(list)
    for plan in places:
        by_feature[plan.feature].append(plan)
        by_folder[plan.folder].append(plan)
        for folder in {parent(plan.path), plan.folder}:
            by_parallel[join(folder, "parallel.json")].append(plan)
    folders = sorted(by_folder)
    misnamed = {rejected.name[len("PLAN_") : -len(".md")]: rejected.path for rejected in rejected if rejected.name}
    meant_paths = (*(plan.path for plan in places), *misnamed.values())
    return PlanTable(
        places={plan.path: plan for plan in places},
        not_plans=tuple(rejected),
        nested_features=frozenset(contested_features),
        features=frozenset(by_feature),
        by_feature=dict(by_feature),
        by_folder=dict(by_folder),
        by_parallel=dict(by_parallel),
        sharing=frozenset(plan.path for plan in places if _shares_folder(plan, by_folder, folders)),
        folders=frozenset(folder for path in meant_paths for folder in (parent(path), work_folder(path))),
        misnamed=misnamed,
        misnamed_folders=frozenset(f for path in misnamed.values() for f in (parent(path), work_folder(path))),
        hollow_plan_folders=hollow_paths,
    )


def is_in_work_folder(path: str, table: PlanTable) -> bool:
    """Tell whether a file is in a folder in which a plan has its work.

    Such folders are the folders of a PLAN, folders named after their PLAN, and work folders. All folders below the last
    two kinds count as well.
    """
    folder = parent(path)
    if folder in table.folders:
        return True
    while folder:
        name = folder.rpartition("/")[2]
        if name.lower() in WORK_FOLDER_NAMES or (folder in table.folders and _is_named_after(folder, table)):
            return True
        folder = parent(folder)
    return False


def _is_named_after(folder: str, table: PlanTable) -> bool:
    feature = feature_like(folder.rpartition("/")[2])
    return feature is not None and (feature in table.features or feature in table.misnamed)


def _shares_folder(plan: PlanPlace, by_folder: Mapping[str, list[PlanPlace]], folders: list[str]) -> bool:
    """Tell whether another plan has the same work folder, or whether the work folder groups several plans.

    A grouping folder is not named after the feature, and has folders of plans below it.
    """
    if len(by_folder[plan.folder]) > 1:
        return True
    if plan.folder.rpartition("/")[2] == plan.feature:
        return False
    below = f"{plan.folder}/" if plan.folder else ""
    following = bisect.bisect_right(folders, below)
    return following < len(folders) and folders[following].startswith(below)


def lifecycle_of(path: str, settings: Settings) -> Lifecycle:
    """Return the first lifecycle whose patterns match the path of a PLAN, else active."""
    table = settings["lifecycle"]
    lifecycles = (name for name in LIFECYCLES if pattern_for(patterns_of(table.get(name, ())), path))
    return next(lifecycles, "active")


STATUS_LIFECYCLES: dict[Status | None, Lifecycle] = {
    "paused": "paused",
    "blocked": "paused",
    "abandoned": "stopped",
    "skipped": "stopped",
    "archived": "stopped",
}
"""First word of a PLAN's Status → the lifecycle that the word sets. Other words set no lifecycle."""


def lifecycle_of_plan(
    path: str, status: Status | None, settings: Settings
) -> tuple[Lifecycle, LifecycleSource | None, str]:
    """Return the lifecycle of a PLAN, which of folder and Status decided it (None: neither), and the deciding folder.

    The folder is "" if it did not decide. If folder and Status set different lifecycles, the later one in the order of
    `Lifecycle` wins.
    """
    folder, lifecycle_of_status = lifecycle_of(path, settings), STATUS_LIFECYCLES.get(status, "active")
    order = get_args(Lifecycle)
    if order.index(lifecycle_of_status) > order.index(folder):
        return lifecycle_of_status, "status", ""
    if folder == "active":
        return folder, None, ""
    patterns = patterns_of(settings["lifecycle"].get(folder, ()))
    parts = parent(path).split("/")
    above = ("/".join(parts[: number + 1]) for number in range(len(parts)))
    return folder, "folder", next((place for place in above if pattern_for(patterns, f"{place}/_")), parent(path))


def folder_rank(plan: PlanPlace, document: Document) -> int:
    """Return the rank of a document's folder: OWN, PARENT, FLAT, ARCHIVE or FAR, plus a step within the rank.

    Within each rank, the folder for the document's type comes first (the methodology, §1.4).
    """
    own = WORK_FOLDERS[document.name.kind]
    path = _search_path(parent(plan.path), plan.folder, plan.archive_location, own)
    return path.get(parent(document.path), FAR_RANK)


def search_folders_of(plan: PlanPlace) -> set[str]:
    """Return the folders in which a plan looks for its work, except its own folder, the work folder and the root.

    The excluded folders may contain any file.
    """
    folder = parent(plan.path)
    paths = (_search_path(folder, plan.folder, plan.archive_location, own) for own in WORK_FOLDERS.values())
    return {place for path in paths for place in path} - {folder, plan.folder, ""}


@functools.lru_cache(maxsize=4096)
def _search_path(folder: str, work: str, archive_location: str, own: str) -> dict[str, int]:
    """Return the folders that may contain a plan's documents of one type, with the rank of each folder.

    `folder` is the PLAN's folder, `work` its work folder, `archive_location` the archive that the PLAN names. `own` is
    the name of the folder for the type.
    """
    other = next(name for name in WORK_FOLDERS.values() if name != own)
    archives = [archive_location, join(folder, archive_location)] if archive_location else []
    places = [(OWN_RANK, folder), (PARENT_RANK, work), *((ARCHIVE_RANK, archive) for archive in archives)]
    near: dict[tuple[int, str], tuple[str, ...]] = dict.fromkeys(places, (own, "", other))
    near |= dict.fromkeys(((FLAT_RANK, work_space) for work_space in _work_spaces(folder)), (own, other))
    result: dict[str, int] = {}
    for (tier, place), names in sorted(near.items()):
        for step, name in enumerate(names):
            result.setdefault(join(place, name) if name else place, tier + step)
    return result


def _work_spaces(folder: str) -> list[str]:
    """Return the paths of the `work-space` folders above a plan, nearest first, and the `work-space` folder of the
    root.
    """
    parts = folder.split("/")
    above = ["/".join(parts[: index + 1]) for index, name in enumerate(parts) if name == "work-space"]
    return [*reversed(above), *([] if "work-space" in above else ["work-space"])]
