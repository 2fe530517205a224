"""The log of an attempt: the output of the agent, of which the middle is dropped if it is large."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import BinaryIO

from planmark.run.attempts import LOG_FILE

HEAD_BYTES, TAIL_BYTES = 10_000_000, 5_000_000
"""Bytes that are kept of the begin. Of the end, one to two times TAIL_BYTES are kept, in one file or two."""
PIECE_BYTES = 1_000_000
TAIL, OLDER_TAIL = f"{LOG_FILE}.tail", f"{LOG_FILE}.tail.1"


class OutputLog:
    """The files of a log while it is written. A disk that is full does not stop the agent; the rest is then missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._head_left, self._tail_left = HEAD_BYTES, 0
        self.dropped = 0
        """The number of bytes that are in no file."""
        self._stream: BinaryIO | None = self._opened(LOG_FILE)

    def write(self, data: bytes) -> None:
        """Append a piece of output."""
        head, rest = data[: self._head_left], data[self._head_left :]
        if head:
            self._head_left -= len(head)
            self._write(head)
        while rest:
            if not self._tail_left:
                self._begin_tail()
            piece, rest = rest[: self._tail_left], rest[self._tail_left :]
            self._tail_left -= len(piece)
            self._write(piece)

    def close(self) -> None:
        """Put the parts into one file, with a line that says how many bytes are missing between them."""
        self._close_stream()
        parts = [path for path in (self._folder / OLDER_TAIL, self._folder / TAIL) if path.exists()]
        if not parts:
            return
        with contextlib.suppress(OSError):
            with (self._folder / LOG_FILE).open("ab") as log:
                if self.dropped:
                    log.write(b"\n[%d bytes are left out here]\n" % self.dropped)
                for part in parts:
                    with part.open("rb") as stream:
                        while piece := stream.read(PIECE_BYTES):
                            log.write(piece)
            for part in parts:
                part.unlink()

    def _begin_tail(self) -> None:
        """Begin the next file of the end; the one before the last is lost."""
        self._close_stream()
        tail, older = self._folder / TAIL, self._folder / OLDER_TAIL
        with contextlib.suppress(OSError):
            if tail.exists():
                self.dropped += older.stat().st_size if older.exists() else 0
                tail.replace(older)
        self._stream = self._opened(TAIL)
        self._tail_left = TAIL_BYTES

    def _opened(self, name: str) -> BinaryIO | None:
        with contextlib.suppress(OSError):
            return (self._folder / name).open("wb", buffering=0)
        return None

    def _write(self, data: bytes) -> None:
        try:
            if self._stream is None or self._stream.write(data) != len(data):
                self.dropped += len(data)
        except OSError:
            self.dropped += len(data)

    def _close_stream(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()
            self._stream = None
