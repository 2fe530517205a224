"""The arguments and options of all commands as JSON, so that the completion of a command line imports no command.

`command_words.json` is this JSON. `python -m planmark.cli.completion.command_words FILE` writes it from the parsers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from planmark.cli.command_table import COMMANDS
from planmark.cli.commands.schema import schema_names
from planmark.cli.dispatch import command_parser, global_parser, load_command
from planmark.cli.help_topics import TOPIC_NAMES, topic_title
from planmark.cli.status_filter import ITEM_SORTS, ITEM_STATES, PLAN_SORTS, PLAN_STATES
from planmark.plans.model import REQUESTED_STEPS, Lifecycle
from planmark.plans.roles import STEP_ROLES
from planmark.queries.plan_formats import format_names

ANY_COMMAND = "*"
"""The command in the keys of `WORDS_WITHOUT_CHOICES` that apply to every command."""
STEP_OPTION_VALUES = (*REQUESTED_STEPS, "research", "reconcile")
ROLE_OPTION_VALUES = tuple(dict.fromkeys(duty.role for duty in STEP_ROLES.values()))
HELP_WORDS = COMMANDS | {name: topic_title(name) for name in TOPIC_NAMES if name not in COMMANDS}
"""The possible words for `planmark help`: the commands and the topics, with their meanings."""
WORDS_WITHOUT_CHOICES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("help", "name"): HELP_WORDS,
    ("schema", "name"): dict.fromkeys(schema_names(), ""),
    (ANY_COMMAND, "--plan-format"): dict.fromkeys(format_names(), ""),
    (ANY_COMMAND, "--role"): dict.fromkeys(ROLE_OPTION_VALUES, ""),
    ("next", "--step"): dict.fromkeys(STEP_OPTION_VALUES, ""),
    ("next", "--through"): {"request_review": ""},
    ("next", "--review"): dict.fromkeys(("auto", "security", "quality", "docs"), ""),
    ("next", "--kind"): dict.fromkeys(("local", "web"), ""),
    ("status", "--hook"): {"claude": ""},
    ("status", "--state"): dict.fromkeys(PLAN_STATES, "plans")
    | {name: "achievements" for name in ITEM_STATES if name not in PLAN_STATES},
    ("status", "--lifecycle"): dict.fromkeys(get_args(Lifecycle), ""),
    ("status", "--sort"): dict.fromkeys(PLAN_SORTS, "plans")
    | {name: "achievements" for name in ITEM_SORTS if name not in PLAN_SORTS},
    ("status", "--export"): {"csv": ""},
}
"""The possible words for options and arguments whose words the parser does not list.

A key is a tuple of a command and the name of its option or argument. A value maps each possible word to its meaning.
"""
PLAN_ARGUMENTS: Mapping[tuple[str, str], str] = {("check", "paths"): "@FEATURE N.N"}
"""The arguments that may name a plan, although the help does not say so.

A key is a tuple of a command and the name of its argument. A value says what the argument may name.
"""


def command_words() -> dict[str, Any]:
    """Return a mapping from the name of a command to its arguments and options.

    The key "" has the options that precede a command.
    """
    parsers = {"": global_parser()} | {name: command_parser(name, load_command(name)) for name in COMMANDS}
    return {name: _command_entry(name, parser) for name, parser in parsers.items()}


def command_words_text(words: Mapping[str, Any]) -> str:
    """Return the result of `command_words` as the text of `command_words.json`."""
    return json.dumps(words, ensure_ascii=False, indent=1) + "\n"


def _command_entry(command: str, parser: argparse.ArgumentParser) -> dict[str, Any]:
    """Return the arguments and options that `parser` reads. `command` is "" for the parser of the global options."""
    visible_actions = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    return {
        "arguments": [
            {**_value_entry(command, action.dest, action), "repeats": action.nargs in ("*", "+")}
            for action in visible_actions
            if not action.option_strings and command
        ],
        "options": {
            name: {"help": action.help or "", **_value_entry(command, name, action)}
            for action in visible_actions
            for name in action.option_strings
        },
    }


def _value_entry(command: str, name: str, action: argparse.Action) -> dict[str, Any]:
    """Return a mapping with two keys, `takes` and `words`, for an argument or an option.

    `takes` is the name of the value; "" for a flag. `words` maps each possible value to its meaning. `name` is the
    name of the argument or option in `WORDS_WITHOUT_CHOICES`.
    """
    if action.nargs == 0:
        return {"takes": "", "words": {}}
    words = (
        WORDS_WITHOUT_CHOICES.get((command, name))
        or WORDS_WITHOUT_CHOICES.get((ANY_COMMAND, name))
        or dict.fromkeys(map(str, action.choices or ()), "")
    )
    return {"takes": PLAN_ARGUMENTS.get((command, name)) or str(action.metavar or name), "words": words}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(command_words_text(command_words()), encoding="utf-8", newline="\n")
