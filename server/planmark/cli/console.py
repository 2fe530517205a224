"""The output of commands: tables and colour on a terminal, plain text in a pipe, and JSON on request.

Every command writes through this module, so that no document, name or argument can control the terminal.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from planmark.cli.context import CommandContext, CommandOptions, CommandResult, OutputForm
from planmark.cli.table import Column, draw_table, output_width
from planmark.plans.diagnostic import Severity
from planmark.plans.model import PlanCondition, State
from planmark.storage.plain_json import append_member
from planmark.text.as_json import json_bytes
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.masking import masked_json, without_secrets
from planmark.text.pluralize import counted_noun
from planmark.text.shorten import reflow
from planmark.text.visible import visible, visible_in_one_line
from planmark.workspace.index import ReportProgress, no_progress

if TYPE_CHECKING:
    from planmark.queries.api_types import PromptResult, StatusResult

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

PROGRESS_DELAY_SECONDS = 0.4
"""Seconds of work after which a terminal shows the progress."""

Cell = tuple[str, str]
"""A tuple of a text and the name of its style. "" means no style."""
LinePart = str | Cell
"""A part of a line, with or without a style."""
_UNSAFE_IN_JSON = lazy_pattern(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|#(?=#[A-Za-z]{0,20}\[)")
"""Pattern of characters that JSON allows unescaped, although a terminal or a build server interprets them."""
_WORKFLOW_COMMAND = lazy_pattern(r"^(\s*):(?=:)")
"""Pattern of the beginning of a line that GitHub Actions would carry out as a command."""


def can_ask() -> bool:
    """Tell whether a person at a terminal sees a question and can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> bool:
    """Ask a question at a terminal, and tell whether the answer is yes. A missing answer counts as no."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def is_colour_terminal() -> bool:
    """Tell whether standard output is a terminal that may show colours. With NO_COLOR, a terminal shows no colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _print_safe(text: str) -> None:
    sys.stdout.write(text)


def _print_verbatim(text: str) -> None:
    sys.stdout.write(visible(text) if sys.stdout.isatty() else text)


def _print_utf8(text: str) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(visible(text))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.flush()


PRINTERS: dict[OutputForm, Callable[[str], None]] = {
    "safe": _print_safe,
    "verbatim": _print_verbatim,
    "utf8": _print_utf8,
}
"""Mapping from the form of an output to the function that writes such an output to standard output."""


def json_text(value: Any) -> str:
    """Return `value` as indented JSON, with a newline at the end.

    Credentials are masked. Lone surrogates become `?`. Characters that a terminal or a build server interprets become
    escapes.
    """
    text = msgspec.json.format(json_bytes(value), indent=2).decode("utf-8") + "\n"
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", masked_json(text))


def json_before_run(value: PromptResult | StatusResult) -> str:
    """Return the JSON of a result without its last member, `run`, and without the final brace."""
    members = msgspec.structs.asdict(value)
    del members["run"]
    return json_text(members).removesuffix("\n}\n")


def table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table as text that fits standard output. On a terminal, a line is drawn below the header."""
    masked_rows = [[(without_secrets(text), style) for text, style in row] for row in rows]
    return _text_of_lines(
        draw_table(columns, masked_rows, output_width(), with_style, "─" if is_colour_terminal() else "")
    )


def line(*parts: LinePart) -> str:
    """Return `parts` as exactly one line, with a line end, even if a part contains line ends."""
    return f"{join_parts(*parts)}\n"


def paragraph(*parts: LinePart, indent: str = "") -> str:
    """Return `parts` as a paragraph, broken between words at the width of standard output.

    Each line after the first begins with `indent`. A word that is longer than a line, such as a path, is not broken.
    """
    text, width = join_parts(*parts), output_width()
    return _text_of_lines([text] if width is None else reflow(text, width, indent))


def _text_of_lines(lines: Iterable[str]) -> str:
    return "".join(_WORKFLOW_COMMAND.sub(r"\1\\x3a", line) + "\n" for line in lines)


def join_parts(*parts: LinePart) -> str:
    """Return `parts` as one line without a line end. On a terminal, each part is in its style."""
    return "".join(safe_text(part) if isinstance(part, str) else with_style(*part) for part in parts)


def safe_text(text: str) -> str:
    """Return `text` for output within a line: credentials are masked, and control characters are made visible."""
    return visible_in_one_line(without_secrets(text))


def with_style(text: str, style: str) -> str:
    """Return `text` for output within a line, as `safe_text` does. On a terminal, the text is in `style`."""
    plain_text = safe_text(text)
    if not style or not is_colour_terminal():
        return plain_text
    from rich.style import Style

    return Style.parse(style).render(plain_text)


def print_note(text: str, *, quiet: bool) -> None:
    """Print a message for the user on standard error, unless `quiet`. The message may have several lines."""
    if not quiet:
        print(visible(without_secrets(text)), file=sys.stderr)


def record_note(context: CommandContext[CommandOptions], text: str) -> None:
    """Print a note on standard error, and add the note to `context.notes`."""
    context.notes.append(text)
    print_note(text, quiet=context.options.quiet)


def print_result(result: CommandResult, *, quiet: bool) -> None:
    """Print the output of a command, and then its notes. With `quiet`, the notes are not printed."""
    run = msgspec.structs.asdict(result.run) if result.run else None
    PRINTERS[result.form](append_member(result.output, "run", run) if run else result.output)
    for note in result.notes:
        print_note(note, quiet=quiet)


def severity_text(counts: Mapping[str, int]) -> str:
    """Return the number of diagnostics of each severity that occurs, in words: `2 errors, 1 warning`."""
    return ", ".join(
        counted_noun(number, name, name * (name == "information")) for name, number in counts.items() if number
    )


@contextlib.contextmanager
def scan_progress(*, quiet: bool, activity: str = "reading") -> Iterator[ReportProgress]:
    """Yield a function that takes two numbers: of the finished parts of the work, such as read files, and of all parts.

    On a terminal, the function shows `activity` and both numbers, if the work takes long. At the end of the block,
    this text is removed from the terminal.
    """
    if quiet or not sys.stderr.isatty():
        yield no_progress
        return
    started = time.perf_counter()
    is_progress_shown = False

    def progress(done_count: int, total: int) -> None:
        nonlocal is_progress_shown
        if time.perf_counter() - started > PROGRESS_DELAY_SECONDS and done_count % 10 == 0:
            is_progress_shown = True
            sys.stderr.write(f"\r{activity} {done_count}/{total}")
            sys.stderr.flush()

    try:
        yield progress
    finally:
        if is_progress_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
