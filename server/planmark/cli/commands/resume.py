"""`planmark resume`: makes a paused plan active again in its Status."""

from __future__ import annotations

from planmark.cli.context import CommandContext, CommandResult
from planmark.cli.lifecycle import Options, add_arguments, run_act

__all__ = ["Options", "add_arguments", "run"]


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    return run_act(context, "resume")
