"""Diagnostics in the Static Analysis Results Interchange Format (SARIF) 2.1.0, for code scanning services."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from planmark import __version__
from planmark.diagnostics.codes import catalogue
from planmark.queries.api_types import DiagnosticResult, Failure
from planmark.text.visible import visible

SCHEMA_URL = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
"""The address of the JSON Schema of SARIF 2.1.0."""
SARIF_LEVELS = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}
"""Mapping from a severity to the level of SARIF."""
BASE_ID = "WORKSPACE"
"""The name in a SARIF log for the folder of the workspace."""
FINGERPRINT_KEY = "planmark/1"
"""The name and the version of the method by which Planmark computes fingerprints of diagnostics."""


def sarif_log(root: str, diagnostics: list[DiagnosticResult], failure: Failure | None = None) -> dict[str, Any]:
    """Return a SARIF log of one run with all `diagnostics`, each with its rule, place and fixes.

    `root` is the absolute path of the workspace. `failure` is an error that the log reports besides the diagnostics.
    """
    codes = list(catalogue())
    driver = {
        "name": "Planmark",
        "version": __version__,
        "rules": [
            {
                "id": entry.code,
                "shortDescription": {"text": f"{entry.says[0].upper()}{entry.says[1:]}."},
                "defaultConfiguration": {"level": SARIF_LEVELS[entry.severity]},
            }
            for entry in catalogue().values()
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {BASE_ID: {"uri": f"{PurePath(root).as_uri()}/"}},
        "results": [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in diagnostics],
    }
    return {
        "$schema": SCHEMA_URL,
        "version": "2.1.0",
        "runs": [{**run, **(_failure_parts(failure) if failure else {})}],
    }


def failed_log(failure: Failure) -> dict[str, Any]:
    """Return a SARIF log of one run without diagnostics. `failure` is the reason why there are none."""
    driver = {"name": "Planmark", "version": __version__}
    run = {"tool": {"driver": driver}, "results": [], **_failure_parts(failure)}
    return {"$schema": SCHEMA_URL, "version": "2.1.0", "runs": [run]}


def _failure_parts(failure: Failure) -> dict[str, Any]:
    """Return the fields of a SARIF run that describe a failure.

    SARIF allows fields of other programs only in `properties`, so the field `error` is in `properties`.
    """
    invocation = {
        "executionSuccessful": False,
        "exitCode": failure.exit_code,
        "toolExecutionNotifications": [{"level": "error", "message": {"text": _escaped_message(failure.message)}}],
    }
    error = {"message": failure.message, "exit_code": failure.exit_code}
    return {"invocations": [invocation], "properties": {"error": error}}


def _escaped_message(text: str) -> str:
    """Escape a text for a message of SARIF (sections 3.11.5 and 3.11.6 of the standard).

    Braces are doubled, because SARIF uses them for placeholders. If the text seems to contain a link, brackets are
    escaped.
    """
    shown_text = visible(text).replace("{", "{{").replace("}", "}}")
    return re.sub(r"[\\\[\]]", r"\\\g<0>", shown_text) if "](" in shown_text else shown_text


def _result(diagnostic: DiagnosticResult, rule_index: int) -> dict[str, Any]:
    """Return a diagnostic as a result of SARIF. `rule_index` is the position of its code in the rules of the log."""
    diagnostic_range = diagnostic.range
    region = {
        "startLine": diagnostic_range.start.line,
        "startColumn": diagnostic_range.start.column,
        "endLine": diagnostic_range.end.line,
        "endColumn": diagnostic_range.end.column,
    }
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule_index,
        "level": SARIF_LEVELS[diagnostic.severity],
        "message": {"text": _escaped_message(diagnostic.message)},
        "locations": [_location(diagnostic.path, region)],
        "partialFingerprints": {FINGERPRINT_KEY: diagnostic.fingerprint},
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {
                "id": number,
                **_location(related_result.path, {"startLine": related_result.line}),
                "message": {"text": _escaped_message(related_result.message)},
            }
            for number, related_result in enumerate(diagnostic.related)
        ]
    fixes = [fix for fix in diagnostic.fixes if all("newText" in edit for edit in fix["edits"])]
    if fixes:
        result["fixes"] = [_fix(fix) for fix in fixes]
    return result


def _location(path: str, region: dict[str, int]) -> dict[str, Any]:
    """Return a location of SARIF in the file at `path`. `region` has the 1-based lines and columns."""
    return {"physicalLocation": {"artifactLocation": _artifact(path), "region": region}}


def _artifact(path: str) -> dict[str, str]:
    """Return a file as an artifact location of SARIF, relative to the folder of the workspace."""
    return {"uri": quote(path), "uriBaseId": BASE_ID}


def _fix(fix: dict[str, Any]) -> dict[str, Any]:
    """Return a fix as a fix of SARIF. The fix must not create or rename files, because SARIF cannot express this."""
    paths = dict.fromkeys(edit["path"] for edit in fix["edits"])
    return {
        "description": {"text": _escaped_message(fix["title"])},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(path),
                "replacements": [_replacement(edit) for edit in fix["edits"] if edit["path"] == path],
            }
            for path in paths
        ],
    }


def _replacement(edit: dict[str, Any]) -> dict[str, Any]:
    """Return an edit of a fix (see `DiagnosticResult`) as a replacement of SARIF."""
    start, end = edit["range"]["start"], edit["range"]["end"]
    region = {
        "startLine": start["line"],
        "startColumn": start["column"],
        "endLine": end["line"],
        "endColumn": end["column"],
    }
    return {"deletedRegion": region, "insertedContent": {"text": edit["newText"]}}
