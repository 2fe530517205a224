"""The parsers of commands, and the selection of the command to run."""

from __future__ import annotations

import argparse
import functools
import importlib
import sys
from collections.abc import Sequence
from typing import Any, Protocol, cast

from planmark import __version__
from planmark.cli.arguments import Parser, add_options, did_you_mean
from planmark.cli.command_table import COMMANDS
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, CommandError
from planmark.cli.failure_output import requested_format
from planmark.cli.options import GLOBAL_OPTIONS

RUNS_COMMAND = "metrics --runs"
"""The key in `MODULES_OUTSIDE_CLI` for `planmark metrics --runs`, whose module is not that of `planmark metrics`."""
MODULES_OUTSIDE_CLI = {
    "board": "planmark.board.command",
    "mcp": "planmark.mcp.command",
    "work": "planmark.run.commands.work",
    "finish": "planmark.run.commands.finish",
    "run": "planmark.run.commands.run",
    RUNS_COMMAND: "planmark.run.commands.runs",
}
"""Mapping from a command to its module, for the commands whose module is in a layer above `planmark.cli`."""
MEASURED_COMMANDS = frozenset(COMMANDS) - frozenset(
    (
        *("serve", "mcp", "board", "run", "adopt", "metrics", "profile", "cache", "schema", "demo", "help"),
        "completion",
    )
)
"""Commands whose time is recorded.

The time of commands that wait for a person, or that read no workspace, is not recorded. The server records the times
of its requests itself.
"""


class CommandModule(Protocol):
    """The members that the module of each command has.

    A module may also have `arguments_in_order`. This function returns the arguments in an order that the parser can
    read.
    """

    Options: type[CommandOptions]

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Add the arguments that set the options of the command."""

    def run(self, context: CommandContext[Any]) -> CommandResult:
        """Run the command."""


class GlobalOptions(CommandOptions):
    """The options before the command, and the command's name."""

    command: str | None


def run_command(arguments: Sequence[str], *, records_cache_miss: bool = False) -> int:
    """Run the command that `arguments` name, and return its exit code. Raises the errors of the command.

    `records_cache_miss` tells whether the caller has searched the cache and found no result. If the result of this call
    can be cached, the miss is recorded.
    """
    parser = global_parser()
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

    cache_key = command_key(arguments)
    is_cache_miss = records_cache_miss and cache_key is not None
    return run_with_telemetry(name, run, context, cache_key, is_cache_miss=is_cache_miss).code


def load_command(name: str) -> CommandModule:
    """Import the module of the command `name`, and return the module."""
    return cast(
        "CommandModule", importlib.import_module(MODULES_OUTSIDE_CLI.get(name, f"planmark.cli.commands.{name}"))
    )


class GlobalParser(Parser):
    """The parser of the options before the command. Its help lists the commands in groups."""

    is_before_command = True

    def format_help(self) -> str:
        """Return the help. The list of commands is made only in this method, because most calls print no help."""
        from planmark.cli.command_help import command_groups_text

        self.epilog = f"{command_groups_text()}\n\nThe help of a command or a topic: planmark help NAME"
        return super().format_help()


def global_parser() -> GlobalParser:
    """Return the parser of the options before the command, and of the command's name."""
    parser = GlobalParser(
        prog="planmark",
        description="The state of your plans, its evidence, and the next step.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"planmark {__version__}")
    add_options(parser, GLOBAL_OPTIONS)
    parser.add_argument("command", nargs="?", metavar="COMMAND")
    return parser


def command_parser(name: str, command: CommandModule) -> Parser:
    """Return the parser of the arguments that follow a command. These may include the global options."""
    parser = Parser(prog=f"planmark {name}", description=COMMANDS[name])
    add_options(parser, [option._replace(help=argparse.SUPPRESS) for option in GLOBAL_OPTIONS])
    command.add_arguments(parser)
    return parser


def _split_at_command(parser: Parser, arguments: Sequence[str]) -> tuple[GlobalOptions, list[str]]:
    """Parse the arguments up to the name of the command, including this name.

    Return a tuple: the parsed options, and the arguments that follow the command, not parsed yet.
    """
    for position, argument in enumerate(arguments):
        is_value = position > 0 and arguments[position - 1] == "--workspace"
        if not argument.startswith("-") and not is_value:
            options = parser.parse_args(arguments[: position + 1], namespace=GlobalOptions())
            return options, list(arguments[position + 1 :])
    return parser.parse_args(arguments, namespace=GlobalOptions()), []


def parse_options(
    name: str, command: CommandModule, arguments: list[str], global_options: CommandOptions
) -> CommandOptions:
    """Parse the arguments that follow the command `name`, and return the options of the command.

    `global_options` are the options before the command. An option in `arguments` overrides the same global option.
    """
    parser = command_parser(name, command)
    parser.set_defaults(workspace=global_options.workspace, quiet=global_options.quiet)
    reorder = getattr(command, "arguments_in_order", list)
    return parser.parse_args(reorder(arguments), namespace=command.Options())


def options_of_values(
    name: str, command: CommandModule, arguments: Sequence[str], option_texts: Sequence[str], root: str, *, quiet: bool
) -> CommandOptions:
    """Return the options of the command `name`, for a call that comes from code and not from a command line.

    `root` is the workspace. No entry of `arguments` is read as an option. Each of `option_texts` has the form
    `--option=value`, or `--option` for a flag.
    """
    global_options = CommandOptions()
    global_options.workspace, global_options.quiet = root, quiet
    # What follows `--` is never an option, and a value after `=` belongs to its option.
    return parse_options(name, command, [*option_texts, "--", *arguments], global_options)


def _run_and_print(command: CommandModule, context: CommandContext[CommandOptions]) -> CommandResult:
    result = command.run(context)
    if result.output or result.notes:
        # Imported only for an output, because the start of the server does not need this module.
        from planmark.cli.console import print_result

        print_result(result, quiet=context.options.quiet)
    return result
