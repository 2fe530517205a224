"""Every request of the contract over pytest-lsp, as a recorded VS Code sends it.

Warnings about the specification are errors.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_lsp
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient, LspSpecificationWarning, make_test_lsp_client

from conftest import REPOSITORY
from lsp_client import LocalClient, recorded, with_roots
from planmark.lsp.handlers.registry import COMMANDS, OWN_NOTIFICATIONS, OWN_REQUESTS
from planmark.lsp.lsp_ext import NOTIFICATIONS_TO_CLIENT

pytestmark = [
    pytest.mark.filterwarnings(f"error::{LspSpecificationWarning.__module__}.{LspSpecificationWarning.__name__}"),
]
ANSWERED = (
    *(types.CLIENT_REGISTER_CAPABILITY, types.WORKSPACE_CODE_LENS_REFRESH, types.WORKSPACE_INLAY_HINT_REFRESH),
    *NOTIFICATIONS_TO_CLIENT,
)
"""Requests of the server that VS Code and its extension handle, but the test client does not."""


def _client() -> LanguageClient:
    made = make_test_lsp_client()
    for method in ANSWERED:
        made.feature(method)(lambda _: None)
    return made


CONFIG = ClientServerConfig(server_command=[sys.executable, "-m", "planmark", "serve"], client_factory=_client)


class At(NamedTuple):
    """An achievement of a PLAN in an open document."""

    root: Path
    uri: str
    text: str
    line: int
    achievement: str

    @property
    def document(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri)

    @property
    def position(self) -> types.Position:
        return types.Position(self.line, self.text.split("\n")[self.line].index(self.achievement))


async def _begin(client: LanguageClient, root: Path) -> None:
    params = with_roots(recorded(), [root])
    await client.initialize_session(default_converter().structure(params, types.InitializeParams))


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REPOSITORY / "examples" / "workspace", tmp_path / "example"))


@pytest_lsp.fixture(config=CONFIG)
async def client(lsp_client: LanguageClient, example: Path) -> AsyncIterator[None]:
    lsp_client._configuration[""] = {"planmark": {}}
    await _begin(lsp_client, example)
    yield
    await _end(lsp_client)


@pytest_lsp.fixture(config=CONFIG)
async def real(lsp_client: LanguageClient, shared: Path) -> AsyncIterator[None]:
    lsp_client._configuration[""] = {"planmark": {}}
    await _begin(lsp_client, shared / "context-manager")
    yield
    await _end(lsp_client)


async def _end(client: LanguageClient) -> None:
    """Shut down, and assert that the server showed no window, logged no message and answered every request."""
    await client.shutdown_session()
    assert client.messages == []
    assert client.log_messages == []
    assert [future for future in client.protocol._request_futures.values() if not future.done()] == []
    assert client.error is None


async def _opened(client: LanguageClient, root: Path, plan: Path) -> At:
    text = plan.read_text(encoding="utf-8")
    item = types.TextDocumentItem(plan.as_uri(), types.LanguageKind.Markdown, 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    status = await _own(client, "planmark/status", {"uri": plan.as_uri()})
    last = status.workspaces[0].plans[0].achievements[-1]
    return At(root, plan.as_uri(), text, last.line - 1, last.id)


Ask = Callable[[LanguageClient, At], Any]


async def _lens(client: LanguageClient, at: At) -> Any:
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(at.document))
    here = [lens for lens in lenses or () if lens.range.start.line == at.line]
    resolved = [await client.code_lens_resolve_async(lens) for lens in here]
    assert all(lens.command and lens.command.title for lens in resolved)
    return resolved


async def _calls(client: LanguageClient, at: At) -> Any:
    prepare = types.CallHierarchyPrepareParams(at.document, at.position)
    items = await client.text_document_prepare_call_hierarchy_async(prepare)
    assert items and at.achievement in items[0].name
    incoming = types.CallHierarchyIncomingCallsParams(items[0])
    outgoing = types.CallHierarchyOutgoingCallsParams(items[0])
    assert await client.call_hierarchy_incoming_calls_async(incoming) is not None
    assert await client.call_hierarchy_outgoing_calls_async(outgoing) is not None
    return items


async def _renamed(client: LanguageClient, at: At) -> Any:
    edit = await client.text_document_rename_async(types.RenameParams(at.document, at.position, "98.7"))
    assert edit and edit.document_changes
    return [e for c in edit.document_changes if isinstance(c, types.TextDocumentEdit) for e in c.edits]


async def _will_rename(client: LanguageClient, at: At) -> Any:
    path = Path(types_path(at.uri))
    new = path.with_name("PLAN_NEW-NAME.md").as_uri()
    return await client.workspace_will_rename_files_async(types.RenameFilesParams([types.FileRename(at.uri, new)]))


def types_path(uri: str) -> str:
    from planmark.lsp.uris import to_path

    return str(to_path(uri))


async def _command(client: LanguageClient, name: str, argument: dict[str, Any]) -> Any:
    return await client.workspace_execute_command_async(types.ExecuteCommandParams(name, arguments=[argument]))


async def _own(client: LanguageClient, method: str, params: Any) -> Any:
    return await client.protocol.send_request_async(method, params)


ASKS: dict[str, Ask] = {
    types.TEXT_DOCUMENT_HOVER: lambda c, at: c.text_document_hover_async(types.HoverParams(at.document, at.position)),
    types.TEXT_DOCUMENT_COMPLETION: lambda c, at: c.text_document_completion_async(
        types.CompletionParams(at.document, at.position)
    ),
    types.TEXT_DOCUMENT_DEFINITION: lambda c, at: c.text_document_definition_async(
        types.DefinitionParams(at.document, at.position)
    ),
    types.TEXT_DOCUMENT_REFERENCES: lambda c, at: c.text_document_references_async(
        types.ReferenceParams(types.ReferenceContext(include_declaration=True), at.document, at.position)
    ),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: lambda c, at: c.text_document_document_symbol_async(
        types.DocumentSymbolParams(at.document)
    ),
    types.WORKSPACE_SYMBOL: lambda c, at: c.workspace_symbol_async(types.WorkspaceSymbolParams(at.achievement)),
    types.TEXT_DOCUMENT_DOCUMENT_LINK: lambda c, at: c.text_document_document_link_async(
        types.DocumentLinkParams(at.document)
    ),
    types.TEXT_DOCUMENT_CODE_ACTION: lambda c, at: c.text_document_code_action_async(
        types.CodeActionParams(at.document, types.Range(at.position, at.position), types.CodeActionContext([]))
    ),
    types.TEXT_DOCUMENT_CODE_LENS: _lens,
    types.TEXT_DOCUMENT_INLAY_HINT: lambda c, at: c.text_document_inlay_hint_async(
        types.InlayHintParams(at.document, types.Range(types.Position(0, 0), types.Position(99999, 0)))
    ),
    types.TEXT_DOCUMENT_PREPARE_RENAME: lambda c, at: c.text_document_prepare_rename_async(
        types.PrepareRenameParams(at.document, at.position)
    ),
    types.TEXT_DOCUMENT_RENAME: _renamed,
    types.WORKSPACE_WILL_RENAME_FILES: _will_rename,
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: _calls,
    types.TEXT_DOCUMENT_DIAGNOSTIC: lambda c, at: c.text_document_diagnostic_async(
        types.DocumentDiagnosticParams(at.document)
    ),
    types.WORKSPACE_DIAGNOSTIC: lambda c, _: c.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([])),
    **{
        method: lambda c, at, method=method: _own(c, method, {"uri": at.uri})  # type: ignore[misc]
        for method in OWN_REQUESTS.keys()
        - {"planmark/at", "planmark/why", "planmark/draftFix", "planmark/review", "planmark/find"}
    },
    "planmark/why": lambda c, at: _own(c, "planmark/why", {"uri": at.uri, "achievement": at.achievement}),
    "planmark/draftFix": lambda c, at: _own(
        c, "planmark/draftFix", {"uri": at.uri, "achievement": at.achievement, "reviewer": "R"}
    ),
    "planmark/review": lambda c, at: _own(c, "planmark/review", {"uri": at.uri, "dryRun": True}),
    "planmark/find": lambda c, at: _own(c, "planmark/find", {"query": f"id:{at.achievement}"}),
    "planmark/at": lambda c, at: _own(c, "planmark/at", {"textDocument": {"uri": at.uri}}),
    **{
        name: lambda c, at, name=name: _command(c, name, {"uri": at.uri, "achievement": at.achievement})  # type: ignore[misc]
        for name in ("planmark.nextPrompt", "planmark.status", "planmark.why", "planmark.preflight", "planmark.learn")
    },
    "planmark.reindex": lambda c, _: _command(c, "planmark.reindex", {}),
    "planmark.open": lambda c, at: _command(c, "planmark.open", {"path": relative(at), "line": at.line + 1}),
}
ELSEWHERE = {
    *("codeLens/resolve", "callHierarchy/incomingCalls", "callHierarchy/outgoingCalls"),
    *("codeAction/resolve", "workspace/executeCommand", "initialize", "shutdown", "planmark.createSubplan"),
    *("planmark.createExecution", "planmark.recordVerdict", "planmark.resolveFix"),
    *("planmark.closePlan", "planmark.archivePlan", "planmark.pausePlan", "planmark.resumePlan"),
    *("planmark.dropAchievement", "planmark.tick"),
    *("planmark.newPlan", "planmark.setUpWorkspace", "planmark.fillTemplate", "planmark.copyExample"),
}
"""Requests that follow from a request above, and those that write (see `test_commands.py`)."""
MAY_BE_EMPTY = {types.TEXT_DOCUMENT_DOCUMENT_LINK, types.TEXT_DOCUMENT_INLAY_HINT}


def relative(at: At) -> str:
    return Path(types_path(at.uri)).relative_to(at.root).as_posix()


def test_every_request_of_the_server_is_asked(local: LocalClient) -> None:
    local.begin([])
    features = {m for m in local.connection.protocol.fm.features if m.split("/")[-1][:3] not in ("did", "exi", "ini")}
    requests = {
        m for m in features if m not in ("window/workDoneProgress/cancel", "exit", "initialized", *OWN_NOTIFICATIONS)
    }
    assert {*requests, *COMMANDS} - ELSEWHERE == ASKS.keys() - ELSEWHERE


@pytest.mark.asyncio
@pytest.mark.parametrize("method", sorted(ASKS))
async def test_on_the_example(client: LanguageClient, example: Path, method: str) -> None:
    at = await _opened(client, example, example / "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md")
    result = await ASKS[method](client, at)
    assert result or method in MAY_BE_EMPTY
    json.dumps(result, default=str)


@pytest.mark.asyncio
async def test_on_the_real_workspace(real: LanguageClient, shared: Path) -> None:
    root = shared / "context-manager"
    plans = sorted(root.glob("work-space/plans/*/PLAN_*.md"))
    asked, refused = 0, {}
    for plan in plans[:6]:
        at = await _opened(real, root, plan)
        for method in ASKS.keys() - {types.WORKSPACE_WILL_RENAME_FILES, "planmark.reindex", "planmark.nextPrompt"}:
            try:
                result = await ASKS[method](real, at)
            except JsonRpcException as error:
                refused[method] = str(error)
                continue
            assert result or method in MAY_BE_EMPTY, (method, plan)
            asked += 1
    assert asked > 60
    # An approved achievement has no prompt, and an id cannot be renamed if other documents would then belong to it. A plan
    # whose achievements all have a design needs no research, and one with an open fix has no batch.
    assert refused.keys() <= {"planmark/nextPrompt", types.TEXT_DOCUMENT_RENAME, "planmark/research", "planmark/batch"}
    assert all(
        any(says in why for says in ("approved", "would belong", "research: no achievement", "for a batch"))
        for why in refused.values()
    )
