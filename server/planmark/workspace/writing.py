"""Writing into a workspace: only what a user has asked for, whole or not at all, and never over what somebody else wrote.

Writers of one workspace wait for one another. Who is killed leaves the old file or the new one, and at most a hidden
one beside it, which the next writer removes.
"""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from planmark.workspace.cache import cache_folder
from planmark.workspace.changes import CreateFile
from planmark.workspace.locking import locked
from planmark.workspace.opening import NotReadError, read_inside
from planmark.workspace.roots import leaves, resolved_inside

BOM = codecs.BOM_UTF8
PREFIX = ".planmark-"
"""The names of files that are not finished begin so."""
ABANDONED_SECONDS = 600
"""Nobody writes one for so long."""
LOCK_SECONDS = 10.0
"""So long a writer waits for the others."""
_held: set[Path] = set()
"""The workspaces into which only this process writes now."""


class WriteError(Exception):
    """A file could not be written; the message says which, why, and that nothing is half-written."""


class TakenError(WriteError):
    """There is a file of that name already, perhaps since a moment ago."""


def create_file(root: Path, file: CreateFile) -> Path:
    """Creates a file below `root` (resolved) with the folders that it needs; returns its path.

    Raises TakenError where it exists, WriteError where it would lie outside the workspace or cannot be written.
    """
    target = root / file.path
    if leaves(root, file.path):
        raise WriteError(f"{file.path} lies outside the workspace {root}: nothing was written")
    try:
        with alone(root):
            target.parent.mkdir(parents=True, exist_ok=True)
            _tidy_up(target)
            with _beside(target, file.text.encode()) as temporary:
                temporary.chmod(0o666 & ~_umask())
                _move_to_new(temporary, target)
    except FileExistsError:
        raise TakenError(f"{file.path} exists already: it is not written over") from None
    except OSError as error:
        raise WriteError(f"{file.path} cannot be written: {error.strerror or error}; nothing was written") from None
    return target


def rewrite_file(root: Path, path: str, before: str, after: str) -> None:
    """Gives a document another text, at once; mode, owner, byte order mark and line ends stay.

    `before` is the text that the change was made for. Raises WriteError where the file is another one by now, is no valid
    UTF-8, has a second name, or cannot be written; then nothing is changed.
    """
    old = before.encode("utf-8", "surrogatepass")
    target = _inside(root, path)
    try:
        with alone(root):
            data = _same_bytes(root, path, old)
            mark = BOM if data.startswith(BOM) else b""
            _tidy_up(target)
            _refuse(target, path)
            with _beside(target, mark + after.encode("utf-8", "surrogatepass")) as temporary:
                _take_after(target, temporary)
                if read_inside(root, path, len(data)) != data:
                    raise WriteError(f"{path} has changed meanwhile: nothing was written; check it again")
                temporary.replace(target)
    except NotReadError as error:
        raise WriteError(f"{path} {error}; nothing was written") from None
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {error.strerror or error}; nothing was written") from None


def written_text(root: Path, path: str, before: str) -> str:
    """The text of a document as its file has it, with the byte order mark. Raises WriteError where `rewrite_file` would."""
    target = _inside(root, path)
    try:
        data = _same_bytes(root, path, before.encode("utf-8", "surrogatepass"))
        _refuse(target, path)
    except NotReadError as error:
        raise WriteError(f"{path} {error}; nothing was written") from None
    except OSError as error:
        raise WriteError(f"{path} cannot be read: {error.strerror or error}; nothing was written") from None
    return data.decode("utf-8", "surrogatepass")


def move_path(root: Path, old: str, new: str) -> None:
    """Gives a file or a folder below `root` (resolved) another path, with the folders that this needs.

    Raises WriteError where something stands there, where either lies outside, or where it cannot be moved.
    """
    source, target = root / old, root / new
    if leaves(root, old) or leaves(root, new):
        raise WriteError(f"{old} or {new} lies outside the workspace {root}: nothing was moved")
    try:
        with alone(root):
            # Where case does not count, the new name may be the same file.
            if os.path.lexists(target) and not target.samefile(source):
                raise WriteError(f"{new} exists already: {old} was not moved")
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
    except OSError as error:
        raise WriteError(f"{old} cannot be moved to {new}: {error.strerror or error}") from None


def _inside(root: Path, path: str) -> Path:
    """Where a document lies. Raises WriteError where that is outside the workspace."""
    target = resolved_inside(root, root / path)
    if target is None:
        raise WriteError(f"{path} lies outside the workspace {root}: nothing was written")
    return target


def _same_bytes(root: Path, path: str, text: bytes) -> bytes:
    """The bytes of a file that hold `text` behind a byte order mark, or none; raises WriteError where they hold another one."""
    data = read_inside(root, path, len(BOM) + len(text))
    if data.removeprefix(BOM) != text:
        raise WriteError(f"{path} has changed, or is no valid UTF-8: nothing was written; check it again")
    return data


def _refuse(target: Path, path: str) -> None:
    """Raises WriteError for a file that is not to be replaced by a new one."""
    if not os.access(target, os.W_OK):
        raise WriteError(f"{path} is read-only: nothing was written")
    names = target.stat().st_nlink
    if names > 1:
        raise WriteError(
            f"{path} has {names} names (hard links), and a new file would have only this one: nothing was written; "
            "make the change in an editor"
        )


def _take_after(old: Path, new: Path) -> None:
    """Gives `new` the mode of `old` and, where this user may, its owner."""
    status = old.stat()
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (new.stat().st_uid, new.stat().st_gid):
        with contextlib.suppress(OSError):
            os.chown(new, status.st_uid, status.st_gid)
    shutil.copymode(old, new)


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Keeps other writers of the workspace waiting: for what looks first, and writes by what it saw.

    Inside it, this process may write. Where there can be no lock, as in a cache folder that nobody may write to, nobody
    waits. Raises WriteError where another writer does not end.
    """
    if root in _held:
        yield
        return
    with contextlib.ExitStack() as held:
        try:
            folder = cache_folder() / "writing"
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            name = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:16]
            held.enter_context(locked(folder / f"{name}.lock", LOCK_SECONDS))
        except TimeoutError:
            raise WriteError(f"another process is writing into {root}: nothing was written; try again") from None
        except OSError:
            pass
        _held.add(root)
        held.callback(_held.discard, root)
        yield


@contextlib.contextmanager
def _beside(target: Path, data: bytes) -> Iterator[Path]:
    """A file in the folder of `target` that holds `data` on the disk; it goes again, unless it was moved."""
    handle, name = tempfile.mkstemp(prefix=PREFIX, dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _tidy_up(target: Path) -> None:
    """Removes what writers that were killed have left in the folder of `target`: also a second name of it."""
    for left in target.parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            finished = target.exists() and left.samefile(target)
            if finished or time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()


def _move_to_new(temporary: Path, target: Path) -> None:
    """Gives a whole file its name; FileExistsError where the name is taken."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # No hard links here, as on FAT. An empty file that takes the name first would count if this process ended now.
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        temporary.rename(target)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
