"""The assignment of documents to plans, updated with each change. Rules: the methodology, §1.2 to §1.4.

After a change of a document, only this document is assigned again, and only its plans are built again. All documents
are assigned again only if a change may affect which files are PLANs, or the folders of plans.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec.structs import replace

from planmark.formats.planmark.documents.document import misnamed_facts, parsed_name
from planmark.formats.planmark.documents.document_references import plan_feature_named_in
from planmark.formats.planmark.documents.misnamed import Misnamed, looks_like_plan, words_of_topic
from planmark.formats.planmark.documents.plan import Plan
from planmark.formats.planmark.documents.verdict import Verdict
from planmark.formats.planmark.ownership.discovery import (
    ARCHIVE_RANK,
    FAR_RANK,
    FEEDBACK_FOLDER,
    WORK_FOLDERS,
    find_plans,
    folder_rank,
    is_in_work_folder,
    lifecycle_by_path,
    lifecycle_of_plan,
)
from planmark.formats.planmark.ownership.named_plans import other_features_named, plans_named_in
from planmark.formats.planmark.ownership.nearest_plan import common_folder_count, nearest_plan
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.ownership.skipped import SkippedPaths, without_documents_of_plan
from planmark.plans.document import Document
from planmark.plans.model import Skipped
from planmark.storage.paths import join, parent
from planmark.workspace.ownership import DigestOf, OwnershipResult, WordsOfVerdict
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import EMPTY_PLAN_TABLE, Copy, Orphan, PlanPlace, PlanTable, is_same_plan

ValueT = TypeVar("ValueT")
_FEEDBACKS = f"/{FEEDBACK_FOLDER}"
"""The ending of the path of a feedback folder."""
MISPLACED_REASON = "lies where no verdict counts"
NAMES_NO_PLAN_REASON = "holds verdicts that name none of the PLANs that share it"
FIX_NAMES_NO_PLAN_REASON = "holds a FIX that names none of the PLANs that share it"
MISSING_PLAN_REASON = "names a PLAN that is not there"
"""Reasons why a document, or the verdicts in a folder, count for no plan."""


@dataclass
class OwnedDocuments:
    """The documents of one plan, by path, including all copies of a document.

    `work` contains the SUBPLANs and EXECUTION_TASKs. `ambiguous` contains the paths of verdicts in a shared folder that
    name none, or several, of the plans that share the folder. `disputed_paths` contains the paths of misnamed files
    that several plans have. `uncounted` contains the documents near the plan that count for no plan.
    """

    work: dict[str, Document] = field(default_factory=dict)
    verdicts: dict[str, Document] = field(default_factory=dict)
    ambiguous: set[str] = field(default_factory=set)
    misnamed: dict[str, Document] = field(default_factory=dict)
    disputed_paths: set[str] = field(default_factory=set)
    uncounted: dict[str, Skipped] = field(default_factory=dict)


class PlanOwnership:
    """The assignment of documents to plans. Only the writer of an index uses it."""

    def __init__(self, settings: Settings) -> None:
        self.assigned_result = OwnershipResult(EMPTY_PLAN_TABLE, (), PathMap(), (), (), ())
        self._settings = settings
        self._documents: PathMap[Document] = PathMap()
        self._plans_by_path: dict[str, PlanDocuments] = {}
        self._belongings: dict[str, OwnedDocuments] = {}
        self._orphans: dict[str, set[str]] = {}
        """Mapping from each feature without a PLAN to the paths of its work documents."""
        self._strays: set[str] = set()
        """The paths of the verdicts that are in no feedback folder of a plan."""
        self._misnamed: dict[str, Document] = {}
        self._has_other_misnamed = False
        """Whether a misnamed file appeared, disappeared or changed since the last result."""
        self._skipped = SkippedPaths()
        self._near_skipped: dict[str, tuple[Skipped, ...]] = {}
        """Mapping from the path of a PLAN to the skipped paths at the places where the plan looks for its work."""
        self._holders: dict[str, tuple[str, ...]] = {}
        """Mapping from the path of a document to the paths of the PLANs that have, or may have, the document."""
        self._plans_around: dict[str, tuple[str, ...]] = {}
        """Mapping from the path of a document that counts for no plan to the paths of the PLANs that list it."""
        self._nameless_verdicts: dict[str, set[str]] = {}
        """Mapping from a shared feedback folder to the paths of verdicts that name none, or several, of its plans.

        The key of APPROVED and RESOLUTION files is the path of the folder. The key of FIX files also has a `/` at the
        end.
        """

    def update(
        self,
        changed_paths: Iterable[str],
        paths: Sequence[str],
        documents: PathMap[Document],
        words_of_verdict: WordsOfVerdict,
        digest: DigestOf,
        skipped: Sequence[Skipped] = (),
    ) -> OwnershipResult:
        """Assign the changed documents again, and return the new result.

        `paths` are all listed files. `words_of_verdict` returns the words of a verdict that may be features. `digest`
        returns the digest of a file's content. `skipped` are the paths that the scan did not read, sorted by path.
        """
        changed_paths = set(changed_paths)
        old_result = self.assigned_result
        orphans, strays, misnamed = old_result.orphans, old_result.strays, old_result.misnamed
        table = old_result.table
        if any(self._may_change_plans(path, documents.get(path)) for path in changed_paths):
            table = find_plans(paths, documents)
            self._belongings = {path: OwnedDocuments() for path in table.places}
            self._holders, self._orphans, self._strays, self._misnamed = {}, {}, set(), {}
            self._plans_around, self._nameless_verdicts = {}, {}
            self._documents = PathMap()
            changed_paths = set(documents)
        touched_paths: set[str] = set()
        for path in changed_paths:
            touched_paths |= self._unassign(path)
            if document := documents.get(path):
                touched_paths |= self._assign(path, document, table, words_of_verdict)
            touched_paths |= {plan.path for plan in table.by_parallel.get(path, ())}
        self._documents = documents
        if skipped is not self._skipped.skipped or table is not old_result.table:
            touched_paths |= self._replace_skipped(skipped, table)
        plans = old_result.plans
        if table is not old_result.table or touched_paths:
            plans = self._updated_plans(table, touched_paths, documents, digest)
        if changed_paths or table is not old_result.table:
            orphans = _reuse_equal(
                orphans,
                tuple(
                    Orphan(name, tuple(sorted(orphan_paths))) for name, orphan_paths in sorted(self._orphans.items())
                ),
            )
            strays = _reuse_equal(strays, tuple(sorted(self._strays)))
        if table is not old_result.table or self._has_other_misnamed:
            misnamed = _reuse_equal(misnamed, tuple(self._misnamed[path] for path in sorted(self._misnamed)))
            self._has_other_misnamed = False
        owners = old_result.owners if table is old_result.table else PathMap()
        owners = owners.changed({path: self._owner_of(path, documents, table) for path in changed_paths})
        self.assigned_result = OwnershipResult(table, plans, owners, orphans, strays, misnamed)
        return self.assigned_result

    def _replace_skipped(self, skipped: Sequence[Skipped], table: PlanTable) -> set[str]:
        """Replace the skipped paths. Return the paths of the PLANs whose skipped paths are now different."""
        old_near_skipped, self._skipped = self._near_skipped, SkippedPaths(skipped)
        self._near_skipped = {
            path: near_skipped
            for path, plan_place in table.places.items()
            if (near_skipped := self._skipped.skipped_near(plan_place, table))
        }
        return {path for path in table.places if old_near_skipped.get(path) != self._near_skipped.get(path)}

    def _may_change_plans(self, path: str, new_document: Document | None) -> bool:
        """Tell whether a change of a document may affect which files are PLANs, or the folders of plans."""
        old_document = self._documents.get(path)
        if looks_like_plan(path.rpartition("/")[2]):
            return (
                old_document is None
                or new_document is None
                or _plan_signature(old_document) != _plan_signature(new_document)
            )
        if (old_document is None) == (new_document is None):
            return False
        name = old_document.name if old_document else new_document.name if new_document else None
        table = self.assigned_result.table
        if name is None:
            return False
        if name.kind in WORK_FOLDERS and (
            name.feature in table.nested_features or name.feature in table.hollow_plan_folders
        ):
            return True
        return any(path.startswith(folders) for folders in table.hollow_plan_folders.values())

    def _unassign(self, path: str) -> set[str]:
        """Remove a document from all plans. Return the paths of the PLANs that had or listed the document."""
        plans_around = self._plans_around.pop(path, ())
        for plan in plans_around:
            self._belongings[plan].uncounted.pop(path, None)
        holders = self._holders.pop(path, ())
        self._remove_unassigned_verdict(path, holders)
        for holder in holders:
            owned_documents = self._belongings[holder]
            owned_documents.work.pop(path, None)
            owned_documents.verdicts.pop(path, None)
            owned_documents.ambiguous.discard(path)
            owned_documents.misnamed.pop(path, None)
            owned_documents.disputed_paths.discard(path)
        self._has_other_misnamed |= self._misnamed.pop(path, None) is not None
        self._strays.discard(path)
        document = self._documents.get(path)
        if document is not None and path in self._orphans.get(document.name.feature, ()):
            self._orphans[document.name.feature].discard(path)
            if not self._orphans[document.name.feature]:
                del self._orphans[document.name.feature]
        return {*holders, *plans_around}

    def _assign(self, path: str, document: Document, table: PlanTable, words_of_verdict: WordsOfVerdict) -> set[str]:
        """Assign a document to its plan. Return the paths of the PLANs whose documents have changed."""
        kind = document.name.kind
        if kind == "plan":
            return {path} & table.places.keys()
        if kind in WORK_FOLDERS:
            owner = nearest_plan(document, table)
            if owner is None:
                self._orphans.setdefault(document.name.feature, set()).add(path)
                return self._list_as_uncounted(
                    path, document, _plans_of_nearest_folder(path, table), MISSING_PLAN_REASON
                )
            self._belongings[owner.path].work[path] = document
            self._holders[path] = (owner.path,)
        elif kind == "verdict":
            self._assign_verdict(path, document, table, words_of_verdict)
        elif kind == "misnamed" and document.name.meant_kind != "plan":
            self._assign_misnamed(path, document, table)
        return {*self._holders.get(path, ()), *self._plans_around.get(path, ())}

    def _list_as_uncounted(
        self, path: str, document: Document, plan_places: Sequence[PlanPlace], reason: str
    ) -> set[str]:
        """List a document that counts for no plan as uncounted in `plan_places`, unless the document is archived.

        Return the paths of the PLANs whose lists now contain the document.
        """
        if parsed_name(document).is_archived or lifecycle_by_path(path, self._settings) == "archived":
            return set()
        self._plans_around[path] = tuple(plan.path for plan in plan_places)
        for plan in plan_places:
            self._belongings[plan.path].uncounted[path] = Skipped(path, reason)
        return set(self._plans_around[path])

    def _record_unassigned_verdict(self, path: str, document: Document, plan_places: Sequence[PlanPlace]) -> None:
        """Record a verdict that names none, or several, of the plans `plan_places`, which share the verdict's folder.

        Each of these plans lists the folder as uncounted, once for all such verdicts.
        """
        is_fix = parsed_name(document).verdict == "fix"
        key = f"{parent(path)}/" if is_fix else parent(path)
        if key not in self._nameless_verdicts:
            for plan in plan_places:
                reason = FIX_NAMES_NO_PLAN_REASON if is_fix else NAMES_NO_PLAN_REASON
                self._belongings[plan.path].uncounted[key] = Skipped(parent(path), reason)
        self._nameless_verdicts.setdefault(key, set()).add(path)

    def _remove_unassigned_verdict(self, path: str, holders: Sequence[str]) -> None:
        """Remove the record of a verdict that `_record_unassigned_verdict` made."""
        for key in (parent(path), f"{parent(path)}/"):
            if self._nameless_verdicts.get(key, set()) == {path}:
                del self._nameless_verdicts[key]
                for holder in holders:
                    self._belongings[holder].uncounted.pop(key, None)
            elif key in self._nameless_verdicts:
                self._nameless_verdicts[key].discard(path)

    def _assign_verdict(
        self, path: str, document: Document, table: PlanTable, words_of_verdict: WordsOfVerdict
    ) -> None:
        """Assign a verdict to the plan whose feedback folder contains it.

        If several plans share the folder, the verdict counts only for the plan that its Plan field names. If the field
        names none of these plans, the verdict counts for the only plan that its text mentions. Otherwise the verdict is
        ambiguous for all plans that share the folder.
        """
        folder = f"/{parent(path)}"
        plan_places = (
            table.by_folder.get(folder.removesuffix(_FEEDBACKS)[1:], []) if folder.endswith(_FEEDBACKS) else []
        )
        self._holders[path] = tuple(plan.path for plan in plan_places)
        if not plan_places:
            self._strays.add(path)
            self._list_as_uncounted(
                path,
                document,
                plans_named_in(document, table) or _plans_of_nearest_folder(path, table),
                MISPLACED_REASON,
            )
        if len(plan_places) == 1 and plan_places[0].path not in table.sharing:
            self._belongings[plan_places[0].path].verdicts[path] = document
            return
        assert isinstance(document.facts, Verdict)
        header_feature = plan_feature_named_in(document.facts.plan) if document.facts.plan else None
        named_plan_places = [plan for plan in plan_places if plan.feature == header_feature]
        named_plan_places = named_plan_places or [
            plan for plan in plan_places if plan.feature in words_of_verdict(path)
        ]
        if plan_places and len(named_plan_places) != 1:
            self._record_unassigned_verdict(path, document, plan_places)
        for plan in plan_places:
            owned_documents = self._belongings[plan.path]
            if named_plan_places == [plan]:
                owned_documents.verdicts[path] = document
            else:
                owned_documents.ambiguous.add(path)

    def _assign_misnamed(self, path: str, document: Document, table: PlanTable) -> None:
        """Assign a misnamed file to the plans that its header or its name names, else to the plans of the nearest folder.

        If several plans have the file, the file is disputed in each of them. A name such as `REVIEW_11.md` is meant as
        a verdict only in a `feedbacks` folder.
        """
        if parsed_name(document).is_verdict_of_unknown_kind and parent(path).rpartition("/")[2].lower() != "feedbacks":
            return
        holders = _plans_of_misnamed(document, table)
        if not holders and misnamed_plan_of(document, table) is None:
            if not is_in_work_folder(path, table):
                return
            holders = _plans_of_nearest_folder(path, table)
        self._misnamed[path] = document
        self._has_other_misnamed = True
        self._holders[path] = tuple(plan.path for plan in holders)
        for plan in holders:
            self._belongings[plan.path].misnamed[path] = document
            if len(holders) > 1:
                self._belongings[plan.path].disputed_paths.add(path)

    def _owner_of(self, path: str, documents: PathMap[Document], table: PlanTable) -> str | None:
        """Return the path of the PLAN that a document belongs to, else None. If no plan has the document, the
        parallel.json of a plan belongs to its PLAN. Any other such document belongs to a PLAN with its feature.
        """
        document = documents.get(path)
        if document is None:
            return None
        if path in table.places:
            return path
        holders = self._holders.get(path, ())
        if holders:
            counting_holders = [holder for holder in holders if path not in self._belongings[holder].ambiguous]
            return (counting_holders or holders)[-1]
        related_plan_places = table.by_parallel.get(path) or table.by_feature.get(document.name.feature)
        return related_plan_places[-1].path if related_plan_places else None

    def _updated_plans(
        self, table: PlanTable, touched_paths: set[str], documents: PathMap[Document], digest: DigestOf
    ) -> tuple[PlanDocuments, ...]:
        """Build the documents of the PLANs in `touched_paths` again. Return the documents of all plans, sorted by path.

        If `table` is new, `touched_paths` must contain all PLANs.
        """
        plans_by_path = dict(self._plans_by_path)
        for path in touched_paths:
            old_documents, new_documents = (
                plans_by_path.get(path),
                _plan_documents(table.places[path], self._belongings[path], documents, table, self._settings, digest),
            )
            if near_skipped := self._near_skipped.get(path):
                new_documents = replace(
                    new_documents, skipped=without_documents_of_plan(near_skipped, _file_names_of(new_documents))
                )
            plans_by_path[path] = (
                old_documents
                if old_documents is not None and is_same_plan(old_documents, new_documents)
                else new_documents
            )
        if table is not self.assigned_result.table:
            plans_by_path = {path: plans_by_path[path] for path in sorted(table.places)}
        self._plans_by_path = plans_by_path
        return tuple(plans_by_path.values())


def _file_names_of(plan: PlanDocuments) -> set[str]:
    """Return the file names of a plan's documents."""
    documents = (*plan.subplans, *plan.executions, *plan.verdicts)
    return {document.path.rpartition("/")[2] for document in documents}


