"""A native parser that crashes or hangs on a certain word. It is installed only in processes that a test starts."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Container
from pathlib import Path
from typing import Any

from planmark.diagnostics.document_diagnostics import check_and_pack
from planmark.markdown import blocks
from planmark.plans.document import Document
from planmark.workspace import crash_guard_file
from planmark.workspace.settings import Settings

KILLS, HANGS = "KILLS-THE-PARSER", "HANGS-THE-PARSER"


class Parser:
    """The native parser, except that it crashes on one word and hangs on the other."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def parse(self, source: bytes) -> Any:
        if KILLS.encode() in source:
            os.abort()
        while HANGS.encode() in source:
            time.sleep(1)
        return self._real.parse(source)


def install() -> None:
    """Install that parser in this process and in the trials that it starts."""
    blocks._PARSER = Parser(blocks._PARSER)  # type: ignore[assignment]
    crash_guard_file.ISOLATED_MODULE_CODE = trial()
    crash_guard_file.TRIAL_SECONDS = 5.0


def trial() -> str:
    """Return the code that a trial runs, with that parser installed."""
    tests = str(Path(__file__).resolve().parent)
    return f"import sys; sys.path[:0] = [sys.argv[2], {tests!r}]; import crashing_parser; crashing_parser.install(); {crash_guard_file.ISOLATED_MODULE_CODE}"


def examine(
    document: Document, text: str, mentioned: tuple[str, ...], settings: Settings, names: Container[str]
) -> bytes:
    """Do what `check_and_pack` does. A worker imports this module to find it, and so installs that parser."""
    return check_and_pack(document, text, mentioned, settings, names)


if multiprocessing.parent_process() is not None:
    install()
