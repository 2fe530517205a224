"""The words that are possible at the end of a command line. This module imports nothing large."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

TABLE = Path(__file__).parent / "command_words.json"
WORKSPACE_OPTION = "--workspace"
PLAN_PLACE = "@FEATURE"
ITEM_PLACES = ("N.N", "REF")
"""Names in the help of arguments that take an item of a plan."""
MERGE = "merge"
"""The word that may precede the plan of `planmark work`."""


class PossibleWord(NamedTuple):
    """A word that is possible, and what it means, "" without an explanation."""

    text: str
    means: str = ""


class NamedSource(NamedTuple):
    """The functions that return the names of a workspace. Each takes the value of `--workspace`, or None.

    `plans` returns the plans. `items` also takes the name of a plan, and returns its items.
    """

    plans: Callable[[str | None], Iterable[PossibleWord]]
    items: Callable[[str | None, str], Iterable[PossibleWord]]


class _Typed:
    """The meaning of the words before the current one.

    `waits_for` is the name of an option whose value is missing.
    """

    def __init__(self, table: dict[str, Any], words: Iterable[str]) -> None:
        self.command = ""
        self.rows: list[dict[str, Any]] = []
        self.arguments: list[str] = []
        self.options: dict[str, Any] = dict(table[""]["options"])
        self.workspace: str | None = None
        self.waits_for = ""
        self.is_over = False
        for word in words:
            self._read(table, word)

    def _read(self, table: dict[str, Any], word: str) -> None:
        if self.waits_for and not word.startswith("-"):
            self._set(self.waits_for, word)
            self.waits_for = ""
        elif word == "--":
            self.is_over = True
        elif word.startswith("-") and not self.is_over:
            name, sign, value = word.partition("=")
            self.waits_for = name if not sign and self.options.get(name, {}).get("takes") else ""
            self._set(name, value)
        elif not self.command:
            self.command = word
            of_every_command = {name: self.options[name] for name in (WORKSPACE_OPTION, "--quiet")}
            of_command = table.get(word, {"arguments": [], "options": {}})
            self.rows, self.options = of_command["arguments"], of_every_command | of_command["options"]
        else:
            self.arguments.append(word)

    @property
    def plan(self) -> str:
        """Return the plan that the arguments name, or ""."""
        rows = (*self.rows, *(self.rows[-1:] * len(self.arguments)))
        places = zip(rows, self.arguments, strict=False)
        return next((word for row, word in places if _takes_plan(row) and word != MERGE), "")

    def _set(self, name: str, value: str) -> None:
        if name == WORKSPACE_OPTION and value:
            self.workspace = str(Path(value).expanduser())


def possible_words(words: Sequence[str], current: str, source: NamedSource) -> list[PossibleWord]:
    """Return the words that may take the place of `current`. `words` precede it, without the name of the program.

    The result is empty if the word may be a path or any text. Names with control characters are left out, because no
    shell could show or read them.
    """
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    typed = _Typed(table, words)
    proposed = [
        word
        for word in _proposed(table, typed, current, source)
        if word.text.isprintable() and word.means.isprintable()
    ]
    matching = [word for word in proposed if word.text.startswith(current)]
    folded = current.casefold()
    return matching or [word for word in proposed if word.text.casefold().startswith(folded)]


def _proposed(table: dict[str, Any], typed: _Typed, current: str, source: NamedSource) -> Iterable[PossibleWord]:
    if typed.waits_for and not current.startswith("-"):
        return _values(typed.options[typed.waits_for], typed, current, source)
    if current.startswith("-") and not typed.is_over:
        name, sign, value = current.partition("=")
        if not sign:
            return [PossibleWord(option, row["help"]) for option, row in typed.options.items()]
        row = typed.options.get(name, {"takes": "", "words": {}})
        return [PossibleWord(f"{name}={text}", means) for text, means in _values(row, typed, value, source)]
    if not typed.command:
        return [
            PossibleWord(name, means) for name, means in table["help"]["arguments"][0]["words"].items() if name in table
        ]
    rows = typed.rows[len(typed.arguments) :] or [row for row in typed.rows[-1:] if row["repeats"]]
    return _values(rows[0], typed, current, source) if rows else ()


def _values(row: dict[str, Any], typed: _Typed, current: str, source: NamedSource) -> Iterable[PossibleWord]:
    """Return the values of an option or an argument; of an argument for a plan and an item, the plan comes first."""
    if row["words"]:
        return [PossibleWord(text, means) for text, means in row["words"].items()]
    if _takes_plan(row) and not typed.plan:
        sign = "@" if not current or current.startswith("@") else ""
        return [PossibleWord(f"{sign}{text}", means) for text, means in source.plans(typed.workspace)]
    if typed.plan and (_takes_plan(row) or row["takes"] in ITEM_PLACES):
        return [item for item in source.items(typed.workspace, typed.plan) if item.text not in typed.arguments]
    return ()


def _takes_plan(row: dict[str, Any]) -> bool:
    return PLAN_PLACE in row["takes"] and not row["words"]
