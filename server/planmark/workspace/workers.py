"""Reading many files at once, in processes of their own: parsing holds the interpreter's lock.

The caller reads from the front of the list, where what is wanted first stands; the workers take batches from its end.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

import msgspec

from planmark.workspace.files import Stamp
from planmark.workspace.parser_guard import guard_the_parser, suspected_now
from planmark.workspace.reading import Entry, Terms, packed_entry, read_entry, unpacked_entry

FEWEST = 150
"""Fewer files are read sooner than a process has started."""
MAX_PROCESSES = 4
BATCH = 32
"""Files that a worker takes at a time; fewer near the end, so that all are done at once."""
AHEAD = 3
"""Batches that wait for each worker."""
WAIT_SECONDS = 0.005
"""So long the caller waits for a worker when it has nothing left to read itself."""
STALLED_SECONDS = 60.0
"""A worker that says nothing for so long, where nothing else is left to read, hangs."""

Wanted = tuple[str, Stamp]
Handed = tuple[Terms, Sequence[Wanted]]
"""What a worker reads by, and the files of which it is told the numbers."""


class Worker(NamedTuple):
    """A process that reads, the pipe to it, and the batches of numbers that it was given and has not answered."""

    process: BaseProcess
    pipe: Connection
    batches: deque[list[int]]


logger = logging.getLogger(__name__)

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[bytes])


def processes_for(files: int, wanted: int) -> int:
    """How many processes read `files` files, the caller's own among them; `wanted` is the setting, 0 to choose."""
    if files < FEWEST:
        return 1
    return wanted or min(_cores(), MAX_PROCESSES)


def read_entries(terms: Terms, wanted: Sequence[Wanted], processes: int) -> Iterator[tuple[str, Entry] | None]:
    """Every file as it was read, in any order; None where the caller may do something else before it asks again.

    A worker that the parser ends leaves what it has parsed to be suspected (`parser_guard.py`): another one takes its place.
    What a worker leaves that ends for any other reason, or that cannot be started, is read by the others, and here.
    """
    if processes < 2:
        yield from ((path, read_entry(terms, path, stamp)) for path, stamp in wanted)
        return
    left = deque(reversed(range(len(wanted))))
    suspected = suspected_now()
    workers: list[Worker] = []
    heard = time.monotonic()
    handed = _hand_over((terms, wanted))
    try:
        while len(workers) < processes - 1 and _start(workers, handed):
            pass
        while left or any(worker.batches for worker in workers):
            for worker in workers:
                _hand_out(worker, left, processes)
            if left:
                path, stamp = wanted[left.pop()]
                yield path, read_entry(terms, path, stamp)
                heard = time.monotonic()
            busy = {worker.pipe: worker for worker in workers if worker.batches}
            for pipe in wait(list(busy), 0 if left else WAIT_SECONDS):
                worker, heard = busy[pipe], time.monotonic()  # type: ignore[index]  # they are these pipes
                answer = _answer(worker)
                if answer is None:
                    workers.remove(worker)
                    left.extend(number for batch in worker.batches for number in batch)
                    if new := suspected_now() - suspected:
                        logger.warning("a process that reads files has ended in the parser, another goes on")
                        suspected |= new
                        _start(workers, handed)
                    else:
                        logger.warning("a process that reads files has ended, the rest is read without it")
                    continue
                for number, packed in zip(worker.batches.popleft(), answer, strict=True):
                    path, stamp = wanted[number]
                    yield path, unpacked_entry(path, stamp, packed) if packed else read_entry(terms, path, stamp)
            if busy and time.monotonic() - heard > STALLED_SECONDS:
                logger.warning("a process that reads files says nothing for %g seconds: it is ended", STALLED_SECONDS)
                heard = time.monotonic()
                for worker in busy.values():
                    worker.process.kill()
            yield None
    finally:
        # Without its pipe a worker ends; somebody has to take notice, and nobody wants to wait for that.
        for worker in workers:
            worker.pipe.close()
        with contextlib.suppress(RuntimeError):
            threading.Thread(target=_take_leave, args=(workers,), daemon=True).start()
        if isinstance(handed, Path):
            with contextlib.suppress(OSError):
                handed.unlink()


