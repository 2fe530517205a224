"""The command `planmark`: runs what is asked for, and turns what went wrong into a message and an exit code."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from planmark.cli.errors import DEFECT, INTERRUPTED, UNREADABLE, exit_code

ANSWERED = frozenset({"next", "status"})
"""Commands whose answer may have been kept, see `asked.py`; for them it is looked for before anything else is loaded."""

YOUNG = 200_000
"""Objects that are made before Python looks for garbage among them: a command ends soon, and leaves little. The server collects
by itself."""


class _Said(io.TextIOWrapper):
    """Standard error. What cannot be written there is lost: there is no place left to say so, and the answer stands."""

    def write(self, text: str) -> int:
        """Writes as much as can be written."""
        with contextlib.suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flushes what can be written."""
        with contextlib.suppress(OSError):
            super().flush()


def entry() -> NoReturn:
    """The console script. What is a defect ends with its traceback and an exit code that means nothing else."""
    _open_what_is_closed()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _Said(sys.stderr.detach(), "utf-8", "replace", line_buffering=True)
    gc.set_threshold(YOUNG)
    if not Path(__file__).parent.is_dir():
        print("planmark: it cannot run from an archive: install it, as with `pip install`", file=sys.stderr)
        sys.exit(UNREADABLE)
    try:
        code = main(sys.argv[1:], from_kept=True)
    except Exception:
        traceback.print_exc()
        code = DEFECT
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
        return _told(arguments, from_kept=from_kept)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone, as `head` does.
        _give_up_output()
        return 0
    except OSError as error:
        _give_up_output()
        print(f"planmark: the output cannot be written: {error.strerror or error}", file=sys.stderr)
        return UNREADABLE


def _give_up_output() -> None:
    """What is still buffered leads nowhere, so that nothing complains about it at the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(arguments: Sequence[str], *, from_kept: bool) -> int:
    """The exit code; where there is no answer, says why. Everything is written when it returns, or an OSError is raised."""
    try:
        return _run(arguments, from_kept=from_kept)
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        from planmark.cli.failing import print_failure

        # A folder is unreadable, a disk is full: whoever reads the message can do something about it.
        named = f"{error.filename}: {error.strerror or error}" if isinstance(error, OSError) else str(error)
        print_failure(arguments, named, code)
        return code
    finally:
        sys.stdout.flush()


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
