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
"""Maximum size of a piece of output in bytes, and maximum number of pieces that wait for the main thread."""
TAIL_BYTES = 16_384
"""Number of bytes that are kept from the end of each output stream."""
TICK_SECONDS = 0.25
"""Maximum number of seconds between two checks whether the supervisor must end the agent."""
ENDING_TICK_SECONDS = 0.02
"""Seconds between two checks whether the group of an agent has ended. These checks begin when the agent itself has
ended.
"""
DRAIN_SECONDS, MAX_DRAIN_SECONDS = 0.5, 2.0
"""Seconds without output, and seconds in all, after which the supervisor stops waiting for more output.

They count from the end of the agent. A process outside the group of the agent may still hold the pipes open.
"""
MAX_FORCED_END_SECONDS = 2.0
"""Seconds between the end by force and the moment when the supervisor stops waiting for the group.

After this time, its processes have ended, and are only still listed.
"""

ThreadMessageKind = Literal["stdout", "stderr", "closed", "exit", "renewed", "searched"]
"""The kinds of messages: output, the end of an output stream, the exit of the agent, a renewal, or a search for
changes.
"""


class ThreadMessage(NamedTuple):
    """A message from a thread to the main thread.

    `data` is a piece of output. `says` is the reason why a renewal failed. `at` is the time of the last sign of work
    that was found in the agent's work tree.
    """

    kind: ThreadMessageKind
    data: bytes = b""
    says: str = ""
    at: float = 0.0


