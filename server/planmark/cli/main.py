"""The program `planmark`: runs a command, and converts errors to messages and exit codes."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from planmark.cli.errors import DEFECT, EXIT_INTERRUPTED, UNREADABLE, exit_code
from planmark.cli.options import CACHED_COMMANDS

GC_THRESHOLD = 200_000
"""Number of new objects after which Python collects garbage.

A command ends soon and leaves little garbage. The language server decides by itself when garbage is collected.
"""
KEEP_OPEN_VARIABLE = "PLANMARK_KEEP_OPEN"
"""The variable with which an editor asks that its terminal stays open after the command, until Enter is pressed."""


class _LenientStream(io.TextIOWrapper):
    """The stream of standard error.

    A message that cannot be written is discarded: the result is still valid, and no other stream is for messages.
    """

    def write(self, text: str) -> int:
        """Write as much as possible."""
        with contextlib.suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush as much as possible."""
        with contextlib.suppress(OSError):
            super().flush()


def entry() -> NoReturn:
    """Run the console script. A defect ends the process with a traceback and a separate exit code."""
    _open_closed_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _LenientStream(sys.stderr.detach(), "utf-8", "replace", line_buffering=True)
    gc.set_threshold(GC_THRESHOLD)
    # The variable is removed, because a process that this one starts has no terminal to keep open.
    keeps_terminal_open = os.environ.pop(KEEP_OPEN_VARIABLE, "") == "1"
    if not Path(__file__).parent.is_dir():
        print(
            "planmark: cannot run from an archive: install the package, for example with `pip install`", file=sys.stderr
        )
        sys.exit(UNREADABLE)
    try:
        code = main(sys.argv[1:], use_cache=True)
    except Exception:
        # Imported only here, because most commands have no defect, and a cached result is printed sooner.
        import traceback

        traceback.print_exc()
        code = DEFECT
    if keeps_terminal_open and sys.stdin.isatty() and sys.stderr.isatty():
        code = _wait_for_enter(code)
    # Without this call, Python would collect garbage among all objects once more before the process ends.
    gc.freeze()
    sys.exit(code)


def _wait_for_enter(code: int) -> int:
    """Wait for Enter, so that the output can be read in a terminal that closes when its program ends.

    Return the exit code 0. The message already names the exit code of the command. With another exit code, the editor
    would report the failure again.
    """
    if sys.platform != "win32":
        import termios

        # Keys that were pressed during the command do not close the terminal.
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
    with contextlib.suppress(KeyboardInterrupt):
        print(f"\nThe exit code is {code}. Press Enter to close this terminal.", file=sys.stderr)
        sys.stdin.readline()
    return 0


def _open_closed_streams() -> None:
    """Open the null device for standard streams that the caller closed.

    Otherwise the next opened file would get the descriptor of a standard stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115  # open as long as the process
            setattr(sys, name, stream)


def main(arguments: Sequence[str], *, use_cache: bool = False) -> int:
    """Run a command and return its exit code. Results go to standard output, all other output to standard error.

    With `use_cache`, print a valid cached result of an earlier process instead.
    """
    try:
        return _run_reporting_errors(arguments, use_cache=use_cache)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader has closed the pipe, as `head` does.
        _give_up_output()
        return 0
    except OSError as error:
        _give_up_output()
        print(f"planmark: cannot write the output: {error.strerror or error}", file=sys.stderr)
        return UNREADABLE


def _give_up_output() -> None:
    """Send buffered output to the null device, so that the output causes no error at the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run_reporting_errors(arguments: Sequence[str], *, use_cache: bool) -> int:
    """Run a command and return the exit code; on an expected error, print the error.

    Flush the output before the return. Raises OSError if the output cannot be written.
    """
    try:
        return _run_arguments(arguments, use_cache=use_cache)
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        from planmark.cli.failure_output import print_failure

        # A folder may be unreadable or a disk full: the user can do something about that.
        description = f"{error.filename}: {error.strerror or error}" if isinstance(error, OSError) else str(error)
        print_failure(arguments, description, code)
        return code
    finally:
        sys.stdout.flush()


def _run_arguments(arguments: Sequence[str], *, use_cache: bool) -> int:
    # The cache is tried before the expensive imports.
    if use_cache and not CACHED_COMMANDS.keys().isdisjoint(arguments):
        from planmark.cli.cached_result import replay_cached

        code = replay_cached(arguments)
        if code is not None:
            return code
    from planmark.cli.dispatch import run_command

    return run_command(arguments, use_cache=use_cache)


if __name__ == "__main__":
    entry()
