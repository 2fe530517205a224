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
    check_document,
    document_diagnostics_of,
    refresh_references,
    rule_runs,
    unpack,
)
from planmark.diagnostics.rule_inputs import DocumentReference, WorkspaceInput
from planmark.diagnostics.rules import FinishReason, FinishReasonByPath, methodology
from planmark.diagnostics.suppression import apply_suppressions
from planmark.markdown.parsed_source import parse_sections
from planmark.plans.diagnostic import SEVERITIES, Diagnostic
from planmark.plans.document import Document
from planmark.plans.document_format import document_format
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.outside import NO_OTHER_PLANS, OtherPlansInput
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.plan_work import plan_work
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import EMPTY_PLAN_TABLE, ReadText, Snapshot, changed_plan_paths

DiagnosticsByPath = Mapping[str, tuple[Diagnostic, ...]]
"""Mapping from the path of a file to the diagnostics about the file."""
NO_DIAGNOSTICS: DiagnosticsByPath = {}


class CheckedDocument(NamedTuple):
    """The diagnostics that a document alone decides, and the diagnostics about its references to missing documents."""

    document: Document
    document_diagnostics: DocumentDiagnostics
    missing_diagnostics: tuple[Diagnostic, ...]

    @property
    def diagnostics_by_path(self) -> DiagnosticsByPath:
        """A mapping from the path of the document to all its diagnostics; empty if it has no diagnostics."""
        diagnostics = (*self.document_diagnostics.own, *self.missing_diagnostics)
        return {self.document.path: diagnostics} if diagnostics else NO_DIAGNOSTICS


class CheckedPlan(NamedTuple):
    """The diagnostics of a plan, and the inputs of these diagnostics.

    `named_paths` are the paths and the names of files whose existence the diagnostics depend on. `outside` is what the
    plan's state takes from other plans. `finish_reasons` has the documents that need no more work.
    """

    named_paths: frozenset[str]
    diagnostics: DiagnosticsByPath
    outside: OtherPlansInput
    finish_reasons: FinishReasonByPath


class CheckedRule(NamedTuple):
    """The diagnostics of one workspace rule, and its inputs: the objects that the rule has read."""

    inputs: tuple[object, ...]
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

    `line_references` has the references of each document to lines of other documents. `stale_range_diagnostics` are the
    diagnostics about lines beyond the end of a document. `by_source` has the diagnostics about each file, by the source
    that found them: the document, a plan or a workspace rule. `by_path` has the diagnostics to show.
    """

    snapshot: Snapshot
    documents: PathMap[CheckedDocument]
    plans: dict[str, CheckedPlan]
    line_references: dict[str, tuple[DocumentReference, ...]]
    stale_range_diagnostics: DiagnosticsByPath
    workspace_rules: tuple[CheckedRule, ...]
    other_diagnostics: DiagnosticsByPath
    by_source: PathMap[DiagnosticsByPath]
    by_path: PathMap[VisibleDiagnostics]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics, sorted by path, line, severity and code."""
        return tuple(
            diagnostic for shown_diagnostics in self.by_path.values() for diagnostic in shown_diagnostics.visible
        )


class SnapshotDiff(NamedTuple):
    """The differences between a snapshot and the last checked snapshot.

    `documents` are the paths of documents that differ. `added_or_removed_names` are the file names that only one of the
    snapshots has. `appeared_or_removed_paths` are files that deliverables name and that exist in only one snapshot.
    `must_check_all_plans` tells whether a feature or a file extension appeared or disappeared.
    """

    documents: set[str]
    added_or_removed_names: set[str]
    appeared_or_removed_paths: frozenset[str]
    must_check_all_plans: bool


