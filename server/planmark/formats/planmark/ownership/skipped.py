"""The paths of a workspace that the scan did not read, and the plans that may have work at these paths.

An unreadable file, or a folder that is a link, ignored or unreadable, may contain work that decides a state. So each
plan that looks for its work at one of these paths gets the path.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from planmark.formats.planmark.documents.file_names import number_and_round
from planmark.formats.planmark.documents.ids import ids_meant_by_number
from planmark.formats.planmark.documents.misnamed import name_of
from planmark.formats.planmark.ownership.discovery import FEEDBACK_FOLDER, WORK_FOLDERS, search_folders_of
from planmark.plans.model import Skipped
from planmark.storage.paths import join, parent
from planmark.workspace.snapshot import PlanPlace, PlanTable

SkippedKind = Literal["subplan", "execution_task", "verdict", "parallel"]
"""A kind of document that a plan may have at a skipped path."""
SKIPPED_KINDS: tuple[SkippedKind, ...] = ("subplan", "execution_task", "verdict", "parallel")
"""All kinds of documents that a plan may have at a skipped path."""
KINDS_BY_FOLDER: dict[str, tuple[SkippedKind, ...]] = {
    "subplans": ("subplan",),
    "execution": ("execution_task", "verdict"),
    "feedbacks": ("verdict",),
}
"""Mapping from the name of a work folder to the kinds of documents in this folder.

A folder with any other name may contain all kinds.
"""


class SkippedPaths:
    """The skipped paths of a workspace, indexed by path and by the feature in their names."""

    def __init__(self, skipped: Sequence[Skipped] = ()) -> None:
        """Index the skipped paths, which must be sorted and unique."""
        self.skipped = skipped
        self._by_path = {skipped_entry.path: skipped_entry for skipped_entry in skipped}
        self._paths = sorted(self._by_path)
        self._by_feature: dict[str, list[Skipped]] = defaultdict(list)
        for skipped_entry in skipped:
            if feature := _feature_of(skipped_entry):
                self._by_feature[feature].append(skipped_entry)

    def skipped_near(self, plan: PlanPlace, table: PlanTable) -> tuple[Skipped, ...]:
        """Return the skipped paths that may concern a plan, sorted.

        A returned path is in a folder of the plan's work, or it has the name of a work file of the plan.
        """
        if not self.skipped:
            return ()
        skipped_by_path = {skipped_file.path: skipped_file for skipped_file in self._by_feature.get(plan.feature, ())}
        for search_folder in _all_search_folders(plan):
            for skipped_entry in (*self._skipped_above(search_folder), *self._skipped_below(search_folder)):
                feature = _feature_of(skipped_entry)
                if not feature or feature not in table.features:
                    skipped_by_path[skipped_entry.path] = skipped_entry
        for folder in {parent(plan.path), plan.folder}:
            if parallel := self._by_path.get(join(folder, "parallel.json")):
                skipped_by_path[parallel.path] = parallel
        return tuple(skipped_by_path[path] for path in sorted(skipped_by_path))

    def _skipped_above(self, path: str) -> Iterator[Skipped]:
        """Yield the skipped entries of the path `path` and of the folders above it."""
        while path:
            if skipped_entry := self._by_path.get(path):
                yield skipped_entry
            path = parent(path)

    def _skipped_below(self, folder: str) -> Iterator[Skipped]:
        """Yield the skipped entries of the paths below a folder."""
        first = bisect.bisect_left(self._paths, f"{folder}/")
        for path in self._paths[first : bisect.bisect_left(self._paths, f"{folder}0")]:
            yield self._by_path[path]


def _all_search_folders(plan: PlanPlace) -> set[str]:
    """Return the folders in which a plan looks for its work and verdicts, including the archive that the PLAN names."""
    return {
        *(join(folder, FEEDBACK_FOLDER) for folder in {plan.folder, parent(plan.path)}),
        *search_folders_of(plan),
    }


def _feature_of(skipped: Skipped) -> str:
    """Return the feature in the file name of a skipped SUBPLAN or EXECUTION_TASK. For any other path, return ""."""
    name = name_of(skipped.path.rpartition("/")[2])
    return name.feature if name is not None and name.kind in WORK_FOLDERS else ""


def kinds_at(path: str) -> tuple[SkippedKind, ...]:
    """Return the kinds of documents that a skipped path may contain.

    The file name decides. If it names no kind of document, the last work folder in the path decides.
    """
    name = name_of(path.rpartition("/")[2])
    kind = (name.meant_kind or name.kind) if name is not None else None
    if kind in SKIPPED_KINDS:
        return (kind,)
    kinds_of_parts = (KINDS_BY_FOLDER.get(part.lower()) for part in reversed(path.split("/")))
    return next((kinds for kinds in kinds_of_parts if kinds), SKIPPED_KINDS)


def may_concern_achievement(path: str, achievement: str, ids: Sequence[str]) -> bool:
    """Tell whether a skipped path may concern the achievement with the id `achievement`.

    `ids` are the ids of the plan. If the number in the file name can only mean other achievements, return False.
    """
    achievement_ids = achievement_ids_at(path, ids)
    return not achievement_ids or achievement in achievement_ids


def achievement_ids_at(path: str, ids: Sequence[str]) -> set[str]:
    """Return the ids that the number in the name of a skipped path may mean. `ids` are all ids of the plan.

    If the path may concern any achievement, the set is empty.
    """
    name = name_of(path.rpartition("/")[2])
    if name is None or not name.number:
        return set()
    split_number = number_and_round(name.number) if name.kind == "verdict" else None
    return {
        *ids_meant_by_number(name.number, ids),
        *(ids_meant_by_number(split_number[0], ids) if split_number else ()),
    }


def without_documents_of_plan(skipped_files: Collection[Skipped], names: Collection[str]) -> tuple[Skipped, ...]:
    """Return the skipped files whose names are not in `names`, the file names of the plan's documents."""
    return tuple(skipped_entry for skipped_entry in skipped_files if skipped_entry.path.rpartition("/")[2] not in names)
