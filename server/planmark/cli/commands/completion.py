"""`planmark completion`: a script that completes command lines in a shell."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from planmark.cli.completion.plan_words import WORKSPACE_NAMES
from planmark.cli.completion.shell_words import (
    quote_for_bash,
    quote_for_powershell,
    read_bash_line,
    without_open_quote,
)
from planmark.cli.completion.words import PossibleWord, possible_words
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, CommandError

SCRIPTS = {"bash": "planmark.bash", "zsh": "planmark.zsh", "fish": "planmark.fish", "powershell": "planmark.ps1"}
"""Shell → its script."""
WORDS_VARIABLE = "PLANMARK_WORDS"
"""The variable with the typed words up to the cursor, the name of the program first; from bash, with the typed line.

A variable is safe for any word: an argument could be an option, and PowerShell 5 changes quotes in arguments.
"""
SEPARATORS_VARIABLE = "PLANMARK_SEPARATORS"
"""The variable with bash's COMP_WORDBREAKS."""
BETWEEN_WORDS = "\x1f"
_FOLDER = Path(__file__).parent.parent / "completion" / "scripts"


class Options(CommandOptions):
    """The options of the command. `words` is the shell whose script asks for the possible words."""

    shell: str | None
    words: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    # Only a script calls the command without a shell.
    parser.add_argument("shell", nargs="?", choices=tuple(SCRIPTS), help="the shell for which to print the script")
    parser.add_argument("--words", choices=tuple(SCRIPTS), help=argparse.SUPPRESS)


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. For a script, print the words that are possible: none after any error, and nothing else."""
    options = context.options
    if options.words is not None:
        try:
            text = WRITERS[options.words](os.environ)
        except Exception:
            # A person who presses Tab has asked no question, so there is nothing to report.
            text = ""
        sys.stdout.write(text)
        return CommandResult(DONE)
    if options.shell is None:
        raise CommandError(f"name the shell: planmark completion {'|'.join(SCRIPTS)}", BAD_USAGE)
    return CommandResult(DONE, (_FOLDER / SCRIPTS[options.shell]).read_text(encoding="utf-8"))


def _possible_words(words: Sequence[str], current: str) -> list[PossibleWord]:
    return possible_words(words, current, WORKSPACE_NAMES)


def _for_bash(environment: Mapping[str, str]) -> str:
    """Return what replaces the end of the current word, one word a line."""
    line = read_bash_line(environment[WORDS_VARIABLE], environment[SEPARATORS_VARIABLE])
    proposed = _possible_words(line.words[1:], line.current)
    return "".join(f"{quote_for_bash(word.text[line.kept :], line.quote)}\n" for word in proposed)


def _for_zsh(environment: Mapping[str, str]) -> str:
    """Return a word and its meaning in each line, with a tab between them."""
    return "".join(f"{text}\t{means}\n" for text, means in _words_of(environment, without_open_quote))


def _for_fish(environment: Mapping[str, str]) -> str:
    """Return the same as for zsh. Only the word at the cursor has quotes and backslashes, which are read as in bash."""
    proposed = _words_of(environment, lambda word: read_bash_line(word, "").current)
    return "".join(f"{text}\t{means}\n" for text, means in proposed)


def _for_powershell(environment: Mapping[str, str]) -> str:
    """Return a word as PowerShell reads it, the same without quotes, and its meaning, in each line."""
    proposed = _words_of(environment, without_open_quote)
    return "".join(f"{quote_for_powershell(text)}\t{text}\t{means}\n" for text, means in proposed)


def _words_of(environment: Mapping[str, str], plain: Callable[[str], str]) -> list[PossibleWord]:
    """Return the possible words. `plain` returns the word at the cursor without the quotes of the shell."""
    _, *words, current = environment[WORDS_VARIABLE].split(BETWEEN_WORDS)
    return _possible_words(words, plain(current))


WRITERS: dict[str, Callable[[Mapping[str, str]], str]] = {
    "bash": _for_bash,
    "zsh": _for_zsh,
    "fish": _for_fish,
    "powershell": _for_powershell,
}
"""Shell → the function that takes the environment, and returns the possible words in the form that the script reads."""
