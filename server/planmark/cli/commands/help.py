"""`planmark help`: the commands in groups, the help of a command, or a topic."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from planmark.cli.arguments import did_you_mean
from planmark.cli.command_help import two_column_text
from planmark.cli.command_table import COMMANDS
from planmark.cli.console import line
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.dispatch import command_parser, global_parser, load_command
from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.cli.help_topics import TOPIC_NAMES, topic_lines, topic_named, topic_text, topic_title


class Options(CommandOptions):
    """The options of the command."""

    name: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("name", nargs="?", metavar="COMMAND|TOPIC", help="default: list all commands and topics")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. If a name means both a command and a topic, as `verdict` does, the output has both helps."""
    name = context.options.name
    if name is None:
        rows = two_column_text((topic, topic_title(topic)) for topic in TOPIC_NAMES)
        return CommandResult(DONE, f"{global_parser().format_help()}\nTopics:\n{rows}\n")
    topic = topic_named(name)
    if name not in COMMANDS and topic is None:
        names = (*COMMANDS, *TOPIC_NAMES)
        hint = did_you_mean(name, names, "`planmark help {}`") or ". List: planmark help"
        raise CommandError(f"no command or topic `{name}`{hint}", BAD_USAGE)
    parts = (_command_help(name), _topic_help(topic))
    return CommandResult(DONE, "\n".join(part for part in parts if part))


def _command_help(name: str) -> str:
    """Return the text that `planmark NAME --help` prints for the command `name`; "" if there is no such command."""
    return command_parser(name, load_command(name)).format_help() if name in COMMANDS else ""


def _topic_help(topic: str | None) -> str:
    """Return the text of `topic` for a terminal; "" if `topic` is None."""

    def lines(name: str) -> Iterator[str]:
        for text, style in topic_lines(topic_text(name)):
            yield line((text, style))

    return "".join(lines(topic)) if topic else ""
