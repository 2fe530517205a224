"""All diagnostics of a workspace. Each rule runs again only if its inputs have changed."""

from __future__ import annotations

import operator
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from planmark.diagnostics import workspace_problems
from planmark.diagnostics.codes import UNUSED_SUPPRESSION, current_code
from planmark.diagnostics.document_diagnostics import (
    DocumentDiagnostics,
    check_alone,
    check_document,
    counts,
    refresh_references,
    unpack,
)
from planmark.diagnostics.rule_inputs import DocumentReference, WorkspaceInput
from planmark.diagnostics.rules import FinishReason, FinishReasons, methodology
from planmark.diagnostics.suppression import apply_suppressions
from planmark.markdown.parsed_source import parse_sections
from planmark.plans.diagnostic import SEVERITIES, Diagnostic
from planmark.plans.document import Document
from planmark.plans.document_format import document_format
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.outside import EMPTY_OUTSIDE, Outside
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.plan_work import plan_work
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import NO_PLANS, ReadText, Snapshot, other_plans

DiagnosticsByPath = Mapping[str, tuple[Diagnostic, ...]]
"""Path of a file → the diagnostics about this file."""
NO_DIAGNOSTICS: DiagnosticsByPath = {}


class CheckedDocument(NamedTuple):
    """The diagnostics of a document alone, and the diagnostics about its references to missing documents."""

    document: Document
    document_diagnostics: DocumentDiagnostics
    missing_diagnostics: tuple[Diagnostic, ...]

    @property
    def diagnostics_by_path(self) -> DiagnosticsByPath:
        """All diagnostics of the document, by path."""
        diagnostics = (*self.document_diagnostics.own, *self.missing_diagnostics)
        return {self.document.path: diagnostics} if diagnostics else NO_DIAGNOSTICS


class CheckedPlan(NamedTuple):
    """The diagnostics of a plan, and the inputs of these diagnostics.

    `named_paths` are the files, and the names of files, whose presence the diagnostics depend on. `outside` is the
    input of the plan's state from other plans. `finished` are the documents that need no more work.
    """

    named_paths: frozenset[str]
    diagnostics: DiagnosticsByPath
    outside: Outside
    finished: FinishReasons


class CheckedRule(NamedTuple):
    """The diagnostics of one workspace rule, and the objects that the rule has read."""

    looked_at: tuple[object, ...]
    diagnostics: DiagnosticsByPath


class VisibleDiagnostics(NamedTuple):
    """The diagnostics to show for a file, in order.

    `all` are all diagnostics of the file. `visible` omits suppressed diagnostics, and diagnostics that do not matter
    because the work is finished.
    """

    document: Document | None
    all: tuple[Diagnostic, ...]
    visible: tuple[Diagnostic, ...]
    finish_reason: FinishReason | None


