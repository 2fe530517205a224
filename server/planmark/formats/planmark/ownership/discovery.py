"""Discovery of the plans among the files, and of the folders of their documents (the methodology, §1.2 to §1.4)."""

from __future__ import annotations

import bisect
import functools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import get_args

from planmark.formats.planmark.documents.document import misnamed_facts
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.documents.misnamed import PLAN_FIELDS, looks_like_plan, name_as_feature
from planmark.formats.planmark.documents.plan import Plan
from planmark.plans.document import Document
from planmark.plans.model import Lifecycle, LifecycleSource
from planmark.plans.vocabulary import Status
from planmark.storage.paths import join, parent
from planmark.workspace.ignore_patterns import matching_rule, patterns_of_setting
from planmark.workspace.settings import FOLDER_LIFECYCLES, Settings
from planmark.workspace.snapshot import NotPlan, PlanPlace, PlanTable

PLANNING_FOLDERS = ("planning", "plans")
"""Names of folders for PLANs. The work of a PLAN in such a folder is in the folder above."""
WORK_FOLDERS = {"subplan": "subplans", "execution_task": "execution"}
"""Mapping from the kind of a work document to the name of the folder for this kind."""
FEEDBACK_FOLDER = "execution/feedbacks"
"""Path of the folder for verdicts, relative to the folder for the work of a plan."""
WORK_FOLDER_NAMES = frozenset({"subplans", "execution", "feedbacks"})
"""Names of the folders for work files. They are the same for every plan."""
OWN_RANK, PARENT_RANK, FLAT_RANK, ARCHIVE_RANK, FAR_RANK = range(0, 50, 10)
"""Ranks of the folders in which a plan may have a document. A lower rank means that the folder is nearer to the PLAN.

OWN_RANK is the rank of the folder that contains the PLAN. PARENT_RANK is the rank of the folder above `planning/`.
FLAT_RANK is the rank of a folder in `work-space/`. ARCHIVE_RANK is the rank of the archive that the PLAN names.
FAR_RANK is the rank of any other folder.
"""


def work_folder(plan_path: str) -> str:
    """Return the folder for the work of a plan, which is the folder of the PLAN.

    If the PLAN is in a folder `planning/` or `plans/`, return the folder above.
    """
    folder = parent(plan_path)
    return parent(folder) if folder.rpartition("/")[2] in PLANNING_FOLDERS else folder


def find_plans(paths: Iterable[str], documents: Mapping[str, Document]) -> PlanTable:
    """Return the table of the plans among `documents`. `paths` are the paths of all files, even of unreadable files.

    The table also lists each file that only looks like a PLAN, with the reason why the file is not a PLAN.
    """
    possible_paths = [path for path in paths if looks_like_plan(path.rpartition("/")[2])]
    plan_paths = {path for path in possible_paths if parse_name(path.rpartition("/")[2])}
    nested_paths = {path for path in plan_paths if path in documents and _is_in_folder_of_other_plan(path, documents)}
    nested_features = {documents[path].name.feature for path in nested_paths}
    plan_count_by_feature = Counter(documents[path].name.feature for path in plan_paths if path in documents)
    work_paths_by_feature = _work_paths_by_feature(nested_features, documents) if nested_features else {}
    hollow_paths = {path for path in plan_paths if path in documents and _is_hollow_plan(documents[path])}
    paths_with_work = _hollow_plans_with_work(hollow_paths, plan_paths, documents) if hollow_paths else set[str]()
    plan_places, not_plans = [], []
    for path in possible_paths:
        if path not in plan_paths:
            if not_plan := _misnamed_plan(path, documents):
                not_plans.append(not_plan)
        elif path not in documents:
            not_plans.append(NotPlan(path, "it cannot be read (see the problems)"))
        elif path in nested_paths and not _has_own_work(
            path, documents[path].name.feature, work_paths_by_feature, plan_count_by_feature
        ):
            owner_feature = parent(path).rpartition("/")[2]
            not_plans.append(
                NotPlan(path, f"it lies in the folder of PLAN_{owner_feature}.md and has no work files of its own")
            )
        elif path in hollow_paths - paths_with_work:
            not_plans.append(NotPlan(path, NO_CONTENT_REASON))
        else:
            plan_places.append(_plan_place(path, documents[path]))
    return _plan_table(
        plan_places,
        not_plans,
        nested_features,
        {documents[path].name.feature: _work_folders(path) for path in hollow_paths},
    )


WRONG_NAME_REASON = "its name is not PLAN_<FEATURE>.md with a feature of capitals, digits and hyphens"
NO_CONTENT_REASON = (
    f"it has no achievement, no work files, and fewer than two of the fields {', '.join(PLAN_FIELDS[:-1])} and "
    f"{PLAN_FIELDS[-1]}"
)


