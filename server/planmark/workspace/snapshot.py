"""What a workspace holds at one moment: immutable values that every door reads."""

from __future__ import annotations

import bisect
import operator
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from planmark.documents.document import Document
from planmark.documents.plan import Plan
from planmark.workspace.files import Problem
from planmark.workspace.left_out import LeftOut, Skipped
from planmark.workspace.path_map import PathMap
from planmark.workspace.settings import Settings

ReadText = Callable[[str], str]
"""The text of a document by its relative path; "" where it cannot be read."""
Exists = Callable[[str], bool]
"""Whether there is a file or folder at a path relative to the workspace; False for what lies outside."""
Lifecycle = Literal["active", "backlog", "paused", "stopped", "archived"]
"""In the order in which the later one wins."""
WORKED_ON: tuple[Lifecycle, ...] = ("active", "backlog")
"""The lifecycles of plans that may be chosen without being named."""
Decides = Literal["folder", "status"]
"""What set a lifecycle: the folder of the plan, or the Status of its PLAN."""


class Copy(msgspec.Struct, frozen=True):
    """A document that does not count because another one of the same identity is nearer.

    `differs` is the document, where its text is another one and it is no archived copy; else None.
    """

    path: str
    counts: str
    differs: Document | None = None


class PlanFiles(msgspec.Struct, frozen=True):
    """A PLAN and every document that belongs to it, before they are given to achievements.

    `folder` is the work folder, "" for the workspace root; `far` are the documents that count although they lie
    outside the plan's own folders; `lifecycle_by` says what set the lifecycle, None where nothing did, and
    `lifecycle_folder` is the folder, "" where that did not; `ambiguous_verdicts` lie in a folder that several plans share, naming none.
    `misnamed` are files that are meant as documents of the plan and not read; those in `disputed` may be another plan's.
    `named_plans` are the verdicts (paths) that name another PLAN of the workspace, with its feature. `skipped` is what was not
    read where the plan looks for its work.
    """

    document: Document
    facts: Plan
    feature: str
    folder: str
    lifecycle: Lifecycle
    lifecycle_by: Decides | None
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

    @property
    def path(self) -> str:
        """The path of the PLAN: the identity of the plan."""
        return self.document.path


def is_same(one: PlanFiles, other: PlanFiles) -> bool:
    """Whether both consist of the same document objects, given out in the same way."""
    names = ("subplans", "executions", "verdicts", "misnamed")
    documents = [(getattr(one, name), getattr(other, name)) for name in names]
    documents.append(((one.document, one.parallel), (other.document, other.parallel)))
    return (
        all(len(ours) == len(theirs) and all(map(operator.is_, ours, theirs)) for ours, theirs in documents)
        and _placed(one) == _placed(other)
        and (one.ambiguous_verdicts, one.copies, one.far) == (other.ambiguous_verdicts, other.copies, other.far)
        and one.disputed == other.disputed
        and one.named_plans == other.named_plans
        and one.skipped == other.skipped
    )


def _placed(files: PlanFiles) -> tuple[str, ...]:
    return files.feature, files.folder, files.lifecycle, files.lifecycle_by or "", files.lifecycle_folder


