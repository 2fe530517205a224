"""Parallel reading of many files in worker processes, because parsing holds the interpreter's lock.

The caller reads from the front of the list, which has the most urgent files. The workers take batches from the end of
the list.
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

from planmark.workspace.crash_guard_file import guard_the_parser, suspected_digests
from planmark.workspace.file_entries import FileEntry, ReadOptions, pack_entry, read_from_disk, unpack_entry
from planmark.workspace.scan import Stamp

MIN_FILES_FOR_WORKERS = 150
"""Minimum number of files for which workers start.

For fewer files, the start of a worker takes longer than the reading.
"""
MAX_PROCESSES = 4
"""Maximum number of processes, including the process of the caller, if `index.processes` is not set."""
MAX_BATCH_FILES = 32
"""Maximum number of files per batch. The last batches are smaller, so that all workers finish at the same time."""
MAX_QUEUED_BATCHES = 3
"""Maximum number of batches queued for each worker."""
WAIT_SECONDS = 0.005
"""Maximum seconds that the caller waits for a worker when no unread file is left."""
STALLED_SECONDS = 60.0
"""Maximum seconds that the caller waits for an answer of any worker. After this time, the caller kills the busy
workers.
"""

ListedFile = tuple[str, Stamp]
"""The path and the stamp of a file."""
WorkerInput = tuple[ReadOptions, Sequence[ListedFile]]
"""The data for the workers: the parameters of reading, and the list of files. A batch has positions in this list."""


class Worker(NamedTuple):
    """A worker process, and the pipe to it.

    `batches` are the batches that the worker has not answered yet; a batch is a list of positions in the list of files.
    """

    process: BaseProcess
    pipe: Connection
    batches: deque[list[int]]


logger = logging.getLogger(__name__)

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[bytes])


def process_count_for(file_count: int, setting: int) -> int:
    """Return the number of processes that read `file_count` files, including the process of the caller.

    `setting` is the value of `index.processes`, 0 for an automatic number.
    """
    if file_count < MIN_FILES_FOR_WORKERS:
        return 1
    return setting or min(_usable_cores(), MAX_PROCESSES)


def read_entries(
    options: ReadOptions, listed_files: Sequence[ListedFile], process_count: int
) -> Iterator[tuple[str, FileEntry] | None]:
    """Yield two values for each file, in any order: its path and its entry.

    Between files, the function may yield None, so that the caller can do other work. If the parser crashes a worker, a
    new worker takes the place of the crashed worker, and the section counts as suspected (`crash_guard_file.py`). If a
    worker ends for another reason, or cannot start, the other workers and the caller read its files.
    """
    if process_count < 2:
        yield from ((path, read_from_disk(options, path, stamp)) for path, stamp in listed_files)
        return
    remaining_positions = deque(reversed(range(len(listed_files))))
    known_suspects = suspected_digests()
    workers: list[Worker] = []
    last_answer_time = time.monotonic()
    worker_input = _transferable_input((options, listed_files))
    try:
        while len(workers) < process_count - 1 and _start_worker(workers, worker_input):
            pass
        while remaining_positions or any(worker.batches for worker in workers):
            for worker in workers:
                _dispatch(worker, remaining_positions, process_count)
            if remaining_positions:
                path, stamp = listed_files[remaining_positions.pop()]
                yield path, read_from_disk(options, path, stamp)
                last_answer_time = time.monotonic()
            busy_workers = {worker.pipe: worker for worker in workers if worker.batches}
            for pipe in wait(list(busy_workers), 0 if remaining_positions else WAIT_SECONDS):
                worker, last_answer_time = busy_workers[pipe], time.monotonic()  # type: ignore[index]  # they are these pipes
                answer = _receive_entries(worker)
                if answer is None:
                    workers.remove(worker)
                    remaining_positions.extend(number for batch in worker.batches for number in batch)
                    if new_suspects := suspected_digests() - known_suspects:
                        logger.warning(
                            "a process that reads files crashed in the parser, and a new process replaces it"
                        )
                        known_suspects |= new_suspects
                        _start_worker(workers, worker_input)
                    else:
                        logger.warning("a process that reads files has ended, the rest is read without it")
                    continue
                for number, packed_bytes in zip(worker.batches.popleft(), answer, strict=True):
                    path, stamp = listed_files[number]
                    yield (
                        path,
                        unpack_entry(path, stamp, packed_bytes)
                        if packed_bytes
                        else read_from_disk(options, path, stamp),
                    )
            if busy_workers and time.monotonic() - last_answer_time > STALLED_SECONDS:
                logger.warning("a process that reads files says nothing for %g seconds: it is ended", STALLED_SECONDS)
                last_answer_time = time.monotonic()
                for worker in busy_workers.values():
                    worker.process.kill()
            yield None
    finally:
        # A worker ends when its pipe is closed. A thread joins the workers, so that the caller does not wait for them.
        for worker in workers:
            worker.pipe.close()
        with contextlib.suppress(RuntimeError):
            threading.Thread(target=_join_workers, args=(workers,), daemon=True).start()
        if isinstance(worker_input, Path):
            with contextlib.suppress(OSError):
                worker_input.unlink()


def _dispatch(worker: Worker, remaining_positions: deque[int], process_count: int) -> None:
    """Send batches of positions to a worker until its queue is full. Take the positions from the front of
    `remaining_positions`.

    `process_count` is the number of processes that share the remaining files.
    """
    while remaining_positions and len(worker.batches) < MAX_QUEUED_BATCHES:
        size = min(MAX_BATCH_FILES, len(remaining_positions) // (process_count * MAX_QUEUED_BATCHES) + 1)
        batch = [remaining_positions.popleft() for _ in range(size)]
        worker.batches.append(batch)
        # `_receive_entries` detects a worker that has ended.
        with contextlib.suppress(OSError):
            worker.pipe.send(batch)


def _receive_entries(worker: Worker) -> list[bytes] | None:
    """Return the packed entries of the oldest batch that a worker has not answered yet.

    If the worker has ended or its pipe is closed, kill the worker process and return None.
    """
    try:
        return _DECODER.decode(worker.pipe.recv_bytes())
    except (EOFError, OSError):
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()
        return None


def _join_workers(workers: list[Worker]) -> None:
    """Wait until all worker processes have ended."""
    for worker in workers:
        worker.process.join()


def _start_worker(workers: list[Worker], worker_input: WorkerInput | Path | None) -> bool:
    """Start a worker and add the new worker to `workers`. Return False if the process cannot start.

    `worker_input` is the result of `_transferable_input`.
    """
    if worker_input is None:
        return False
    caller_end, worker_end = multiprocessing.Pipe()
    # A forked process inherits the caller's ends of all pipes. The process must close them; otherwise no worker notices
    # when the caller closes a pipe.
    inherited_pipes = [] if isinstance(worker_input, Path) else [caller_end, *(worker.pipe for worker in workers)]
    context = multiprocessing.get_context("spawn" if isinstance(worker_input, Path) else "fork")
    process = context.Process(target=_run_worker, args=(worker_end, inherited_pipes, worker_input), daemon=True)  # type: ignore[attr-defined]  # both have `Process`
    try:
        process.start()
    except OSError as error:
        logger.warning("no process can be started to read files: %s", error)
        caller_end.close()
        return False
    finally:
        worker_end.close()
    workers.append(Worker(process, caller_end, deque()))
    return True


def _may_fork() -> bool:
    """Tell whether this process can be forked safely: it runs on Linux, and has no other thread.

    Another thread may hold a lock during the fork. The system libraries of macOS do not survive a fork.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def _usable_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _transferable_input(worker_input: WorkerInput) -> WorkerInput | Path | None:
    """Return `worker_input` itself if workers can be forked; else the path of a file that contains it as bytes.

    Return None if no file can be written. The caller does not pass the data as arguments to a process that is not
    forked. It would have to wait until the process has read all arguments, and the process may end before that.
    """
    if _may_fork():
        return worker_input
    try:
        descriptor, path = tempfile.mkstemp(prefix="planmark-")
        with os.fdopen(descriptor, "wb") as stream:
            pickle.dump(worker_input, stream)
        return Path(path)
    except OSError as error:
        logger.warning("no file can be written for processes that read files: %s", error)
        return None


