"""Checks of names and numbers: which plan and which achievement a file belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.checks.catalogue import finding
from planmark.checks.diagnostic import Diagnostic, Related
from planmark.documents.names import Kind, parse_name
from planmark.workflow.assignment import FindingCode
from planmark.workflow.plan import Judged
from planmark.workspace.snapshot import PlanFiles, Snapshot

ORPHANS: dict[Kind, str] = {
    "subplan": "orphan-subplan",
    "execution_task": "orphan-execution",
    "verdict": "orphan-verdict",
}
"""Kind of a document that belongs to no achievement → code."""
CODES: dict[FindingCode, str] = {
    "number-mismatch": "number-mismatch",
    "number-ambiguous": "number-ambiguous",
    "second-subplan": "duplicate-document",
}
"""What the assignment has found → code; for orphans see ORPHANS."""


def numbers(_: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    """What is odd about the numbers of a plan's documents."""
    for odd in judged.assigned.findings:
        name = parse_name(odd.path.rpartition("/")[2])
        kind = name.kind if name else "note"
        titled_wrongly = odd.code == "number-mismatch" and kind == "verdict"
        code = "verdict-empty" if titled_wrongly else CODES.get(odd.code) or ORPHANS.get(kind)
        if code:
            yield finding(code, odd.path, 1, odd.message)


def copies(files: PlanFiles, _: Judged) -> Iterator[Diagnostic]:
    """Documents that do not count because another one of the same name is nearer."""
    for copy in files.copies:
        related = (Related(copy.counts, 1, "this one counts"),)
        message = f"another copy counts: {copy.counts}; archive or remove one of them"
        yield finding("duplicate-document", copy.path, 1, message, related)


def ambiguous_verdicts(snapshot: Snapshot) -> Iterator[Diagnostic]:
    """Verdicts in a folder that several plans share, naming none of them."""
    owned = {verdict.path for files in snapshot.plans for verdict in files.verdicts}
    found: dict[str, list[str]] = {}
    for files in snapshot.plans:
        for path in files.ambiguous_verdicts:
            found.setdefault(path, []).append(files.feature)
    for path, features in found.items():
        if path not in owned:
            wanted = " or ".join(f"`**Plan**: {feature}`" for feature in features)
            yield finding(
                "verdict-ambiguous", path, 1, f"it may belong to any of {len(features)} PLANs: write {wanted}"
            )


def features_without_plan(snapshot: Snapshot) -> Iterator[Diagnostic]:
    """Work files of a feature that has no PLAN."""
    for orphan in snapshot.orphans:
        for path in orphan.documents:
            code = ORPHANS[snapshot.documents[path].name.kind]
            message = (
                f"there is no PLAN_{orphan.feature}.md: create it (planmark new {orphan.feature}), or archive this file"
            )
            yield finding(code, path, 1, message)
