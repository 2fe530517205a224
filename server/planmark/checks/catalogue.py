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
        Entry("fix-unresolved", "warning", "an achievement with a FIX that no APPROVED supersedes"),
        Entry("fix-superseded", "hint", "a FIX beside the APPROVED that supersedes it"),
        Entry("fix-reopened", "warning", "a FIX that stands beside an APPROVED"),
        Entry("review-missing", "information", "all executions are done, and there is no verdict"),
        Entry("plan-complete", "information", "everything is approved, and the PLAN's status is still open"),
        Entry("blocked-work", "warning", "work on an achievement whose declared dependency is not approved"),
        Entry("index-tick-without-verdict", "warning", "a tick in the index, and no APPROVED file"),
        Entry("index-tick-missing", "hint", "an APPROVED file, and no tick where the index uses ticks"),
        Entry("handoff-stale", "warning", "a handoff that names an approved or unknown achievement as next"),
        Entry("status-contradicts-files", "warning", "a status that says something else than the files show"),
        Entry("status-unknown", "hint", "a status word that is not in the vocabulary"),
        Entry("status-missing", "hint", "a SUBPLAN or an EXECUTION_TASK in which no status can be read"),
        Entry("subplan-withdrawn", "warning", "a SUBPLAN that its Status takes back: it counts as none"),
        Entry("statistics-wrong", "hint", "a PLAN that counts other documents than there are"),
        Entry("parallel-status-stored", "hint", "a parallel.json that stores a status, which only the files can tell"),
        Entry("number-mismatch", "warning", "a file number that is not that of the achievement in the header"),
        Entry("number-ambiguous", "error", "a file number that may stand for several achievements"),
        Entry("orphan-subplan", "warning", "a SUBPLAN whose number or feature no PLAN has"),
        Entry("orphan-execution", "warning", "an EXECUTION_TASK whose number or feature no PLAN has"),
        Entry("orphan-verdict", "warning", "a verdict whose number the PLAN does not have"),
        Entry("work-out-of-sight", "warning", "a place of a plan's work, or a document of it, that is not read"),
        Entry("feature-mismatch", "warning", "a feature that differs between file name, header and folder"),
        Entry("document-name", "warning", "a file that seems to be work or a verdict, and whose name is not read"),
        Entry("verdict-location", "error", "a verdict in a folder where it does not count"),
        Entry("verdict-ambiguous", "error", "a verdict in a folder of several PLANs that names none of them"),
        Entry("verdict-empty", "warning", "an APPROVED without status, reviewer or date, or whose status denies it"),
        Entry("verdict-date", "warning", "a date of a verdict that cannot be read"),
        Entry("verdict-mismatch", "warning", "a verdict that is titled for another achievement"),
        Entry("verdict-other-plan", "warning", "a verdict that names another PLAN of the workspace"),
        Entry("approved-without-work", "warning", "an APPROVED without a SUBPLAN and an EXECUTION_TASK"),
        Entry("plan-name", "hint", "a file that looks like a plan and is not taken for one"),
        Entry("duplicate-document", "hint", "a document of which another copy counts"),
        Entry("duplicate-achievement", "warning", "an id that two achievements have"),
        Entry("index-mismatch", "warning", "an achievement that the index lists and no text describes, or the reverse"),
        Entry(
            "grammaplan-stale", "warning", "a GRAMMAPLAN whose table says something else than the files of its plans"
        ),
        Entry("index-missing", "hint", "a PLAN without an Achievement Index"),
        Entry("achievement-format", "hint", "an achievement that is not written as `**Achievement 1.1**: Title`"),
        Entry("achievement-hidden", "warning", "an achievement that stands only where nothing is read"),
        Entry("missing-section", "hint", "a section that a document of this type needs, and does not have"),
        Entry("placeholder-left", "hint", "a place that a template left to be filled in"),
        Entry("size", "hint", "a document with more or fewer lines than its type should have"),
        Entry("effort-exceeded", "hint", "a PLAN of more than 30 hours"),
        Entry("unclosed-fence", "warning", "a fence that nothing closes and that swallows headings"),
        Entry("broken-table", "hint", "a row with another number of cells than the header, in a table that is read"),
        Entry("merge-conflict", "error", "the marks of a merge that is not finished"),
        Entry("encoding", "warning", "text that is not UTF-8, was read with a wrong encoding, or has mixed line ends"),
        Entry("lookalike-character", "warning", "an id or a status in characters that only look like it"),
        Entry("checkbox-form", "hint", "a box that is not written as `[ ]` or `[x]`"),
        Entry("reference-missing", "hint", "a document that is named and does not exist"),
        Entry("line-range-stale", "hint", "lines of a document that are behind its end"),
        Entry("deliverable-missing", "warning", "a named deliverable that is not there, of work that is done"),
        Entry("execution-missing", "warning", "a SUBPLAN that is executing or complete, without an EXECUTION_TASK"),
        Entry("synthesis-missing", "information", "several executions are done, and nothing puts them together"),
        Entry("parallel-json-invalid", "error", "a parallel.json that cannot be read as it should be"),
        Entry("dependency-unknown", "error", "a declared dependency on an achievement or a plan that is not there"),
        Entry("dependency-unread", "warning", "a field of dependencies that says something else than which there are"),
        Entry("dependency-too-wide", "error", "a range of dependencies that makes more of them than a PLAN may have"),
        Entry("dependency-cycle", "error", "declared dependencies that lead back to where they began"),
        Entry("dependency-dropped", "hint", "a declared dependency on an achievement that is dropped"),
        Entry("dependency-asymmetric", "hint", "`blocks` and `dependencies` of a parallel.json that disagree"),
        Entry("prompt-over-budget", "warning", "a next prompt that does not fit, with all that can be left out"),
        Entry("template-broken", "error", "a prompt template of the workspace that cannot be used"),
        Entry("configuration", "warning", "a key or a value in the settings that is not understood"),
        Entry("file-unreadable", "error", "a document that cannot be read as it should be"),
        Entry("unused-suppression", "hint", "a comment that suppresses what is not there"),
    )
}

RENAMED = {"verdict-name": "document-name"}
"""Former code → the code that replaces it; settings, comments and the command line may still name the former."""


def current(code: str) -> str:
    """A code as it is called now."""
    return RENAMED.get(code, code)


def names_of(code: str) -> tuple[str, ...]:
    """A code and its former names."""
    return (code, *(former for former, now in RENAMED.items() if now == code))


def finding(
    code: str,
    path: str,
    line: int,
    message: str,
    related: tuple[Related, ...] = (),
    *,
    words: str = "",
    wanted: str | None = None,
    certain: bool = False,
    severity: Severity | None = None,
) -> Diagnostic:
    """A diagnostic of a check, at a 1-based line, with the severity that its code has by default, or another one.

    What a document says may be no text that can be shown: lone surrogates of the message become question marks.
    """
    shown = message if message.isascii() else message.encode("utf-8", "replace").decode("utf-8")
    return Diagnostic(path, line, severity or CATALOGUE[code].severity, code, shown, related, words, wanted, certain)
