"""The parser of a command's arguments. Its errors are in plain words, without terms of Python."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from planmark.cli.errors import BAD_USAGE, CommandError
from planmark.cli.options import Option

RewordMessage = Callable[["Parser", re.Match[str]], str]
"""A function that takes a parser, and the match of a message of argparse. It returns the message in plain words."""


class Parser(argparse.ArgumentParser):
    """An argument parser with a usage of one line. Its errors quote the wrong argument and suggest a correction.

    `is_before_command` tells whether the parser reads the options before the command, not the arguments after it.
    """

    is_before_command = False

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise CommandError(f"{self._reword(message)}\nHelp: {self.prog} --help", BAD_USAGE)

    def format_usage(self) -> str:
        """Return one line with the positional arguments, the required options, and `[options]` for other options."""
        required_arguments = [argument_usage(action) for action in self._actions if not action.option_strings]
        required_arguments += [
            f"{argument_usage(action)} {action.metavar}"
            for action in self._actions
            if action.option_strings and action.required
        ]
        return f"usage: {' '.join([self.prog, *required_arguments, '[options]'])}\n"

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write the message to `file`, by default to standard error.

        Raises OSError if the message cannot be written; `argparse` would ignore this error.
        """
        (file or sys.stderr).write(message)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raise ArgumentError if the value is not one of the choices."""
        if action.choices is not None and value not in action.choices:
            argument_name = action.option_strings[-1] if action.option_strings else f"`{self.prog}`"
            raise argparse.ArgumentError(None, f"{argument_name} takes {wrong_choice_text(str(value), action.choices)}")

    def _reword(self, message: str) -> str:
        for pattern, reword in REWORDINGS:
            if match := re.fullmatch(pattern, message, re.DOTALL):
                return reword(self, match)
        return message

    def options(self) -> list[str]:
        """Return the options that the help shows."""
        visible_actions = (action for action in self._actions if action.help != argparse.SUPPRESS)
        return [option for action in visible_actions for option in action.option_strings]


def add_options(parser: argparse.ArgumentParser, options: Iterable[Option]) -> None:
    """Add each of `options` to a parser."""
    for option in options:
        if not option.value_name:
            parser.add_argument(option.name, action="store_true", help=option.help)
        else:
            value_type = int if option.is_number else str
            action = "append" if option.is_repeated else "store"
            parser.add_argument(
                option.name, action=action, type=value_type, metavar=option.value_name, help=option.help
            )


def argument_usage(action: argparse.Action) -> str:
    """Return an argument as the usage shows it: `@FEATURE`, `[PATH ...]`, `subplan|execution` or `--reviewer`."""
    if action.option_strings:
        return action.option_strings[-1]
    name = str(action.metavar) if action.metavar else "|".join(map(str, action.choices or (action.dest,)))
    return {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} ..."}.get(str(action.nargs), name)


def wrong_choice_text(word: str, choices: Iterable[str]) -> str:
    """Return the end of an error message: the allowed `choices`, the wrong `word`, and the most similar choice."""
    names = [str(choice) for choice in choices]
    list_text = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{list_text}, not `{word}`{did_you_mean(word, names)}"


def did_you_mean(word: str, choices: Iterable[str], form: str = "{}") -> str:
    """Return `; did you mean X?`. X is the choice that is most similar to `word`. Return "" if no choice is similar.

    The comparison ignores case and leading dashes. `form` is the format string in which X is written.
    """
    # Imported only for an error, because the start of the server does not need this module.
    from planmark.text.similarity import most_similar

    choices_by_casefolded_name = {choice.lstrip("-").casefold(): choice for choice in choices}
    similar = most_similar(word.lstrip("-").casefold(), choices_by_casefolded_name)
    return f"; did you mean {form.format(choices_by_casefolded_name[similar])}?" if similar else ""


def _unknown_argument_message(parser: Parser, match: re.Match[str]) -> str:
    argument = match["words"].split()[0]
    if not argument.startswith("-"):
        return f"unexpected argument `{argument}`"
    flag, options = argument.partition("=")[0], parser.options()
    if suggestion := did_you_mean(flag, options):
        return f"unknown option {flag}{suggestion}"
    hint = (
        "; write the options of a command after it, as in `planmark status --json`" if parser.is_before_command else ""
    )
    return f"unknown option {flag}{hint}. Options: {', '.join(options)}"


def _missing_arguments_message(parser: Parser, match: re.Match[str]) -> str:
    names = match["words"].split(", ")
    missing_arguments = [
        argument_usage(action)
        for action in parser._actions
        if {action.dest, action.metavar, "/".join(action.option_strings)} & {*names}
    ]
    list_text = " and ".join(filter(None, (", ".join(missing_arguments[:-1]), missing_arguments[-1])))
    return f"{list_text} {'is' if len(missing_arguments) == 1 else 'are'} missing"


def _missing_value_message(parser: Parser, match: re.Match[str]) -> str:
    option = match["name"].rpartition("/")[2]
    action = next((action for action in parser._actions if option in action.option_strings), None)
    value_name = action.metavar or "|".join(map(str, action.choices or ())) if action else ""
    return f"{option} needs a value: {option} {value_name}".rstrip(": ")


REWORDINGS: Sequence[tuple[str, RewordMessage]] = (
    (r"unrecognized arguments: (?P<words>.+)", _unknown_argument_message),
    (r"the following arguments are required: (?P<words>.+)", _missing_arguments_message),
    (r"argument (?P<name>\S+): expected (?:one|at least one) argument", _missing_value_message),
    (
        r"argument (?P<name>\S+): invalid int value: '(?P<word>.*)'",
        lambda _, match: f"{match['name']} takes a whole number, not `{match['word']}`",
    ),
    (
        r"argument (?P<name>\S+): not allowed with argument (?P<other>\S+)",
        lambda _, match: f"{match['name']} and {match['other']} exclude each other",
    ),
    (
        r"(?:argument (?P<name>\S+): )?ignored explicit argument '(?P<word>.*)'",
        lambda _, match: f"{match['name']} takes no value, but got `{match['word']}`",
    ),
    (
        r"ambiguous option: (?P<word>\S+) could match (?P<words>.+)",
        lambda _, match: f"{match['word']} is ambiguous: it may mean {match['words']}",
    ),
)
"""Pairs of a pattern and a function that returns a matching message in plain words.

The patterns match messages of argparse in Python 3.10 to 3.14. A message that matches no pattern stays as it is.
"""
