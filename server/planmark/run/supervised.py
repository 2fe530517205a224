"""An agent that runs under supervision: its output, its limits, its lease, and its end."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

from planmark.run.agent_process import RunningAgent
from planmark.run.agent_results import ReportReader
from planmark.run.attempt_classes import EndedBy
from planmark.run.attempts import CANCEL_FILE, AttemptOrder
from planmark.run.output_log import OutputLog

CHUNK_BYTES, MAX_CHUNKS = 65_536, 16
"""Bytes of one piece of output, and the maximum number of pieces that wait to be written."""
TAIL_BYTES = 16_384
"""Bytes that are kept of the end of each stream."""
TICK_SECONDS = 0.25
"""Longest wait before the supervisor looks whether it is to end its agent."""
ENDING_TICK_SECONDS = 0.02
"""The longest wait while processes of the agent end."""
DRAIN_SECONDS, MAX_DRAIN_SECONDS = 0.5, 2.0
"""Time without output, and total time, for which the supervisor waits for a process outside the group with a pipe."""
FORCED_SECONDS = 2.0
"""Time after the end by force until the group no longer matters: its ended processes only wait for their parent."""

HappeningKind = Literal["stdout", "stderr", "closed", "exit", "renewed", "searched"]


class Happening(NamedTuple):
    """A thing that a thread tells the main thread.

    `data` is a piece of output. `says` is why the lease is not held after a renewal. `at` is the time of the last sign
    of the agent's work that was seen in its work tree.
    """

    kind: HappeningKind
    data: bytes = b""
    says: str = ""
    at: float = 0.0


class Supervised:
    """An agent that runs. All times are on the monotonic clock, in seconds."""

    def __init__(
        self, folder: Path, order: AttemptOrder, agent: RunningAgent, prompt: bytes | None, signals: Sequence[int]
    ) -> None:
        """Start to measure the times of an agent that was just started. `signals` are those that ask the supervisor to end it."""
        now = time.monotonic()
        self.agent = agent
        self.reader = ReportReader(order.result)
        self.tails = {"stdout": b"", "stderr": b""}
        self.ended_by: EndedBy | Literal[""] = ""
        self.end_reason = ""
        """The reason in words why the agent was ended; "" for an agent that ended by itself, or after its result."""
        self._folder, self._order, self._prompt, self._signals = folder, order, prompt, signals
        self._log = OutputLog(folder)
        self._happenings: queue.SimpleQueue[Happening] = queue.SimpleQueue()
        self._room = threading.BoundedSemaphore(MAX_CHUNKS)
        self._start_time = self._last_activity = self._last_output = now
        self._idle_end = now + order.idle
        self._next_renewal = now + order.renew_seconds
        self._report_time: float | None = None
        self._force_deadline: float | None = None
        self._force_time: float | None = None
        self._open_pipes = 2
        self._has_exited, self._exit_time = False, 0.0

    def run(self) -> None:
        """Return when the agent and its group have ended."""
        process = self.agent.process
        self._in_thread(self._copy, "stdout", process.stdout)
        self._in_thread(self._copy, "stderr", process.stderr)
        self._in_thread(self._feed, process.stdin)
        self._in_thread(self._await_exit)
        while not self._is_over(time.monotonic()):
            with contextlib.suppress(queue.Empty):
                self._handle(self._happenings.get(timeout=self._wait(time.monotonic())))
            self._enforce(time.monotonic())
        self._log.close()

    @staticmethod
    def _in_thread(function: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def _copy(self, name: Literal["stdout", "stderr"], stream: IO[bytes]) -> None:
        """Hand on the output of the agent. A full queue makes the agent wait, so that the memory stays small."""
        with contextlib.suppress(OSError, ValueError):
            while data := stream.read1(CHUNK_BYTES):  # type: ignore[attr-defined]
                self._room.acquire()
                self._happenings.put(Happening(name, data))
        self._happenings.put(Happening("closed"))

    def _feed(self, stream: IO[bytes] | None) -> None:
        """Write the prompt, and close the standard input, because some agents read it to its end before they begin."""
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.write(self._prompt or b"")
            with contextlib.suppress(OSError):
                stream.close()

    def _await_exit(self) -> None:
        self.agent.process.wait()
        self._happenings.put(Happening("exit"))

    def _renew(self) -> None:
        # Imported only for a renewal, because the start of the agent does not need this module.
        from planmark.run.renewal import renew_lease

        says = ""
        try:
            says = renew_lease(Path(self._order.workspace), self._order.lease)
        finally:
            # The next renewal is tried also after a defect, which the log of the supervisor then has.
            self._happenings.put(Happening("renewed", says=says))

    def _search_change(self, last_activity: float) -> None:
        """Search the work tree for a change after the last output, on a thread of its own, because it may be large."""
        # Imported only now, because most agents are never silent for this time.
        from planmark.run.worktree_changes import change_since

        clock_difference = time.time() - time.monotonic()
        change_time = change_since(Path(self._order.cwd), last_activity + clock_difference, time.time())
        self._happenings.put(
            Happening("searched", at=change_time - clock_difference if change_time is not None else last_activity)
        )

    def _handle(self, happening: Happening) -> None:
        """Take in what a thread tells."""
        now = time.monotonic()
        if happening.kind in ("stdout", "stderr"):
            self._room.release()
            self._see_activity(now)
            self._last_output = now
            self._log.write(happening.data)
            self.tails[happening.kind] = (self.tails[happening.kind] + happening.data)[-TAIL_BYTES:]
            if happening.kind == "stdout":
                self.reader.feed(happening.data)
                if not self.reader.report.is_complete:
                    self._report_time = None
                elif self._report_time is None:
                    self._report_time = now
        elif happening.kind == "closed":
            self._open_pipes -= 1
        elif happening.kind == "exit":
            self._has_exited, self._exit_time, self._last_output = True, now, now
            if self.agent.has_group():
                self._end_group(now)
        elif happening.kind == "searched":
            self._see_activity(happening.at)
            if now >= self._idle_end:
                says = f"the agent was ended after {self._order.idle:g} s without output or a changed file (idle)"
                self._end("idle", says, now)
        elif happening.says:
            self._end("stolen", happening.says, now)
        else:
            self._next_renewal = now + self._order.renew_seconds

    def _see_activity(self, activity_time: float) -> None:
        self._last_activity = max(self._last_activity, activity_time)
        self._idle_end = self._last_activity + self._order.idle

    def _enforce(self, now: float) -> None:
        """End the agent if it has reached a limit, and by force if it does not end."""
        if self._force_deadline is not None and now >= self._force_deadline:
            # The number of a group that has ended may be that of a different one.
            if self.agent.has_group():
                self.agent.end_by_force()
            self._force_deadline, self._force_time = None, now
        if self._has_exited or self.ended_by:
            return
        if self._signals or (self._folder / CANCEL_FILE).exists():
            self._end("cancelled", "the attempt was cancelled", now)
        elif self._report_time is not None and now >= min(self._report_time + self._order.linger, self._timeout):
            self._end("linger", "", now)
        elif self._report_time is None and now >= self._timeout:
            self._end("timeout", f"the agent was ended after {self._order.timeout:g} s (timeout)", now)
        elif self._report_time is None and now >= self._idle_end:
            self._idle_end = float("inf")
            self._in_thread(self._search_change, self._last_activity)
        elif now >= self._next_renewal:
            self._next_renewal = float("inf")
            self._in_thread(self._renew)

    @property
    def _timeout(self) -> float:
        return self._start_time + self._order.timeout

    def _end(self, ended_by: EndedBy, reason: str, now: float) -> None:
        """Ask the agent and its group to end; the first reason counts."""
        if not self.ended_by and not self._has_exited:
            self.ended_by, self.end_reason = ended_by, reason
            self._end_group(now)

    def _end_group(self, now: float) -> None:
        if self._force_deadline is None and self._force_time is None:
            self._force_deadline = now + self._order.grace
        self.agent.ask_to_end()

    def _wait(self, now: float) -> float:
        """Return the seconds until the supervisor must look again without a happening."""
        if self._has_exited:
            return ENDING_TICK_SECONDS
        limits = [now + TICK_SECONDS]
        if self._force_deadline is not None:
            limits.append(self._force_deadline)
        elif not self.ended_by:
            limits += [self._timeout, self._next_renewal]
            limits.append(self._idle_end if self._report_time is None else self._report_time + self._order.linger)
        return max(0.0, min(limits) - now)

    def _is_over(self, now: float) -> bool:
        """Tell whether the agent and its group have ended, and whether all of their output is taken."""
        if not self._has_exited:
            return False
        if self.agent.has_group() and not (self._force_time is not None and now >= self._force_time + FORCED_SECONDS):
            return False
        is_drained = now >= min(self._last_output + DRAIN_SECONDS, self._exit_time + MAX_DRAIN_SECONDS)
        return self._open_pipes == 0 or is_drained
