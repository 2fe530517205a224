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
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

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

logger = logging.getLogger(__name__)

_terms: Terms
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[bytes])


def processes_for(files: int, wanted: int) -> int:
    """How many processes read `files` files, the caller's own among them; `wanted` is the setting, 0 to choose."""
    if files < FEWEST:
        return 1
    return wanted or min(_cores(), MAX_PROCESSES)


def read_entries(terms: Terms, wanted: Sequence[Wanted], processes: int) -> Iterator[tuple[str, Entry] | None]:
    """Every file as it was read, in any order; None where the caller may do something else before it asks again.

    A worker that the parser ends leaves what it has parsed to be suspected (`parser_guard.py`): another one reads the rest. Where
    workers end for any other reason, the rest is read here.
    """
    if processes < 2:
        yield from ((path, read_entry(terms, path, stamp)) for path, stamp in wanted)
        return
    left = list(reversed(wanted))
    handed = _hand_over(terms)
    pool = _pool(processes, handed)
    suspected = suspected_now()
    under_way: dict[Future[bytes], list[Wanted]] = {}
    heard = time.monotonic()
    try:
        while left or under_way:
            try:
                while left and len(under_way) < (processes - 1) * AHEAD:
                    size = min(BATCH, len(left) // (processes * AHEAD) + 1)
                    batch, left = left[:size], left[size:]
                    under_way[pool.submit(_read, batch)] = batch
            except BrokenProcessPool:
                left = batch + left
            if left:
                path, stamp = left.pop()
                yield path, read_entry(terms, path, stamp)
                heard = time.monotonic()
            broken: BrokenProcessPool | None = None
            for future in wait(under_way, 0 if left else WAIT_SECONDS, FIRST_COMPLETED).done:
                batch, heard = under_way.pop(future), time.monotonic()
                try:
                    read = _DECODER.decode(future.result())
                except BrokenProcessPool as error:
                    broken, left = error, [*left, *batch]
                    continue
                for (path, stamp), packed in zip(batch, read, strict=True):
                    yield path, unpacked_entry(path, stamp, packed) if packed else read_entry(terms, path, stamp)
            if broken and not under_way:
                # What the process was about can be read when it is gone.
                pool.shutdown()
                new = suspected_now() - suspected
                if new:
                    logger.warning("a process that reads files has ended in the parser, another goes on: %s", broken)
                    suspected |= new
                    pool = _pool(processes, handed)
                else:
                    logger.warning("a process that reads files has ended, the rest is read here: %s", broken)
                    processes = 1
            elif under_way and time.monotonic() - heard > STALLED_SECONDS:
                logger.warning("a process that reads files says nothing for %g seconds: it is ended", STALLED_SECONDS)
                heard = time.monotonic()
                for process in list(pool._processes.values()):
                    process.kill()
            yield None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(OSError):
            handed.unlink()


def _pool(processes: int, handed: Path) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("fork" if _may_fork() else "spawn")
    return ProcessPoolExecutor(processes - 1, context, initializer=_begin, initargs=(handed,))


def _may_fork() -> bool:
    """Whether a copy of this process can go on: not where other threads may hold locks, as in a server.

    The system libraries of macOS do not bear it either.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _hand_over(terms: Terms) -> Path:
    """A file with the terms: whoever starts a process waits for it to take its arguments, and it may end before that."""
    descriptor, path = tempfile.mkstemp(prefix="planmark-")
    with os.fdopen(descriptor, "wb") as stream:
        pickle.dump(terms, stream)
    return Path(path)


def _begin(handed: Path) -> None:
    """In a worker, first: a Ctrl-C is the caller's, and without the caller nothing is left to do."""
    global _terms
    try:
        _terms = pickle.loads(handed.read_bytes())
    except FileNotFoundError:
        # All was read before this process has begun.
        os._exit(0)
    guard_the_parser()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_caller, daemon=True).start()


def _end_with_caller() -> None:
    if caller := multiprocessing.parent_process():
        caller.join()
    os._exit(1)


def _read(batch: list[Wanted]) -> bytes:
    return _ENCODER.encode([packed_entry(read_entry(_terms, path, stamp)) for path, stamp in batch])
