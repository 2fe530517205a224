"""The diagnostics of documents as one client gets them, whether the server pushes them or the client pulls them."""

from __future__ import annotations

from lsprotocol import types

from planmark.diagnostics.engine import check_open_document
from planmark.documents.document import Document
from planmark.lsp.to_lsp import RequestContext

SHOWN_IN = (".md", ".json", ".toml")
"""The kinds of files that can show diagnostics.

Those of a folder have no document; the status of the server shows them.
"""


def of_document(context: RequestContext, path: str) -> list[types.Diagnostic]:
    """Return the diagnostics of a document."""
    if not _enabled(context):
        return []
    return [context.diagnostic(diagnostic) for diagnostic in context.view.diagnostics_at(path)]


def with_findings(context: RequestContext) -> list[str]:
    """Return the files with diagnostics to show."""
    return [path for path in context.view.checked.files if is_shown(context, path)]


def of_document_alone(context: RequestContext, document: Document) -> list[types.Diagnostic]:
    """Return the diagnostics of a document that need no other document.

    They are known before the other documents are read.
    """
    if not _enabled(context):
        return []
    found = check_open_document(document, context.view.text(document.path), context.view.snapshot.settings)
    return [context.diagnostic(diagnostic) for diagnostic in found]


def is_shown(context: RequestContext, path: str) -> bool:
    """Tell whether a file has diagnostics to show."""
    return path.endswith(SHOWN_IN) and _enabled(context) and bool(context.view.diagnostics_at(path))


def _enabled(context: RequestContext) -> bool:
    return bool(context.view.snapshot.settings["diagnostics.enable"])
