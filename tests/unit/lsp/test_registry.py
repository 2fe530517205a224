"""The tables of messages and commands against the functions that they name."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

from planmark.lsp import handlers
from planmark.lsp.handlers.registry import COMMANDS, HANDLERS

FUNCTIONS = {name: row.function for name, row in (*HANDLERS.items(), *COMMANDS.items())}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_message_is_handled_by_a_function_whose_module_names_it(name: str) -> None:
    module_name, _, function = FUNCTIONS[name].partition(".")
    module = importlib.import_module(f"planmark.lsp.handlers.{module_name}")
    assert getattr(module, function).__module__ == module.__name__
    assert inspect.getdoc(module)
    assert name.replace(".", "/").rpartition("/")[2] in str(inspect.getdoc(module))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_takes_what_its_row_says(name: str) -> None:
    row = HANDLERS.get(name)
    module, _, function = FUNCTIONS[name].partition(".")
    called = getattr(importlib.import_module(f"planmark.lsp.handlers.{module}"), function)
    first, *_ = inspect.signature(called).parameters
    assert first == ("context" if row is not None and row.document else "server")


def test_every_module_handles_something() -> None:
    folder = Path(str(handlers.__file__)).parent
    assert {path.stem for path in folder.glob("*.py")} == {
        *("__init__", "registry"),
        *(function.partition(".")[0] for function in FUNCTIONS.values()),
    }
