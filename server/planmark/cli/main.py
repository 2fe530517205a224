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
"""The environment variable that an editor sets for a command in its terminal.

If the value is `1`, the command waits for Enter before it ends.
"""


class _LenientStream(io.TextIOWrapper):
    """The stream of standard error.

    If a message cannot be written, the error is ignored, because the result of the command is still valid.
    """

    def write(self, text: str) -> int:
        """Write `text`, and ignore an error. Return the length of the text."""
        with contextlib.suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush the stream, and ignore an error."""
        with contextlib.suppress(OSError):
            super().flush()


def entry() -> NoReturn:
    """Run the program `planmark`, and exit with the code of the command.

    If the command has a defect, print a traceback and exit with the code `DEFECT`.
    """
    _open_closed_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _LenientStream(sys.stderr.detach(), "utf-8", "replace", line_buffering=True)
    gc.set_threshold(GC_THRESHOLD)
    # The variable is removed, because a process that this process starts has no terminal to keep open.
    keeps_terminal_open = os.environ.pop(KEEP_OPEN_VARIABLE, "") == "1"
    if not Path(__file__).parent.is_dir():
        print(
            "planmark: cannot run from an archive: install the package, for example with `pip install`", file=sys.stderr
        )
        sys.exit(UNREADABLE)
    try:
        code = main(sys.argv[1:], use_cache=True)
    except Exception:
        # Import `traceback` only for a defect, so that a cached result is printed sooner.
        import traceback

        traceback.print_exc()
        code = DEFECT
    if keeps_terminal_open and sys.stdin.isatty() and sys.stderr.isatty():
        code = _wait_for_enter(code)
    # Without this call, Python would collect garbage among all objects once more before the process ends.
    gc.freeze()
    sys.exit(code)


def _wait_for_enter(code: int) -> int:
    """Print the exit code of the command, and wait for Enter. Return 0 as the exit code of the process.

    The wait lets a person read the output, because the terminal closes when its program ends. With an exit code other
    than 0, the editor would report the failure again.
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

    With `use_cache`, the command does not run if an earlier process has cached a valid result. Then this result is
    printed.
    """
    try:
        return _run_reporting_errors(arguments, use_cache=use_cache)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader has closed the pipe, as `head` does.
        _discard_output()
        return 0
    except OSError as error:
        _discard_output()
        print(f"planmark: cannot write the output: {error.strerror or error}", file=sys.stderr)
        return UNREADABLE


def _discard_output() -> None:
    """Redirect standard output to the null device, so that buffered output causes no error when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run_reporting_errors(arguments: Sequence[str], *, use_cache: bool) -> int:
    """Run a command, and return its exit code. If the command raises an expected error, print the error.

    At the end, standard output is flushed. Raises OSError if the output cannot be written.
    """
    try:
        return _replay_or_run(arguments, use_cache=use_cache)
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


def _replay_or_run(arguments: Sequence[str], *, use_cache: bool) -> int:
    # The cache is tried before the expensive imports.
    if use_cache and not CACHED_COMMANDS.keys().isdisjoint(arguments):
        from planmark.cli.cached_result import replay_cached

        code = replay_cached(arguments)
        if code is not None:
            return code
    from planmark.cli.dispatch import run_command

    return run_command(arguments, records_cache_miss=use_cache)


if __name__ == "__main__":
    entry()
