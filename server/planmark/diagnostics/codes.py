"""The catalogue of diagnostic codes: each code with its default severity and its meaning. Codes are stable names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from planmark.plans.diagnostic import Diagnostic, Related, Severity
from planmark.text.similarity import most_like
from planmark.workspace.setting_values import SettingWarning


class CheckInfo(NamedTuple):
    """A diagnostic code, as its users know it."""

    code: str
    severity: Severity
    says: str


CATALOGUE: dict[str, CheckInfo] = {
    entry.code: entry
    for entry in (
        CheckInfo("claimed-without-evidence", "warning", "the PLAN says that work is done, but no file supports it"),
        CheckInfo("no-achievements", "error", "a PLAN without a readable achievement"),
        CheckInfo("fix-unresolved", "warning", "an achievement with a FIX that no APPROVED supersedes"),
        CheckInfo("fix-superseded", "hint", "a FIX beside the APPROVED that supersedes it"),
        CheckInfo("fix-reopened", "warning", "an open FIX beside an APPROVED"),
        CheckInfo("review-missing", "information", "all executions are done, but there is no verdict"),
        CheckInfo("plan-complete", "information", "everything is approved, but the PLAN's status is still open"),
        CheckInfo("blocked-work", "warning", "work on an achievement whose declared dependency is not approved"),
        CheckInfo("index-tick-without-verdict", "warning", "a tick in the index without an APPROVED file"),
        CheckInfo("index-tick-missing", "hint", "an APPROVED file without a tick, in an index that uses ticks"),
        CheckInfo("handoff-stale", "warning", "a handoff that names an approved or unknown achievement as next"),
        CheckInfo("status-contradicts-files", "warning", "a status that contradicts the files"),
        CheckInfo("status-unknown", "hint", "a status word that is not in the vocabulary"),
        CheckInfo("status-missing", "hint", "a SUBPLAN or an EXECUTION_TASK without a readable status"),
        CheckInfo("subplan-withdrawn", "warning", "a SUBPLAN that does not count because its Status withdraws it"),
        CheckInfo("statistics-wrong", "hint", "a PLAN whose document counts differ from the files"),
        CheckInfo(
            "parallel-status-stored", "hint", "a parallel.json that stores a status, although only the files decide it"
        ),
        CheckInfo("number-mismatch", "warning", "a file number that differs from the achievement in the header"),
        CheckInfo("number-ambiguous", "error", "a file number that may stand for several achievements"),
        CheckInfo("orphan-subplan", "warning", "a SUBPLAN whose number or feature no PLAN has"),
        CheckInfo("orphan-execution", "warning", "an EXECUTION_TASK whose number or feature no PLAN has"),
        CheckInfo("orphan-verdict", "warning", "a verdict whose number the PLAN does not have"),
        CheckInfo("work-out-of-sight", "warning", "a folder or a document of a plan's work that is not read"),
        CheckInfo("feature-mismatch", "warning", "a feature that differs between file name, header and folder"),
        CheckInfo(
            "document-name", "warning", "a file that seems to be work or a verdict, but whose name is not recognized"
        ),
        CheckInfo("verdict-location", "error", "a verdict in a folder where it does not count"),
        CheckInfo("verdict-ambiguous", "error", "a verdict in a folder of several PLANs that names none of them"),
        CheckInfo(
            "verdict-empty", "warning", "an APPROVED without status, reviewer or date, or with a status that denies it"
        ),
        CheckInfo("verdict-date", "warning", "a verdict with an unreadable date"),
        CheckInfo("verdict-mismatch", "warning", "a verdict whose title names a different achievement"),
        CheckInfo("verdict-other-plan", "warning", "a verdict that names a different PLAN of the workspace"),
        CheckInfo(
            "approved-without-work",
            "warning",
            "an APPROVED for an achievement with neither a SUBPLAN nor an EXECUTION_TASK",
        ),
        CheckInfo("plan-name", "hint", "a file that looks like a plan but does not count as one"),
        CheckInfo("duplicate-document", "hint", "a document that does not count because another copy does"),
        CheckInfo("duplicate-achievement", "warning", "an id that two achievements share"),
        CheckInfo("index-mismatch", "warning", "an achievement that only the index or only the text has"),
        CheckInfo("grammaplan-stale", "warning", "a GRAMMAPLAN whose table contradicts the files of its plans"),
        CheckInfo("index-missing", "hint", "a PLAN without an Achievement Index"),
        CheckInfo("achievement-format", "hint", "an achievement that is not written as `**Achievement 1.1**: Title`"),
        CheckInfo("achievement-hidden", "warning", "an achievement that is only in code, a comment or HTML"),
        CheckInfo("missing-section", "hint", "a required section that is missing"),
        CheckInfo("placeholder-left", "hint", "a placeholder of a template that is not filled in"),
        CheckInfo("size", "hint", "a document with more or fewer lines than its type should have"),
        CheckInfo("effort-exceeded", "hint", "a PLAN with more than 30 hours of work"),
        CheckInfo("unclosed-fence", "warning", "a fence that nothing closes and that swallows headings"),
        CheckInfo("broken-table", "hint", "a row with more or fewer cells than the header, in a table that is read"),
        CheckInfo("merge-conflict", "error", "conflict markers of an unfinished merge"),
        CheckInfo("encoding", "warning", "text that is not UTF-8, was decoded wrongly, or has mixed line ends"),
        CheckInfo("lookalike-character", "warning", "an id or a status in characters that only look like it"),
        CheckInfo("checkbox-form", "hint", "a checkbox that is not written as `[ ]` or `[x]`"),
        CheckInfo("reference-missing", "hint", "a reference to a document that does not exist"),
        CheckInfo("line-range-stale", "hint", "a line range beyond the end of the document"),
        CheckInfo("deliverable-missing", "warning", "a missing deliverable of work that is done"),
        CheckInfo("execution-missing", "warning", "a SUBPLAN that is executing or complete but has no EXECUTION_TASK"),
        CheckInfo("synthesis-missing", "information", "several executions are done, but their synthesis is missing"),
        CheckInfo("parallel-json-invalid", "error", "an invalid parallel.json"),
        CheckInfo(
            "dependency-unknown", "error", "a declared dependency on an achievement or a plan that does not exist"
        ),
        CheckInfo("dependency-unread", "warning", "a dependency field with text that is not read as a dependency"),
        CheckInfo("dependency-too-wide", "error", "a dependency range with more achievements than a PLAN may name"),
        CheckInfo("dependency-cycle", "error", "declared dependencies that form a cycle"),
        CheckInfo("dependency-dropped", "hint", "a declared dependency on a dropped achievement"),
        CheckInfo("dependency-asymmetric", "hint", "`blocks` and `dependencies` of a parallel.json that disagree"),
        CheckInfo("prompt-over-budget", "warning", "a next prompt that exceeds the budget even after all reductions"),
        CheckInfo("template-broken", "error", "a prompt template of the workspace that cannot be used"),
        CheckInfo("configuration", "warning", "an unknown key or an invalid value in the settings"),
        CheckInfo("file-unreadable", "error", "a document that cannot be read correctly"),
        CheckInfo("unused-suppression", "hint", "a suppression comment that matches no diagnostic"),
    )
}

RENAMED = {"verdict-name": "document-name"}
"""Former code → the code that replaces it. Settings, comments and the command line may still use the former code."""


def current(code: str) -> str:
    """Return the current name of a code."""
    return RENAMED.get(code, code)


def names_of(code: str) -> tuple[str, ...]:
    """Return a code and its former names."""
    return (code, *(former for former, now in RENAMED.items() if now == code))


def make_diagnostic(
    code: str,
    path: str,
    line: int,
    message: str,
    related: tuple[Related, ...] = (),
    *,
    target_text: str = "",
    replacement: str | None = None,
    is_safe: bool = False,
    severity: Severity | None = None,
) -> Diagnostic:
    """Return a diagnostic at a 1-based line. Without `severity`, it has the default severity of its code.

    Lone surrogates of the message become question marks, because a document may contain text that cannot be shown.
    """
    shown = message if message.isascii() else message.encode("utf-8", "replace").decode("utf-8")
    return Diagnostic(
        path, line, severity or CATALOGUE[code].severity, code, shown, related, target_text, replacement, is_safe
    )


def unknown_codes(values: Mapping[str, Any]) -> list[SettingWarning]:
    """Return a warning for each code in the settings that does not exist. `values` holds the settings by key."""
    severity, ignore = values.get("diagnostics.severity", {}), values.get("diagnostics.ignore", {})
    named = [("diagnostics.severity", code) for code in severity]
    named += [("diagnostics.ignore", code) for codes in ignore.values() for code in codes]
    found = []
    for table, code in dict.fromkeys(named):
        if code not in CATALOGUE and code not in RENAMED and code != "*":
            near = most_like(code, CATALOGUE)
            hint = f"; did you mean `{near}`?" if near else ""
            found.append(
                SettingWarning(
                    f"names `{code}`, which is not a diagnostic code{hint}", f"{table}.{code}", None, code, near
                )
            )
    return found
