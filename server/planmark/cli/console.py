"""The output of commands: tables and colour on a terminal, plain text in a pipe, and JSON on request.

Every command writes through this module, so that no document, name or argument can control the terminal.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from planmark.cli.table import Column, drawn, output_width
from planmark.plans.diagnostic import Severity
from planmark.plans.model import PlanCondition, State
from planmark.text.as_json import json_bytes
from planmark.text.masking import masked_json, without_secrets
from planmark.text.pluralize import counted
from planmark.text.shorten import flowing
from planmark.text.visible import in_line, visible
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
    "open": "bright_black",
    "in_progress": "cyan",
    "done": "green",
    "unsupported": "bold yellow",
    "deferred": "bright_black",
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
Part = str | Cell
"""A part of a line."""
_UNSEEN = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|#(?=#[A-Za-z]{0,20}\[)")
"""Characters that JSON allows unescaped, but that a terminal or a build server interprets."""
_LEADING = re.compile(r"^(\s*):(?=:)")
"""The beginning of a command to GitHub Actions, at the beginning of a line."""


def on_terminal() -> bool:
    """Tell whether standard output is a terminal that wants colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_json(value: Any) -> None:
    """Write a result as indented JSON."""
    sys.stdout.write(json_text(value))


def print_whole(text: str) -> None:
    """Write a text unchanged into a pipe, or with visible control characters on a terminal."""
    sys.stdout.write(visible(text) if sys.stdout.isatty() else text)


def print_utf8(text: str) -> None:
    """Write a text as `print_whole` does, but in a pipe as UTF-8 bytes with unchanged line ends on every system."""
    if sys.stdout.isatty():
        sys.stdout.write(visible(text))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.flush()


def json_text(value: Any) -> str:
    """Return a result as indented JSON with a newline.

    Lone surrogates become `?`. Characters that a terminal or a build server interprets become escapes.
    """
    text = msgspec.json.format(json_bytes(value), indent=2).decode("utf-8") + "\n"
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", masked_json(text))


def around_ms(text: str) -> tuple[str, str]:
    """Split a JSON text around the milliseconds of its run, which is at its end. Set its `cached` to true."""
    before, ms, rest = text.rpartition('"ms": ')
    return before + ms, rest[rest.index(",") :].replace('"cached": false', '"cached": true')


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a table in the width of standard output, on a terminal with a line below the header."""
    safe = [[(without_secrets(text), style) for text, style in row] for row in rows]
    for line in drawn(columns, safe, output_width(), styled, "─" if on_terminal() else ""):
        print(_LEADING.sub(r"\1\\x3a", line))


def print_line(*parts: Part) -> None:
    """Write one line, even if its parts contain line ends."""
    print(joined(*parts))


def print_text(*parts: Part, indent: str = "") -> None:
    """Write a paragraph in the width of standard output, broken between words; lines after the first are indented.

    A word that is longer than a line, such as a path, is not broken.
    """
    text, width = joined(*parts), output_width()
    for line in [text] if width is None else flowing(text, width, indent):
        print(_LEADING.sub(r"\1\\x3a", line))


def joined(*parts: Part) -> str:
    """Return parts as one line, each in its style."""
    return "".join(shown(part) if isinstance(part, str) else styled(*part) for part in parts)


def shown(text: str) -> str:
    """Return `text` as part of a line, without credentials and control characters."""
    return in_line(without_secrets(text))


def styled(text: str, style: str) -> str:
    """Return `text` as part of a line, on a terminal in `style`."""
    safe = shown(text)
    if not style or not on_terminal():
        return safe
    from rich.style import Style

    return Style.parse(style).render(safe)


def say(text: str, *, quiet: bool) -> None:
    """Print a message for the user on standard error; it may have several lines."""
    if not quiet:
        print(visible(without_secrets(text)), file=sys.stderr)


def tell(args: argparse.Namespace, text: str) -> None:
    """Print a note on standard error, and keep it as part of the cached result."""
    if not args.quiet:
        args.said.append(visible(without_secrets(text)))
        say(text, quiet=False)


def severities(counts: Mapping[str, int]) -> str:
    """Return `2 errors, 1 warning`, without severities that do not occur."""
    return ", ".join(counted(number, name, name * (name == "information")) for name, number in counts.items() if number)


@contextlib.contextmanager
def reading(*, quiet: bool) -> Iterator[Progress]:
    """Yield a function that takes the number of read files and their total.

    On a terminal it shows the progress of a long scan, and removes it at the end.
    """
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
