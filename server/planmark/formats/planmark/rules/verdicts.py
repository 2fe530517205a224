"""Rules for verdicts: their folder, missing fields, the plan in their text, and approvals that no work supports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.diagnostics.rule_inputs import DocumentInput, WorkspaceInput
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.document import parsed_name
from planmark.formats.planmark.documents.placeholders import is_filled
from planmark.formats.planmark.documents.vocabulary import heading_key, is_field
from planmark.formats.planmark.ownership.discovery import FEEDBACK_FOLDER
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.rules.naming import DUPLICATE_DOCUMENT, ORPHAN_VERDICT, RenameFile, nearest_plan_above
from planmark.formats.planmark.workflow.verdicts import other_plan_of_verdict, subject_words, verdict_facts
from planmark.markdown.parsed_source import fields_in
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, RelatedPlace
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.storage.paths import join
from planmark.workspace.snapshot import Snapshot

VERDICT_LOCATION = DiagnosticCode("verdict-location", "error", "a verdict in a folder where it does not count")
VERDICT_AMBIGUOUS = DiagnosticCode(
    "verdict-ambiguous", "error", "a verdict in a folder of several PLANs that names none of them"
)
VERDICT_EMPTY = DiagnosticCode(
    "verdict-empty", "warning", "an APPROVED without status, reviewer or date, or with a status that denies it"
)
VERDICT_DATE = DiagnosticCode("verdict-date", "warning", "a verdict with an unreadable date")
VERDICT_MISMATCH = DiagnosticCode("verdict-mismatch", "warning", "a verdict whose title names a different achievement")
VERDICT_OTHER_PLAN = DiagnosticCode(
    "verdict-other-plan", "warning", "a verdict that names a different PLAN of the workspace"
)
APPROVED_WITHOUT_WORK = DiagnosticCode(
    "approved-without-work", "warning", "an APPROVED for an achievement with neither a SUBPLAN nor an EXECUTION_TASK"
)

APPROVING_WORDS = ("approved", "complete", "passed", "accepted")
"""Words with which the Status of an APPROVED may begin."""
MAX_NAMED_PLANS = 3
"""Maximum number of plans per message about an ambiguous verdict; the message omits all other plans."""


def ambiguous_verdicts(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each verdict in a folder of several plans, if the verdict names none of these plans."""
    snapshot = workspace.snapshot
    features_by_path: dict[str, list[str]] = {}
    for plan in snapshot.plans:
        for path in plan.ambiguous_verdicts:
            features_by_path.setdefault(path, []).append(plan.feature)
    for path, features in features_by_path.items():
        if not is_counted_verdict(snapshot, path):
            plan_fields = " or ".join(f"`**Plan**: {feature}`" for feature in features[:MAX_NAMED_PLANS])
            yield VERDICT_AMBIGUOUS.at(path, 1, f"it may belong to any of {len(features)} PLANs: write {plan_fields}")


