"""`planmark status --brief`: what an agent needs to know when its session begins, in a few lines."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from planmark.cli.console import line
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.cli.lease_access import convert_lease_errors
from planmark.cli.session_agent import AgentNameError, agent_name
from planmark.cli.workspace_access import open_workspace, root_of
from planmark.coordination.lease import Lease
from planmark.coordination.lease_rules import held_leases, plan_and_item_of
from planmark.coordination.lease_store import LeaseStore, current_machine_state
from planmark.plans.phrases import next_text
from planmark.queries.lookup import NoAnswerError, most_urgent_plan
from planmark.queries.workspace_view import View
from planmark.storage.paths import WorkspaceError
from planmark.text.shorten import wrap

HOOK_CLIENT_NAMES = {"claude": "claude-code"}
"""Mapping from a host of an agent, as in `--hook`, to the name with which the host identifies itself as a client."""
MAX_LINE_CELLS = 110
"""Maximum width of a line, in cells, so that the text stays below 150 tokens."""
MAX_LISTED_LEASES = 2
"""Maximum number of leases that are listed."""


def brief_status(context: CommandContext[CommandOptions], hook_host: str | None) -> CommandResult:
    """Return the steps that the agent holds, the next step, and how to ask for the prompt of the next step.

    `hook_host` is the host whose hook runs the command; None if a person or an agent runs the command. A hook gets the
    text as JSON. In a folder without a plan, a hook gets no output. Raises CommandError for an unknown host.
    """
    if hook_host is not None and hook_host not in HOOK_CLIENT_NAMES:
        raise CommandError(f"--hook takes {' or '.join(HOOK_CLIENT_NAMES)}, not `{hook_host}`", BAD_USAGE)
    try:
        view = open_workspace(context, report_problems=False)
    except WorkspaceError:
        if hook_host is None:
            raise
        return CommandResult(DONE)
    if hook_host is not None and not view.plans:
        return CommandResult(DONE)
    store = LeaseStore(root_of(context.options))
    with convert_lease_errors():
        leases = list(held_leases(store.read().values(), current_machine_state()))
    text = "".join(
        line(wrap(row, MAX_LINE_CELLS, 1)[0])
        for row in _brief_status_lines(view, leases, _session_agent_name(hook_host))
    )
    if hook_host is None:
        return CommandResult(DONE, text)
    hook_output = {"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": text}}
    return CommandResult(DONE, json.dumps(hook_output) + "\n")


def _brief_status_lines(view: View, held_leases: list[Lease], agent: str) -> Iterator[str]:
    """Yield the lines of the output. `held_leases` are the leases of all agents.

    `agent` is the name of the agent that gets the output; "" if the agent has no valid name.
    """
    own_leases = [lease for lease in held_leases if lease.agent == agent]
    for lease in own_leases[:MAX_LISTED_LEASES]:
        yield f"You ({agent}) hold {plan_and_item_of(lease)} until {lease.until[11:16]} UTC: {lease.id}"
    if more_count := len(own_leases) - MAX_LISTED_LEASES:
        yield from [f"and {more_count} more leases: planmark lease list"] if more_count > 0 else []
    try:
        state = view.state(most_urgent_plan(view).path)
        yield f"Plans of this project: next is @{state.feature}, {next_text(state)}"
    except NoAnswerError as error:
        yield f"Plans of this project: {str(error).splitlines()[0]}"
    yield "Its prompt: the tool `next` of planmark, or `planmark next`; with `--lease`, no other agent gets it"


def _session_agent_name(hook_host: str | None) -> str:
    """Return the name under which the agent of this process leases steps; "" if the name is not valid."""
    try:
        return agent_name(None, None, os.environ, HOOK_CLIENT_NAMES.get(hook_host or "", ""), {}, os.getpid())
    except AgentNameError:
        return ""