def _misnamed_plan(path: str, documents: Mapping[str, Document]) -> NotPlan | None:
    """Return an entry for the file at `path` if the file would be a PLAN under a different name, else None.

    If the name does not begin with `PLAN_` (in any case), the file must have the content of a PLAN.
    """
    file_name = path.rpartition("/")[2]
    document = documents.get(path)
    facts = misnamed_facts(document) if document else None
    is_plan = facts is not None and facts.is_plan
    if not is_plan and not file_name.lower().startswith("plan_"):
        return None
    if _is_below_other_plan(path, documents):
        return NotPlan(path, WRONG_NAME_REASON)
    feature = name_as_feature(file_name.rpartition(".")[0][len("PLAN") :])
    has_achievements = bool(facts and facts.ids)
    reason = WRONG_NAME_REASON if has_achievements else f"{WRONG_NAME_REASON}, and it holds no achievement"
    return NotPlan(path, reason, f"PLAN_{feature}.md" if feature else None, has_achievements)


def _is_below_other_plan(path: str, documents: Mapping[str, Document]) -> bool:
    """Tell whether a folder above `path` contains a PLAN whose feature is the name of the folder.

    All other files below the folder are notes of this PLAN.
    """
    folder = parent(path)
    while folder:
        if join(folder, f"PLAN_{folder.rpartition('/')[2]}.md") in documents:
            return True
        folder = parent(folder)
    return False


def _is_hollow_plan(document: Document) -> bool:
    """Tell whether a document is a hollow PLAN: its text has no sign of a PLAN (see `Plan.is_hollow`)."""
    return isinstance(document.facts, Plan) and document.facts.is_hollow


def _hollow_plans_with_work(
    hollow_paths: set[str], plan_paths: Iterable[str], documents: Mapping[str, Document]
) -> set[str]:
    """Return the paths of the hollow PLANs that have work.

    A hollow PLAN has work if a SUBPLAN or an EXECUTION_TASK has its feature, or if any work is in its work folders.
    Work folders that a PLAN with content also has do not count.
    """
    paths_by_feature: dict[str, list[str]] = defaultdict(list)
    for path in hollow_paths:
        paths_by_feature[documents[path].name.feature].append(path)
    other_work_folders = {work_folder(path) for path in plan_paths if path not in hollow_paths}
    work_folders_by_path = {
        path: _work_folders(path) for path in hollow_paths if work_folder(path) not in other_work_folders
    }
    result: set[str] = set()
    for path, document in documents.items():
        if document.name.kind in WORK_FOLDERS:
            result.update(paths_by_feature.get(document.name.feature, ()))
        if document.name.kind in ("verdict", *WORK_FOLDERS) or document.name.meant_kind in ("verdict", *WORK_FOLDERS):
            result.update(
                plan_path for plan_path, work_folders in work_folders_by_path.items() if path.startswith(work_folders)
            )
    return result


def _work_folders(plan_path: str) -> tuple[str, ...]:
    """Return the paths of the folders `subplans/` and `execution/` of a plan, each with a slash at the end."""
    return tuple(f"{join(work_folder(plan_path), name)}/" for name in WORK_FOLDERS.values())


def _is_in_folder_of_other_plan(path: str, documents: Mapping[str, Document]) -> bool:
    """Tell whether the folder of the PLAN at `path` has the feature of a different PLAN as its name.

    The different PLAN must be in the same folder.
    """
    folder = parent(path)
    owner = folder.rpartition("/")[2]
    return owner != documents[path].name.feature and join(folder, f"PLAN_{owner}.md") in documents


def _work_paths_by_feature(features: set[str], documents: Mapping[str, Document]) -> dict[str, list[str]]:
    """Return a mapping from each of `features` to the paths of its SUBPLANs and EXECUTION_TASKs."""
    result: dict[str, list[str]] = defaultdict(list)
    for path, document in documents.items():
        if document.name.feature in features and document.name.kind in WORK_FOLDERS:
            result[document.name.feature].append(path)
    return result


def _has_own_work(
    path: str, feature: str, work_paths_by_feature: Mapping[str, list[str]], plan_count_by_feature: Mapping[str, int]
) -> bool:
    """Tell whether a PLAN in the folder of a different PLAN has work files of its own.

    `work_paths_by_feature` maps each feature to the paths of its work files. `plan_count_by_feature` maps each feature
    to the number of its PLANs. If `feature` has several PLANs, only work files below the folder of the PLAN at `path`
    count.
    """
    is_only_plan = plan_count_by_feature[feature] == 1
    return any(
        is_only_plan or work_path.startswith(f"{parent(path)}/") for work_path in work_paths_by_feature.get(feature, ())
    )


