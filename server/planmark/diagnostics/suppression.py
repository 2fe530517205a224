"""Suppression of diagnostics: by a comment in the document, or by the settings for files and codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from planmark.diagnostics.codes import UNUSED_SUPPRESSION, catalogue, code_and_former_names, current_code
from planmark.diagnostics.rules import methodology
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.document import Document, Suppression
from planmark.text.similarity import most_similar
from planmark.workspace.settings import Settings, is_check_ignored


def apply_suppressions(
    settings: Settings, path: str, document: Document | None, diagnostics: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """Return the diagnostics of a file that neither a comment nor the settings suppress.

    Add a diagnostic for each code in a comment if the code suppresses no diagnostic.
    """
    suppressions = document.suppressions if document else ()
    used_comments: set[tuple[int, str]] = set()
    kept_diagnostics = []
    for diagnostic in diagnostics:
        suppressing_comments = _comments_that_suppress(suppressions, diagnostic)
        used_comments |= suppressing_comments
        if not suppressing_comments:
            kept_diagnostics.append(diagnostic)
    if document:
        document_kind, muted_elsewhere = document.name.kind, methodology().muted_elsewhere
        used_comments |= {
            (suppression.line, code)
            for suppression in suppressions
            for code in suppression.codes
            if (document_kind, code) in muted_elsewhere
        }
    return [
        diagnostic
        for diagnostic in (*kept_diagnostics, *_unused_suppression_diagnostics(path, suppressions, used_comments))
        if not is_check_ignored(settings, path, code_and_former_names(diagnostic.code))
    ]


def document_suppresses_code(document: Document, code: str) -> bool:
    """Tell whether a comment in `document` suppresses `code` for the whole document."""
    return any(code in suppression.codes and suppression.line_about is None for suppression in document.suppressions)


def _comments_that_suppress(suppressions: Sequence[Suppression], diagnostic: Diagnostic) -> set[tuple[int, str]]:
    """Return a tuple for each code in a comment that suppresses a diagnostic: the line of the comment, and the code."""
    return {
        (suppression.line, code)
        for suppression in suppressions
        for code in suppression.codes
        if current_code(code) == diagnostic.code and suppression.line_about in (None, diagnostic.line - 1)
    }


def _unused_suppression_diagnostics(
    path: str, suppressions: Sequence[Suppression], used_comments: set[tuple[int, str]]
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each code in a comment if the code suppresses no diagnostic.

    `used_comments` has a tuple for each code that suppresses a diagnostic: the line of the comment, and the code.
    """
    for suppression in suppressions:
        for code in suppression.codes:
            if (suppression.line, code) not in used_comments:
                yield UNUSED_SUPPRESSION.at(path, suppression.line + 1, _unused_code_message(code), target_text=code)


def _unused_code_message(code: str) -> str:
    if current_code(code) in catalogue():
        return f"there is no {code} to suppress here: remove the comment"
    nearest_code = most_similar(code, catalogue())
    return f"there is no diagnostic code {code}" + (
        f"; did you mean {nearest_code}?" if nearest_code else "; remove the comment"
    )