def _reuse_equal(old_value: ValueT, new_value: ValueT) -> ValueT:
    """Return `old_value` if it equals `new_value`, else `new_value`. So an unchanged value stays the same object."""
    return old_value if old_value == new_value else new_value


def _plan_signature(document: Document) -> tuple[object, ...]:
    """Return the facts of a PLAN or a misnamed PLAN that affect which files are PLANs, or the folders of plans."""
    facts = document.facts
    if isinstance(facts, Misnamed):
        return (facts.is_plan, bool(facts.ids))
    return (facts.archive_location, facts.is_hollow) if isinstance(facts, Plan) else ()


def _plans_of_misnamed(document: Document, table: PlanTable) -> list[PlanPlace]:
    """Return the plans that a misnamed file names: at most one in its header and at most one in its file name."""
    features = [*misnamed_facts(document).plans[:1], *feature_in_name(document, table.features)]
    candidates = (table.by_feature.get(feature, ()) for feature in dict.fromkeys(features))
    nearest_plans = (
        min(plans, key=lambda plan: -common_folder_count(plan.path, document.path)) for plans in candidates if plans
    )
    return list({plan.path: plan for plan in nearest_plans}.values())


def feature_in_name(document: Document, features: Container[str]) -> list[str]:
    """Return a list with the feature in the name of a misnamed SUBPLAN or EXECUTION_TASK, or an empty list.

    The feature is the longest of `features` that follows the word for the kind of document in the name.
    """
    if document.name.meant_kind not in WORK_FOLDERS:
        return []
    words = words_of_topic(parsed_name(document).topic)
    possible_features = ("-".join(words[:number]).upper() for number in range(len(words), 0, -1))
    return [feature for feature in possible_features if feature in features][:1]