def check(
    snapshot: Snapshot,
    evaluations: Mapping[str, PlanEvaluation],
    text: ReadText,
    other_diagnostics: Iterable[Diagnostic] = (),
    previous_check: CheckedWorkspace | None = None,
) -> CheckedWorkspace:
    """Return the diagnostics of a workspace.

    `evaluations` has the evaluation of every plan, by path. `text` returns the text of a document. `other_diagnostics`
    are diagnostics about files that are not documents. Results of the earlier check `previous_check` are reused if
    their inputs are the same objects.
    """
    checking = check_in_steps(snapshot, evaluations, text, other_diagnostics, previous_check)
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
    other_diagnostics: Iterable[Diagnostic] = (),
    previous_check: CheckedWorkspace | None = None,
) -> Generator[None, None, CheckedWorkspace]:
    """Do the work of `check` in steps, and return the diagnostics of the workspace.

    Each step checks one document or plan, and then yields, so that the caller can do other work.
    """
    if previous_check is None or previous_check.snapshot.settings != snapshot.settings:
        previous_check = _empty_result(snapshot)
    difference = _snapshot_diff(previous_check.snapshot, snapshot)
    collector = DiagnosticCollector(previous_check.by_source)
    documents = yield from _check_documents(snapshot, text, difference, previous_check, collector)
    plans = yield from _check_plans(snapshot, evaluations, difference, previous_check, collector)
    references_by_path, stale_range_diagnostics = _check_line_ranges(snapshot, documents, difference, previous_check)
    collector.put("ranges", previous_check.stale_range_diagnostics, stale_range_diagnostics)
    other_diagnostics_by_path = _by_path(other_diagnostics)
    collector.put("others", previous_check.other_diagnostics, other_diagnostics_by_path)
    checked_rules = tuple(_check_workspace(WorkspaceInput(snapshot, text, evaluations), previous_check, collector))
    visible_by_path = previous_check.by_path.changed(
        dict(_visible_diagnostics(snapshot, collector, difference.documents, plans, previous_check))
    )
    return CheckedWorkspace(
        snapshot,
        documents,
        plans,
        references_by_path,
        stale_range_diagnostics,
        checked_rules,
        other_diagnostics_by_path,
        collector.all_by_file(),
        visible_by_path,
    )


def _empty_result(snapshot: Snapshot) -> CheckedWorkspace:
    """Return the check of an empty workspace that has the settings of `snapshot`."""
    snapshot_without_files = msgspec.structs.replace(
        snapshot, names=PathMap(), documents=PathMap(), plans=(), present_paths=frozenset(), table=EMPTY_PLAN_TABLE
    )
    return CheckedWorkspace(
        snapshot_without_files, PathMap(), {}, {}, NO_DIAGNOSTICS, (), NO_DIAGNOSTICS, PathMap(), PathMap()
    )


def _snapshot_diff(old: Snapshot, new: Snapshot) -> SnapshotDiff:
    documents = new.documents.differences(old.documents)
    if new.table is not old.table:
        documents |= {not_plan.path for not_plan in (*new.not_plans, *old.not_plans)}
    names = new.names.differences(old.names)
    return SnapshotDiff(
        documents,
        {name for name in names if (name in new.names) != (name in old.names)},
        new.present_paths ^ old.present_paths if new.present_paths is not old.present_paths else frozenset(),
        new.table.features != old.table.features or new.extensions != old.extensions,
    )


