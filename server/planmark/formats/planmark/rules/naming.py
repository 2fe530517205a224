"""Rules for the names and numbers of files, which determine the plan and the achievement of a file."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from planmark.diagnostics.fixes import replace_target
from planmark.diagnostics.rule_inputs import Fix, FixContext, WorkspaceInput
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.document import parsed_name, work_facts
from planmark.formats.planmark.documents.document_references import plan_feature_named_in
from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN
from planmark.formats.planmark.documents.ids import id_parts, ids_meant_by_number, long_number, number_for
from planmark.formats.planmark.ownership.discovery import PLANNING_FOLDERS, WORK_FOLDERS
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments, as_plan_documents
from planmark.formats.planmark.rules.achievements import line_after_index
from planmark.formats.planmark.workflow.assignment import (
    AssignmentProblemCode,
    achievement_id_in_header,
    verdict_readings,
)
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, FixKind, RelatedPlace, TargetFix, replacement_fix
from planmark.plans.evaluation import PlanEvaluation
from planmark.storage.paths import join, parent
from planmark.text.similarity import most_similar
from planmark.workspace.snapshot import Snapshot, plans_with_same_feature
from planmark.workspace.workspace_edits import RenamePath, insert_whole_lines

NUMBER_MISMATCH = DiagnosticCode(
    "number-mismatch", "warning", "a file number that differs from the achievement in the header"
)
NUMBER_AMBIGUOUS = DiagnosticCode("number-ambiguous", "error", "a file number that may stand for several achievements")
ORPHAN_SUBPLAN = DiagnosticCode("orphan-subplan", "warning", "a SUBPLAN whose number or feature no PLAN has")
ORPHAN_EXECUTION = DiagnosticCode(
    "orphan-execution", "warning", "an EXECUTION_TASK whose number or feature no PLAN has"
)
ORPHAN_VERDICT = DiagnosticCode("orphan-verdict", "warning", "a verdict whose number the PLAN does not have")
FEATURE_MISMATCH = DiagnosticCode(
    "feature-mismatch", "warning", "a feature that differs between file name, header and folder"
)
DUPLICATE_DOCUMENT = DiagnosticCode(
    "duplicate-document", "hint", "a document that does not count because another copy does"
)


class RenameFile(FixKind, frozen=True):
    """Fix that gives the file the name `target`, or moves it to `target` if this is a path."""

    target: str


class RenameFolder(FixKind, frozen=True):
    """Fix that gives the folder of the PLAN the name `name`."""

    name: str


class RenameUnambiguously(FixKind, frozen=True):
    """Fixes that rename the file: one fix for each achievement and round that its number may stand for."""


class CorrectNumber(FixKind, frozen=True):
    """Fix for a file name and a header that name different achievements.

    `meant` is the achievement that the file name means (None if unknown); `named` is the achievement that the header
    names.
    """

    meant: str | None
    named: str


class ListOrphan(FixKind, frozen=True):
    """Fix that adds the achievement that an orphan names to the index."""


ORPHAN_CODES: dict[str, tuple[DiagnosticCode, FixKind | None]] = {
    "subplan": (ORPHAN_SUBPLAN, ListOrphan()),
    "execution_task": (ORPHAN_EXECUTION, ListOrphan()),
    "verdict": (ORPHAN_VERDICT, None),
}
"""Kind of a document that belongs to no achievement → code and fix of the diagnostic.

Orphan verdicts have no fix. If such a verdict is an APPROVED, adding the achievement to the index would approve the
achievement.
"""
CODES_OF_ASSIGNMENT_PROBLEMS: dict[AssignmentProblemCode, tuple[DiagnosticCode, FixKind | None]] = {
    "number-ambiguous": (NUMBER_AMBIGUOUS, RenameUnambiguously()),
    "second-subplan": (DUPLICATE_DOCUMENT, None),
}
"""Code of an `AssignmentProblem` → code and fix of the diagnostic. The codes of orphans are in `ORPHAN_CODES`."""


def number_problems(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each problem with a number in the file name of a plan's document.

    The rule `verdicts_with_other_titles` checks the titles of verdicts.
    """
    documents = {document.path: document for document in (*plan.subplans, *plan.executions, *plan.verdicts)}
    for finding in evaluation.assigned_documents.findings:
        document = documents[finding.path]
        kind = document.name.kind
        if finding.code != "number-mismatch":
            if code_and_fix := CODES_OF_ASSIGNMENT_PROBLEMS.get(finding.code) or ORPHAN_CODES.get(kind):
                yield code_and_fix[0].at(finding.path, 1, finding.message, fix=code_and_fix[1])
            continue
        id_in_header, quote = achievement_id_in_header(document, plan.facts.ids), work_facts(document).achievement_at
        possible_ids = ids_meant_by_number(document.name.number, plan.facts.ids)
        yield NUMBER_MISMATCH.at(
            finding.path,
            document.line(quote.position) if quote else 1,
            finding.message,
            target_text=id_in_header or "",
            fix=CorrectNumber(possible_ids[0] if len(possible_ids) == 1 else None, id_in_header or ""),
        )


