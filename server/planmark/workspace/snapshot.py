"""The immutable state of a workspace at one moment. Every answer of the CLI and the server comes from a snapshot."""

from __future__ import annotations

import bisect
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from planmark.markdown.parsed_source import LineRange, SectionPosition
from planmark.plans.document import Document
from planmark.plans.format import FormatDocument, PlanSite
from planmark.plans.model import WORKABLE_LIFECYCLES, Lifecycle, LifecycleSource, Skipped
from planmark.workspace.left_out import LeftOut
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.scan import Problem
from planmark.workspace.settings import Settings

ReadText = Callable[[str], str]
"""A function from the relative path of a document to its text; "" if the document is unreadable."""
Exists = Callable[[str], bool]
"""A function that tells whether a file or folder exists at a relative path; False for a path outside the workspace."""


class Copy(msgspec.Struct, frozen=True):
    """A document that does not count because a document with the same identity is nearer to the plan.

    `counts` is the path of the document that counts. `differing_document` is the document that does not count if its
    text is different and it is not an archived copy, else None.
    """

    path: str
    counts: str
    differing_document: Document | None = None


class DefinedAchievement(Protocol):
    """An achievement of a PLAN, with its lines: its definition, its body and its line in the index."""

    @property
    def id(self) -> str:
        """The id of the achievement."""

    @property
    def position(self) -> SectionPosition:
        """The position of the definition. If there is no definition, the position of the line in the index."""

    @property
    def body(self) -> LineRange | None:
        """The lines of the body of the definition; None if there is no body."""

    @property
    def index_at(self) -> SectionPosition | None:
        """The position of the line in the index; None if the index does not have the achievement."""


class CorePlanFacts(Protocol):
    """The facts of a PLAN that the core reads. The type of the format has more facts."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the achievements, in the order of the PLAN."""

    @property
    def achievements(self) -> Sequence[DefinedAchievement]:
        """The achievements, in the order of the PLAN."""

    @property
    def by_id(self) -> Mapping[str, DefinedAchievement]:
        """The achievements by id."""


FactsT = TypeVar("FactsT", bound=CorePlanFacts, covariant=True)


class WorkPlan(msgspec.Struct, Generic[FactsT], frozen=True):
    """A PLAN and all its documents, which are not assigned to achievements yet. `facts` are the facts of the PLAN.

    `folder` is the work folder, "" for the workspace root. `far` are the documents outside the plan's own folders that
    count for the plan.

    `lifecycle_by` is the source of the lifecycle, None for the default. `lifecycle_folder` is the deciding folder, ""
    if no folder decided.

    `ambiguous_verdicts` are verdicts in a folder of several plans that name no plan. `misnamed` are files that are
    meant as documents of the plan, and are not read; of these, the files in `disputed` may belong to a different plan
    instead.

    `named_plans` has two values for each verdict that names a different PLAN: the path of the verdict, and the feature
    of that PLAN. `skipped` are the unread files and folders in the work folders of the plan. `uncounted` are documents
    in the plan's folders that count for no plan.
    """

    document: Document
    facts: FactsT
    feature: str
    folder: str
    lifecycle: Lifecycle
    lifecycle_by: LifecycleSource | None
    lifecycle_folder: str
    subplans: tuple[Document, ...]
    executions: tuple[Document, ...]
    verdicts: tuple[Document, ...]
    ambiguous_verdicts: tuple[str, ...]
    parallel: Document | None
    copies: tuple[Copy, ...]
    far: tuple[str, ...]
    misnamed: tuple[Document, ...] = ()
    disputed: tuple[str, ...] = ()
    named_plans: tuple[tuple[str, str], ...] = ()
    skipped: tuple[Skipped, ...] = ()
    uncounted: tuple[Skipped, ...] = ()

    @property
    def path(self) -> str:
        """The path of the PLAN, which identifies the plan."""
        return self.document.path


PlanDocuments = WorkPlan[CorePlanFacts]
"""A plan as the core reads it."""
FormatPlan = WorkPlan[Any]
"""A plan as an argument of a function of its format, which knows the type of the facts."""