class DiagnosticCollector:
    """The diagnostics of each file by source (document, plan or rule), during a check."""

    def __init__(self, diagnostics: PathMap[DiagnosticsByPath]) -> None:
        self.changed: dict[str, dict[str, tuple[Diagnostic, ...]]] = {}
        """Mapping from the path of a file with changed diagnostics to its diagnostics by source."""
        self.refinished_paths: set[str] = set()
        """Paths of the documents whose FinishReason has changed."""
        self._by_source = diagnostics

    def put(self, source: str, old_diagnostics: DiagnosticsByPath, new_diagnostics: DiagnosticsByPath) -> None:
        """Replace `old_diagnostics` from `source` by `new_diagnostics`. A source is a document, a plan or a rule."""
        for path in old_diagnostics.keys() | new_diagnostics.keys():
            if old_diagnostics.get(path) == new_diagnostics.get(path):
                continue
            by_source = self.changed.setdefault(path, dict(self._by_source.get(path, NO_DIAGNOSTICS)))
            by_source.pop(source, None)
            if path in new_diagnostics:
                by_source[source] = new_diagnostics[path]

    def record_finish_changes(self, old_reasons: FinishReasonByPath, new_reasons: FinishReasonByPath) -> None:
        """Record the documents of a plan whose FinishReason has changed."""
        self.refinished_paths |= {
            path for path in old_reasons.keys() | new_reasons.keys() if old_reasons.get(path) != new_reasons.get(path)
        }

    def all_by_file(self) -> PathMap[DiagnosticsByPath]:
        """Return a mapping from the path of each file to its diagnostics by source."""
        return self._by_source.changed({path: by_source or None for path, by_source in self.changed.items()})

    def all_of(self, path: str) -> tuple[Diagnostic, ...]:
        """Return all diagnostics about a file."""
        by_source = self.changed.get(path, self._by_source.get(path, NO_DIAGNOSTICS))
        return tuple(diagnostic for source in sorted(by_source) for diagnostic in by_source[source])


def _by_path(diagnostics: Iterable[Diagnostic]) -> DiagnosticsByPath:
    lists_by_path: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        lists_by_path.setdefault(diagnostic.path, []).append(diagnostic)
    return {path: tuple(group) for path, group in lists_by_path.items()}


def _check_documents(
    snapshot: Snapshot,
    text: ReadText,
    difference: SnapshotDiff,
    previous_check: CheckedWorkspace,
    collector: DiagnosticCollector,
) -> Generator[None, None, PathMap[CheckedDocument]]:
    rejected_paths = {not_plan.path for not_plan in snapshot.not_plans}
    changed_documents: dict[str, CheckedDocument | None] = {}
    for path in sorted(difference.documents):
        document = snapshot.documents.get(path)
        changed_documents[path] = (
            _check_document(document, snapshot, text) if document and path not in rejected_paths else None
        )
        yield
    if difference.added_or_removed_names:
        mentioned_words = snapshot.mentioned_words.as_dict()
        for path, checked_document in previous_check.documents.as_dict().items():
            words = mentioned_words.get(path)
            if path not in changed_documents and (
                checked_document.missing_diagnostics
                or words is None
                or not difference.added_or_removed_names.isdisjoint(words)
            ):
                changed_documents[path] = _with_current_references(
                    checked_document.document, checked_document.document_diagnostics, snapshot, text
                )
    for path, new_result in changed_documents.items():
        old_result = previous_check.documents.get(path)
        collector.put(
            "document",
            old_result.diagnostics_by_path if old_result else NO_DIAGNOSTICS,
            new_result.diagnostics_by_path if new_result else NO_DIAGNOSTICS,
        )
    return previous_check.documents.changed(changed_documents)


def _check_document(document: Document, snapshot: Snapshot, text: ReadText) -> CheckedDocument:
    path = document.path
    if packed_bytes := snapshot.packed_diagnostics.get(path):
        return _with_current_references(document, unpack(packed_bytes), snapshot, text)
    document_diagnostics = document_diagnostics_of(
        document, text(path), _mentioned_words(snapshot, path, text), snapshot.settings, snapshot.names
    )
    return CheckedDocument(
        document,
        document_diagnostics,
        tuple(methodology().references.missing_diagnostics(path, document_diagnostics.references, snapshot.names)),
    )


def _with_current_references(
    document: Document, previous_diagnostics: DocumentDiagnostics, snapshot: Snapshot, text: ReadText
) -> CheckedDocument:
    """Return the check of a document whose references are compared with the files that exist now."""
    path = document.path
    mentioned_words = _mentioned_words(snapshot, path, text)
    document_diagnostics = refresh_references(
        previous_diagnostics, document, lambda: text(path), mentioned_words, snapshot.settings, snapshot.names
    )
    return CheckedDocument(
        document,
        document_diagnostics,
        tuple(methodology().references.missing_diagnostics(path, document_diagnostics.references, snapshot.names)),
    )


