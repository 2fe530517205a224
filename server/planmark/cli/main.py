"""The command `planmark`: runs what is asked for, and turns what went wrong into a message and an exit code."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from planmark.cli.errors import INTERRUPTED, exit_code

ANSWERED = frozenset({"next", "status"})
"""Commands whose answer may have been kept, see `asked.py`; for them it is looked for before anything else is loaded."""

YOUNG = 200_000
"""Objects that are made before Python looks for garbage among them: a command ends soon, and leaves little. The server collects
by itself."""


def entry() -> NoReturn:
    """The console script."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    gc.set_threshold(YOUNG)
    code = main(sys.argv[1:], from_kept=True)
    # Else Python would look through all that is there once more before it ends.
    gc.freeze()
    sys.exit(code)


def _open_what_is_closed() -> None:
    """Standard streams that the caller has closed lead nowhere; else the next file that is opened would take their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115  # open as long as the process
            setattr(sys, name, stream)


def main(arguments: Sequence[str], *, from_kept: bool = False) -> int:
    """Runs a command and returns its exit code. Results go to standard output, all else to standard error.

    With `from_kept`, an answer that an earlier process has kept will do.
    """
    try:
        return _run(arguments, from_kept=from_kept)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone, as `head` does; what is still buffered must not be complained about at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        from planmark.cli.failing import print_failure

        print_failure(arguments, str(error), code)
        return code


def _run(arguments: Sequence[str], *, from_kept: bool) -> int:
    if from_kept and not ANSWERED.isdisjoint(arguments):
        from planmark.cli.asked import answered

        code = answered(arguments)
        if code is not None:
            return code
    from planmark.cli.commands import run_command

    return run_command(arguments, from_kept=from_kept)


if __name__ == "__main__":
    entry()
