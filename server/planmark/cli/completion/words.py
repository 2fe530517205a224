"""The words that are possible at the cursor in a command line. This module imports nothing large."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

COMMAND_WORDS_PATH = Path(__file__).parent / "command_words.json"
WORKSPACE_OPTION = "--workspace"
PLAN_PLACEHOLDER = "@FEATURE"
ITEM_PLACEHOLDERS = ("N.N", "REF")
"""The names that the help uses for the values of arguments and options that take an item of a plan."""
MERGE_WORD = "merge"
"""The word that may precede the plan of `planmark work`."""


class PossibleWord(NamedTuple):
    """A possible word and its meaning. `meaning` is "" if the word needs no explanation."""

    text: str
    meaning: str = ""


class NameSource(NamedTuple):
    """The functions that return the names of plans and items in a workspace.

    `plans` returns the plans. `items` also takes the name of a plan, and returns the items of this plan. Both functions
    take the value of `--workspace`; None if the option is not given.
    """

    plans: Callable[[str | None], Iterable[PossibleWord]]
    items: Callable[[str | None, str], Iterable[PossibleWord]]


class _TypedWords:
    """The meaning of the typed words before the current word.

    `argument_rows` describe the arguments that the command takes, and `arguments` are the typed arguments. `options`
    describe the options that may follow. `open_option` is the name of an option whose value is not typed yet; "" if
    there is no such option. `has_options_ended` tells whether `--` has been typed. After `--`, no word is an option.
    """

    def __init__(self, table: dict[str, Any], words: Iterable[str]) -> None:
        self.command = ""
        self.argument_rows: list[dict[str, Any]] = []
        self.arguments: list[str] = []
        self.options: dict[str, Any] = dict(table[""]["options"])
        self.workspace: str | None = None
        self.open_option = ""
        self.has_options_ended = False
        for word in words:
            self._read_word(table, word)

    def _read_word(self, table: dict[str, Any], word: str) -> None:
        if self.open_option and not word.startswith("-"):
            self._set_workspace_option(self.open_option, word)
            self.open_option = ""
        elif word == "--":
            self.has_options_ended = True
        elif word.startswith("-") and not self.has_options_ended:
            name, sign, value = word.partition("=")
            self.open_option = name if not sign and self.options.get(name, {}).get("takes") else ""
            self._set_workspace_option(name, value)
        elif not self.command:
            self.command = word
            global_options = {name: self.options[name] for name in (WORKSPACE_OPTION, "--quiet")}
            command_row = table.get(word, {"arguments": [], "options": {}})
            self.argument_rows, self.options = command_row["arguments"], global_options | command_row["options"]
        else:
            self.arguments.append(word)

    @property
    def plan(self) -> str:
        """The plan that the arguments name; "" if they name no plan."""
        rows = (*self.argument_rows, *(self.argument_rows[-1:] * len(self.arguments)))
        described_words = zip(rows, self.arguments, strict=False)
        return next((word for row, word in described_words if _takes_plan(row) and word != MERGE_WORD), "")

    def _set_workspace_option(self, name: str, value: str) -> None:
        if name == WORKSPACE_OPTION and value:
            self.workspace = str(Path(value).expanduser())


def possible_words(words: Sequence[str], current_word: str, source: NameSource) -> list[PossibleWord]:
    """Return the words that can complete `current_word`, the word at the cursor.

    `words` are the words between the name of the program and `current_word`. If a path or any text is allowed at the
    cursor, the result is empty. Names with control characters are left out, because a shell could neither show nor read
    them.
    """
    table = json.loads(COMMAND_WORDS_PATH.read_text(encoding="utf-8"))
    typed_words = _TypedWords(table, words)
    proposed_words = [
        word
        for word in _proposed_words(table, typed_words, current_word, source)
        if word.text.isprintable() and word.meaning.isprintable()
    ]
    matching_words = [word for word in proposed_words if word.text.startswith(current_word)]
    casefolded = current_word.casefold()
    return matching_words or [word for word in proposed_words if word.text.casefold().startswith(casefolded)]


def _proposed_words(
    table: dict[str, Any], typed_words: _TypedWords, current_word: str, source: NameSource
) -> Iterable[PossibleWord]:
    if typed_words.open_option and not current_word.startswith("-"):
        return _value_words(typed_words.options[typed_words.open_option], typed_words, current_word, source)
    if current_word.startswith("-") and not typed_words.has_options_ended:
        name, sign, value = current_word.partition("=")
        if not sign:
            return [PossibleWord(option, row["help"]) for option, row in typed_words.options.items()]
        row = typed_words.options.get(name, {"takes": "", "words": {}})
        return [
            PossibleWord(f"{name}={text}", meaning) for text, meaning in _value_words(row, typed_words, value, source)
        ]
    if not typed_words.command:
        return [
            PossibleWord(name, meaning)
            for name, meaning in table["help"]["arguments"][0]["words"].items()
            if name in table
        ]
    rows = typed_words.argument_rows[len(typed_words.arguments) :] or [
        row for row in typed_words.argument_rows[-1:] if row["repeats"]
    ]
    return _value_words(rows[0], typed_words, current_word, source) if rows else ()


def _value_words(
    row: dict[str, Any], typed_words: _TypedWords, current_word: str, source: NameSource
) -> Iterable[PossibleWord]:
    """Return the possible values of an option or an argument.

    If an argument takes a plan and then an item, the result is plans until a plan is typed. After that, the result is
    the items of this plan.
    """
    if row["words"]:
        return [PossibleWord(text, meaning) for text, meaning in row["words"].items()]
    if _takes_plan(row) and not typed_words.plan:
        sign = "@" if not current_word or current_word.startswith("@") else ""
        return [PossibleWord(f"{sign}{text}", meaning) for text, meaning in source.plans(typed_words.workspace)]
    if typed_words.plan and (_takes_plan(row) or row["takes"] in ITEM_PLACEHOLDERS):
        return [
            item
            for item in source.items(typed_words.workspace, typed_words.plan)
            if item.text not in typed_words.arguments
        ]
    return ()


def _takes_plan(row: dict[str, Any]) -> bool:
    """Tell whether an argument or an option takes a plan. `row` describes the argument or option in the table."""
    return PLAN_PLACEHOLDER in row["takes"] and not row["words"]