class NotPlan(msgspec.Struct, frozen=True):
    """A file that looks like a plan and is not taken for one, and why.

    `name` is the file name by which it would be one, None where its name is not the reason or nothing else is like a plan's;
    `holds_achievements` says whether only that name keeps achievements from being read.
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
    """A PLAN by its path, with its feature, its work folder ("" for the root), and the folder that it names as archive."""

    path: str
    feature: str
    folder: str
    archive_location: str


class PlanTable(NamedTuple):
    """The plans of a workspace, by what documents are given to them by; a new object only where one of them is another.

    `contested` are features of PLANs in the folder of another one: whether they are plans depends on their work files.
    `sharing` are the paths of PLANs whose feedback folder may hold verdicts of others. `folders` are those in which PLANs lie or
    look for work, of files too that would be PLANs by another name; `misnamed` are these, by the feature that they would
    have, and `misnamed_folders` theirs of the folders. `hollow` are features of files with a PLAN's name and nothing else of
    one, with their work folders (`X/execution/`): that they have work makes them plans.
    """

    places: dict[str, PlanPlace]
    not_plans: tuple[NotPlan, ...]
    contested: frozenset[str]
    features: frozenset[str]
    by_feature: dict[str, list[PlanPlace]]
    by_folder: dict[str, list[PlanPlace]]
    by_parallel: dict[str, list[PlanPlace]]
    sharing: frozenset[str]
    folders: frozenset[str]
    misnamed: dict[str, str]
    misnamed_folders: frozenset[str]
    hollow: dict[str, tuple[str, ...]]


NO_PLANS = PlanTable({}, (), frozenset(), frozenset(), {}, {}, {}, frozenset(), frozenset(), {}, frozenset(), {})


class Snapshot(msgspec.Struct, frozen=True):
    """A workspace at one revision. `root` is absolute; every path below it is relative, with `/`.

    `names` are the file names with the paths that have them; `examined` is what was found in documents when they were read,
    as bytes, where somebody asked for it; `mentioned` the words that texts name things by, where somebody has looked (see
    `mentioned_in`), of files too that are only listed. `owners` are the documents that belong to a plan, with its
    path; `strays` the verdicts that lie where none is looked for, `misnamed` files that are meant as work and not read. `present` are those of the files and folders that
    deliverables name (see `presence`) which are there; `extensions` the endings of all files that the walk has met; `skipped`
    all folders and documents that were not read.
    """

    root: str
    revision: int
    complete: bool
    settings: Settings
    paths: tuple[str, ...]
    names: PathMap[tuple[str, ...]]
    documents: PathMap[Document]
    examined: PathMap[bytes]
    mentioned: PathMap[tuple[str, ...]]
    table: PlanTable
    plans: tuple[PlanFiles, ...]
    owners: PathMap[str]
    orphans: tuple[Orphan, ...]
    strays: tuple[str, ...]
    misnamed: tuple[Document, ...]
    problems: tuple[Problem, ...]
    ignored_folders: int
    left_out: tuple[LeftOut, ...] = ()
    checkouts: tuple[str, ...] = ()
    present: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    skipped: tuple[Skipped, ...] = ()

    @property
    def not_plans(self) -> tuple[NotPlan, ...]:
        """The files that look like a plan and are not taken for one."""
        return self.table.not_plans

    def has(self, path: str) -> bool:
        """Whether there is a file at a path, among those that are listed."""
        return path in self.names.get(path.rpartition("/")[2], ())

    def called(self, feature: str) -> list[PlanFiles]:
        """The plans of a feature, in the order of their paths."""
        paths = sorted(place.path for place in self.table.by_feature.get(feature, ()))
        return [files for path in paths if (files := self.plan_at(path))]

    def plan_at(self, path: str) -> PlanFiles | None:
        """The plan whose PLAN is at a path."""
        found = bisect.bisect_left(self.plans, path, key=lambda files: files.path)
        return self.plans[found] if found < len(self.plans) and self.plans[found].path == path else None


def nothing_known(root: Path, settings: Settings, revision: int) -> Snapshot:
    """What is known of a workspace before any of its files is."""
    return Snapshot(
        root=str(root),
        revision=revision,
        complete=False,
        settings=settings,
        paths=(),
        names=PathMap(),
        documents=PathMap(),
        examined=PathMap(),
        mentioned=PathMap(),
        table=NO_PLANS,
        plans=(),
        owners=PathMap(),
        orphans=(),
        strays=(),
        misnamed=(),
        problems=(),
        ignored_folders=0,
    )


def other_plans(before: Snapshot, now: Snapshot) -> list[str]:
    """The paths of the plans that are not the same object in both, or are in one of them only; in order."""
    known, there = set(map(id, before.plans)), set(map(id, now.plans))
    gone = (files.path for files in before.plans if id(files) not in there)
    return sorted({*gone, *(files.path for files in now.plans if id(files) not in known)})


def twins(plans: Iterable[PlanFiles]) -> dict[str, tuple[PlanFiles, ...]]:
    """Feature → the plans of that name, for features of which several plans may be worked on: one may be an old copy."""
    found: dict[str, list[PlanFiles]] = {}
    for files in plans:
        if files.lifecycle in WORKED_ON:
            found.setdefault(files.feature, []).append(files)
    return {feature: tuple(named) for feature, named in found.items() if len(named) > 1}
