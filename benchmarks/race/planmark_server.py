"""`planmark serve` with two more messages for the benchmarks, which report from inside the process.

    python -m benchmarks.race.planmark_server [--no-debounce]

`bench/felt` returns the longest delay between two turns of the event loop, and the pauses of the garbage collector. Both
are in seconds, since the last such request. `bench/count` turns counting off and on.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from planmark.cli.commands.serve import import_factory
from planmark.lsp.connection import Connection
from planmark.lsp.transport import serve_stdio

BEAT_SECONDS = 0.001


@dataclass
class Felt:
    """The longest delay of the event loop, and every pause of the garbage collector, in seconds."""

    longest: float = 0.0
    pauses: list[float] = field(default_factory=list)
    _began: float = 0.0

    def collected(self, phase: str, _about: dict[str, int]) -> None:
        """Record the pauses; the garbage collector calls this when a collection starts and stops."""
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self.pauses.append(time.perf_counter() - self._began)

    async def beat(self) -> None:
        """Record, without end, how late the loop wakes this task up."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(BEAT_SECONDS)
            self.longest = max(self.longest, time.perf_counter() - before - BEAT_SECONDS)

    def take(self) -> dict[str, Any]:
        """Return what was recorded since the last call."""
        taken = {"longest_turn": self.longest, "gc_pauses": self.pauses}
        self.longest, self.pauses = 0.0, []
        return taken


def main(arguments: list[str]) -> int:
    """Serve until the client disconnects; return the exit code."""
    connection = Connection(import_factory)
    if "--no-debounce" in arguments:
        connection.edit_seconds = 0.0
    felt = Felt()
    gc.callbacks.append(felt.collected)

    @connection.feature("bench/felt")
    async def take(_: Any) -> dict[str, Any]:
        if not beats:
            beats.append(asyncio.ensure_future(felt.beat()))
        return felt.take()

    @connection.feature("bench/count")
    def count(params: Any) -> None:
        for name in ("request", "prompt", "record_update"):
            if params["on"]:
                vars(connection.recorder).pop(name, None)
            else:
                setattr(connection.recorder, name, lambda *_: None)

    beats: list[asyncio.Task[None]] = []
    return serve_stdio(connection)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
