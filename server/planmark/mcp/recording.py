"""The tools `record` and `lease`: documents, the log of the work, the answer to a FIX, ticked tasks, and leases."""

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
    """The record of an agent: its plan, its achievement and the text, "" without one. `agent` is its name."""

    feature: str
    achievement: str
    text: str
    agent: str


def record(workspace: ServedWorkspace, given: Mapping[str, Any], agent: str) -> str:
    """Write what the agent did, and return the path that was written, or the line of a ticked task."""
    about = RecordInput(given["feature"], given["achievement"], given.get("text", ""), agent)
    if "lease" in given:
        # An agent that has lost its lease must not write: the renewal tells it so.
        workspace.run("lease", ["renew", given["lease"]])
    return RECORDS[given["kind"]](workspace, about)


def lease(workspace: ServedWorkspace, given: Mapping[str, Any], agent: str) -> str:
    """Renew, release or take over a lease, and return its record in words."""
    if "lease" in given and given["action"] != "steal":
        about = [given["lease"]]
    elif "feature" in given and "achievement" in given:
        about = [given["feature"], given["achievement"]]
    else:
        raise ToolError("name the lease by `lease`, or by `feature` and `achievement`")
    options = {"--agent": agent}
    if "note" in given:
        options["--note"] = given["note"]
    if given["action"] != "release":
        options["--process"] = str(os.getpid())
    output = workspace.run("lease", [given["action"], *about], options)
    return output.text + output.notes


def _create(kind: str) -> Callable[[ServedWorkspace, RecordInput], str]:
    def create(workspace: ServedWorkspace, about: RecordInput) -> str:
        from planmark.cli.commands.create import create_document
        from planmark.cli.context import CommandResult
        from planmark.cli.errors import DONE
        from planmark.queries.authoring import authoring

        def make(place: NewFileContext) -> CreateFile:
            file = authoring().create[kind](place)
            text = about.text if about.text.endswith("\n") else f"{about.text}\n"
            return file._replace(text=text) if about.text.strip() else file

        def work(context: CommandContext[Any]) -> CommandResult:
            return CommandResult(DONE, f"{create_document(context, make)}\n")

        return workspace.run("create", [kind, about.feature, about.achievement], work=work).text

    return create


def _log(workspace: ServedWorkspace, about: RecordInput) -> str:
    from planmark.cli.context import CommandResult
    from planmark.cli.errors import DONE, UNREADABLE, CommandError
    from planmark.cli.workspace_access import find_named, lock_workspace, open_workspace, reopen_workspace
    from planmark.queries.authoring import authoring
    from planmark.queries.meant import achievement_needed, of_methodology
    from planmark.workspace.atomic_write import WriteError, rewrite_file

    def work(context: CommandContext[Any]) -> CommandResult:
        open_workspace(context)
        with lock_workspace(context):
            # Another process may have changed the log since the scan.
            view = reopen_workspace(context)
            named = find_named(view, about.feature)
            achievement = achievement_needed(view, named, about.achievement)
            plan = of_methodology(named.plan, "create")
            logged = authoring().log_iteration(view, plan, achievement.id, about.text)
            try:
                rewrite_file(workspace.root(), logged.path, logged.before, logged.after)
            except WriteError as error:
                raise CommandError(str(error), UNREADABLE) from None
        return CommandResult(DONE, f"{logged.path}\n")

    return workspace.run("create", ["execution", about.feature, about.achievement], work=work).text


def _resolve(workspace: ServedWorkspace, about: RecordInput) -> str:
    if not about.text.strip():
        raise ToolError("a resolution needs `text`: say what was done about each issue")
    options = {"--reviewer": about.agent, "--note": about.text}
    return workspace.run("verdict", ["resolve", about.feature, about.achievement], options).text


def _tick(workspace: ServedWorkspace, about: RecordInput) -> str:
    output = workspace.run("tick", [about.feature, about.achievement])
    return output.text + output.notes


RECORDS: dict[str, Callable[[ServedWorkspace, RecordInput], str]] = {
    "subplan": _create("subplan"),
    "execution": _create("execution"),
    "iteration": _log,
    "resolution": _resolve,
    "tick": _tick,
}
"""Kind of a record → the function that writes it and returns the answer."""
