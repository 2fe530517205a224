"""`planmark close`: marks a complete plan as closed in the Status and the handoff of its PLAN."""

from __future__ import annotations

from planmark.cli.context import CommandContext, CommandResult
from planmark.cli.lifecycle import Options, add_arguments, run_act

__all__ = ["Options", "add_arguments", "run"]


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    return run_act(context, "close")
