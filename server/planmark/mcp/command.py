"""`planmark mcp`: the tools for agents, over the Model Context Protocol."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, UNREADABLE, CommandError
from planmark.cli.log_format import MaskingFormatter
from planmark.cli.session_agent import AgentNameError, checked_agent_name


class Options(CommandOptions):
    """The options of the command."""

    agent: str | None
    read_only: bool
    log: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--agent", metavar="NAME", help="the name of the agent in leases and documents")
    parser.add_argument("--read-only", action="store_true", help="only the tools that write nothing")
    parser.add_argument("--log", metavar="FILE", help="append the log to FILE instead of standard error")


def run(context: CommandContext[Options]) -> CommandResult:
    """Serve one client over standard input and output, until the client closes its end of the connection."""
    options = context.options
    if options.agent:
        try:
            checked_agent_name(options.agent)
        except AgentNameError as error:
            raise CommandError(f"--agent: {error}", BAD_USAGE) from None
    _set_log_target(options.log)
    try:
        # Imported only here, because the SDK is an extra.
        from planmark.mcp.server import ServerOptions, serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "planmark":
            raise
        raise CommandError(
            f"`planmark mcp` needs the extra `mcp` ({error.name} is missing): pip install 'planmark[mcp]'", UNREADABLE
        ) from None
    has_all_work_ended = serve(ServerOptions(options.workspace, options.agent, options.read_only))
    if not has_all_work_ended:
        # A job still runs on the engine's thread. Exit at once, because Python would wait for this thread.
        logging.shutdown()
        os._exit(DONE)
    return CommandResult(DONE)


def _set_log_target(path: str | None) -> None:
    """Set the target of the log. If `path` is None, warnings go to standard error.

    Otherwise, everything from the level `info` on goes to the file `path`. Raises CommandError if the file cannot be
    written.
    """
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if path is not None:
        try:
            handler = logging.FileHandler(Path(path), encoding="utf-8", errors="replace")
        except OSError as error:
            raise CommandError(f"--log: cannot write {path}: {error.strerror or error}", UNREADABLE) from None
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if path else logging.WARNING, handlers=[handler])
