"""How results are shown: tables and colour on a terminal, plain text in a pipe, JSON where it is asked for.

The one place from which commands write: whatever a document, a name or an argument holds, nothing of it controls a terminal.
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

from planmark.checks.diagnostic import Severity
from planmark.cli.table import Column, drawn, output_width
from planmark.text.as_json import json_bytes
from planmark.text.masking import masked_json, without_secrets
from planmark.text.shorten import flowing
from planmark.text.visible import in_line, visible
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
Part = str | Cell
"""A part of a line."""
_UNSEEN = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|#(?=#[A-Za-z]{0,20}\[)")
"""What JSON lets stand as it is, and a terminal or a build server obeys."""
_LEADING = re.compile(r"^(\s*):(?=:)")
"""What begins a command to GitHub Actions at the beginning of a line."""


def on_terminal() -> bool:
    """Whether standard output is a terminal that wants colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_json(value: Any) -> None:
    """A result as indented JSON."""
    sys.stdout.write(json_text(value))


def print_whole(text: str) -> None:
    """Write a text as it is into a pipe; on a terminal, as it may be shown."""
    sys.stdout.write(visible(text) if sys.stdout.isatty() else text)


def print_utf8(text: str) -> None:
    """Write a text as `print_whole` does, in a pipe byte for byte, whatever the encoding and the line ends of the system."""
    if sys.stdout.isatty():
        sys.stdout.write(visible(text))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.flush()


def json_text(value: Any) -> str:
    """A result as indented JSON, with a newline; halves of characters as `?`, and what a terminal or a build server obeys as escapes."""
    text = msgspec.json.format(json_bytes(value), indent=2).decode("utf-8") + "\n"
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", masked_json(text))


def around_ms(text: str) -> tuple[str, str]:
    """What stands before and after the milliseconds of the run at the end of a JSON text, which then is `cached`."""
    before, ms, rest = text.rpartition('"ms": ')
    return before + ms, rest[rest.index(",") :].replace('"cached": false', '"cached": true')


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    """A table, in the width that standard output has; with a line below its header on a terminal."""
    safe = [[(without_secrets(text), style) for text, style in row] for row in rows]
    for line in drawn(columns, safe, output_width(), styled, "─" if on_terminal() else ""):
        print(_LEADING.sub(r"\1\\x3a", line))


def print_line(*parts: Part) -> None:
    """Write one line, whatever its parts hold."""
    print(joined(*parts))


def print_text(*parts: Part, indent: str = "") -> None:
    """Write a paragraph in the width of standard output, broken between words; what follows the first line is indented.

    A word that is longer than a line, such as a path, stays whole.
    """
    text, width = joined(*parts), output_width()
    for line in [text] if width is None else flowing(text, width, indent):
        print(_LEADING.sub(r"\1\\x3a", line))


def joined(*parts: Part) -> str:
    """Return parts as one line, each in its style."""
    return "".join(shown(part) if isinstance(part, str) else styled(*part) for part in parts)


def shown(text: str) -> str:
    """Return `text` as part of a line: without credentials, and nothing of it controls."""
    return in_line(without_secrets(text))


def styled(text: str, style: str) -> str:
    """`text` as part of a line, on a terminal in `style`."""
    safe = shown(text)
    if not style or not on_terminal():
        return safe
    from rich.style import Style

    return Style.parse(style).render(safe)


def say(text: str, *, quiet: bool) -> None:
    """Something for a person, on standard error; it may have several lines."""
    if not quiet:
        print(visible(without_secrets(text)), file=sys.stderr)


def tell(args: argparse.Namespace, text: str) -> None:
    """Something for a person that belongs to the answer, on standard error."""
    if not args.quiet:
        args.said.append(visible(without_secrets(text)))
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
