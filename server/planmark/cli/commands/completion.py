"""`planmark completion`: a script that completes command lines in a shell."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from planmark.cli.completion.plan_words import WORKSPACE_NAME_SOURCE
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
"""Mapping from a shell to the file name of its script."""
WORDS_VARIABLE = "PLANMARK_WORDS"
"""The environment variable with the typed words up to the cursor. The first word is the name of the program.

The script for bash sets the variable to the whole typed line. The words are not arguments of this command, because a
word such as `--help` would be read as an option. PowerShell 5 would also change quotes in arguments.
"""
SEPARATORS_VARIABLE = "PLANMARK_SEPARATORS"
"""The environment variable with the value of bash's COMP_WORDBREAKS: the characters at which bash separates words."""
WORD_SEPARATOR = "\x1f"
"""The character between two words in `WORDS_VARIABLE`. The script for bash does not use it."""
_SCRIPTS_FOLDER = Path(__file__).parent.parent / "completion" / "scripts"


class Options(CommandOptions):
    """The options of the command. `words` is the shell whose script asks for the possible words; None for a person."""

    shell: str | None
    words: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    # Only a script calls the command without a shell.
    parser.add_argument("shell", nargs="?", choices=tuple(SCRIPTS), help="the shell for which to print the script")
    parser.add_argument("--words", choices=tuple(SCRIPTS), help=argparse.SUPPRESS)


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. With `--words`, the output is only the possible words; it is empty after an error."""
    options = context.options
    if options.words is not None:
        try:
            text = OUTPUT_FUNCTIONS[options.words](os.environ)
        except Exception:
            # A person who presses Tab has asked no question, so there is nothing to report.
            text = ""
        sys.stdout.write(text)
        return CommandResult(DONE)
    if options.shell is None:
        raise CommandError(f"name the shell: planmark completion {'|'.join(SCRIPTS)}", BAD_USAGE)
    return CommandResult(DONE, (_SCRIPTS_FOLDER / SCRIPTS[options.shell]).read_text(encoding="utf-8"))


def _possible_words(words: Sequence[str], current_word: str) -> list[PossibleWord]:
    return possible_words(words, current_word, WORKSPACE_NAME_SOURCE)


def _bash_output(environment: Mapping[str, str]) -> str:
    """Return a line for each possible word. The line lacks the part of the current word that bash keeps."""
    typed_line = read_bash_line(environment[WORDS_VARIABLE], environment[SEPARATORS_VARIABLE])
    proposed_words = _possible_words(typed_line.words[1:], typed_line.current_word)
    return "".join(
        f"{quote_for_bash(word.text[typed_line.kept_length :], typed_line.quote)}\n" for word in proposed_words
    )


def _zsh_output(environment: Mapping[str, str]) -> str:
    """Return a line for each possible word: the word, a tab and its meaning."""
    return "".join(f"{text}\t{meaning}\n" for text, meaning in _words_from_environment(environment, without_open_quote))


def _fish_output(environment: Mapping[str, str]) -> str:
    """Return a line for each possible word: the word, a tab and its meaning.

    Of the words from fish, only the word at the cursor has quotes and backslashes. This function reads quotes and
    backslashes as bash does.
    """
    proposed_words = _words_from_environment(environment, lambda word: read_bash_line(word, "").current_word)
    return "".join(f"{text}\t{meaning}\n" for text, meaning in proposed_words)


def _powershell_output(environment: Mapping[str, str]) -> str:
    """Return a line for each possible word, with tabs between three texts.

    The texts are the word with the quotes that PowerShell needs, the word without quotes, and its meaning.
    """
    proposed_words = _words_from_environment(environment, without_open_quote)
    return "".join(f"{quote_for_powershell(text)}\t{text}\t{meaning}\n" for text, meaning in proposed_words)


def _words_from_environment(environment: Mapping[str, str], unquote: Callable[[str], str]) -> list[PossibleWord]:
    """Return the possible words. `unquote` is a function that removes the shell's quotes from a word."""
    _, *words, current_word = environment[WORDS_VARIABLE].split(WORD_SEPARATOR)
    return _possible_words(words, unquote(current_word))


OUTPUT_FUNCTIONS: dict[str, Callable[[Mapping[str, str]], str]] = {
    "bash": _bash_output,
    "zsh": _zsh_output,
    "fish": _fish_output,
    "powershell": _powershell_output,
}
"""Mapping from a shell to the function that makes the output of the possible words for the script of this shell.

The function takes the environment, and returns the words as a text.
"""
