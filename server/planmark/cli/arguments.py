"""The parser of a command's arguments, with errors in the words of the user."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from planmark.cli.errors import BAD_USAGE, CommandError
from planmark.cli.options import Option

Rewording = Callable[["Parser", re.Match[str]], str]


class Parser(argparse.ArgumentParser):
    """An argument parser with a short usage, whose errors quote the argument and suggest a correction.

    `has_commands` tells whether the parser reads the part of the command line up to the command.
    """

    has_commands = False

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise CommandError(f"{self._reword(message)}\nHelp: {self.prog} --help", BAD_USAGE)

    def format_usage(self) -> str:
        """Return one line with the required arguments and a hint at the options."""
        required_arguments = [argument_usage(action) for action in self._actions if not action.option_strings]
        required_arguments += [
            f"{argument_usage(action)} {action.metavar}"
            for action in self._actions
            if action.option_strings and action.required
        ]
        return f"usage: {' '.join([self.prog, *required_arguments, '[options]'])}\n"

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write the message. Errors of writing are raised, which `argparse` would ignore."""
        (file or sys.stderr).write(message)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raise ArgumentError if the value is not one of the choices."""
        if action.choices is not None and value not in action.choices:
            argument_name = action.option_strings[-1] if action.option_strings else f"`{self.prog}`"
            raise argparse.ArgumentError(None, f"{argument_name} takes {list_choices(str(value), action.choices)}")

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
    """Add options from a table."""
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
    """Return an argument in the form of the usage: `@FEATURE`, `[PATH ...]`, `subplan|execution`, `--reviewer`."""
    if action.option_strings:
        return action.option_strings[-1]
    name = str(action.metavar) if action.metavar else "|".join(map(str, action.choices or (action.dest,)))
    return {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} ..."}.get(str(action.nargs), name)


def list_choices(word: str, choices: Iterable[str]) -> str:
    """Return a text such as `json or text, not `jsn`; did you mean json?`."""
    names = [str(choice) for choice in choices]
    list_text = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{list_text}, not `{word}`{did_you_mean(word, names)}"


def did_you_mean(word: str, choices: Iterable[str], form: str = "{}") -> str:
    """Return `; did you mean X?` with the most similar of `choices`, or "" if no choice is similar to `word`.

    Leading dashes are ignored. `form` is the format of the choice in the text.
    """
    # Imported only for an error, because the start of the server does not need this module.
    from planmark.text.similarity import most_similar

    by_casefolded = {choice.lstrip("-").casefold(): choice for choice in choices}
    similar = most_similar(word.lstrip("-").casefold(), by_casefolded)
    return f"; did you mean {form.format(by_casefolded[similar])}?" if similar else ""


def _unknown_argument_message(parser: Parser, match: re.Match[str]) -> str:
    argument = match["words"].split()[0]
    if not argument.startswith("-"):
        return f"unexpected argument `{argument}`"
    flag, options = argument.partition("=")[0], parser.options()
    if suggestion := did_you_mean(flag, options):
        return f"unknown option {flag}{suggestion}"
    hint = "; write the options of a command after it, as in `planmark status --json`" if parser.has_commands else ""
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


REWORDINGS: Sequence[tuple[str, Rewording]] = (
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
"""Pattern of a message of argparse in Python 3.10 to 3.14 → the message in plain words, without terms of Python.

Other messages stay as they are.
"""