def is_same_plan(plan: PlanDocuments, other_plan: PlanDocuments) -> bool:
    """Tell whether two plans consist of the same document objects, assigned in the same way."""
    names = ("subplans", "executions", "verdicts", "misnamed")
    documents = [(getattr(plan, name), getattr(other_plan, name)) for name in names]
    documents.append(((plan.document, plan.parallel), (other_plan.document, other_plan.parallel)))
    return (
        all(len(ours) == len(theirs) and all(map(operator.is_, ours, theirs)) for ours, theirs in documents)
        and _location_and_lifecycle(plan) == _location_and_lifecycle(other_plan)
        and (plan.ambiguous_verdicts, plan.copies, plan.far)
        == (other_plan.ambiguous_verdicts, other_plan.copies, other_plan.far)
        and plan.disputed == other_plan.disputed
        and plan.named_plans == other_plan.named_plans
        and (plan.skipped, plan.uncounted) == (other_plan.skipped, other_plan.uncounted)
    )


def _location_and_lifecycle(plan: PlanDocuments) -> tuple[str, ...]:
    """Return the feature of a plan, its work folder, and its lifecycle with the source of the lifecycle."""
    return plan.feature, plan.folder, plan.lifecycle, plan.lifecycle_by or "", plan.lifecycle_folder


class NotPlan(msgspec.Struct, frozen=True):
    """A file that looks like a PLAN but is not a PLAN, and the reason.

    `name` is the file name that would make the file a PLAN. It is `None` if the name is not the reason, or if no correct
    name is known. `holds_achievements` is true if the file has achievements that are not read only because of its name.
    """

    path: str
    reason: str
    name: str | None = None
    holds_achievements: bool = False


class Orphan(msgspec.Struct, frozen=True):
    """A feature with work files but no PLAN."""

    feature: str
    documents: tuple[str, ...]


class PlanPlace(NamedTuple):
    """A PLAN by its path, with its feature and its work folder ("" for the root).

    `archive_location` is the archive folder that the PLAN states, "" if it states no such folder.
    """

    path: str
    feature: str
    folder: str
    archive_location: str


class PlanTable(NamedTuple):
    """The plans of a workspace, with the lookup tables that assign documents to them.

    The table is a new object only if one of its values changes. `places` has the place of each PLAN by its path.
    `not_plans` are the files that look like a PLAN but are not PLANs. `features` are the features of all plans.
    `nested_features` are features of files with the name of a PLAN in the folder of a different PLAN. The work files of
    such a feature decide whether its file is a PLAN.

    `by_feature` has the plans of a feature, and `by_folder` the plans of a work folder. `by_parallel` has the plans to
    which a `parallel.json` belongs, by the path of this file. `sharing` are the paths of PLANs whose feedback folder
    may contain verdicts of other plans. `folders` are the folders of PLANs and misnamed PLANs, and their work folders.
    `misnamed` has the path of each misnamed PLAN, by the feature that it would have. `misnamed_folders` are the folders
    of these files. Some files have the name of a PLAN and no content of a PLAN. `hollow_plan_folders` has the work
    folders (`X/execution/`) of these files, by feature. If such a folder contains work, the file is a PLAN.
    """

    places: dict[str, PlanPlace]
    not_plans: tuple[NotPlan, ...]
    nested_features: frozenset[str]
    features: frozenset[str]
    by_feature: dict[str, list[PlanPlace]]
    by_folder: dict[str, list[PlanPlace]]
    by_parallel: dict[str, list[PlanPlace]]
    sharing: frozenset[str]
    folders: frozenset[str]
    misnamed: dict[str, str]
    misnamed_folders: frozenset[str]
    hollow_plan_folders: dict[str, tuple[str, ...]]


EMPTY_PLAN_TABLE = PlanTable(
    {}, (), frozenset(), frozenset(), {}, {}, {}, frozenset(), frozenset(), {}, frozenset(), {}
)


