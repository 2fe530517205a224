"""The table of commands, and the selection of the command to run."""

from __future__ import annotations

import argparse
import functools
import importlib
import sys
from collections.abc import Sequence
from typing import Any, Protocol, cast

from planmark import __version__
from planmark.cli.arguments import Parser, add_options, did_you_mean
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, CommandError
from planmark.cli.failure_output import requested_format
from planmark.cli.options import GLOBAL_OPTIONS

COMMANDS: dict[str, str] = {
    "status": "the state of every plan; with a feature, of its achievements",
    "why": "how the state of an achievement was decided, rule by rule",
    "next": "the next prompt, ready for an agent",
    "create": "the SUBPLAN or the next EXECUTION_TASK of an achievement",
    "verdict": "a reviewer's APPROVED or FIX file",
    "adopt": "the verdicts that a PLAN's own text claims, one by one",
    "new": "a PLAN for a new feature",
    "close": "marks a complete plan as closed in its Status and handoff",
    "archive": "moves the folder of a closed plan to its archive, with every link to it",
    "pause": "marks a plan as paused in its Status",
    "resume": "makes a paused plan active again in its Status",
    "drop": "marks an achievement in its PLAN as no longer wanted, with the reason",
    "tick": "ticks the boxes of tasks, in formats that have boxes",
    "init": "the folders and the settings of a workspace",
    "budget": "what each prompt costs, against its budget and against reading whole documents",
    "metrics": "the durations of requests, prompts and commands, from the records in the cache folder",
    "profile": "the time of one cycle by stage, from reading to the prompt, cold and warm",
    "lease": "the leases of agents: `list`, `renew`, `release`, `steal`, `assign`",
    "work": "a step for one agent in a git worktree of its own: the lease, the folder and the prompt",
    "finish": "checks, commits and integrates the work of a worktree, and ends its lease",
    "run": "agents do the ready steps of a plan, each in a worktree of its own",
    "check": "the diagnostics of the workspace, and how to fix them",
    "learn": "similar earlier work and known failures for an achievement or a text; what recurs",
    "graph": "achievements, dependencies and states as a graph",
    "cache": "the data cached for the next process: `info`, or `clear`",
    "serve": "the language server, for editors",
    "mcp": "the tools for agents, over the Model Context Protocol",
    "connect": "tells a host of agents of these tools",
    "schema": "the JSON Schema of an output",
    "doctor": "the installation and the workspace, with their problems",
    "demo": "copies the example workspace to a folder and walks through it",
}
"""Command → its effect; each command has a module with the same name in `commands`, or in `MODULES_ABOVE`."""
RUNS_COMMAND = "metrics --runs"
MODULES_ABOVE = {
    "mcp": "planmark.mcp.command",
    "work": "planmark.run.commands.work",
    "finish": "planmark.run.commands.finish",
    "run": "planmark.run.commands.run",
    RUNS_COMMAND: "planmark.run.commands.runs",
}
"""Command → its module in a layer above this one."""
MEASURED_COMMANDS = frozenset(COMMANDS) - frozenset(
    ("serve", "mcp", "run", "adopt", "metrics", "profile", "cache", "schema", "demo")
)
"""Commands whose time is recorded.

The time of commands that wait for a person is not recorded. The server records the times of its requests itself.
"""


class CliCommand(Protocol):
    """The members of a module of `commands`."""

    Options: type[CommandOptions]

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Add the arguments that set the options of the command."""

    def run(self, context: CommandContext[Any]) -> CommandResult:
        """Run the command."""


class GlobalOptions(CommandOptions):
    """The options before the command, and its name."""

    command: str | None


def run_command(arguments: Sequence[str], *, use_cache: bool = False) -> int:
    """Run a command and return its exit code. Raises the errors of the command.

    `use_cache` tells whether to record a miss of the result cache.
    """
    parser = _global_parser()
    options, own_arguments = _split_at_command(parser, arguments)
    name = options.command
    if name is None:
        if requested_format(arguments):
            raise CommandError(f"no command. Commands: {', '.join(COMMANDS)}", BAD_USAGE)
        parser.print_help(sys.stderr)
        return BAD_USAGE
    if name not in COMMANDS:
        hint = did_you_mean(name, COMMANDS, "`planmark {}`") or f". Commands: {', '.join(COMMANDS)}"
        raise CommandError(f"unknown command `{name}`{hint}", BAD_USAGE)
    command = load_command(name)
    context = CommandContext(parse_options(name, command, own_arguments, options))
    run = functools.partial(_run_and_print, command, context)
    if name not in MEASURED_COMMANDS:
        return run().code
    from planmark.cli.cached_result import command_key
    from planmark.cli.telemetry import run_with_telemetry

    key = command_key(arguments)
    return run_with_telemetry(name, run, context, key, is_missed=use_cache and key is not None).code


def load_command(name: str) -> CliCommand:
    """Import the module of a command."""
    return cast("CliCommand", importlib.import_module(MODULES_ABOVE.get(name, f"planmark.cli.commands.{name}")))


def _global_parser() -> Parser:
    parser = Parser(prog="planmark", description="The state of your plans, its evidence, and the next step.")
    parser.has_commands = True
    parser.add_argument("--version", action="version", version=f"planmark {__version__}")
    add_options(parser, GLOBAL_OPTIONS)
    parser.add_argument("command", nargs="?", metavar="COMMAND")
    parser.epilog = "commands:\n" + "\n".join(f"  {name:<8} {does}" for name, does in COMMANDS.items())
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    return parser


def _split_at_command(parser: Parser, arguments: Sequence[str]) -> tuple[GlobalOptions, list[str]]:
    """Parse the arguments up to and including the command. Return them and the command's own arguments."""
    for position, argument in enumerate(arguments):
        takes_value = position > 0 and arguments[position - 1] == "--workspace"
        if not argument.startswith("-") and not takes_value:
            options = parser.parse_args(arguments[: position + 1], namespace=GlobalOptions())
            return options, list(arguments[position + 1 :])
    return parser.parse_args(arguments, namespace=GlobalOptions()), []


def parse_options(name: str, command: CliCommand, arguments: list[str], before: CommandOptions) -> CommandOptions:
    """Parse a command's own arguments. The global options may precede the command, see `before`, or follow it."""
    parser = Parser(prog=f"planmark {name}", description=COMMANDS[name])
    add_options(parser, [option._replace(help=argparse.SUPPRESS) for option in GLOBAL_OPTIONS])
    parser.set_defaults(workspace=before.workspace, quiet=before.quiet)
    command.add_arguments(parser)
    return parser.parse_args(arguments, namespace=command.Options())


def _run_and_print(command: CliCommand, context: CommandContext[CommandOptions]) -> CommandResult:
    result = command.run(context)
    if result.output or result.notes:
        # Imported only for an output, because the start of the server does not need this module.
        from planmark.cli.console import print_result

        print_result(result, quiet=context.options.quiet)
    return result
