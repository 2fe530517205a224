"""The capabilities that the server announces: requests and notifications with their options, as a table.

This module imports no handler, so that `initialize` can be answered before the handlers are imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

ANNOUNCED: dict[str, Any] = {
    types.TEXT_DOCUMENT_DID_OPEN: None,
    types.TEXT_DOCUMENT_DID_CHANGE: None,
    types.TEXT_DOCUMENT_DID_SAVE: None,
    types.TEXT_DOCUMENT_DID_CLOSE: None,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: None,
    types.TEXT_DOCUMENT_HOVER: None,
    types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(
        trigger_characters=["@", "`", ".", " ", "*", "#", "_"], resolve_provider=False
    ),
    types.TEXT_DOCUMENT_DEFINITION: None,
    types.TEXT_DOCUMENT_REFERENCES: None,
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: None,
    types.TEXT_DOCUMENT_DOCUMENT_LINK: None,
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix], resolve_provider=True
    ),
    types.CODE_ACTION_RESOLVE: None,
    types.TEXT_DOCUMENT_CODE_LENS: types.CodeLensOptions(resolve_provider=True),
    types.CODE_LENS_RESOLVE: None,
    types.TEXT_DOCUMENT_INLAY_HINT: types.InlayHintOptions(resolve_provider=False),
    types.TEXT_DOCUMENT_PREPARE_RENAME: None,
    types.TEXT_DOCUMENT_RENAME: None,
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: None,
    types.CALL_HIERARCHY_INCOMING_CALLS: None,
    types.CALL_HIERARCHY_OUTGOING_CALLS: None,
    types.TEXT_DOCUMENT_DIAGNOSTIC: types.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=True, identifier="planmark"
    ),
    types.WORKSPACE_DIAGNOSTIC: None,
    types.WORKSPACE_SYMBOL: None,
    types.WORKSPACE_EXECUTE_COMMAND: None,
    types.WORKSPACE_WILL_RENAME_FILES: types.FileOperationRegistrationOptions(
        [
            types.FileOperationFilter(types.FileOperationPattern("**/*.{md,MD,markdown}"), scheme="file"),
            types.FileOperationFilter(
                types.FileOperationPattern("**", matches=types.FileOperationPatternKind.Folder), scheme="file"
            ),
        ]
    ),
}
"""Method → the options announced for it; None if it has none."""


def capabilities(
    client: types.ClientCapabilities, encoding: Any, brought: Iterable[str], commands: Sequence[str]
) -> types.ServerCapabilities:
    """Return what the server announces to a client. `brought` are the methods that pygls answers."""
    options = {method: about for method, about in ANNOUNCED.items() if about is not None}
    builder = ServerCapabilitiesBuilder(
        client,
        {*ANNOUNCED, *brought},
        options,
        list(commands),
        types.TextDocumentSyncKind.Incremental,
        None,
        encoding,
    )
    announced: types.ServerCapabilities = builder.build()  # type: ignore[no-untyped-call]
    return announced
