"""The tools `record` and `lease`. `record` writes the work of an agent, and `lease` changes a lease.

`record` writes a document, an iteration in an EXECUTION_TASK, or the RESOLUTION of a FIX. It also ticks tasks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from planmark.mcp.reading import ToolError
from planmark.mcp.workspace import ServedWorkspace

if TYPE_CHECKING:
    from planmark.cli.context import CommandContext, CommandResult
    from planmark.queries.authoring import NewFileContext
    from planmark.workspace.workspace_edits import CreateFile


class RecordInput(NamedTuple):
    """The input of the tool `record`. `text` is "" if the call has no text. `agent` is the name of the agent."""

    feature: str
    achievement: str
    text: str
    agent: str


def record(workspace: ServedWorkspace, arguments: Mapping[str, Any], agent: str) -> str:
    """Write what an agent has done. `agent` is the name of the agent.

    Return the path of the written file. If a task was ticked, return a text with the line of this task.
    """
    record_input = RecordInput(arguments["feature"], arguments["achievement"], arguments.get("text", ""), agent)
    if "lease" in arguments:
        # An agent that has lost its lease must not write, so a failed renewal ends the call.
        workspace.run("lease", ["renew", arguments["lease"]])
    return RECORD_FUNCTIONS[arguments["kind"]](workspace, record_input)


def lease(workspace: ServedWorkspace, arguments: Mapping[str, Any], agent: str) -> str:
    """Renew, release or take over a lease for the agent with the name `agent`. Return a text about the lease."""
    if "lease" in arguments and arguments["action"] != "steal":
        lease_names = [arguments["lease"]]
    elif "feature" in arguments and "achievement" in arguments:
        lease_names = [arguments["feature"], arguments["achievement"]]
    else:
        raise ToolError("name the lease by `lease`, or by `feature` and `achievement`")
    options = {"--agent": agent}
    if "note" in arguments:
        options["--note"] = arguments["note"]
    if arguments["action"] != "release":
        options["--process"] = str(os.getpid())
    output = workspace.run("lease", [arguments["action"], *lease_names], options)
    return output.text + output.notes


def _document_creator(kind: str) -> Callable[[ServedWorkspace, RecordInput], str]:
    """Return a function that creates a document, and returns its path. `kind` is `subplan` or `execution`."""

    def create(workspace: ServedWorkspace, record_input: RecordInput) -> str:
        from planmark.cli.commands.create import create_document
        from planmark.cli.context import CommandResult
        from planmark.cli.errors import DONE
        from planmark.queries.authoring import authoring

        def make_file(file_context: NewFileContext) -> CreateFile:
            file = authoring().create[kind](file_context)
            text = record_input.text if record_input.text.endswith("\n") else f"{record_input.text}\n"
            return file._replace(text=text) if record_input.text.strip() else file

        def work(context: CommandContext[Any]) -> CommandResult:
            return CommandResult(DONE, f"{create_document(context, make_file)}\n")

        return workspace.run("create", [kind, record_input.feature, record_input.achievement], work=work).text

    return create


def _add_iteration(workspace: ServedWorkspace, record_input: RecordInput) -> str:
    """Add an iteration to the open EXECUTION_TASK of an achievement, and return the path of this EXECUTION_TASK."""
    from planmark.cli.context import CommandResult
    from planmark.cli.errors import DONE, UNREADABLE, CommandError
    from planmark.cli.workspace_access import find_plan_and_document, lock_workspace, open_workspace, reopen_workspace
    from planmark.queries.authoring import authoring
    from planmark.queries.meant import methodology_plan, needed_achievement
    from planmark.workspace.atomic_write import WriteError, rewrite_file

    def work(context: CommandContext[Any]) -> CommandResult:
        open_workspace(context)
        with lock_workspace(context):
            # Another process may have changed the log since the scan.
            view = reopen_workspace(context)
            named_plan = find_plan_and_document(view, record_input.feature)
            achievement = needed_achievement(view, named_plan, record_input.achievement)
            plan = methodology_plan(named_plan.plan, "create")
            logged_iteration = authoring().log_iteration(view, plan, achievement.id, record_input.text)
            try:
                rewrite_file(workspace.root(), logged_iteration.path, logged_iteration.before, logged_iteration.after)
            except WriteError as error:
                raise CommandError(str(error), UNREADABLE) from None
        return CommandResult(DONE, f"{logged_iteration.path}\n")

    return workspace.run("create", ["execution", record_input.feature, record_input.achievement], work=work).text


def _write_resolution(workspace: ServedWorkspace, record_input: RecordInput) -> str:
    """Write the RESOLUTION of a FIX to a file, and return the path of the RESOLUTION."""
    if not record_input.text.strip():
        raise ToolError("a resolution needs `text`: say what was done about each issue")
    options = {"--reviewer": record_input.agent, "--note": record_input.text}
    return workspace.run("verdict", ["resolve", record_input.feature, record_input.achievement], options).text


def _tick_task(workspace: ServedWorkspace, record_input: RecordInput) -> str:
    output = workspace.run("tick", [record_input.feature, record_input.achievement])
    return output.text + output.notes


RECORD_FUNCTIONS: dict[str, Callable[[ServedWorkspace, RecordInput], str]] = {
    "subplan": _document_creator("subplan"),
    "execution": _document_creator("execution"),
    "iteration": _add_iteration,
    "resolution": _write_resolution,
    "tick": _tick_task,
}
"""Mapping from a value of the argument `kind` to the function that writes the record, and returns the answer."""
