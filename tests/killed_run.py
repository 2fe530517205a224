"""Planmark in a process that kills itself at an event of a journal: `python killed_run.py NUMBER ARGUMENTS`.

It ends by force right after the event with that number (1 for the first) is on disk.
"""

from __future__ import annotations

import os
import signal
import sys

from planmark.cli.main import main
from planmark.run.journal import Journal, JournalEvent


def run(number: int, arguments: list[str]) -> int:
    """Run a command line of Planmark until the event."""
    append, written = Journal.append, [0]

    def append_or_end(journal: Journal, event: JournalEvent) -> JournalEvent:
        stamped = append(journal, event)
        written[0] += 1
        if written[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return stamped

    Journal.append = append_or_end  # type: ignore[method-assign]
    return main(arguments)


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1]), sys.argv[2:]))