class Supervised:
    """A running agent under supervision. All times are seconds of the monotonic clock."""

    def __init__(
        self, folder: Path, order: AttemptOrder, agent: RunningAgent, prompt: bytes | None, signals: Sequence[int]
    ) -> None:
        """Keep the agent, which has just started, and begin to measure its times.

        `signals` is a list to which each signal to this process is added. If it is not empty, the supervisor ends the
        agent.
        """
        now = time.monotonic()
        self.agent = agent
        self.reader = ReportReader(order.result)
        self.tails = {"stdout": b"", "stderr": b""}
        """Mapping from the name of a stream to the last bytes of its output."""
        self.ended_by: EndedBy | Literal[""] = ""
        self.end_reason = ""
        """Why the agent was ended, in words; "" if it ended by itself, or was ended after its result."""
        self._folder, self._order, self._prompt, self._signals = folder, order, prompt, signals
        self._log = OutputLog(folder)
        self._happenings: queue.SimpleQueue[ThreadMessage] = queue.SimpleQueue()
        # A thread acquires this before it puts a piece of output into the queue.
        self._room = threading.BoundedSemaphore(MAX_CHUNKS)
        self._start_time = self._last_activity = self._last_output = now
        self._idle_end = now + order.idle
        self._next_renewal = now + order.renew_seconds
        # Three times: the report was complete; the group must have ended by itself; the group was ended by force.
        self._report_time: float | None = None
        self._force_deadline: float | None = None
        self._force_time: float | None = None
        self._open_pipes = 2
        self._has_exited, self._exit_time = False, 0.0

    def run(self) -> None:
        """Supervise the agent until the agent and its process group have ended."""
        process = self.agent.process
        self._in_thread(self._queue_output, "stdout", process.stdout)
        self._in_thread(self._queue_output, "stderr", process.stderr)
        self._in_thread(self._write_prompt, process.stdin)
        self._in_thread(self._await_exit)
        while not self._is_over(time.monotonic()):
            with contextlib.suppress(queue.Empty):
                self._handle(self._happenings.get(timeout=self._wait_seconds(time.monotonic())))
            self._enforce_limits(time.monotonic())
        self._log.close()

    @staticmethod
    def _in_thread(function: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def _queue_output(self, name: Literal["stdout", "stderr"], stream: IO[bytes]) -> None:
        """Put the output of one stream into the queue of messages, piece by piece. If MAX_CHUNKS pieces wait, the agent
        must wait, too. So the pieces take little memory.
        """
        with contextlib.suppress(OSError, ValueError):
            while data := stream.read1(CHUNK_BYTES):  # type: ignore[attr-defined]
                self._room.acquire()
                self._happenings.put(ThreadMessage(name, data))
        self._happenings.put(ThreadMessage("closed"))

    def _write_prompt(self, stream: IO[bytes] | None) -> None:
        """Write the prompt to the standard input of the agent, and close the input.

        Some agents read their input to its end before they begin.
        """
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.write(self._prompt or b"")
            with contextlib.suppress(OSError):
                stream.close()

    def _await_exit(self) -> None:
        self.agent.process.wait()
        self._happenings.put(ThreadMessage("exit"))

    def _renew(self) -> None:
        # Imported only for a renewal, because the start of the agent does not need this module.
        from planmark.run.renewal import renew_lease

        says = ""
        try:
            says = renew_lease(Path(self._order.workspace), self._order.lease)
        finally:
            # After an unexpected error, the next renewal is still tried. The log of the supervisor has the error.
            self._happenings.put(ThreadMessage("renewed", says=says))

    def _search_change(self, last_activity: float) -> None:
        """Search the work tree for a change after the last activity, and put the result into the queue.

        The method runs in a thread of its own, because the work tree may be large.
        """
        # Imported only here, because most agents are never silent for as long as the limit.
        from planmark.run.worktree_changes import time_of_change_since

        clock_difference = time.time() - time.monotonic()
        change_time = time_of_change_since(Path(self._order.cwd), last_activity + clock_difference, time.time())
        self._happenings.put(
            ThreadMessage("searched", at=change_time - clock_difference if change_time is not None else last_activity)
        )

    def _handle(self, happening: ThreadMessage) -> None:
        """Act on a message from a thread."""
        now = time.monotonic()
        if happening.kind in ("stdout", "stderr"):
            self._room.release()
            self._note_activity(now)
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
            if self.agent.is_group_alive():
                self._end_group(now)
        elif happening.kind == "searched":
            self._note_activity(happening.at)
            if now >= self._idle_end:
                says = f"the agent was ended after {self._order.idle:g} s without output or a changed file (idle)"
                self._end("idle", says, now)
        elif happening.says:
            self._end("stolen", happening.says, now)
        else:
            self._next_renewal = now + self._order.renew_seconds

    def _note_activity(self, activity_time: float) -> None:
        """Note the time of a sign that the agent works. The time limit for silence then begins again."""
        self._last_activity = max(self._last_activity, activity_time)
        self._idle_end = self._last_activity + self._order.idle

    def _enforce_limits(self, now: float) -> None:
        """End the agent if it has reached a limit, or if its attempt was cancelled. End its group by force if the group
        does not end in time. Begin a search for changes, or a renewal of the lease, when it is due.
        """
        if self._force_deadline is not None and now >= self._force_deadline:
            # A different group may have the number of a group that has ended.
            if self.agent.is_group_alive():
                self.agent.end_by_force()
            self._force_deadline, self._force_time = None, now
        if self._has_exited or self.ended_by:
            return
        if self._signals or (self._folder / CANCEL_FILE).exists():
            self._end("cancelled", "the attempt was cancelled", now)
        elif self._report_time is not None and now >= min(self._report_time + self._order.linger, self._timeout_end):
            self._end("linger", "", now)
        elif self._report_time is None and now >= self._timeout_end:
            self._end("timeout", f"the agent was ended after {self._order.timeout:g} s (timeout)", now)
        elif self._report_time is None and now >= self._idle_end:
            self._idle_end = float("inf")
            self._in_thread(self._search_change, self._last_activity)
        elif now >= self._next_renewal:
            self._next_renewal = float("inf")
            self._in_thread(self._renew)

    @property
    def _timeout_end(self) -> float:
        """The time at which the agent reaches the time limit of the whole attempt."""
        return self._start_time + self._order.timeout

    def _end(self, ended_by: EndedBy, reason: str, now: float) -> None:
        """Ask the agent and its group to end, and keep the reason. Do nothing if the agent was already asked."""
        if not self.ended_by and not self._has_exited:
            self.ended_by, self.end_reason = ended_by, reason
            self._end_group(now)

    def _end_group(self, now: float) -> None:
        """Ask the group of the agent to end, and set the time at which it is ended by force."""
        if self._force_deadline is None and self._force_time is None:
            self._force_deadline = now + self._order.grace
        self.agent.ask_to_end()

    def _wait_seconds(self, now: float) -> float:
        """Return the maximum number of seconds that the supervisor may wait for the next message of a thread."""
        if self._has_exited:
            return ENDING_TICK_SECONDS
        limits = [now + TICK_SECONDS]
        if self._force_deadline is not None:
            limits.append(self._force_deadline)
        elif not self.ended_by:
            limits += [self._timeout_end, self._next_renewal]
            limits.append(self._idle_end if self._report_time is None else self._report_time + self._order.linger)
        return max(0.0, min(limits) - now)

    def _is_over(self, now: float) -> bool:
        """Tell whether the agent and its group have ended, and all of their output was read."""
        if not self._has_exited:
            return False
        if self.agent.is_group_alive() and not (
            self._force_time is not None and now >= self._force_time + MAX_FORCED_END_SECONDS
        ):
            return False
        is_drained = now >= min(self._last_output + DRAIN_SECONDS, self._exit_time + MAX_DRAIN_SECONDS)
        return self._open_pipes == 0 or is_drained
