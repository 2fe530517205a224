"""The catalogue of checks: code, default severity and what it says. Codes are fixed names."""

from __future__ import annotations

from typing import NamedTuple

from planmark.checks.diagnostic import Diagnostic, Related, Severity


class Entry(NamedTuple):
    """A check as its users know it."""

    code: str
    severity: Severity
    says: str


CATALOGUE: dict[str, Entry] = {
    entry.code: entry
    for entry in (
        Entry("claimed-without-evidence", "warning", "the PLAN's text says done, and no file supports it"),
        Entry("no-achievements", "error", "a PLAN in which no achievement can be read"),
        Entry("achievement-format", "hint", "a line that looks like an achievement and is not read as one, and why"),
        Entry("fix-unresolved", "error", "a FIX that no APPROVED supersedes"),
        Entry("fix-superseded", "hint", "a FIX beside the APPROVED that supersedes it"),
        Entry("fix-reopened", "error", "a FIX that is dated later than the APPROVED beside it"),
        Entry("review-missing", "information", "all executions are done, and there is no verdict"),
        Entry("plan-complete", "information", "everything is approved, and the PLAN's status is still open"),
        Entry("blocked-work", "warning", "work on an achievement whose declared dependency is not approved"),
        Entry("plan-name", "hint", "a file that looks like a plan and is not taken for one"),
        Entry("number-mismatch", "warning", "a file number that is not that of the achievement in the header"),
        Entry("orphan-subplan", "warning", "a SUBPLAN whose number or feature no PLAN has"),
        Entry("orphan-execution", "warning", "an EXECUTION_TASK whose number or feature no PLAN has"),
        Entry("orphan-verdict", "warning", "a verdict whose number the PLAN does not have"),
        Entry("verdict-empty", "warning", "a verdict whose title names another achievement than its file"),
        Entry("verdict-ambiguous", "error", "a verdict in a folder of several PLANs that names none of them"),
        Entry("duplicate-document", "hint", "a document of which another copy counts"),
        Entry("number-ambiguous", "error", "a file number that may stand for several achievements"),
        Entry("parallel-json-invalid", "error", "a parallel.json that cannot be read as it should be"),
        Entry("index-tick-without-verdict", "warning", "a tick in the index, and no APPROVED file"),
        Entry("index-tick-missing", "hint", "an APPROVED file, and no tick where the index uses ticks"),
        Entry("handoff-stale", "warning", "a handoff that names an approved or unknown achievement as next"),
        Entry("dependency-unknown", "error", "a declared dependency on an achievement that the PLAN does not have"),
        Entry("dependency-cycle", "error", "declared dependencies that lead back to where they began"),
        Entry("unused-suppression", "hint", "a comment that suppresses what is not there"),
        Entry("template-broken", "error", "a prompt template of the workspace that cannot be used"),
        Entry("file-unreadable", "error", "a document that cannot be read as it should be"),
    )
}


def finding(code: str, path: str, line: int, message: str, related: tuple[Related, ...] = ()) -> Diagnostic:
    """A diagnostic of a check, at a 1-based line, with the severity that its code has by default."""
    return Diagnostic(path, line, CATALOGUE[code].severity, code, message, related)