def misnamed_plan_of(document: Document, table: PlanTable) -> str | None:
    """Return the feature of the misnamed PLAN that the header or the name of a misnamed file names, else None."""
    plan_names = (*misnamed_facts(document).plans, *feature_in_name(document, table.misnamed))
    return next((feature for feature in plan_names if feature in table.misnamed), None)


def _plans_of_nearest_folder(path: str, table: PlanTable) -> list[PlanPlace]:
    """Return the plans with the nearest work folder above a path.

    The list is empty if the folder of a misnamed PLAN is nearer.
    """
    folder = path
    while folder:
        folder = parent(folder)
        if folder in table.misnamed_folders and folder not in table.by_folder:
            return []
        if plan_places := table.by_folder.get(folder):
            return plan_places
    return []


def _is_archived(plan_place: PlanPlace, document: Document, settings: Settings) -> bool:
    """Tell whether a work document is an archived version: by its name, or because its folder is an archive."""
    is_in_archive = ARCHIVE_RANK <= folder_rank(plan_place, document) < FAR_RANK
    return (
        parsed_name(document).is_archived or is_in_archive or lifecycle_by_path(document.path, settings) == "archived"
    )


def _plan_documents(
    plan_place: PlanPlace,
    owned_documents: OwnedDocuments,
    documents: Mapping[str, Document],
    table: PlanTable,
    settings: Settings,
    digest: DigestOf,
) -> PlanDocuments:
    """Return the documents of a plan. If a document has several copies, only the nearest copy counts.

    `documents` are all documents of the workspace. `digest` returns the digest of a file's content.
    """
    documents_by_key: dict[tuple[str, ...], Document] = {}
    copies = []
    for document in sorted(
        owned_documents.work.values(), key=lambda d: (parsed_name(d).is_archived, folder_rank(plan_place, d), d.path)
    ):
        name = parsed_name(document)
        key = (name.kind, name.number, str(name.execution), name.rerun_mark)
        if key in documents_by_key:
            path_that_counts = documents_by_key[key].path
            has_other_content = not _is_archived(plan_place, document, settings) and digest(document.path) != digest(
                path_that_counts
            )
            copies.append(Copy(document.path, path_that_counts, document if has_other_content else None))
        else:
            documents_by_key[key] = document
    current_documents = sorted(
        documents_by_key.values(),
        key=lambda d: (d.name.number, parsed_name(d).execution, parsed_name(d).rerun_order, d.path),
    )
    document = documents[plan_place.path]
    assert isinstance(document.facts, Plan)
    lifecycle, lifecycle_source, folder = lifecycle_of_plan(plan_place.path, document.facts.status_word, settings)
    return PlanDocuments(
        document=document,
        facts=document.facts,
        feature=plan_place.feature,
        folder=plan_place.folder,
        lifecycle=lifecycle,
        lifecycle_by=lifecycle_source,
        lifecycle_folder=folder,
        subplans=tuple(d for d in current_documents if d.name.kind == "subplan"),
        executions=tuple(d for d in current_documents if d.name.kind == "execution_task"),
        verdicts=tuple(owned_documents.verdicts[path] for path in sorted(owned_documents.verdicts)),
        ambiguous_verdicts=tuple(sorted(owned_documents.ambiguous)),
        parallel=documents.get(join(parent(plan_place.path), "parallel.json"))
        or documents.get(join(plan_place.folder, "parallel.json")),
        copies=tuple(copies),
        far=tuple(d.path for d in current_documents if folder_rank(plan_place, d) == FAR_RANK),
        misnamed=tuple(owned_documents.misnamed[path] for path in sorted(owned_documents.misnamed)),
        disputed=tuple(sorted(owned_documents.disputed_paths)),
        named_plans=tuple(
            (path, feature)
            for path in sorted(owned_documents.verdicts)
            for feature in other_features_named(owned_documents.verdicts[path], plan_place.feature, table)
        ),
        uncounted=without_documents_of_plan(
            [owned_documents.uncounted[path] for path in sorted(owned_documents.uncounted)],
            {document.path.rpartition("/")[2] for document in (*current_documents, *owned_documents.verdicts.values())},
        ),
    )