def _mentioned_words(snapshot: Snapshot, path: str, text: ReadText) -> tuple[str, ...]:
    """Return the words by which a document names files. If the scan has not extracted the words, extract them now."""
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
    previous_check: CheckedWorkspace,
    collector: DiagnosticCollector,
) -> Generator[None, None, dict[str, CheckedPlan]]:
    changed_paths = difference.appeared_or_removed_paths | difference.added_or_removed_names
    plan_paths = {plan.path for plan in snapshot.plans} if difference.must_check_all_plans else set[str]()
    plan_paths.update(changed_plan_paths(previous_check.snapshot, snapshot))
    if changed_paths:
        plan_paths.update(
            path
            for path, checked_plan in previous_check.plans.items()
            if not checked_plan.named_paths.isdisjoint(changed_paths)
        )
    plan_paths.update(_plans_with_changed_outside(snapshot, evaluations, previous_check))
    rules, checked_plans = methodology(), dict(previous_check.plans)
    for path in sorted(plan_paths):
        old_result, plan = checked_plans.pop(path, None), snapshot.plan_at(path)
        plan_diagnostics = NO_DIAGNOSTICS
        if plan is not None:
            rule_runs.plans += 1
            plan_diagnostics = _by_path(
                diagnostic for rule in rules.plan for diagnostic in rule(snapshot, plan, evaluations[path])
            )
            checked_plans[path] = CheckedPlan(
                rules.names_that_matter(plan),
                plan_diagnostics,
                evaluations[path].outside,
                rules.finish_reasons(plan, evaluations[path]),
            )
        collector.record_finish_changes(
            old_result.finish_reasons if old_result else {},
            checked_plans[path].finish_reasons if path in checked_plans else {},
        )
        collector.put(path, old_result.diagnostics if old_result else NO_DIAGNOSTICS, plan_diagnostics)
        yield
    return checked_plans


def _plans_with_changed_outside(
    snapshot: Snapshot, evaluations: Mapping[str, PlanEvaluation], previous_check: CheckedWorkspace
) -> Iterator[str]:
    """Yield the path of each plan whose state takes different values from other plans than at the last check."""
    old_linked_plans = {
        path for path, checked_plan in previous_check.plans.items() if checked_plan.outside is not NO_OTHER_PLANS
    }
    current_linked_plans = plan_work().links(snapshot.plans).plans
    for path in old_linked_plans.union(current_linked_plans):
        checked_plan = previous_check.plans.get(path)
        if (
            checked_plan is not None
            and (path in current_linked_plans or path in evaluations)
            and evaluations[path].outside != checked_plan.outside
        ):
            yield path


def _check_line_ranges(
    snapshot: Snapshot, documents: PathMap[CheckedDocument], difference: SnapshotDiff, previous_check: CheckedWorkspace
) -> tuple[dict[str, tuple[DocumentReference, ...]], DiagnosticsByPath]:
    """Return a tuple: the references to line ranges by document, and the diagnostics about ranges beyond a document."""
    references_by_path = previous_check.line_references
    for path in documents.differences(previous_check.documents):
        checked_document = documents.get(path)
        range_references = (
            tuple(
                document_reference
                for document_reference in checked_document.document_diagnostics.references
                if document_reference.end
            )
            if checked_document
            else ()
        )
        if references_by_path.get(path, ()) != range_references:
            references_by_path = {
                other_path: other_references
                for other_path, other_references in references_by_path.items()
                if other_path != path
            } | ({path: range_references} if range_references else {})
    changed_names = {path.rpartition("/")[2] for path in difference.documents}
    file_names = {
        document_reference.file_name
        for range_references in previous_check.line_references.values()
        for document_reference in range_references
    }
    if references_by_path is previous_check.line_references and changed_names.isdisjoint(file_names):
        return references_by_path, previous_check.stale_range_diagnostics
    return references_by_path, _by_path(methodology().references.stale_range_diagnostics(snapshot, references_by_path))


