"""A command of `planmark`, run in this process, and its result."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from planmark.cli.main import main


class Result(NamedTuple):
    """Exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output, read as JSON."""
        return json.loads(self.out)


Run = Callable[..., Result]


def runner(capsys: pytest.CaptureFixture[str], *before: str) -> Run:
    """Return a function that runs a command with its arguments; the arguments in `before` precede them."""

    def execute(*arguments: str) -> Result:
        code = main((*before, *arguments))
        return Result(code, *capsys.readouterr())

    return execute
