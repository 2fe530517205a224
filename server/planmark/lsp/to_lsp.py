"""The conversion of paths, positions and edits of a workspace to URIs, positions and edits of one client."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lsprotocol import types

from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import LensCommand
from planmark.lsp.client import Client
from planmark.lsp.command_titles import with_command_titles
from planmark.lsp.diagnostic_docs import documentation_page_of
from planmark.lsp.errors import RequestError
from planmark.lsp.folder_worker import FolderWorker
from planmark.lsp.uris import child_uri, relative_path
from planmark.plans.diagnostic import Diagnostic, Severity, columns_or_whole_line
from planmark.plans.model import AchievementState
from planmark.queries.workspace_view import View
from planmark.text.encodings import to_column, to_units
from planmark.text.lines import nonblank_span
from planmark.text.visible import visible, visible_in_one_line
from planmark.workspace.workspace_edits import Change, CreateFile, RenamePath, TextChange, in_order

LSP_SEVERITIES: dict[Severity, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}
"""Mapping from the severity of a diagnostic to the severity in LSP."""


@dataclass(frozen=True)
class DocumentVersion:
    """A document that the client has opened: its URI as the client spells it, and the client's version number."""

    uri: str
    version: int


@dataclass(frozen=True)
class RequestContext:
    """The data from which the server answers a request, and the conversion of the results for the client.

    `open_documents` maps relative paths to the documents that the client has opened.
    """

    client: Client
    folder: FolderWorker
    view: View
    open_documents: Mapping[str, DocumentVersion]
    _document_by_path: dict[str, EditorDocument] = field(default_factory=dict)
    """Mapping from a relative path to its document, for each document that a conversion has needed."""

    def without_cache(self) -> RequestContext:
        """Return a context with the same data and an empty cache of documents."""
        return RequestContext(self.client, self.folder, self.view, self.open_documents)

    def document(self, path: str) -> EditorDocument:
        """Return the document at a relative path, for the functions of editors."""
        if path not in self._document_by_path:
            self._document_by_path[path] = EditorDocument(self.view, path)
        return self._document_by_path[path]

    def uri(self, path: str) -> str:
        """Return the URI of a relative path, in the client's spelling if the document is open."""
        open_document = self.open_documents.get(path)
        return open_document.uri if open_document else child_uri(self.folder.uri, path)

    def path(self, uri: str) -> str | None:
        """Return the relative path of the file `uri`; None if the snapshot does not have this file."""
        open_path = next((path for path, document in self.open_documents.items() if document.uri == uri), None)
        path = open_path or relative_path(self.folder.uri, uri)
        return path if path and self.view.snapshot.has(path) else None

    def achievement_of(self, uri: str) -> AchievementState | None:
        """Return the achievement that a document is about; None if there is no such achievement."""
        path = self.path(uri)
        return self.view.achievement_of(path) if path else None

    def link(self, path: str, line: int) -> str:
        """Return the target of a link to a document; `line` is 1-based, 0 for the whole document."""
        return f"{self.uri(path)}#L{line}" if line else self.uri(path)

    def position(self, document: EditorDocument, line: int, column: int) -> types.Position:
        """Convert a position (0-based line, column in code points) to a position in the client's units."""
        return types.Position(line, to_units(document.line(line), column, self.client.encoding))

    def line_and_column(self, document: EditorDocument, position: types.Position) -> tuple[int, int]:
        """Return the 0-based line and the column in code points of a client's position.

        A position after the end of a line becomes the end of the line. A position after the last line becomes the end
        of the document.
        """
        line = min(position.line, len(document.lines) - 1)
        if line < position.line:
            return line, len(document.line(line))
        return line, to_column(document.line(line), position.character, self.client.encoding)

    def range(self, document: EditorDocument, span: LineSpan) -> types.Range:
        """Convert a span with columns in code points to a range in the client's units."""
        line, encoding = document.line(span.line), self.client.encoding
        unit_columns = (to_units(line, column, encoding) for column in (span.start, span.end))
        return types.Range(*(types.Position(span.line, unit_column) for unit_column in unit_columns))

    def lines(self, document: EditorDocument, start: int, end: int) -> types.Range:
        """Return the range of the whole lines from `start` to the line before `end`, both 0-based."""
        last_line = max(start, min(end, len(document.lines)) - 1)
        return types.Range(types.Position(start, 0), self.position(document, last_line, len(document.line(last_line))))

    def location(self, path: str, span: LineSpan) -> types.Location:
        """Return the location of a span in a document."""
        return types.Location(self.uri(path), self.range(self.document(path), span))

    def command(self, command: LensCommand) -> types.Command:
        """Convert a command to the type of LSP, and add the workspace to its argument."""
        argument = {"workspace": str(self.folder.root), **command.argument}
        return types.Command(visible_in_one_line(command.title), command.command, arguments=[argument])

    def diagnostic(self, diagnostic: Diagnostic) -> types.Diagnostic:
        """Convert a diagnostic to the type of LSP. The range covers the target text of the diagnostic."""
        related_information = [
            types.DiagnosticRelatedInformation(
                self.location(related_place.path, self._line_span(related_place.path, related_place.line)),
                visible(related_place.message),
            )
            for related_place in diagnostic.related
        ]
        return types.Diagnostic(
            range=self.range(self.document(diagnostic.path), self._target_span(diagnostic)),
            message=visible(with_command_titles(diagnostic.message, self.client.command_titles)),
            severity=LSP_SEVERITIES[diagnostic.severity],
            code=diagnostic.code,
            code_description=types.CodeDescription(help_page.as_uri())
            if (help_page := documentation_page_of(diagnostic.code))
            else None,
            source="planmark",
            related_information=related_information
            if related_information and self.client.shows_related_information
            else None,
        )

    def edit(self, changes: Iterable[Change]) -> types.WorkspaceEdit:
        """Convert changes to an edit that the client can show and undo.

        Raises RequestError if the client shows a text of a document that differs from the text that the changes edit.
        """
        ordered_changes = in_order(changes)
        for path in dict.fromkeys(change.path for change in ordered_changes if isinstance(change, TextChange)):
            editor_text = self.folder.index.text_in_editor(path)
            if editor_text is not None and editor_text.splitlines() != self.view.text(path).splitlines():
                raise RequestError(f"{path} has changed on the disk: load it again in the editor, then repeat this")
        edits_by_path: dict[str, list[types.TextEdit]] = {}
        for change in ordered_changes:
            if isinstance(change, TextChange):
                edits_by_path.setdefault(change.path, []).append(self._text_edit(change))
        if not self.client.has_versioned_edits:
            return types.WorkspaceEdit(changes={self.uri(path): edits for path, edits in edits_by_path.items()})
        file_operations: list[Any] = []
        for change in ordered_changes:
            if isinstance(change, RenamePath):
                file_operations.append(types.RenameFile(self.uri(change.old), self.uri(change.new)))
            elif isinstance(change, CreateFile):
                uri = self.uri(change.path)
                file_operations.append(types.CreateFile(uri, options=types.CreateFileOptions(overwrite=False)))
                start = types.Position(0, 0)
                file_operations.append(
                    _document_edit(uri, None, [types.TextEdit(types.Range(start, start), change.text)])
                )
        document_edits = [
            _document_edit(
                self.uri(path), self.open_documents[path].version if path in self.open_documents else None, edits
            )
            for path, edits in edits_by_path.items()
        ]
        return types.WorkspaceEdit(document_changes=[*document_edits, *file_operations])

    def _text_edit(self, change: TextChange) -> types.TextEdit:
        """Convert a replacement of text to an edit in the type of LSP."""
        document = self.document(change.path)
        start = self.range(document, LineSpan(change.line, change.start, change.start)).start
        last_line = change.line + change.lines
        return types.TextEdit(
            types.Range(start, self.range(document, LineSpan(last_line, change.end, change.end)).end), change.text
        )

    def _target_span(self, diagnostic: Diagnostic) -> LineSpan:
        """Return the span of the text that a diagnostic is about."""
        document = self.document(diagnostic.path)
        line_index = min(diagnostic.line, len(document.lines)) - 1
        return LineSpan(line_index, *columns_or_whole_line(document.line(line_index), diagnostic.target_text))

    def _line_span(self, path: str, line: int) -> LineSpan:
        """Return the span of a 1-based line without the blanks at its beginning and its end."""
        document = self.document(path)
        line_index = min(line, len(document.lines)) - 1
        return LineSpan(line_index, *nonblank_span(document.line(line_index)))


def can_apply(client: Client, changes: Iterable[Change]) -> bool:
    """Tell whether the client can apply `changes`. Some changes need a client that can create or rename files."""
    change_types = {type(change) for change in changes}
    is_supported_by_type = {CreateFile: client.creates_files, RenamePath: client.renames_files}
    return all(
        client.has_versioned_edits and is_supported_by_type[change_type]
        for change_type in change_types
        if change_type in is_supported_by_type
    )


def fingerprint(diagnostics: list[types.Diagnostic]) -> str:
    """Return a hash of the diagnostics of a document. Equal diagnostics have the same hash."""
    diagnostic_keys = [
        (
            diagnostic.range.start.line,
            diagnostic.range.start.character,
            diagnostic.range.end.character,
            diagnostic.severity,
            diagnostic.code,
            diagnostic.message,
        )
        for diagnostic in diagnostics
    ]
    return hashlib.sha256(json.dumps(diagnostic_keys).encode()).hexdigest()[:16]


def _document_edit(uri: str, version: int | None, edits: list[types.TextEdit]) -> types.TextDocumentEdit:
    """Return the edits of one document. `version` is None if the client has not opened the document."""
    return types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, version), edits)
