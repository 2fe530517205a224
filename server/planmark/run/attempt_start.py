"""The order of an attempt: the command line of its agent, its environment and its files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import msgspec

from planmark.cli.options import AGENT_VARIABLE
from planmark.run.agents import AgentProgram, command_of
from planmark.run.attempts import PROMPT, AttemptOrder

MCP_FILE = "mcp.json"
PACKAGE_PARENT = Path(__file__).resolve().parents[2]
ISOLATED_COMMAND_CODE = "import sys; sys.path.insert(0, sys.argv.pop(1)); from planmark.cli.main import entry; entry()"
"""The code of a process that runs a command line of Planmark, which may not be installed in the interpreter."""
LEASE_VARIABLE, WORKSPACE_VARIABLE, RUN_VARIABLE = "PLANMARK_LEASE", "PLANMARK_WORKSPACE", "PLANMARK_RUN"
"""The environment variables that tell an agent what it works on."""
RENEWALS_PER_DURATION = 3
"""Number of times that a lease is renewed within its duration."""


class AttemptPlan(NamedTuple):
    """An attempt that is to be started.

    `root` is the workspace in which the agent works. `session` is the agent's session that the attempt continues, ""
    for a new session. `budget_usd` is the most that the attempt may cost, None without a limit.
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


def order_of(plan: AttemptPlan, folder: Path) -> AttemptOrder:
    """Return the order of an attempt. `folder` is its folder, which holds the prompt and the MCP file."""
    agent = plan.agent
    values = {
        "model": agent.models.get(plan.tier, ""),
        "tier": str(plan.tier),
        "mcp": str(folder / MCP_FILE),
        "prompt": str(folder / PROMPT) if agent.prompt == "file" else plan.prompt,
        "worktree": str(plan.root),
        "lease": plan.lease,
        "budget_usd": "" if plan.budget_usd is None else f"{plan.budget_usd:.2f}",
        "session": plan.session,
    }
    return AttemptOrder(
        run=plan.run,
        attempt=plan.number,
        lease=plan.lease,
        agent=plan.name,
        argv=command_of(agent, values, resumes=bool(plan.session)),
        cwd=str(plan.root),
        workspace=str(plan.root),
        prompt="stdin" if agent.prompt == "stdin" else "none",
        result=agent.result,
        env=agent.env,
        variables={
            AGENT_VARIABLE: plan.name,
            LEASE_VARIABLE: plan.lease,
            WORKSPACE_VARIABLE: str(plan.root),
            RUN_VARIABLE: plan.run,
        },
        timeout=agent.timeout,
        idle=agent.idle,
        linger=agent.linger,
        renew_seconds=plan.lease_seconds / RENEWALS_PER_DURATION,
    )


def mcp_config(root: Path) -> bytes:
    """Return the content of the file that tells an agent of Planmark's tools for a workspace."""
    # The isolated mode keeps modules of the current folder out, which is the workspace.
    interpreter_arguments = ("-I", "-c", ISOLATED_COMMAND_CODE, str(PACKAGE_PARENT))
    server = {"command": sys.executable, "args": [*interpreter_arguments, "--workspace", str(root), "mcp"]}
    return msgspec.json.format(msgspec.json.encode({"mcpServers": {"planmark": server}}), indent=2)