def _run_worker(pipe: Connection, inherited_pipes: list[Connection], worker_input: WorkerInput | Path) -> None:
    """Run a worker process until the caller closes the pipe or ends.

    The worker ignores Ctrl-C, which is for the caller.

    `inherited_pipes` are the caller's ends of pipes, which a forked process must close.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for inherited_pipe in inherited_pipes:
        inherited_pipe.close()
    try:
        options, listed_files = (
            pickle.loads(worker_input.read_bytes()) if isinstance(worker_input, Path) else worker_input
        )
    except FileNotFoundError:
        # The caller has removed the file, because it needs no workers any more.
        return
    guard_the_parser()
    try:
        threading.Thread(target=_end_with_caller, daemon=True).start()
    except RuntimeError as error:
        logger.warning("a process that reads files cannot watch its caller, so it ends: %s", error)
        return
    while (batch := _next_batch(pipe)) is not None:
        entries = [pack_entry(read_from_disk(options, *listed_files[number])) for number in batch]
        try:
            pipe.send_bytes(_ENCODER.encode(entries))
        except OSError:
            return


def _next_batch(pipe: Connection) -> list[int] | None:
    """Return the positions of the files to read next; None if the caller has closed the pipe."""
    try:
        batch: list[int] = pipe.recv()
        return batch
    except (EOFError, OSError):
        return None


def _end_with_caller() -> None:
    """Wait until the caller ends, then end this process."""
    if caller := multiprocessing.parent_process():
        caller.join()
    os._exit(1)
