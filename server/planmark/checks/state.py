"""Checks of the state of plans: what the files show, what the text says, and what is missing between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from planmark.checks.catalogue import finding
from planmark.checks.diagnostic import SEVERITIES, Diagnostic, Related, Severity
from planmark.checks.identity import ambiguous_verdicts, copies, features_without_plan, numbers
from planmark.checks.suppression import unsuppressed
from planmark.checks.truth import index_ticks, stale_handoffs
from planmark.documents.plan import Reason
from planmark.documents.source import Quote
from planmark.workflow.graph import cycle_through
from planmark.workflow.plan import CLAIMABLE, Judged
from planmark.workspace.snapshot import PlanFiles, Snapshot


def check(snapshot: Snapshot, judged: dict[str, Judged], others: Iterable[Diagnostic] = ()) -> tuple[Diagnostic, ...]:
    """Every diagnostic of a workspace, by path, line and code. `judged` holds every plan by its path.

    `others` are findings about what is no document.
    """
    found = [*others, *_workspace(snapshot)]
    for files in snapshot.plans:
        for rule in PLAN_RULES:
            found += rule(files, judged[files.path])
    found = unsuppressed(snapshot, found)
    wanted = snapshot.settings["diagnostics.severity"]
    found = [_with_severity(d, wanted.get(d.code, d.severity)) for d in found if wanted.get(d.code) != "off"]
    order = {severity: position for position, severity in enumerate(SEVERITIES)}
    return tuple(sorted(found, key=lambda d: (d.path, d.line, order[d.severity], d.code, d.message)))


def _with_severity(diagnostic: Diagnostic, severity: Severity) -> Diagnostic:
    return diagnostic if severity == diagnostic.severity else msgspec.structs.replace(diagnostic, severity=severity)


def _workspace(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for problem in snapshot.problems:
        yield finding("file-unreadable", problem.path, 1, f"{problem.path} {problem.message}")
    for rejected in snapshot.not_plans:
        yield finding("plan-name", rejected.path, 1, f"not taken for a plan: {rejected.reason}")
    yield from features_without_plan(snapshot)
    yield from ambiguous_verdicts(snapshot)
    for path, document in snapshot.documents.items():
        for invalid in document.invalid:
            yield finding("parallel-json-invalid", path, invalid.line + 1, f"{invalid.message}; mend it here")


def _claimed(files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    """Once per plan, with the list."""
    states = {known.id: known.state for known in judged.state.achievements}
    unsupported = [claim for claim in judged.state.claims if states[claim.achievement] in CLAIMABLE]
    named = list(dict.fromkeys(claim.achievement for claim in unsupported))
    if named:
        message = (
            f"the PLAN says that {', '.join(named)} {'is' if len(named) == 1 else 'are'} done, and no file supports it: "
            f"let a reviewer record a verdict for each, or go on by the files (planmark next @{files.feature} --ignore-claims)"
        )
        related = tuple(Related(claim.path, claim.line, claim.text) for claim in unsupported)
        yield finding("claimed-without-evidence", files.path, unsupported[0].line, message, related)


UNREAD: dict[Reason, str] = {
    "not in the index": "the Achievement Index does not list it; add it there, or remove it here",
    "repeated": "it is defined twice, and the longer text counts; keep one of both",
    "reported": "it stands in a section that only reports what was done; the definition that counts is elsewhere",
    "form": "its form is not that of a definition; write `**Achievement 1.1**: Title` at the start of a line",
}
"""Why a line that looks like an achievement is none → what to say of it."""


def _unread(files: PlanFiles, _judged: Judged) -> Iterator[Diagnostic]:
    for unread in files.facts.unread:
        related = (Related(files.path, files.document.line(unread.counts), "this one counts"),) if unread.counts else ()
        message = f"this line is not read as an achievement: {UNREAD[unread.reason]}"
        yield finding("achievement-format", files.path, files.document.line(unread.line.at), message, related)


def _no_achievements(files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    if judged.state.state != "no_achievements":
        return
    near = files.facts.near_misses
    hint = f"; {len(near)} lines look like achievements and are not" if near else ""
    message = f"no achievement can be read: write `**Achievement 1.1**: Title` at the start of a line{hint}"
    related = tuple(Related(files.path, files.document.line(q.at), q.text) for q in near)
    yield finding("no-achievements", files.path, related[0].line if related else 1, message, related)


def _verdicts(files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    for known in judged.state.achievements:
        situation = judged.situations[known.id]
        fix, approved = situation.fix, situation.approved
        if fix is None:
            continue
        if known.state == "approved" and approved:
            message = f"superseded by {_name(approved.path)}: nothing is left to do here"
            yield finding("fix-superseded", fix.path, 1, message, (Related(approved.path, 1, "approved here"),))
            continue
        todo = "review the fixes again" if known.state == "fix_resolved" else "address the fix"
        says = f"{known.id} needs a fix that is not resolved: {todo} (planmark next @{files.feature} --achievement {known.id})"
        if approved:
            message = f"dated later than {_name(approved.path)}: {known.id} is open again; {todo}"
            yield finding("fix-reopened", fix.path, 1, message, (Related(approved.path, 1, "approved here"),))
        else:
            yield finding("fix-unresolved", fix.path, 1, says)
        yield finding("fix-unresolved", known.path, known.line, says, (Related(fix.path, 1, "the fix"),))


def _review_missing(files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    for known in judged.state.achievements:
        if known.state == "awaiting_review":
            message = f"{known.id}: all executions are done and there is no verdict; next: {known.step.replace('_', ' ')} (planmark next @{files.feature} --achievement {known.id})"
            related = tuple(Related(e.path, e.evidence.line, e.evidence.says) for e in known.executions)
            yield finding("review-missing", known.path, known.line, message, related)


def _plan_complete(files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    status: Quote | None = files.facts.status
    if judged.state.state == "complete" and status and files.facts.status_word != "complete":
        message = "every achievement is approved: set the Status to ✅ Complete"
        yield finding("plan-complete", files.path, files.document.line(status.at), message)


def _blocked_work(_: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    for known in judged.state.achievements:
        if known.blocked_by and known.state != "blocked" and known.state != "approved":
            reasons = judged.situations[known.id].open_dependencies
            related = tuple(Related(d.reason.path, d.reason.line, d.reason.says) for d in reasons)
            message = f"{known.id} was begun and depends on {', '.join(known.blocked_by)}, which is not approved: finish that first"
            yield finding("blocked-work", known.path, known.line, message, related)


def _graph(files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    reported: set[frozenset[str]] = set()
    for edge in judged.state.dependencies:
        if edge.unknown:
            missing = edge.depends_on if edge.depends_on not in files.facts.ids else edge.achievement
            message = f"{edge.achievement} depends on {edge.depends_on}: the PLAN has no {missing}; it blocks nobody. Mend the id"
            yield finding("dependency-unknown", edge.reason.path, edge.reason.line, message)
        elif edge.cyclic:
            cycle = cycle_through(judged.state.dependencies, edge)
            if frozenset(cycle) not in reported:
                reported.add(frozenset(cycle))
                message = f"{' → '.join(cycle)}: these dependencies go in a circle and block nobody. Remove one"
                yield finding("dependency-cycle", edge.reason.path, edge.reason.line, message)


PLAN_RULES: tuple[Callable[[PlanFiles, Judged], Iterator[Diagnostic]], ...] = (
    _claimed,
    _no_achievements,
    _unread,
    _verdicts,
    _review_missing,
    _plan_complete,
    _blocked_work,
    _graph,
    numbers,
    copies,
    index_ticks,
    stale_handoffs,
)


def of_plan(files: PlanFiles, diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The diagnostics about the documents of one plan."""
    paths = {files.path, *(d.path for d in (*files.subplans, *files.executions, *files.verdicts))}
    paths |= {files.parallel.path} if files.parallel else set()
    return tuple(diagnostic for diagnostic in diagnostics if diagnostic.path in paths)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
