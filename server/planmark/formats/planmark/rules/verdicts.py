"""Checks of verdicts: unreadable dates, what the title and the Plan field name, and approvals that no work supports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.diagnostics.codes import make_diagnostic
from planmark.diagnostics.rule_inputs import DocumentInput
from planmark.documents.document import Document
from planmark.plans.diagnostic import Diagnostic
from planmark.workflow.plan_state import PlanEvaluation
from planmark.workflow.verdicts import other_plan, title_words, verdict_facts
from planmark.workspace.snapshot import PlanDocuments, Snapshot


def unread_dates(written: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a date of a verdict in which no day can be read, or more than one."""
    if written.document.name.kind != "verdict":
        return
    facts = verdict_facts(written.document)
    if facts.dated and facts.unreadable_date:
        value = facts.dated.text.partition(":")[2].strip(" *|")
        stands = " A FIX stands until it can be read." if written.document.name.verdict != "resolution" else ""
        message = (
            f"this date cannot be read: write it in UTC, as 2026-11-29T14:05:31Z, or the day as 2026-11-29.{stands}"
        )
        yield make_diagnostic(
            "verdict-date", written.document.path, written.document.line(facts.dated.at), message, target_text=value
        )


def other_plans(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield verdicts that name a different PLAN of the workspace."""
    for known, document in _counting(files, judged):
        named = other_plan(files, files.facts.by_id[known], document)
        if named is None:
            continue
        facts = verdict_facts(document)
        in_field = facts.plan_at is not None and facts.plan_named == named
        line = document.line(facts.plan_at.at) if in_field and facts.plan_at else 1
        counts = "it does not approve" if document.name.verdict == "approved" else f"it counts for {known} all the same"
        message = f"it names the PLAN {named}, but is a verdict of {files.feature}: {counts}; correct the name, or move it to {named}"
        yield make_diagnostic("verdict-other-plan", document.path, line, message, target_text=named)


def other_titles(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield verdicts whose title names a different achievement, by its id or by its title."""
    ids = {_bare(defined.title): defined.id for defined in files.facts.achievements if defined.title}
    titles = {defined.id: _bare(defined.title) for defined in files.facts.achievements}
    for known, document in _counting(files, judged):
        facts = verdict_facts(document)
        titled = ids.get(title_words(facts.title))
        if facts.achievement and facts.achievement != known:
            message = f"the title says {facts.achievement}, but the file name says {known}: the file name counts"
            yield make_diagnostic("verdict-mismatch", document.path, 1, message, target_text=facts.achievement)
        elif titled and titled != known and titles[known] != titles[titled]:
            message = f"its title is the title of {titled}, but the file name says {known}: the file name counts"
            yield make_diagnostic("verdict-mismatch", document.path, 1, message)


def without_work(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield approvals of achievements without any SUBPLAN or EXECUTION_TASK; a hint if they only repeat a claim."""
    for known, document in _counting(files, judged):
        situation = judged.situations[known]
        if document.name.verdict != "approved" or situation.subplan is not None or situation.tasks:
            continue
        if document is not situation.approved and not any(d.path == document.path for d in situation.reviews.doubts):
            continue
        why = "; ".join(doubt.says for doubt in situation.reviews.doubts if doubt.path == document.path)
        message = f"{known} has no SUBPLAN and no EXECUTION_TASK, so no file shows what was approved"
        message += f". It does not approve: {why}" if why else ": describe in it what was reviewed, or archive it"
        yield make_diagnostic(
            "approved-without-work",
            document.path,
            1,
            message,
            severity="hint" if verdict_facts(document).adopted else None,
        )


def _counting(files: PlanDocuments, judged: PlanEvaluation) -> Iterator[tuple[str, Document]]:
    """Yield (id of the achievement, verdict) for each verdict that belongs to an achievement."""
    for defined in files.facts.achievements:
        for document in judged.assigned.verdicts.get(defined.id, ()):
            yield defined.id, document


def _bare(title: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", title.casefold()))
