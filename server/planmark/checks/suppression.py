"""Findings that nobody wants to see: by a comment in the document, or by the settings for files and codes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from planmark.checks.catalogue import CATALOGUE, finding
from planmark.checks.diagnostic import Diagnostic
from planmark.workspace.settings import is_muted
from planmark.workspace.snapshot import Snapshot

UNUSED = "unused-suppression"


def unsuppressed(snapshot: Snapshot, found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """`found` without what is suppressed, and with the comments that suppress nothing."""
    used: set[tuple[str, int, str]] = set()
    kept = []
    for diagnostic in found:
        by = _suppressing(snapshot, diagnostic)
        used |= by
        if not by and not is_muted(snapshot.settings, diagnostic.path, diagnostic.code):
            kept.append(diagnostic)
    unused = (d for d in _unused(snapshot, used) if not is_muted(snapshot.settings, d.path, d.code))
    return [*kept, *unused]


def _suppressing(snapshot: Snapshot, diagnostic: Diagnostic) -> set[tuple[str, int, str]]:
    """The comments that are about a finding: path, line and code."""
    document = snapshot.documents.get(diagnostic.path)
    return {
        (diagnostic.path, suppression.line, diagnostic.code)
        for suppression in (document.suppressed if document else ())
        if diagnostic.code in suppression.codes and suppression.about in (None, diagnostic.line - 1)
    }


def _unused(snapshot: Snapshot, used: set[tuple[str, int, str]]) -> Iterator[Diagnostic]:
    for path, document in snapshot.documents.items():
        for suppression in document.suppressed:
            for code in suppression.codes:
                if (path, suppression.line, code) not in used:
                    yield finding(UNUSED, path, suppression.line + 1, _why(code))


def _why(code: str) -> str:
    if code in CATALOGUE:
        return f"nothing here is {code}: remove the comment"
    near = difflib.get_close_matches(code, CATALOGUE, 1)
    return f"there is no check {code}" + (f"; did you mean {near[0]}?" if near else "; remove the comment")
