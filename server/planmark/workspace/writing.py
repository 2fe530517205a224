"""Writing into a workspace: only what a user has asked for, whole or not at all, and never over an existing file."""

from __future__ import annotations

import codecs
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from planmark.workspace.changes import CreateFile

BOM = codecs.BOM_UTF8


class WriteError(Exception):
    """A file could not be written; the message says which, why, and that nothing is half-written."""


def create_file(root: Path, file: CreateFile) -> Path:
    """Creates a file below `root` (resolved) with the folders that it needs; returns its path.

    Raises WriteError where it exists, would lie outside the workspace, or cannot be written.
    """
    target = root / file.path
    try:
        inside = target.parent.resolve().is_relative_to(root)
    except (OSError, RuntimeError) as error:
        raise WriteError(f"{file.path} cannot be written: {error}") from None
    if not inside or ".." in Path(file.path).parts:
        raise WriteError(f"{file.path} lies outside the workspace {root}: nothing was written")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target, file.text.encode()) as temporary:
            temporary.chmod(0o666 & ~_umask())
            _move_to_new(temporary, target)
    except FileExistsError:
        raise WriteError(f"{file.path} exists already: it is not written over") from None
    except OSError as error:
        raise WriteError(f"{file.path} cannot be written: {error.strerror or error}; nothing was written") from None
    return target


def rewrite_file(root: Path, path: str, before: str, after: str) -> None:
    """Gives a document another text, at once; mode, byte order mark and line ends stay.

    `before` is the text that the change was made for. Raises WriteError where the file is another one by now, is no valid
    UTF-8, or cannot be written; then nothing is changed.
    """
    target = (root / path).resolve()
    if not target.is_relative_to(root):
        raise WriteError(f"{path} lies outside the workspace {root}: nothing was written")
    try:
        data = target.read_bytes()
        mark = BOM if data.startswith(BOM) else b""
        if data[len(mark) :] != before.encode("utf-8", "surrogatepass"):
            raise WriteError(f"{path} has changed, or is no valid UTF-8: nothing was written; check it again")
        if not os.access(target, os.W_OK):
            raise WriteError(f"{path} is read-only: nothing was written")
        with _beside(target, mark + after.encode("utf-8", "surrogatepass")) as temporary:
            shutil.copymode(target, temporary)
            if target.read_bytes() != data:
                raise WriteError(f"{path} has changed meanwhile: nothing was written; check it again")
            temporary.replace(target)
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {error.strerror or error}; nothing was written") from None


@contextlib.contextmanager
def _beside(target: Path, data: bytes) -> Iterator[Path]:
    """A file in the folder of `target` that holds `data` on the disk; it goes again, unless it was moved."""
    handle, name = tempfile.mkstemp(prefix=".planmark-", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _move_to_new(temporary: Path, target: Path) -> None:
    """Gives a whole file its name; FileExistsError where the name is taken."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # No hard links here, as on FAT: the name is taken first, and filled at once.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL))
        temporary.replace(target)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
