"""The log of an attempt: the output of the agent. If the output is large, its middle is left out."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import BinaryIO

from planmark.run.attempts import LOG_FILE

HEAD_BYTES, TAIL_BYTES = 10_000_000, 5_000_000
"""Number of bytes that are kept from the beginning of the output, and minimum number that is kept from its end. From
the end, TAIL_BYTES to twice TAIL_BYTES are kept, in at most two files.
"""
PIECE_BYTES = 1_000_000
"""Number of bytes that are copied at once from a file to the log."""
TAIL_FILE, OLDER_TAIL_FILE = f"{LOG_FILE}.tail", f"{LOG_FILE}.tail.1"


class OutputLog:
    """The files of a log while it is written.

    A full disk does not stop the agent, but output is then missing in the log.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._head_bytes_left, self._tail_bytes_left = HEAD_BYTES, 0
        self.dropped_bytes = 0
        """The number of bytes that are in no file."""
        self._stream: BinaryIO | None = self._open_file(LOG_FILE)

    def write(self, data: bytes) -> None:
        """Write a piece of output to the files."""
        head, tail = data[: self._head_bytes_left], data[self._head_bytes_left :]
        if head:
            self._head_bytes_left -= len(head)
            self._write(head)
        while tail:
            if not self._tail_bytes_left:
                self._begin_tail()
            piece, tail = tail[: self._tail_bytes_left], tail[self._tail_bytes_left :]
            self._tail_bytes_left -= len(piece)
            self._write(piece)

    def close(self) -> None:
        """Close the log, and append to it the files with the end of the output.

        A line before them says how many bytes are left out.
        """
        self._close_stream()
        tail_paths = [path for path in (self._folder / OLDER_TAIL_FILE, self._folder / TAIL_FILE) if path.exists()]
        if not tail_paths:
            return
        with contextlib.suppress(OSError):
            with (self._folder / LOG_FILE).open("ab") as log:
                if self.dropped_bytes:
                    log.write(b"\n[%d bytes are left out here]\n" % self.dropped_bytes)
                for tail_path in tail_paths:
                    with tail_path.open("rb") as stream:
                        while piece := stream.read(PIECE_BYTES):
                            log.write(piece)
            for tail_path in tail_paths:
                tail_path.unlink()

    def _begin_tail(self) -> None:
        """Begin a new file for the end of the output.

        Of the earlier files for the end, only the last is kept.
        """
        self._close_stream()
        tail_path, older_path = self._folder / TAIL_FILE, self._folder / OLDER_TAIL_FILE
        with contextlib.suppress(OSError):
            if tail_path.exists():
                self.dropped_bytes += older_path.stat().st_size if older_path.exists() else 0
                tail_path.replace(older_path)
        self._stream = self._open_file(TAIL_FILE)
        self._tail_bytes_left = TAIL_BYTES

    def _open_file(self, name: str) -> BinaryIO | None:
        with contextlib.suppress(OSError):
            return (self._folder / name).open("wb", buffering=0)
        return None

    def _write(self, data: bytes) -> None:
        try:
            if self._stream is None or self._stream.write(data) != len(data):
                self.dropped_bytes += len(data)
        except OSError:
            self.dropped_bytes += len(data)

    def _close_stream(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()
            self._stream = None