def duplicate_documents(_: Snapshot, plan: PlanDocuments, _evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each document that does not count because a copy of it counts.

    The copy that counts is the document of the same name that is nearest to the plan. The diagnostic is a warning if the
    texts of the two documents differ.
    """
    for copy in plan.copies:
        related_places = (RelatedPlace(copy.counts, 1, "this one counts"),)
        if copy.differing_document:
            message = f"two documents have this number, but their texts differ: {copy.counts} counts and this one does not; give one of them a different number, or archive or remove it"
            yield DUPLICATE_DOCUMENT.at(copy.path, 1, message, related_places, severity="warning")
            continue
        message = f"another copy counts: {copy.counts}; archive or remove one of them"
        yield DUPLICATE_DOCUMENT.at(copy.path, 1, message, related_places)


def plans_with_same_name(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each PLAN whose name a second PLAN has, if work on both may continue.

    `planmark next` chooses none of these PLANs.
    """
    for feature, plans in plans_with_same_feature(workspace.snapshot.plans).items():
        for plan in plans:
            other_paths = [other.path for other in plans if other is not plan]
            message = (
                f"{len(plans)} PLANs are called {feature} ({', '.join(other_paths[:2])}{' …' * (len(other_paths) > 2)}), so "
                "`planmark next` chooses none of them: archive, remove or rename those that do not count"
            )
            related_places = tuple(RelatedPlace(path, 1, "has the same name") for path in other_paths[:2])
            yield DUPLICATE_DOCUMENT.at(plan.path, 1, message, related_places, severity="warning")


def feature_mismatches(snapshot: Snapshot, plan: PlanDocuments, _evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each folder, file name or header that names a different feature than the PLAN.

    A header that names a missing plan gets no diagnostic here, because the rule of `reference-missing` reports it.
    """
    folder = plan.folder.rpartition("/")[2]
    is_feature_name = re.fullmatch(FEATURE_PATTERN, folder) and any(character.isalpha() for character in folder)
    if (
        is_feature_name
        and folder != plan.feature
        and folder.casefold() not in (*PLANNING_FOLDERS, *WORK_FOLDERS.values())
    ):
        message = f"the PLAN is called {plan.feature}, but its folder is called {folder}: give both the same name"
        yield FEATURE_MISMATCH.at(plan.path, 1, message, fix=RenameFolder(plan.feature))
    for document in (*plan.subplans, *plan.executions):
        feature = document.name.feature
        if feature != plan.feature:
            message = (
                f"the file is named after {feature}, which has no PLAN, but its header names {plan.feature}: rename it"
            )
            name = document.path.rpartition("/")[2].replace(f"_{feature}", f"_{plan.feature}", 1)
            yield FEATURE_MISMATCH.at(document.path, 1, message, fix=RenameFile(name))
            continue
        facts = work_facts(document)
        header_feature = plan_feature_named_in(facts.plan) if facts.plan else None
        if (
            header_feature
            and header_feature != plan.feature
            and facts.plan_at
            and snapshot.plans_of_feature(header_feature)
        ):
            message = f"the file is named after {plan.feature}, but its header names the plan {header_feature}: it counts for {plan.feature}; correct the header, or rename the file"
            line_number = document.line(facts.plan_at.position)
            yield FEATURE_MISMATCH.at(
                document.path, line_number, message, target_text=header_feature, fix=replacement_fix(plan.feature)
            )


def work_files_without_plan(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each work file of a feature that has no PLAN."""
    snapshot = workspace.snapshot
    features = tuple(sorted({plan.feature for plan in snapshot.plans}))
    for orphan in snapshot.orphans:
        similar_feature = _similar_feature(orphan.feature, features)
        hint = f" Did you mean {similar_feature}?" if similar_feature else ""
        for path in orphan.documents:
            check, fix = ORPHAN_CODES[snapshot.documents[path].name.kind]
            message = f"there is no PLAN_{orphan.feature}.md: create it (planmark new {orphan.feature}), or archive this file.{hint}"
            yield check.at(path, 1, message, fix=fix)


@functools.lru_cache(maxsize=256)
def _similar_feature(feature: str, features: tuple[str, ...]) -> str | None:
    """Return the feature that is most similar to `feature`; None if no feature is similar enough."""
    return most_similar(feature, features, 0.8)


def nearest_plan_above(snapshot: Snapshot, path: str) -> PlanDocuments | None:
    """Return the plan whose work folder is the nearest above a path.

    Return None if no folder above the path is a work folder, or if several plans share the nearest work folder.
    """
    folder = path
    while folder:
        folder = parent(folder)
        if plan_places := snapshot.table.by_folder.get(folder):
            plan = snapshot.plan_at(plan_places[0].path) if len(plan_places) == 1 else None
            return as_plan_documents(plan) if plan else None
    return None


def renumbered_name(name: str, number: str, achievement_id: str) -> str:
    """Return the file name `name` after replacing `number` with the number of `achievement_id`.

    The new number has the long form `01_02`, which is never ambiguous.
    """
    return name.replace(f"_{number}", "_" + "_".join(f"{part:02d}" for part in id_parts(achievement_id)), 1)


def rename_file(context: FixContext, fix: RenameFile) -> Iterator[Fix]:
    """Yield a fix that renames the file, or moves it if `fix.target` is in a different folder."""
    target = fix.target if "/" in fix.target else join(parent(context.path), fix.target)
    verb = "Rename" if parent(target) == parent(context.path) else "Move"
    yield from _rename_fixes(
        context, target, f"{verb} to {fix.target if verb == 'Move' else target.rpartition('/')[2]}"
    )


def _rename_fixes(context: FixContext, target: str, title: str) -> Iterator[Fix]:
    """Yield a fix that renames the file to `target`, unless a file has this path."""
    if target != context.path and not context.snapshot.has(target):
        yield Fix(title, False, (RenamePath(context.path, target),))


def rename_folder(context: FixContext, fix: RenameFolder) -> Iterator[Fix]:
    """Yield a fix that renames the folder of the plan, unless another folder has the name."""
    if plan := context.snapshot.plan_at(context.path):
        target = join(parent(plan.folder), fix.name)
        if not any(path.startswith(f"{target}/") for path in context.snapshot.paths):
            yield Fix(f"Rename the folder to {fix.name}", False, (RenamePath(plan.folder, target),))


def rename_unambiguously(context: FixContext, _: RenameUnambiguously) -> Iterator[Fix]:
    """Yield one fix for each achievement and round that the number in the file name may stand for.

    Each fix gives the file a name that can mean only this achievement and round.
    """
    plan = nearest_plan_above(context.snapshot, context.path)
    document = context.snapshot.documents.get(context.path)
    if not plan or not document:
        return
    for achievement_id, numbered_round in verdict_readings(parsed_name(document), plan.facts.ids):
        name = renumbered_name(context.path.rpartition("/")[2], document.name.number, achievement_id)
        subject = achievement_id
        if numbered_round.round is not None and parsed_name(document).round is None:
            name = name.replace(
                long_number(achievement_id), f"{number_for(achievement_id, plan.facts.ids)}_R{numbered_round.round}", 1
            )
            subject = f"round {numbered_round.round} of {achievement_id}"
        yield from _rename_fixes(context, join(parent(context.path), name), f"Rename to {name} ({subject})")


def correct_number(context: FixContext, fix: CorrectNumber) -> Iterator[Fix]:
    """Yield a fix that corrects the header to match the file name, and a fix that renames the file to match the header."""
    if fix.meant is not None:
        yield from replace_target(context, TargetFix(fix.meant))
    plan, document = nearest_plan_above(context.snapshot, context.path), context.snapshot.documents.get(context.path)
    if plan and document and fix.named in plan.facts.ids:
        number = number_for(fix.named, plan.facts.ids)
        name = context.path.rpartition("/")[2].replace(f"_{document.name.number}", f"_{number}", 1)
        yield from _rename_fixes(context, join(parent(context.path), name), f"Rename to {name}")


def list_orphan(context: FixContext, _: ListOrphan) -> Iterator[Fix]:
    """Yield a fix that adds the achievement that an orphan names to the index of the nearest PLAN above the file."""
    plan, document = nearest_plan_above(context.snapshot, context.path), context.snapshot.documents.get(context.path)
    achievement_id = getattr(document.facts, "achievement", None) if document else None
    if (
        plan is None
        or document is None
        or not achievement_id
        or achievement_id in plan.facts.ids
        or plan.facts.index is None
    ):
        return
    if not ids_meant_by_number(document.name.number, (achievement_id,)):
        return
    line = f"- Achievement {achievement_id}: [FILL: title]\n"
    change = insert_whole_lines(plan.path, context.read(plan.path), line_after_index(plan, plan.facts.index), line)
    yield Fix(f"List {achievement_id} in the index of {plan.feature}", False, (change,))


TOPIC = Topic(
    codes=(
        NUMBER_MISMATCH,
        NUMBER_AMBIGUOUS,
        ORPHAN_SUBPLAN,
        ORPHAN_EXECUTION,
        ORPHAN_VERDICT,
        FEATURE_MISMATCH,
        DUPLICATE_DOCUMENT,
    ),
    plan=(number_problems, duplicate_documents, feature_mismatches),
    workspace=(
        (work_files_without_plan, lambda snapshot: (snapshot.orphans, snapshot.table)),
        (plans_with_same_name, lambda snapshot: (snapshot.plans,)),
    ),
    fixes=(
        (RenameFile, rename_file),
        (RenameFolder, rename_folder),
        (RenameUnambiguously, rename_unambiguously),
        (CorrectNumber, correct_number),
        (ListOrphan, list_orphan),
    ),
)
