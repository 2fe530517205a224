"""The crash guard of the native parser. It prevents processes from parsing a section that crashed the parser.

Each process has a file in the cache folder with the digest of the section that it parses, locked while the process
lives. A leftover file with a digest means that this section may have crashed the parser. The next process first parses
this section once in a subprocess. If the subprocess crashes or exceeds TRIAL_SECONDS, no process of this version parses
the section until its text changes.
"""

from __future__ import annotations

import contextlib
import logging
import mmap
import os
import subprocess
import sys
from pathlib import Path

from planmark import __version__
from planmark.markdown.crash_guard import guard, set_guard
from planmark.storage.cache_dir import cache_folder
from planmark.storage.file_lock import lock_file_until_close
from planmark.workspace.template_files import ISOLATED_MODULE_CODE

DIGEST_BYTES = 16
"""Number of bytes of a digest."""
NO_DIGEST = bytes(DIGEST_BYTES)
"""The content of a file whose process parses no section."""
TRIAL_SECONDS = 30.0
"""Maximum seconds of the trial, in which a subprocess parses a suspected section."""
IN_PROGRESS_SUFFIX = ".now"
"""The end of the names of the files that processes hold while they live."""
SUSPECTED_PREFIX, DEADLY_PREFIX = "suspected-", "deadly-"
"""The beginnings of the names of the files that mark a section as suspected, or as never to be parsed."""

logger = logging.getLogger(__name__)


class FileCrashGuard:
    """The crash guard of one process, with its files in `folder`.

    Without write access to `folder`, the guard writes no files.
    """

    def __init__(self, folder: Path) -> None:
        self.process_id = os.getpid()
        self._folder = folder
        self._digest_file = folder / f"{self.process_id}-{os.urandom(4).hex()}{IN_PROGRESS_SUFFIX}"
        self._mapped_digest: mmap.mmap | bytearray | None = None
        self._suspected_digests: set[bytes] = set()
        self._deadly_digests: set[bytes] = set()

    def begin(self, digest: bytes) -> None:
        """Store the digest of the section that the process begins to parse in a mapped file, which survives a crash of
        the process.
        """
        if self._mapped_digest is not None:
            self._mapped_digest[:DIGEST_BYTES] = digest

    def end(self) -> None:
        """Clear the stored digest, because the section is parsed."""
        if self._mapped_digest is not None:
            self._mapped_digest[:DIGEST_BYTES] = NO_DIGEST

    def refuses(self, digest: bytes, text: str) -> bool:
        """Tell whether a section crashed both a process and the trial in a subprocess.

        The first call for a suspected section runs the trial.
        """
        if self._mapped_digest is None:
            self._open()
        if digest in self._suspected_digests:
            self._run_trial(digest, text)
        return digest in self._deadly_digests

    def collect(self) -> frozenset[bytes]:
        """Read the files of ended processes.

        Return the digests of all sections that are or were suspected of a crash.
        """
        with contextlib.suppress(OSError):
            for path in self._folder.glob(f"*{IN_PROGRESS_SUFFIX}"):
                if path != self._digest_file:
                    self._suspect_leftover_section(path)
            names = [path.name for path in self._folder.iterdir()]
            self._deadly_digests |= _digests_in_names(names, DEADLY_PREFIX)
            self._suspected_digests |= _digests_in_names(names, SUSPECTED_PREFIX) - self._deadly_digests
        return frozenset(self._suspected_digests | self._deadly_digests)

    def _open(self) -> None:
        """Create and map the file of this process. Without write access, keep the digest in memory."""
        self.collect()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = lock_file_until_close(self._digest_file)
            os.ftruncate(descriptor, DIGEST_BYTES)
            self._mapped_digest = mmap.mmap(descriptor, DIGEST_BYTES)
        except OSError as error:
            logger.info(
                "the digest of the parsed section cannot be stored, so the parser may crash again on the same section: %s",
                error,
            )
            self._mapped_digest = bytearray(DIGEST_BYTES)

    def _suspect_leftover_section(self, path: Path) -> None:
        """Remove the file at `path` if its process has ended.

        If the file has the digest of a section, mark this section as suspected.
        """
        try:
            descriptor = lock_file_until_close(path)
        except OSError:
            return
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            digest = os.read(descriptor, DIGEST_BYTES)
            if len(digest) == DIGEST_BYTES and digest != NO_DIGEST:
                (self._folder / f"{SUSPECTED_PREFIX}{digest.hex()}").touch(mode=0o600)
        finally:
            os.close(descriptor)
        path.unlink()

    def _run_trial(self, digest: bytes, text: str) -> None:
        """Run the trial of a suspected section, and keep its result for this process and later processes."""
        self._suspected_digests.discard(digest)
        suspicion_file = self._folder / f"{SUSPECTED_PREFIX}{digest.hex()}"
        if parses_safely(text):
            with contextlib.suppress(OSError):
                suspicion_file.unlink(missing_ok=True)
            return
        self._deadly_digests.add(digest)
        logger.error(
            "a section of %d characters ends the parser: it is not read until it changes. It begins %r",
            len(text),
            text[:60],
        )
        with contextlib.suppress(OSError):
            suspicion_file.replace(self._folder / f"{DEADLY_PREFIX}{digest.hex()}")


def parses_safely(text: str) -> bool:
    """Tell whether a subprocess parses `text` without a crash and within TRIAL_SECONDS."""
    command = [
        sys.executable,
        "-I",
        "-c",
        ISOLATED_MODULE_CODE,
        "planmark.markdown.parser_probe",
        str(Path(__file__).resolve().parents[2]),
    ]
    try:
        process = subprocess.run(
            command,
            input=text.encode("utf-8", "surrogatepass"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TRIAL_SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return False
    return process.returncode == 0


def guard_the_parser() -> None:
    """Install the crash guard in this process. After a fork, the child process must call this function again."""
    current_guard = guard()
    if not (isinstance(current_guard, FileCrashGuard) and current_guard.process_id == os.getpid()):
        set_guard(FileCrashGuard(cache_folder() / "parser" / __version__))


def suspected_digests() -> frozenset[bytes]:
    """Return the digests of the sections that are or were suspected of a crash, from the files of ended processes."""
    current_guard = guard()
    return current_guard.collect() if isinstance(current_guard, FileCrashGuard) else frozenset()


def _digests_in_names(names: list[str], prefix: str) -> set[bytes]:
    """Return the digests in the file names that begin with `prefix`."""
    digests = set()
    for name in names:
        if name.startswith(prefix):
            with contextlib.suppress(ValueError):
                digests.add(bytes.fromhex(name.removeprefix(prefix)))
    return digests