def _check_workspace(
    workspace: WorkspaceInput, previous_check: CheckedWorkspace, collector: DiagnosticCollector
) -> Iterator[CheckedRule]:
    for number, (rule, inputs_of) in enumerate((*workspace_problems.RULES, *methodology().workspace)):
        old_result = (
            previous_check.workspace_rules[number]
            if previous_check.workspace_rules
            else CheckedRule((), NO_DIAGNOSTICS)
        )
        inputs = inputs_of(workspace.snapshot)
        if inputs and len(inputs) == len(old_result.inputs) and all(map(operator.is_, inputs, old_result.inputs)):
            yield old_result
            continue
        rule_diagnostics = _by_path(rule(workspace))
        collector.put(f"workspace {number}", old_result.diagnostics, rule_diagnostics)
        yield CheckedRule(inputs, rule_diagnostics)


def _visible_diagnostics(
    snapshot: Snapshot,
    collector: DiagnosticCollector,
    changed_documents: Iterable[str],
    plans: Mapping[str, CheckedPlan],
    previous_check: CheckedWorkspace,
) -> Iterator[tuple[str, VisibleDiagnostics | None]]:
    is_relevant = methodology().is_relevant
    for path in {*collector.changed, *collector.refinished_paths, *changed_documents}:
        document, old_diagnostics = snapshot.documents.get(path), previous_check.by_path.get(path)
        all_diagnostics = collector.all_of(path)
        plan = plans.get(snapshot.owners.get(path, ""))
        finish_reason = plan.finish_reasons.get(path) if plan else None
        if not all_diagnostics and not (document and document.suppressions):
            yield path, None
        elif (
            old_diagnostics is None
            or old_diagnostics.document is not document
            or old_diagnostics.all != all_diagnostics
            or old_diagnostics.finish_reason != finish_reason
        ):
            visible_diagnostics = (
                diagnostic
                for diagnostic in apply_suppressions(snapshot.settings, path, document, all_diagnostics)
                if is_relevant(diagnostic, finish_reason)
            )
            in_order = _sorted(snapshot.settings, visible_diagnostics)
            yield path, VisibleDiagnostics(document, all_diagnostics, in_order, finish_reason)


def check_open_document(document: Document, text: str, settings: Settings) -> tuple[Diagnostic, ...]:
    """Return the diagnostics that `document` alone decides, before other documents are known.

    All returned diagnostics are correct, but some diagnostics may be missing.
    """
    diagnostics = apply_suppressions(settings, document.path, document, check_document(document, text, settings))
    return _sorted(settings, (diagnostic for diagnostic in diagnostics if diagnostic.code != UNUSED_SUPPRESSION.code))


def _sorted(settings: Settings, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return each diagnostic once, with the severity of the settings, sorted by line, severity and code."""
    severity_of = {current_code(code): level for code, level in settings["diagnostics.severity"].items()}
    severity_of |= settings["diagnostics.severity"]
    visible_diagnostics = (
        diagnostic
        if severity_of.get(diagnostic.code) is None
        else msgspec.structs.replace(diagnostic, severity=severity_of[diagnostic.code])
        for diagnostic in diagnostics
        if severity_of.get(diagnostic.code) != "off"
    )
    return tuple(sorted(dict.fromkeys(visible_diagnostics), key=_sort_key))


def _sort_key(diagnostic: Diagnostic) -> tuple[int, int, str, str, str]:
    return (
        diagnostic.line,
        SEVERITIES.index(diagnostic.severity),
        diagnostic.code,
        diagnostic.message,
        diagnostic.target_text,
    )