def misplaced_verdicts(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each verdict in a folder where verdicts do not count.

    The diagnostic is a hint if the file is a copy of a verdict that counts.
    """
    snapshot = workspace.snapshot
    for path in snapshot.strays:
        plan = nearest_plan_above(snapshot, path)
        if plan is None:
            message = f"there is no PLAN above this folder: a verdict counts in {FEEDBACK_FOLDER}/ of its plan; move it there, or archive it"
            yield ORPHAN_VERDICT.at(path, 1, message)
            continue
        target = join(plan.folder, f"{FEEDBACK_FOLDER}/{path.rpartition('/')[2]}")
        if target in snapshot.documents:
            related_places = (RelatedPlace(target, 1, "this one counts"),)
            yield DUPLICATE_DOCUMENT.at(
                path, 1, f"another copy counts: {target}; archive or remove this one", related_places
            )
        else:
            message = f"a verdict counts only in {join(plan.folder, FEEDBACK_FOLDER)}/: move it there, or archive it"
            yield VERDICT_LOCATION.at(path, 1, message, fix=RenameFile(target))


def _inputs_of_misplaced_verdicts(snapshot: Snapshot) -> tuple[object, ...]:
    """Return the values of a snapshot that decide which verdicts are misplaced. These are the paths of the verdicts,
    the places of PLANs, and the values that decide which files are documents of the methodology.
    """
    return snapshot.strays, snapshot.table, snapshot.names, snapshot.problems, snapshot.records


def is_counted_verdict(snapshot: Snapshot, path: str) -> bool:
    """Tell whether a verdict counts for a plan."""
    owner = snapshot.owners.get(path)
    plan = snapshot.plan_at(owner) if owner else None
    return plan is not None and any(verdict.path == path for verdict in plan.verdicts)


def incomplete_approvals(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for an APPROVED without reviewer, date or status, or with a status that does not approve."""
    if parsed_name(document_input.document).verdict != "approved":
        return
    facts = verdict_facts(document_input.document)
    absent_fields = [
        name
        for name, field, quote in (
            ("Status", "status", facts.status),
            ("Reviewer", "reviewer", facts.reviewer),
            ("Review Date", "review_date", facts.date_quote),
        )
        if quote is None and not _has_field_value(document_input, field)
    ]
    if absent_fields:
        list_text = ", ".join(f"`**{name}**`" for name in absent_fields)
        message = f"the verdict has no {list_text}: write {'it' if len(absent_fields) == 1 else 'them'} below the title"
        yield VERDICT_EMPTY.at(document_input.document.path, 1, message)
    if facts.status and is_filled(facts.status.text):
        status_text = heading_key(facts.status.text.partition(":")[2])
        if not status_text.startswith(APPROVING_WORDS):
            effect_text = "it does not approve" if facts.denies else "the name counts"
            message = (
                f"its name approves, but its status says `{facts.status.text}`: {effect_text}; correct one of them"
            )
            yield VERDICT_EMPTY.at(
                document_input.document.path, document_input.document.line(facts.status.position), message
            )


def _has_field_value(document_input: DocumentInput, field: str) -> bool:
    """Tell whether any section of a document, not only the header, contains the field `field` with a value."""
    section_indexes = range(len(document_input.source))
    return any(
        declared_field.value and is_field(declared_field.name, field, document_input.vocabulary)
        for _, declared_field in fields_in(document_input.source, section_indexes)
    )


def unread_dates(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic if the date of a verdict cannot be read as a day, or may mean several days."""
    if document_input.document.name.kind != "verdict":
        return
    facts = verdict_facts(document_input.document)
    if facts.date_quote and facts.has_unreadable_date:
        value = facts.date_quote.text.partition(":")[2].strip(" *|")
        fix_note = (
            " A FIX stays open until this date can be read."
            if parsed_name(document_input.document).verdict != "resolution"
            else ""
        )
        message = (
            f"this date cannot be read: write it in UTC, as 2026-11-29T14:05:31Z, or the day as 2026-11-29.{fix_note}"
        )
        yield VERDICT_DATE.at(
            document_input.document.path,
            document_input.document.line(facts.date_quote.position),
            message,
            target_text=value,
        )


def verdicts_of_other_plans(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each verdict that names a different PLAN of the workspace."""
    for achievement_id, document in _verdicts_with_achievement(plan, evaluation):
        plan_of_verdict = other_plan_of_verdict(plan, plan.facts.by_id[achievement_id], document)
        if plan_of_verdict is None:
            continue
        facts = verdict_facts(document)
        is_named_in_field = facts.plan_at is not None and facts.plan_feature == plan_of_verdict
        line = document.line(facts.plan_at.position) if is_named_in_field and facts.plan_at else 1
        effect_text = (
            "it does not approve"
            if parsed_name(document).verdict == "approved"
            else f"it counts for {achievement_id} all the same"
        )
        message = f"it names the PLAN {plan_of_verdict}, but is a verdict of {plan.feature}: {effect_text}; correct the name, or move it to {plan_of_verdict}"
        yield VERDICT_OTHER_PLAN.at(document.path, line, message, target_text=plan_of_verdict)


def verdicts_with_other_titles(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each verdict whose title contains the id or the title of a different achievement."""
    ids_by_title = {
        _plain_title(defined_achievement.title): defined_achievement.id
        for defined_achievement in plan.facts.achievements
        if defined_achievement.title
    }
    titles_by_id = {
        defined_achievement.id: _plain_title(defined_achievement.title)
        for defined_achievement in plan.facts.achievements
    }
    for achievement_id, document in _verdicts_with_achievement(plan, evaluation):
        facts = verdict_facts(document)
        id_of_title = ids_by_title.get(subject_words(facts.title))
        if facts.achievement and facts.achievement != achievement_id:
            message = (
                f"the title says {facts.achievement}, but the file name says {achievement_id}: the file name counts"
            )
            yield VERDICT_MISMATCH.at(document.path, 1, message, target_text=facts.achievement)
        elif (
            id_of_title and id_of_title != achievement_id and titles_by_id[achievement_id] != titles_by_id[id_of_title]
        ):
            message = f"its title is the title of {id_of_title}, but the file name says {achievement_id}: the file name counts"
            yield VERDICT_MISMATCH.at(document.path, 1, message)


def approvals_without_work(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each approval of an achievement without any SUBPLAN or EXECUTION_TASK.

    The diagnostic is a hint if `adopt` has written the approval for a claim.
    """
    for achievement_id, document in _verdicts_with_achievement(plan, evaluation):
        inputs = evaluation.inputs[achievement_id]
        if parsed_name(document).verdict != "approved" or inputs.subplan is not None or inputs.tasks:
            continue
        if document is not inputs.approved and not any(d.path == document.path for d in inputs.reviews.doubts):
            continue
        why = "; ".join(doubt.says for doubt in inputs.reviews.doubts if doubt.path == document.path)
        message = f"{achievement_id} has no SUBPLAN and no EXECUTION_TASK, so no file shows what was approved"
        message += f". It does not approve: {why}" if why else ": describe in it what was reviewed, or archive it"
        yield APPROVED_WITHOUT_WORK.at(
            document.path, 1, message, severity="hint" if verdict_facts(document).adopted else None
        )


def _verdicts_with_achievement(plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[tuple[str, Document]]:
    """Yield a pair (id of the achievement, verdict) for each verdict that belongs to an achievement."""
    for defined_achievement in plan.facts.achievements:
        for document in evaluation.assigned_documents.verdicts.get(defined_achievement.id, ()):
            yield defined_achievement.id, document


def _plain_title(title: str) -> str:
    """Return the words of a title for comparisons: case-folded, without marks and punctuation."""
    return " ".join(re.findall(r"[^\W_]+", title.casefold()))


TOPIC = Topic(
    codes=(
        VERDICT_LOCATION,
        VERDICT_AMBIGUOUS,
        VERDICT_EMPTY,
        VERDICT_DATE,
        VERDICT_MISMATCH,
        VERDICT_OTHER_PLAN,
        APPROVED_WITHOUT_WORK,
    ),
    document=(incomplete_approvals, unread_dates),
    plan=(verdicts_of_other_plans, verdicts_with_other_titles, approvals_without_work),
    workspace=(
        (ambiguous_verdicts, lambda snapshot: (snapshot.plans,)),
        (misplaced_verdicts, _inputs_of_misplaced_verdicts),
    ),
)
