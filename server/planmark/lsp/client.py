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

EDITORS_WITH_MARKDOWN_SERVER = (
    "visual studio code",
    "code - oss",
    "code-server",
    "vscodium",
    "cursor",
    "windsurf",
    "positron",
)
"""Beginnings of the names of editors with a Markdown server, in lower case. That server provides the outline and the
links of documents.
"""

MAX_ANSWER_WAIT_SECONDS = 0.5
"""Maximum seconds that the server waits for an answer of the client before the server continues."""


@dataclass(frozen=True)
class Client:
    """A client with its capabilities. A capability that the client does not announce is False."""

    name: str
    encoding: Encoding
    """The encoding in whose units the client counts columns."""
    process_id: int | None
    """The id of the client's process; None if the client does not name its process."""
    has_markdown_server: bool
    delivers_prompts: bool
    """Whether the client shows prompts to the user. If so, the server does not show prompts."""
    wants_plans_changed: bool
    wants_leases_changed: bool
    runs_steps: bool
    """Whether the client has a command that starts agents for steps."""
    command_titles: dict[str, str]
    """Mapping from a command line without arguments to the title of the equivalent command of the client."""
    settings: dict[str, Any]
    """The settings in the options of `initialize`, by key."""
    pulls_diagnostics: bool
    applies_edits: bool
    creates_files: bool
    renames_files: bool
    has_versioned_edits: bool
    shows_documents: bool
    shows_progress: bool
    watches_files: bool
    gives_configuration: bool
    """Whether the client answers a request for its settings."""
    registers_configuration: bool
    """Whether the server can ask the client to report changes of settings."""
    refreshes_lenses: bool
    refreshes_hints: bool
    refreshes_diagnostics: bool
    nests_symbols: bool
    has_code_action_literals: bool
    """Whether the client accepts code actions with edits, and not only commands."""
    takes_snippets: bool
    resolves_edits: bool
    """Whether the client asks for the edit of a code action only when the user chooses the action."""
    shows_related_information: bool


def client_of(params: types.InitializeParams, encoding: Encoding) -> Client:
    """Return the client that the parameters of its request `initialize` describe."""
    options = params.initialization_options if isinstance(params.initialization_options, dict) else {}
    settings = options.get("settings")
    name = params.client_info.name if params.client_info else ""

    def capability_value(capability: str) -> Any:
        return get_capability(params.capabilities, capability, None)

    resource_operations = capability_value("workspace.workspace_edit.resource_operations") or ()
    return Client(
        name=name,
        encoding=encoding,
        process_id=params.process_id,
        has_markdown_server=name.casefold().startswith(EDITORS_WITH_MARKDOWN_SERVER),
        delivers_prompts=options.get("promptDelivery") == "client",
        wants_plans_changed=options.get("plansChanged") is True,
        wants_leases_changed=options.get("leasesChanged") is True,
        runs_steps=options.get("runsSteps") is True,
        command_titles=_command_titles(options.get("commandTitles")),
        settings=settings if isinstance(settings, dict) else {},
        pulls_diagnostics=capability_value("text_document.diagnostic") is not None,
        applies_edits=bool(capability_value("workspace.apply_edit")),
        creates_files=types.ResourceOperationKind.Create in resource_operations,
        renames_files=types.ResourceOperationKind.Rename in resource_operations,
        # File operations exist only in versioned edits. Therefore a client that supports these operations supports
        # versioned edits.
        has_versioned_edits=bool(resource_operations or capability_value("workspace.workspace_edit.document_changes")),
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
    """Return the URIs of the folders that a client has open at the start."""
    if params.workspace_folders:
        return list(dict.fromkeys(folder.uri for folder in params.workspace_folders))
    if params.root_uri:
        return [params.root_uri]
    return [Path(params.root_path).as_uri()] if params.root_path and Path(params.root_path).is_absolute() else []


async def await_briefly(answer: Awaitable[Any]) -> bool:
    """Wait at most MAX_ANSWER_WAIT_SECONDS for `answer`. Tell whether the client has answered without an error.

    If the answer arrives later, the server still processes it.
    """
    answer_task = asyncio.ensure_future(answer)
    done_tasks, _ = await asyncio.wait({answer_task}, timeout=MAX_ANSWER_WAIT_SECONDS)
    answer_task.add_done_callback(lambda future: future.cancelled() or future.exception())
    return bool(done_tasks) and not answer_task.cancelled() and answer_task.exception() is None
