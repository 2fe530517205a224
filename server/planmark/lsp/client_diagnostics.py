"""The diagnostics of documents in the types of LSP, for clients that pull diagnostics and for clients that do not."""

from __future__ import annotations

from lsprotocol import types

from planmark.diagnostics.engine import check_open_document
from planmark.lsp.to_lsp import RequestContext
from planmark.plans.document import Document

DIAGNOSED_SUFFIXES = (".md", ".json", ".toml")
"""The suffixes of files that can show diagnostics.

An editor cannot show the diagnostics of a folder, so the status of the server shows them.
"""


def document_diagnostics(context: RequestContext, path: str) -> list[types.Diagnostic]:
    """Return the diagnostics of a document; an empty list if the settings turn diagnostics off."""
    if not _are_diagnostics_on(context):
        return []
    return [context.diagnostic(diagnostic) for diagnostic in context.view.diagnostics_at(path)]


def paths_with_diagnostics(context: RequestContext) -> list[str]:
    """Return the paths of the files that have diagnostics to show."""
    return [path for path in context.view.checked.by_path if has_diagnostics(context, path)]


def document_only_diagnostics(context: RequestContext, document: Document) -> list[types.Diagnostic]:
    """Return the diagnostics that `document` alone decides, without the other documents of the workspace.

    These diagnostics are available before the other documents are read.
    """
    if not _are_diagnostics_on(context):
        return []
    diagnostics = check_open_document(document, context.view.text(document.path), context.view.snapshot.settings)
    return [context.diagnostic(diagnostic) for diagnostic in diagnostics]


def has_diagnostics(context: RequestContext, path: str) -> bool:
    """Tell whether a file has diagnostics to show."""
    return (
        path.endswith(DIAGNOSED_SUFFIXES) and _are_diagnostics_on(context) and bool(context.view.diagnostics_at(path))
    )


def _are_diagnostics_on(context: RequestContext) -> bool:
    return bool(context.view.snapshot.settings["diagnostics.enable"])
