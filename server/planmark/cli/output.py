"""How results are shown: tables and colour on a terminal, plain text in a pipe, JSON where it is asked for."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from planmark.checks.diagnostic import Severity
from planmark.cli.table import Column, drawn, output_width
from planmark.text.shorten import flowing
from planmark.text.width import visible
from planmark.text.words import counted
from planmark.workflow.model import PlanCondition, State
from planmark.workspace.index import Progress, no_progress

STATE_STYLES: dict[State, str] = {
    "approved": "green",
    "needs_fix": "bold red",
    "fix_resolved": "yellow",
    "design_placeholder": "yellow",
    "execution_blocked": "bold red",
    "active_execution": "cyan",
    "next_execution": "cyan",
    "awaiting_review": "magenta",
    "no_execution": "blue",
    "blocked": "bright_black",
    "no_subplan": "bright_black",
    "dropped": "bright_black",
}
CONDITION_STYLES: dict[PlanCondition, str] = {
    "no_achievements": "bold red",
    "planned": "bright_black",
    "in_progress": "cyan",
    "needs_attention": "bold yellow",
    "complete": "green",
}
SEVERITY_STYLES: dict[Severity, str] = {
    "error": "bold red",
    "warning": "yellow",
    "information": "cyan",
    "hint": "bright_black",
}

SHOW_PROGRESS_SECONDS = 0.4

Cell = tuple[str, str]
"""A text and its style, "" for none."""


def on_terminal() -> bool:
    """Whether standard output is a terminal that wants colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_json(value: Any) -> None:
    """A result as indented JSON."""
    sys.stdout.write(json_text(value))


def print_utf8(text: str) -> None:
    """A text byte for byte in a pipe, whatever the encoding and the line ends of the system; on a terminal, as it may be shown."""
    if sys.stdout.isatty():
        sys.stdout.write(visible(text))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.flush()


def json_text(value: Any) -> str:
    """A result as indented JSON, with a newline."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8") + "\n"


def around_ms(text: str) -> tuple[str, str]:
    """What stands before and after the milliseconds of the run at the end of a JSON text, which then is `cached`."""
    before, ms, rest = text.rpartition('"ms": ')
    return before + ms, rest[rest.index(",") :].replace('"cached": false', '"cached": true')


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    """A table, in the width that standard output has; with a line below its header on a terminal."""
    for line in drawn(columns, rows, output_width(), styled, "─" if on_terminal() else ""):
        print(line)


def print_text(text: str, indent: str = "", style: str = "") -> None:
    """A paragraph in the width of standard output, broken between words; what follows the first line is indented.

    A word that is longer than a line, such as a path, stays whole.
    """
    width = output_width()
    for line in [text] if width is None else flowing(text, width, indent):
        print(styled(line, style))


def styled(text: str, style: str) -> str:
    """`text` in `style` on a terminal, else as it is."""
    if not style or not on_terminal():
        return text
    from rich.style import Style

    return Style.parse(style).render(text)


def say(text: str, *, quiet: bool) -> None:
    """Something for a person, on standard error."""
    if not quiet:
        print(text, file=sys.stderr)


def tell(args: argparse.Namespace, text: str) -> None:
    """Something for a person that belongs to the answer, on standard error."""
    if not args.quiet:
        args.said.append(text)
        say(text, quiet=False)


def severities(counts: Mapping[str, int]) -> str:
    """`2 errors, 1 warning`, without what there is none of."""
    return ", ".join(counted(number, name, name * (name == "information")) for name, number in counts.items() if number)


@contextlib.contextmanager
def reading(*, quiet: bool) -> Iterator[Progress]:
    """What to call with how many files are read, of how many: shown on a terminal if it takes long, then wiped."""
    if quiet or not sys.stderr.isatty():
        yield no_progress
        return
    started = time.perf_counter()
    shown = False

    def progress(done: int, of: int) -> None:
        nonlocal shown
        if time.perf_counter() - started > SHOW_PROGRESS_SECONDS and done % 10 == 0:
            shown = True
            sys.stderr.write(f"\rreading {done}/{of}")
            sys.stderr.flush()

    try:
        yield progress
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
