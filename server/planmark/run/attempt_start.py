"""The order for an attempt: the command line of the agent, its environment variables and its limits."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import msgspec

from planmark.cli.options import AGENT_VARIABLE
from planmark.run.agents import AgentProgram, command_of
from planmark.run.attempts import PROMPT_FILE, AttemptOrder

MCP_FILE = "mcp.json"
PACKAGE_PARENT = Path(__file__).resolve().parents[2]
"""The folder that holds the package `planmark`."""
ISOLATED_COMMAND_CODE = "import sys; sys.path.insert(0, sys.argv.pop(1)); from planmark.cli.main import entry; entry()"
"""Python code that runs a command line of Planmark. The first argument is PACKAGE_PARENT.

So the code also works if Planmark is not installed in the interpreter.
"""
LEASE_VARIABLE, WORKSPACE_VARIABLE, RUN_VARIABLE = "PLANMARK_LEASE", "PLANMARK_WORKSPACE", "PLANMARK_RUN"
"""The environment variables that tell an agent its lease, its workspace and its run."""
RENEWALS_PER_DURATION = 3
"""Number of renewals of a lease within the duration of the lease."""


class AttemptPlan(NamedTuple):
    """An attempt that is to be started.

    `run` and `lease` are ids. `number` is the number of the attempt in the run. `name` is the name under which the
    agent holds the lease, and `lease_seconds` the duration of the lease. `root` is the workspace in which the agent
    works. `budget_usd` is the maximum cost of the attempt, None if there is no limit. `session` is the id of the
    session that the attempt continues, "" for a new session.
    """

    run: str
    number: int
    agent: AgentProgram
    name: str
    lease: str
    lease_seconds: float
    root: Path
    tier: int
    prompt: str
    budget_usd: float | None = None
    session: str = ""


def order_of(attempt_plan: AttemptPlan, folder: Path) -> AttemptOrder:
    """Return the order for an attempt. `folder` is the folder of the attempt, which holds the prompt and the MCP file."""
    agent = attempt_plan.agent
    values = {
        "model": agent.models.get(attempt_plan.tier, ""),
        "tier": str(attempt_plan.tier),
        "mcp": str(folder / MCP_FILE),
        "prompt": str(folder / PROMPT_FILE) if agent.prompt == "file" else attempt_plan.prompt,
        "worktree": str(attempt_plan.root),
        "lease": attempt_plan.lease,
        "budget_usd": "" if attempt_plan.budget_usd is None else f"{attempt_plan.budget_usd:.2f}",
        "session": attempt_plan.session,
    }
    return AttemptOrder(
        run=attempt_plan.run,
        attempt=attempt_plan.number,
        lease=attempt_plan.lease,
        agent=attempt_plan.name,
        argv=command_of(agent, values, resumes=bool(attempt_plan.session)),
        cwd=str(attempt_plan.root),
        workspace=str(attempt_plan.root),
        prompt="stdin" if agent.prompt == "stdin" else "none",
        result=agent.result,
        env=agent.env,
        variables={
            AGENT_VARIABLE: attempt_plan.name,
            LEASE_VARIABLE: attempt_plan.lease,
            WORKSPACE_VARIABLE: str(attempt_plan.root),
            RUN_VARIABLE: attempt_plan.run,
        },
        timeout=agent.timeout,
        idle=agent.idle,
        linger=agent.linger,
        renew_seconds=attempt_plan.lease_seconds / RENEWALS_PER_DURATION,
    )


def mcp_config(root: Path) -> bytes:
    """Return the content of the MCP file.

    It tells an agent how to start Planmark's MCP server for the workspace `root`.
    """
    # With `-I`, Python imports no module from the current folder, which is the workspace.
    interpreter_arguments = ("-I", "-c", ISOLATED_COMMAND_CODE, str(PACKAGE_PARENT))
    server_entry = {"command": sys.executable, "args": [*interpreter_arguments, "--workspace", str(root), "mcp"]}
    return msgspec.json.format(msgspec.json.encode({"mcpServers": {"planmark": server_entry}}), indent=2)