def _hand_out(worker: Worker, left: deque[int], processes: int) -> None:
    """Gives a worker as much of what is left as it should have ahead, from the end of the files."""
    while left and len(worker.batches) < AHEAD:
        size = min(BATCH, len(left) // (processes * AHEAD) + 1)
        batch = [left.popleft() for _ in range(size)]
        worker.batches.append(batch)
        # One that has ended says so when it is asked for its answer.
        with contextlib.suppress(OSError):
            worker.pipe.send(batch)


def _answer(worker: Worker) -> list[bytes] | None:
    """What a worker has read of its first batch; None where it has ended, which it then really has."""
    try:
        return _DECODER.decode(worker.pipe.recv_bytes())
    except (EOFError, OSError):
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()
        return None


def _take_leave(workers: list[Worker]) -> None:
    for worker in workers:
        worker.process.join()


def _start(workers: list[Worker], handed: Handed | Path | None) -> bool:
    """Adds a worker; False where none can be started."""
    if handed is None:
        return False
    ours, theirs = multiprocessing.Pipe()
    # A copy of this process has its ends of the pipes too, and while anyone has them nobody sees that they are closed.
    inherited = [] if isinstance(handed, Path) else [ours, *(worker.pipe for worker in workers)]
    context = multiprocessing.get_context("spawn" if isinstance(handed, Path) else "fork")
    process = context.Process(target=_work, args=(theirs, inherited, handed), daemon=True)  # type: ignore[attr-defined]  # both have it
    try:
        process.start()
    except OSError as error:
        logger.warning("no process can be started to read files: %s", error)
        ours.close()
        return False
    finally:
        theirs.close()
    workers.append(Worker(process, ours, deque()))
    return True


def _may_fork() -> bool:
    """Whether a copy of this process can go on: not where other threads may hold locks, as in a server.

    The system libraries of macOS do not bear it either.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _hand_over(given: Handed) -> Handed | Path | None:
    """What is given to workers, as it is to copies of this process; else a file with it: whoever starts a process waits for it to
    take its arguments, and it may end before that. None where there can be no file."""
    if _may_fork():
        return given
    try:
        descriptor, path = tempfile.mkstemp(prefix="planmark-")
        with os.fdopen(descriptor, "wb") as stream:
            pickle.dump(given, stream)
        return Path(path)
    except OSError as error:
        logger.warning("no file can be written for processes that read files: %s", error)
        return None


def _work(pipe: Connection, inherited: list[Connection], handed: Handed | Path) -> None:
    """In a worker: a Ctrl-C is the caller's, and without the caller nothing is left to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in inherited:
        other.close()
    try:
        terms, wanted = pickle.loads(handed.read_bytes()) if isinstance(handed, Path) else handed
    except FileNotFoundError:
        # All was read before this process has begun.
        return
    guard_the_parser()
    try:
        threading.Thread(target=_end_with_caller, daemon=True).start()
    except RuntimeError as error:
        logger.warning("a process that reads files cannot watch its caller, so it ends: %s", error)
        return
    while (batch := _next_batch(pipe)) is not None:
        entries = [packed_entry(read_entry(terms, *wanted[number])) for number in batch]
        try:
            pipe.send_bytes(_ENCODER.encode(entries))
        except OSError:
            return


def _next_batch(pipe: Connection) -> list[int] | None:
    """The numbers of the files to read next; None where nobody asks any more."""
    try:
        batch: list[int] = pipe.recv()
        return batch
    except (EOFError, OSError):
        return None


def _end_with_caller() -> None:
    if caller := multiprocessing.parent_process():
        caller.join()
    os._exit(1)