def _plan_place(path: str, document: Document) -> PlanPlace:
    """Return the place of a PLAN: its path, its feature, the folder of its work, and its archive."""
    assert isinstance(document.facts, Plan)
    return PlanPlace(path, document.name.feature, work_folder(path), document.facts.archive_location)


def _plan_table(
    plan_places: list[PlanPlace],
    not_plans: list[NotPlan],
    nested_features: set[str],
    hollow_plan_folders: dict[str, tuple[str, ...]],
) -> PlanTable:
    """Return the table of the plans at `plan_places` and of the files `not_plans`, which only look like PLANs.

    `nested_features` are the features of PLANs in the folder of a different PLAN. `hollow_plan_folders` maps the
    features of hollow PLANs to the folders of their work.
    """
    plans_by_feature: dict[str, list[PlanPlace]] = defaultdict(list)
    plans_by_folder: dict[str, list[PlanPlace]] = defaultdict(list)
    plans_by_parallel: dict[str, list[PlanPlace]] = defaultdict(list)
    for plan in plan_places:
        plans_by_feature[plan.feature].append(plan)
        plans_by_folder[plan.folder].append(plan)
        for folder in {parent(plan.path), plan.folder}:
            plans_by_parallel[join(folder, "parallel.json")].append(plan)
    folders = sorted(plans_by_folder)
    misnamed = {not_plan.name[len("PLAN_") : -len(".md")]: not_plan.path for not_plan in not_plans if not_plan.name}
    meant_paths = (*(plan.path for plan in plan_places), *misnamed.values())
    return PlanTable(
        places={plan.path: plan for plan in plan_places},
        not_plans=tuple(not_plans),
        nested_features=frozenset(nested_features),
        features=frozenset(plans_by_feature),
        by_feature=dict(plans_by_feature),
        by_folder=dict(plans_by_folder),
        by_parallel=dict(plans_by_parallel),
        sharing=frozenset(plan.path for plan in plan_places if _shares_folder(plan, plans_by_folder, folders)),
        folders=frozenset(folder for path in meant_paths for folder in (parent(path), work_folder(path))),
        misnamed=misnamed,
        misnamed_folders=frozenset(
            folder for path in misnamed.values() for folder in (parent(path), work_folder(path))
        ),
        hollow_plan_folders=hollow_plan_folders,
    )


def is_in_work_folder(path: str, table: PlanTable) -> bool:
    """Tell whether a file is in a folder in which a plan may have its work.

    These are the folders of PLANs, the work folders of plans, and all folders with a name of WORK_FOLDER_NAMES. A
    folder below such a folder also counts if the name of the upper folder is in WORK_FOLDER_NAMES or is the feature of
    a PLAN.
    """
    folder = parent(path)
    if folder in table.folders:
        return True
    while folder:
        name = folder.rpartition("/")[2]
        if name.lower() in WORK_FOLDER_NAMES or (folder in table.folders and _is_named_after_plan(folder, table)):
            return True
        folder = parent(folder)
    return False


def _is_named_after_plan(folder: str, table: PlanTable) -> bool:
    """Tell whether the name of a folder is the feature of a PLAN, or of a file that is meant as a PLAN."""
    feature = name_as_feature(folder.rpartition("/")[2])
    return feature is not None and (feature in table.features or feature in table.misnamed)


def _shares_folder(plan: PlanPlace, by_folder: Mapping[str, list[PlanPlace]], folders: list[str]) -> bool:
    """Tell whether a different plan has the same work folder, or whether the work folder groups several plans.

    A grouping folder is not named after the feature of `plan`, and contains work folders of plans. `folders` are all
    work folders, sorted.
    """
    if len(by_folder[plan.folder]) > 1:
        return True
    if plan.folder.rpartition("/")[2] == plan.feature:
        return False
    folder_prefix = f"{plan.folder}/" if plan.folder else ""
    next_index = bisect.bisect_right(folders, folder_prefix)
    return next_index < len(folders) and folders[next_index].startswith(folder_prefix)


def lifecycle_by_path(path: str, settings: Settings) -> Lifecycle:
    """Return the first lifecycle whose patterns in the settings match the path of a PLAN, else active."""
    table = settings["lifecycle"]
    lifecycles = (name for name in FOLDER_LIFECYCLES if matching_rule(patterns_of_setting(table.get(name, ())), path))
    return next(lifecycles, "active")


