"""The tables of the messages and commands that the server handles, each with its function.

The capabilities, the handlers and the list of commands come from these tables. Each function is written as
`module.function` of this folder, because `initialize` is answered before `factory.py` imports the modules.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from lsprotocol import types

FOCUS_METHOD = "planmark/focus"


class Handler(NamedTuple):
    """The handling of one kind of message: the function, its parameters, and the capabilities that the message needs.

    `document` is the name of the parameter that contains the URI of the document, or "". With `document`, the function
    receives a context, a relative path and the parameters, on the engine's thread. Without `document`, the function
    receives the server and the parameters.
    """

    function: str
    document: Literal["", "textDocument", "item", "data"] = ""
    waits_for_scan: bool = False
    """Whether the message waits for the first scan, because an answer based on half of a workspace could be wrong."""
    refresh_capability: str = ""
    """The field of `Client` that tells whether the server can ask the client to repeat the request.

    Such a client receives an empty answer before the first scan, and repeats the request afterwards. Requests of other
    clients wait for the scan. "" if the message does not depend on the scan.
    """
    options: Any = None
    """The options that the server announces for the method."""
    effect: str = ""
    """The effect of a message that only Planmark defines, as `docs/lsp-extensions.md` describes it."""


class ServerCommand(NamedTuple):
    """A command of `workspace/executeCommand`.

    `function` receives the server and the argument of the command. `effect` describes the command.
    """

    function: str
    effect: str


NOTIFICATIONS: dict[str, Handler] = {
    types.INITIALIZED: Handler("lifecycle.initialized"),
    types.TEXT_DOCUMENT_DID_OPEN: Handler("text_documents.did_open"),
    types.TEXT_DOCUMENT_DID_CHANGE: Handler("text_documents.did_change"),
    types.TEXT_DOCUMENT_DID_SAVE: Handler("text_documents.did_save"),
    types.TEXT_DOCUMENT_DID_CLOSE: Handler("text_documents.did_close"),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: Handler("watched_files.did_change_watched_files"),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: Handler("configuration.did_change_configuration"),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: Handler("workspace_folders.did_change_workspace_folders"),
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: Handler("work_done_progress.cancel"),
}
"""Mapping from a notification of LSP to its handler. `protocol.py` handles `exit` and `$/cancelRequest`."""

REQUESTS: dict[str, Handler] = {
    types.SHUTDOWN: Handler("lifecycle.shutdown"),
    types.TEXT_DOCUMENT_HOVER: Handler("hover.handle", "textDocument"),
    types.TEXT_DOCUMENT_COMPLETION: Handler(
        "completion.handle",
        "textDocument",
        options=types.CompletionOptions(trigger_characters=["@", "`", ".", " ", "*", "#", "_"], resolve_provider=False),
    ),
    types.TEXT_DOCUMENT_DEFINITION: Handler("definition.handle", "textDocument"),
    types.TEXT_DOCUMENT_REFERENCES: Handler("references.handle", "textDocument", waits_for_scan=True),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: Handler("symbols.handle_document", "textDocument", waits_for_scan=True),
    types.TEXT_DOCUMENT_DOCUMENT_LINK: Handler("document_links.handle", "textDocument"),
    types.TEXT_DOCUMENT_CODE_ACTION: Handler(
        "code_actions.handle",
        "textDocument",
        waits_for_scan=True,
        options=types.CodeActionOptions(
            code_action_kinds=[types.CodeActionKind.QuickFix, "source.fixAll.planmark"], resolve_provider=True
        ),
    ),
    types.CODE_ACTION_RESOLVE: Handler("code_actions.resolve", "data", waits_for_scan=True),
    types.TEXT_DOCUMENT_CODE_LENS: Handler(
        "code_lens.handle",
        "textDocument",
        refresh_capability="refreshes_lenses",
        options=types.CodeLensOptions(resolve_provider=True),
    ),
    types.CODE_LENS_RESOLVE: Handler("code_lens.resolve", "data"),
    types.TEXT_DOCUMENT_INLAY_HINT: Handler(
        "inlay_hints.handle",
        "textDocument",
        refresh_capability="refreshes_hints",
        options=types.InlayHintOptions(resolve_provider=False),
    ),
    types.TEXT_DOCUMENT_PREPARE_RENAME: Handler("rename.prepare", "textDocument"),
    types.TEXT_DOCUMENT_RENAME: Handler("rename.handle"),
    types.WORKSPACE_WILL_RENAME_FILES: Handler(
        "rename.will_rename_files",
        options=types.FileOperationRegistrationOptions(
            [
                types.FileOperationFilter(types.FileOperationPattern("**/*.{md,MD,markdown}"), scheme="file"),
                types.FileOperationFilter(
                    types.FileOperationPattern("**", matches=types.FileOperationPatternKind.Folder), scheme="file"
                ),
            ]
        ),
    ),
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: Handler("call_hierarchy.prepare", "textDocument", waits_for_scan=True),
    types.CALL_HIERARCHY_INCOMING_CALLS: Handler("call_hierarchy.incoming_calls", "item"),
    types.CALL_HIERARCHY_OUTGOING_CALLS: Handler("call_hierarchy.outgoing_calls", "item"),
    types.TEXT_DOCUMENT_DIAGNOSTIC: Handler(
        "diagnostics.handle_document",
        options=types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=True, identifier="planmark"
        ),
    ),
    types.WORKSPACE_DIAGNOSTIC: Handler("diagnostics.handle_workspace"),
    types.WORKSPACE_SYMBOL: Handler("symbols.handle_workspace"),
    types.WORKSPACE_EXECUTE_COMMAND: Handler("execute_command.handle"),
}
"""Mapping from a request of LSP to its handler. `protocol.py` handles `initialize`."""

OWN_NOTIFICATIONS: dict[str, Handler] = {
    FOCUS_METHOD: Handler(
        "focus.handle",
        effect="the user has returned to the editor: the server scans the disk, at most once a second",
    ),
}
"""Mapping from a notification that only Planmark defines to its handler."""

OWN_REQUESTS: dict[str, Handler] = {
    "planmark/status": Handler("status.handle", effect="every plan, or one: as `planmark status --json`"),
    "planmark/nextPrompt": Handler("next_prompt.handle", effect="the next prompt: as `planmark next --json`"),
    "planmark/batch": Handler(
        "batch.handle", effect="several steps of one kind in one prompt: as `planmark next --batch --json`"
    ),
    "planmark/review": Handler(
        "parts.review",
        effect="which reviews the work needs, with a prompt for each: as `planmark next --review --json`",
    ),
    "planmark/research": Handler(
        "parts.research", effect="prompts for the research before a design: as `planmark next --step research --json`"
    ),
    "planmark/at": Handler("at.handle", effect="the plan and the achievement at a position of a document"),
    "planmark/why": Handler("why.handle", effect="how a state was decided"),
    "planmark/find": Handler(
        "find.handle", effect="the documents and items that match a query: as `planmark find --json`"
    ),
    "planmark/graph": Handler(
        "graph.handle", effect="achievements and dependencies of a plan: as `planmark graph --format json`"
    ),
    "planmark/history": Handler(
        "history.handle", effect="approvals over time, rounds of review and what waits, in a workspace or one plan"
    ),
    "planmark/adopt": Handler("adopt.handle", effect="the verdicts that the text of an old PLAN claims"),
    "planmark/draftFix": Handler(
        "draft_fix.handle", effect="the text of the next FIX, in which the reviewer writes the issues"
    ),
    "planmark/metrics/get": Handler("metrics.handle", effect="what `planmark/metrics` would send now"),
}
"""Mapping from a request that only Planmark defines to its handler."""

HANDLERS: dict[str, Handler] = {**NOTIFICATIONS, **REQUESTS, **OWN_NOTIFICATIONS, **OWN_REQUESTS}
"""Mapping from the method of every message that the server handles to its handler."""

COMMANDS: dict[str, ServerCommand] = {
    "planmark.nextPrompt": ServerCommand(
        "next_prompt.show", "the next prompt; shown as a document unless the client delivers prompts itself"
    ),
    "planmark.newPlan": ServerCommand("new_plan.create_plan", "creates the PLAN of a new feature, as an edit"),
    "planmark.setUpWorkspace": ServerCommand(
        "new_plan.set_up_workspace", "creates the settings file of a workspace, as an edit"
    ),
    "planmark.copyExample": ServerCommand(
        "new_plan.copy_example_workspace", "copies the example workspace to an empty folder"
    ),
    "planmark.fillTemplate": ServerCommand(
        "fill_template.handle", "writes the template of its kind into an empty document, as an edit"
    ),
    "planmark.createSubplan": ServerCommand(
        "create.create_subplan", "creates the SUBPLAN of an achievement, as an edit"
    ),
    "planmark.createExecution": ServerCommand(
        "create.create_execution", "creates the next EXECUTION_TASK of an achievement, as an edit"
    ),
    "planmark.recordVerdict": ServerCommand(
        "record_verdict.handle", "creates an APPROVED, a FIX or a RESOLUTION file, as an edit"
    ),
    "planmark.resolveFix": ServerCommand(
        "record_verdict.resolve_fix", "creates the RESOLUTION of a FIX, with an entry for each issue, as an edit"
    ),
    "planmark.closePlan": ServerCommand(
        "plan_lifecycle.close_plan", "marks a complete plan as closed in its Status and handoff, as an edit"
    ),
    "planmark.archivePlan": ServerCommand(
        "plan_lifecycle.archive_plan",
        "moves the folder of a closed plan to its archive, with every link to it, as an edit",
    ),
    "planmark.pausePlan": ServerCommand(
        "plan_lifecycle.pause_plan", "marks a plan as paused in its Status, as an edit"
    ),
    "planmark.resumePlan": ServerCommand(
        "plan_lifecycle.resume_plan", "makes a paused plan active again in its Status, as an edit"
    ),
    "planmark.dropAchievement": ServerCommand(
        "plan_lifecycle.drop_achievement", "marks an achievement in its PLAN as no longer wanted, as an edit"
    ),
    "planmark.tick": ServerCommand(
        "tick.handle", "ticks a task in a format that has boxes, or opens its box, as an edit"
    ),
    "planmark.status": ServerCommand("status.handle", "every plan, or one"),
    "planmark.why": ServerCommand("why.handle", "how a state was decided"),
    "planmark.preflight": ServerCommand(
        "preflight.handle",
        "the problems in the files of an achievement before its review: as `planmark check @FEATURE N.N --json`",
    ),
    "planmark.learn": ServerCommand(
        "learn.handle",
        "similar earlier work and known failures, for an achievement or a text: as `planmark learn --json`",
    ),
    "planmark.reindex": ServerCommand("reindex.handle", "reads every workspace again"),
    "planmark.open": ServerCommand("open.handle", "shows a document of a workspace"),
}
"""Mapping from a command of `workspace/executeCommand` to its function and effect."""