class CheckedWorkspace(NamedTuple):
    """The diagnostics of a workspace, and the intermediate results that the next check reuses.

    `line_references` holds the lines of other documents that each document names. `by_finder` holds the diagnostics about each
    file, by their source: the document itself, a plan or a workspace rule.
    """

    snapshot: Snapshot
    documents: PathMap[CheckedDocument]
    plans: dict[str, CheckedPlan]
    line_references: dict[str, tuple[DocumentReference, ...]]
    stale: DiagnosticsByPath
    workspace: tuple[CheckedRule, ...]
    others: DiagnosticsByPath
    by_finder: PathMap[DiagnosticsByPath]
    by_path: PathMap[VisibleDiagnostics]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics, sorted by path, line, severity and code."""
        return tuple(
            diagnostic for shown_diagnostics in self.by_path.values() for diagnostic in shown_diagnostics.visible
        )


class SnapshotDiff(NamedTuple):
    """The differences between a snapshot and the last checked snapshot.

    `added_or_removed` are the file names that only one of the two snapshots has. `presence` are the files named by
    deliverables that exist in only one of the two snapshots.
    """

    documents: set[str]
    added_or_removed: set[str]
    presence: frozenset[str]
    plans_around: bool


def check(
    snapshot: Snapshot,
    evaluations: Mapping[str, PlanEvaluation],
    text: ReadText,
    others: Iterable[Diagnostic] = (),
    before: CheckedWorkspace | None = None,
) -> CheckedWorkspace:
    """Return the diagnostics of a workspace.

    `evaluations` holds every plan by its path. `others` are diagnostics about files that are not documents. Results of
    `before` are reused if their inputs are the same objects.
    """
    checking = check_in_steps(snapshot, evaluations, text, others, before)
    while True:
        try:
            next(checking)
        except StopIteration as end:
            checked_workspace: CheckedWorkspace = end.value
            return checked_workspace


def check_in_steps(
    snapshot: Snapshot,
    evaluations: Mapping[str, PlanEvaluation],
    text: ReadText,
    others: Iterable[Diagnostic] = (),
    before: CheckedWorkspace | None = None,
) -> Generator[None, None, CheckedWorkspace]:
    """Run `check` one document or plan at a time.

    Yield after each document or plan, so that the caller can do other work.
    """
    if before is None or before.snapshot.settings != snapshot.settings:
        before = _empty_result(snapshot)
    difference = _snapshot_diff(before.snapshot, snapshot)
    merging = DiagnosticCollector(before.by_finder)
    documents = yield from _check_documents(snapshot, text, difference, before, merging)
    plans = yield from _check_plans(snapshot, evaluations, difference, before, merging)
    references_by_path, stale = _line_ranges(snapshot, documents, difference, before)
    merging.put("ranges", before.stale, stale)
    found_elsewhere = _by_path(others)
    merging.put("others", before.others, found_elsewhere)
    workspace = tuple(_check_workspace(WorkspaceInput(snapshot, text, evaluations), before, merging))
    files = before.by_path.changed(dict(_visible_diagnostics(snapshot, merging, difference.documents, plans, before)))
    return CheckedWorkspace(
        snapshot, documents, plans, references_by_path, stale, workspace, found_elsewhere, merging.all_by_file(), files
    )


def _empty_result(snapshot: Snapshot) -> CheckedWorkspace:
    """Return the result for an empty workspace with the settings of `snapshot`."""
    nothing = msgspec.structs.replace(
        snapshot, names=PathMap(), documents=PathMap(), plans=(), present_paths=frozenset(), table=NO_PLANS
    )
    return CheckedWorkspace(nothing, PathMap(), {}, {}, NO_DIAGNOSTICS, (), NO_DIAGNOSTICS, PathMap(), PathMap())


def _snapshot_diff(before: Snapshot, now: Snapshot) -> SnapshotDiff:
    documents = now.documents.differences(before.documents)
    if now.table is not before.table:
        documents |= {rejected.path for rejected in (*now.not_plans, *before.not_plans)}
    names = now.names.differences(before.names)
    return SnapshotDiff(
        documents,
        {name for name in names if (name in now.names) != (name in before.names)},
        now.present_paths ^ before.present_paths if now.present_paths is not before.present_paths else frozenset(),
        now.table.features != before.table.features or now.extensions != before.extensions,
    )


class DiagnosticCollector:
    """The diagnostics of each file by source (document, plan or rule), during a check."""

    def __init__(self, diagnostics: PathMap[DiagnosticsByPath]) -> None:
        self.changed: dict[str, dict[str, tuple[Diagnostic, ...]]] = {}
        self.finished: set[str] = set()
        """Paths of the documents whose reason to be finished has changed."""
        self._by_source = diagnostics

    def put(self, finder: str, before: DiagnosticsByPath, now: DiagnosticsByPath) -> None:
        """Replace the earlier diagnostics of the source `finder` by its current diagnostics."""
        for path in before.keys() | now.keys():
            if before.get(path) == now.get(path):
                continue
            by_finder = self.changed.setdefault(path, dict(self._by_source.get(path, NO_DIAGNOSTICS)))
            by_finder.pop(finder, None)
            if path in now:
                by_finder[finder] = now[path]

    def record_finish_changes(self, before: FinishReasons, now: FinishReasons) -> None:
        """Record the documents of a plan whose reason to be finished has changed."""
        self.finished |= {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}

    def all_by_file(self) -> PathMap[DiagnosticsByPath]:
        """Return all diagnostics, by file and by finder."""
        return self._by_source.changed({path: by_finder or None for path, by_finder in self.changed.items()})

    def of(self, path: str) -> tuple[Diagnostic, ...]:
        """Return all diagnostics about a file."""
        by_finder = self.changed.get(path, self._by_source.get(path, NO_DIAGNOSTICS))
        return tuple(diagnostic for finder in sorted(by_finder) for diagnostic in by_finder[finder])


def _by_path(diagnostics: Iterable[Diagnostic]) -> DiagnosticsByPath:
    groups: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        groups.setdefault(diagnostic.path, []).append(diagnostic)
    return {path: tuple(group) for path, group in groups.items()}


def _check_documents(
    snapshot: Snapshot, text: ReadText, difference: SnapshotDiff, before: CheckedWorkspace, merging: DiagnosticCollector
) -> Generator[None, None, PathMap[CheckedDocument]]:
    rejected = {not_plan.path for not_plan in snapshot.not_plans}
    changed_documents: dict[str, CheckedDocument | None] = {}
    for path in sorted(difference.documents):
        document = snapshot.documents.get(path)
        changed_documents[path] = (
            _check_document(document, snapshot, text) if document and path not in rejected else None
        )
        yield
    if difference.added_or_removed:
        mentioned_words = snapshot.mentioned_words.as_dict()
        for path, checked_document in before.documents.as_dict().items():
            words = mentioned_words.get(path)
            if path not in changed_documents and (
                checked_document.missing_diagnostics
                or words is None
                or not difference.added_or_removed.isdisjoint(words)
            ):
                changed_documents[path] = _with_current_references(
                    checked_document.document, checked_document.document_diagnostics, snapshot, text
                )
    for path, now in changed_documents.items():
        old = before.documents.get(path)
        merging.put(
            "document",
            old.diagnostics_by_path if old else NO_DIAGNOSTICS,
            now.diagnostics_by_path if now else NO_DIAGNOSTICS,
        )
    return before.documents.changed(changed_documents)


def _check_document(document: Document, snapshot: Snapshot, text: ReadText) -> CheckedDocument:
    path = document.path
    if packed_bytes := snapshot.packed_diagnostics.get(path):
        return _with_current_references(document, unpack(packed_bytes), snapshot, text)
    examined_diagnostics = check_alone(
        document, text(path), _mentioned_words(snapshot, path, text), snapshot.settings, snapshot.names
    )
    return CheckedDocument(
        document,
        examined_diagnostics,
        tuple(methodology().references.missing(path, examined_diagnostics.references, snapshot.names)),
    )


def _with_current_references(
    document: Document, previous_diagnostics: DocumentDiagnostics, snapshot: Snapshot, text: ReadText
) -> CheckedDocument:
    """Return the result for a document, with its references compared with the files that exist now."""
    path = document.path
    mentioned_words = _mentioned_words(snapshot, path, text)
    examined_diagnostics = refresh_references(
        previous_diagnostics, document, lambda: text(path), mentioned_words, snapshot.settings, snapshot.names
    )
    return CheckedDocument(
        document,
        examined_diagnostics,
        tuple(methodology().references.missing(path, examined_diagnostics.references, snapshot.names)),
    )


def _mentioned_words(snapshot: Snapshot, path: str, text: ReadText) -> tuple[str, ...]:
    """Return the words by which a document names files. If the scan has not extracted these words, extract them now."""
    words = snapshot.mentioned_words.get(path)
    return (
        document_format().mentions(document_text := text(path), parse_sections(document_text))
        if words is None
        else words
    )


def _check_plans(
    snapshot: Snapshot,
    evaluations: Mapping[str, PlanEvaluation],
    difference: SnapshotDiff,
    before: CheckedWorkspace,
    merging: DiagnosticCollector,
) -> Generator[None, None, dict[str, CheckedPlan]]:
    moved_paths = difference.presence | difference.added_or_removed
    plan_paths = {files.path for files in snapshot.plans} if difference.plans_around else set[str]()
    plan_paths.update(other_plans(before.snapshot, snapshot))
    if moved_paths:
        plan_paths.update(
            path for path, checked_plan in before.plans.items() if not checked_plan.named_paths.isdisjoint(moved_paths)
        )
    plan_paths.update(_with_changed_outside(snapshot, evaluations, before))
    rules, result = methodology(), dict(before.plans)
    for path in sorted(plan_paths):
        old, files = result.pop(path, None), snapshot.plan_at(path)
        by_path = NO_DIAGNOSTICS
        if files is not None:
            counts.plans += 1
            by_path = _by_path(d for rule in rules.plan for d in rule(snapshot, files, evaluations[path]))
            result[path] = CheckedPlan(
                rules.names_that_matter(files),
                by_path,
                evaluations[path].outside,
                rules.finished(files, evaluations[path]),
            )
        merging.record_finish_changes(old.finished if old else {}, result[path].finished if path in result else {})
        merging.put(path, old.diagnostics if old else NO_DIAGNOSTICS, by_path)
        yield
    return result


def _with_changed_outside(
    snapshot: Snapshot, evaluations: Mapping[str, PlanEvaluation], before: CheckedWorkspace
) -> Iterator[str]:
    """Yield the plans whose input from other plans has changed."""
    linked_plans = {path for path, checked_plan in before.plans.items() if checked_plan.outside is not EMPTY_OUTSIDE}
    now = plan_work().links(snapshot.plans).plans
    for path in linked_plans.union(now):
        checked_plan = before.plans.get(path)
        if (
            checked_plan is not None
            and (path in now or path in evaluations)
            and evaluations[path].outside != checked_plan.outside
        ):
            yield path


def _line_ranges(
    snapshot: Snapshot, documents: PathMap[CheckedDocument], difference: SnapshotDiff, before: CheckedWorkspace
) -> tuple[dict[str, tuple[DocumentReference, ...]], DiagnosticsByPath]:
    """Return the line ranges that documents name, and the diagnostics about ranges beyond the end of a document."""
    references_by_path = before.line_references
    for path in documents.differences(before.documents):
        now = documents.get(path)
        ends = (
            tuple(
                document_reference
                for document_reference in now.document_diagnostics.references
                if document_reference.end
            )
            if now
            else ()
        )
        if references_by_path.get(path, ()) != ends:
            references_by_path = {
                other_path: document_reference
                for other_path, document_reference in references_by_path.items()
                if other_path != path
            } | ({path: ends} if ends else {})
    changed_paths = {path.rpartition("/")[2] for path in difference.documents}
    file_names = {
        document_reference.file_name for ends in before.line_references.values() for document_reference in ends
    }
    if references_by_path is before.line_references and changed_paths.isdisjoint(file_names):
        return references_by_path, before.stale
    return references_by_path, _by_path(methodology().references.stale_ranges(snapshot, references_by_path))


def _check_workspace(
    workspace: WorkspaceInput, before: CheckedWorkspace, merging: DiagnosticCollector
) -> Iterator[CheckedRule]:
    for number, (rule, looks_at) in enumerate((*workspace_problems.RULES, *methodology().workspace)):
        old = before.workspace[number] if before.workspace else CheckedRule((), NO_DIAGNOSTICS)
        looked_at = looks_at(workspace.snapshot)
        if looked_at and len(looked_at) == len(old.looked_at) and all(map(operator.is_, looked_at, old.looked_at)):
            yield old
            continue
        by_path = _by_path(rule(workspace))
        merging.put(f"workspace {number}", old.diagnostics, by_path)
        yield CheckedRule(looked_at, by_path)


def _visible_diagnostics(
    snapshot: Snapshot,
    merging: DiagnosticCollector,
    documents: Iterable[str],
    plans: Mapping[str, CheckedPlan],
    before: CheckedWorkspace,
) -> Iterator[tuple[str, VisibleDiagnostics | None]]:
    is_relevant = methodology().is_relevant
    for path in {*merging.changed, *merging.finished, *documents}:
        document, own, old = snapshot.documents.get(path), merging.of(path), before.by_path.get(path)
        plan = plans.get(snapshot.owners.get(path, ""))
        how = plan.finished.get(path) if plan else None
        if not own and not (document and document.suppressions):
            yield path, None
        elif old is None or old.document is not document or old.all != own or old.finish_reason != how:
            visible_diagnostics = (
                d for d in apply_suppressions(snapshot.settings, path, document, own) if is_relevant(d, how)
            )
            yield path, VisibleDiagnostics(document, own, _in_order(snapshot.settings, visible_diagnostics), how)


def check_open_document(document: Document, text: str, settings: Settings) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of one document before other documents are known.

    All returned diagnostics are correct, but further diagnostics may be missing.
    """
    own = apply_suppressions(settings, document.path, document, check_document(document, text, settings))
    return _in_order(settings, (diagnostic for diagnostic in own if diagnostic.code != UNUSED_SUPPRESSION.code))


def _in_order(settings: Settings, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics with the configured severities, each once, sorted by line, severity and code."""
    severity_of = {current_code(code): level for code, level in settings["diagnostics.severity"].items()}
    severity_of |= settings["diagnostics.severity"]
    visible_diagnostics = (
        diagnostic
        if severity_of.get(diagnostic.code) is None
        else msgspec.structs.replace(diagnostic, severity=severity_of[diagnostic.code])
        for diagnostic in diagnostics
        if severity_of.get(diagnostic.code) != "off"
    )
    return tuple(sorted(dict.fromkeys(visible_diagnostics), key=_order))


def _order(diagnostic: Diagnostic) -> tuple[int, int, str, str, str]:
    return (
        diagnostic.line,
        SEVERITIES.index(diagnostic.severity),
        diagnostic.code,
        diagnostic.message,
        diagnostic.target_text,
    )