STATUS_LIFECYCLES: dict[Status | None, Lifecycle] = {
    "paused": "paused",
    "blocked": "paused",
    "abandoned": "stopped",
    "skipped": "stopped",
    "archived": "stopped",
}
"""Mapping from the Status of a PLAN to the lifecycle that the Status sets. Any other Status sets no lifecycle."""


def lifecycle_of_plan(
    path: str, status: Status | None, settings: Settings
) -> tuple[Lifecycle, LifecycleSource | None, str]:
    """Return three values: the lifecycle of a PLAN, the source of the lifecycle, and the folder that decided.

    The source is folder, Status or None. If the source is not the folder, the third value is "". If folder and Status
    set different lifecycles, the later lifecycle in the order of `Lifecycle` wins.
    """
    lifecycle_of_folder, lifecycle_of_status = (
        lifecycle_by_path(path, settings),
        STATUS_LIFECYCLES.get(status, "active"),
    )
    lifecycle_order = get_args(Lifecycle)
    if lifecycle_order.index(lifecycle_of_status) > lifecycle_order.index(lifecycle_of_folder):
        return lifecycle_of_status, "status", ""
    if lifecycle_of_folder == "active":
        return lifecycle_of_folder, None, ""
    patterns = patterns_of_setting(settings["lifecycle"].get(lifecycle_of_folder, ()))
    parts = parent(path).split("/")
    folders_above = ("/".join(parts[: number + 1]) for number in range(len(parts)))
    return (
        lifecycle_of_folder,
        "folder",
        next(
            (folder_above for folder_above in folders_above if matching_rule(patterns, f"{folder_above}/_")),
            parent(path),
        ),
    )


def folder_rank(plan: PlanPlace, document: Document) -> int:
    """Return the rank of a document's folder: one of the ranks OWN_RANK to FAR_RANK, plus a step within this rank.

    Within each rank, the folder for the document's kind comes first (the methodology, §1.4).
    """
    kind_folder = WORK_FOLDERS[document.name.kind]
    rank_by_folder = _folder_ranks(parent(plan.path), plan.folder, plan.archive_location, kind_folder)
    return rank_by_folder.get(parent(document.path), FAR_RANK)


def search_folders_of(plan: PlanPlace) -> set[str]:
    """Return the folders in which a plan looks for its work, except the PLAN's folder, the work folder and the root.

    These three folders are excluded because they may contain any file.
    """
    folder = parent(plan.path)
    ranks_by_kind = (
        _folder_ranks(folder, plan.folder, plan.archive_location, kind_folder) for kind_folder in WORK_FOLDERS.values()
    )
    return {folder_path for rank_by_folder in ranks_by_kind for folder_path in rank_by_folder} - {
        folder,
        plan.folder,
        "",
    }


@functools.lru_cache(maxsize=4096)
def _folder_ranks(folder: str, work_folder_path: str, archive_location: str, kind_folder: str) -> dict[str, int]:
    """Return a mapping from each folder that may contain a plan's documents of one kind to the rank of the folder.

    `folder` is the folder of the PLAN. `work_folder_path` is the folder for the work of the plan. `archive_location` is
    the archive that the PLAN names. `kind_folder` is the name of the folder for the kind of document.
    """
    other_kind_folder = next(name for name in WORK_FOLDERS.values() if name != kind_folder)
    archive_folders = [archive_location, join(folder, archive_location)] if archive_location else []
    base_folders = [
        (OWN_RANK, folder),
        (PARENT_RANK, work_folder_path),
        *((ARCHIVE_RANK, archive_folder) for archive_folder in archive_folders),
    ]
    inner_names: dict[tuple[int, str], tuple[str, ...]] = dict.fromkeys(
        base_folders, (kind_folder, "", other_kind_folder)
    )
    inner_names |= dict.fromkeys(
        ((FLAT_RANK, work_space) for work_space in _work_spaces(folder)), (kind_folder, other_kind_folder)
    )
    result: dict[str, int] = {}
    for (rank, base_folder), names in sorted(inner_names.items()):
        for step, name in enumerate(names):
            result.setdefault(join(base_folder, name) if name else base_folder, rank + step)
    return result


def _work_spaces(folder: str) -> list[str]:
    """Return the paths of all folders `work-space` above a plan, nearest first. `folder` is the folder of the PLAN.

    The last path is always the folder `work-space` in the root of the workspace.
    """
    parts = folder.split("/")
    work_spaces = ["/".join(parts[: index + 1]) for index, name in enumerate(parts) if name == "work-space"]
    return [*reversed(work_spaces), *([] if "work-space" in work_spaces else ["work-space"])]