class Snapshot(msgspec.Struct, frozen=True):
    """A workspace at one revision. `root` is an absolute path. All other paths are relative to the root, with `/`.

    `names` has the paths of the files with a name, by the name. `packed_diagnostics` has the packed check results of
    documents that were checked while they were read. `mentioned_words` has the words by which the text of a file refers
    to ids and documents, if these words were collected (see `names_mentioned_in`). Files that are listed and not parsed
    may also have such words.

    `records` are the documents of other formats, and `sites` are the plans of other formats, sorted by path. `owners`
    has the path of the plan of a document, by the path of the document. `strays` are verdicts outside every feedback
    folder of a plan. `misnamed` are files that are meant as work and are not read.

    `present_paths` are the existing files and folders among the paths that documents name as deliverables. `extensions`
    are the extensions of all walked files. `others` has the paths of files that are not documents, by file name.
    `skipped` are all folders and documents that were not read. `unread_plans` has two values for each folder with plans
    of a format that is not read: the folder and the name of the format.
    """

    root: str
    revision: int
    complete: bool
    settings: Settings
    paths: tuple[str, ...]
    names: PathMap[tuple[str, ...]]
    documents: PathMap[Document]
    packed_diagnostics: PathMap[bytes]
    records: PathMap[FormatDocument]
    sites: tuple[PlanSite, ...]
    mentioned_words: PathMap[tuple[str, ...]]
    table: PlanTable
    plans: tuple[PlanDocuments, ...]
    owners: PathMap[str]
    orphans: tuple[Orphan, ...]
    strays: tuple[str, ...]
    misnamed: tuple[Document, ...]
    problems: tuple[Problem, ...]
    ignored_folders: int
    left_out: tuple[LeftOut, ...] = ()
    checkouts: tuple[str, ...] = ()
    present_paths: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    others: Mapping[str, tuple[str, ...]] = {}
    unread_plans: tuple[tuple[str, str], ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def not_plans(self) -> tuple[NotPlan, ...]:
        """The files that look like a PLAN but are not PLANs."""
        return self.table.not_plans

    def has(self, path: str) -> bool:
        """Tell whether the file at a path is listed."""
        return path in self.names.get(path.rpartition("/")[2], ())

    def plans_of_feature(self, feature: str) -> list[PlanDocuments]:
        """Return the plans of a feature, sorted by path."""
        paths = sorted(place.path for place in self.table.by_feature.get(feature, ()))
        return [plan for path in paths if (plan := self.plan_at(path))]

    def plan_at(self, path: str) -> PlanDocuments | None:
        """Return the plan whose PLAN is at a path; None if there is no such plan."""
        position = bisect.bisect_left(self.plans, path, key=lambda plan: plan.path)
        return self.plans[position] if position < len(self.plans) and self.plans[position].path == path else None


def empty_snapshot(root: Path, settings: Settings, revision: int) -> Snapshot:
    """Return an empty snapshot, for a workspace whose files are not read yet."""
    return Snapshot(
        root=str(root),
        revision=revision,
        complete=False,
        settings=settings,
        paths=(),
        names=PathMap(),
        documents=PathMap(),
        packed_diagnostics=PathMap(),
        records=PathMap(),
        sites=(),
        mentioned_words=PathMap(),
        table=EMPTY_PLAN_TABLE,
        plans=(),
        owners=PathMap(),
        orphans=(),
        strays=(),
        misnamed=(),
        problems=(),
        ignored_folders=0,
    )


def changed_plan_paths(old_snapshot: Snapshot, new_snapshot: Snapshot) -> list[str]:
    """Return the sorted paths of the plans that only one snapshot has, or that are different objects in the two."""
    old_plan_ids, new_plan_ids = set(map(id, old_snapshot.plans)), set(map(id, new_snapshot.plans))
    removed_paths = (plan.path for plan in old_snapshot.plans if id(plan) not in new_plan_ids)
    return sorted({*removed_paths, *(plan.path for plan in new_snapshot.plans if id(plan) not in old_plan_ids)})


def plans_with_same_feature(plans: Iterable[PlanDocuments]) -> dict[str, tuple[PlanDocuments, ...]]:
    """Return a mapping from a feature to its plans, for each feature with several plans that allow work.

    One of the plans may be an old copy of a different plan.
    """
    result: dict[str, list[PlanDocuments]] = {}
    for plan in plans:
        if plan.lifecycle in WORKABLE_LIFECYCLES:
            result.setdefault(plan.feature, []).append(plan)
    return {
        feature: tuple(same_feature_plans)
        for feature, same_feature_plans in result.items()
        if len(same_feature_plans) > 1
    }
