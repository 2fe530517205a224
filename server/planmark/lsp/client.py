"""The name and capabilities of the client, read once from `initialize`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability

from planmark.text.encodings import Encoding

EDITORS_WITH_MARKDOWN = (
    "visual studio code",
    "code - oss",
    "code-server",
    "vscodium",
    "cursor",
    "windsurf",
    "positron",
)
"""The first words of the names of editors with their own Markdown server, which already provides outline and links."""

PATIENCE_SECONDS = 0.5
"""Maximum seconds that the server waits for an answer of the client before the server continues."""


@dataclass(frozen=True)
class Client:
    """A client with its capabilities. A capability that the client does not announce is False."""

    name: str
    encoding: Encoding
    process_id: int | None
    has_markdown_server: bool
    delivers_prompts: bool
    wants_plans_changed: bool
    wants_leases_changed: bool
    runs_steps: bool
    command_titles: dict[str, str]
    """Command line without arguments → the title of the client's command that does the same."""
    settings: dict[str, Any]
    pulls_diagnostics: bool
    applies_edits: bool
    creates_files: bool
    renames_files: bool
    has_versioned_edits: bool
    shows_documents: bool
    shows_progress: bool
    watches_files: bool
    gives_configuration: bool
    registers_configuration: bool
    refreshes_lenses: bool
    refreshes_hints: bool
    refreshes_diagnostics: bool
    nests_symbols: bool
    has_code_action_literals: bool
    takes_snippets: bool
    resolves_edits: bool
    shows_related_information: bool


def client_of(params: types.InitializeParams, encoding: Encoding) -> Client:
    """Return the client that sent `initialize`."""
    options = params.initialization_options if isinstance(params.initialization_options, dict) else {}
    settings = options.get("settings")
    name = params.client_info.name if params.client_info else ""

    def capability_value(capability: str) -> Any:
        return get_capability(params.capabilities, capability, None)

    operations = capability_value("workspace.workspace_edit.resource_operations") or ()
    return Client(
        name=name,
        encoding=encoding,
        process_id=params.process_id,
        has_markdown_server=name.casefold().startswith(EDITORS_WITH_MARKDOWN),
        delivers_prompts=options.get("promptDelivery") == "client",
        wants_plans_changed=options.get("plansChanged") is True,
        wants_leases_changed=options.get("leasesChanged") is True,
        runs_steps=options.get("runsSteps") is True,
        command_titles=_command_titles(options.get("commandTitles")),
        settings=settings if isinstance(settings, dict) else {},
        pulls_diagnostics=capability_value("text_document.diagnostic") is not None,
        applies_edits=bool(capability_value("workspace.apply_edit")),
        creates_files=types.ResourceOperationKind.Create in operations,
        renames_files=types.ResourceOperationKind.Rename in operations,
        # File operations exist only in versioned edits. Therefore a client that supports these operations supports
        # versioned edits.
        has_versioned_edits=bool(operations or capability_value("workspace.workspace_edit.document_changes")),
        shows_documents=bool(capability_value("window.show_document.support")),
        shows_progress=bool(capability_value("window.work_done_progress")),
        watches_files=bool(capability_value("workspace.did_change_watched_files.dynamic_registration")),
        gives_configuration=bool(capability_value("workspace.configuration")),
        registers_configuration=bool(capability_value("workspace.did_change_configuration.dynamic_registration")),
        refreshes_lenses=bool(capability_value("workspace.code_lens.refresh_support")),
        refreshes_hints=bool(capability_value("workspace.inlay_hint.refresh_support")),
        refreshes_diagnostics=bool(capability_value("workspace.diagnostics.refresh_support")),
        nests_symbols=bool(capability_value("text_document.document_symbol.hierarchical_document_symbol_support")),
        has_code_action_literals=capability_value("text_document.code_action.code_action_literal_support") is not None,
        takes_snippets=bool(capability_value("text_document.completion.completion_item.snippet_support")),
        resolves_edits="edit" in (capability_value("text_document.code_action.resolve_support.properties") or ()),
        shows_related_information=bool(capability_value("text_document.publish_diagnostics.related_information")),
    )


def _command_titles(title_settings: Any) -> dict[str, str]:
    return (
        {str(key): title for key, title in title_settings.items() if isinstance(title, str)}
        if isinstance(title_settings, dict)
        else {}
    )


def folders_of(params: types.InitializeParams) -> list[str]:
    """Return the URIs of the folders that a client opens with."""
    if params.workspace_folders:
        return list(dict.fromkeys(folder.uri for folder in params.workspace_folders))
    if params.root_uri:
        return [params.root_uri]
    return [Path(params.root_path).as_uri()] if params.root_path and Path(params.root_path).is_absolute() else []


async def await_briefly(answer: Awaitable[Any]) -> bool:
    """Tell whether the client answers within PATIENCE_SECONDS. A later answer is still processed."""
    answer_task = asyncio.ensure_future(answer)
    done_tasks, _ = await asyncio.wait({answer_task}, timeout=PATIENCE_SECONDS)
    answer_task.add_done_callback(lambda future: future.cancelled() or future.exception())
    return bool(done_tasks) and not answer_task.cancelled() and answer_task.exception() is None
