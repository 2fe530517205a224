"""Writes to a workspace: only on a user's request, atomic, and never over changes of another program.

Writers of one workspace wait for each other. After a writer is killed, the file has its old or its new content. A
hidden temporary file may remain in the folder. A later writer removes this file.
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

from planmark.storage.cache_dir import cache_folder
from planmark.storage.file_lock import hold_lock
from planmark.storage.paths import leaves_root, resolved_inside
from planmark.storage.safe_read import NotReadError, read_inside
from planmark.workspace.workspace_edits import CreateFile

BOM = codecs.BOM_UTF8
"""The byte order mark of UTF-8, which some editors write at the beginning of a file."""
UNFINISHED_PREFIX = ".planmark-"
"""The prefix of the names of temporary files."""
ABANDONED_SECONDS = 600
"""Age in seconds after which a temporary file counts as abandoned. No write takes this long."""
LOCK_SECONDS = 10.0
"""Maximum seconds that a writer waits for the lock of a workspace."""
_locked_roots: set[Path] = set()
"""The roots of the workspaces whose write lock this process holds."""


class WriteError(Exception):
    """A write failed. The message names the file and the reason, and states that no file is half-written."""


class PathTakenError(WriteError):
    """The file or folder to create exists already."""


def create_file(root: Path, file: CreateFile) -> Path:
    """Create a file and its missing parent folders below `root`, a resolved path. Return the path of the file.

    Raises PathTakenError if the file exists. Raises WriteError if the file would be outside the workspace, or cannot be
    written.
    """
    target = root / file.path
    if leaves_root(root, file.path):
        raise WriteError(f"{file.path} lies outside the workspace {root}: nothing was written")
    try:
        with workspace_lock(root):
            target.parent.mkdir(parents=True, exist_ok=True)
            _remove_unfinished_files(target)
            with _temporary_file(target, file.text.encode()) as temporary:
                temporary.chmod(0o666 & ~_current_umask())
                _move_to_new(temporary, target)
    except FileExistsError:
        raise PathTakenError(f"{file.path} exists already, and is not overwritten") from None
    except OSError as error:
        raise WriteError(f"{file.path} cannot be written: {error.strerror or error}; nothing was written") from None
    return target


def rewrite_file(root: Path, path: str, old_text: str, new_text: str) -> None:
    """Replace the text of a document atomically. The file keeps its mode, its owner and its byte order mark.

    `path` is relative to `root`. `old_text` is the text of the file before the change, without a byte order mark. If
    the file contains a different text, the function raises WriteError and changes nothing. The same is true for a file
    that is not valid UTF-8, has several names (hard links), or cannot be written.
    """
    old_bytes = old_text.encode("utf-8", "surrogatepass")
    target = _path_inside(root, path)
    try:
        with workspace_lock(root):
            data = _read_expected_bytes(root, path, old_bytes)
            byte_order_mark = BOM if data.startswith(BOM) else b""
            _remove_unfinished_files(target)
            _refuse_unreplaceable(target, path)
            with _temporary_file(target, byte_order_mark + new_text.encode("utf-8", "surrogatepass")) as temporary:
                _copy_mode_and_owner(target, temporary)
                if read_inside(root, path, len(data)) != data:
                    raise WriteError(f"{path} has changed meanwhile: nothing was written; check it again")
                temporary.replace(target)
    except NotReadError as error:
        raise WriteError(f"{path} {error}; nothing was written") from None
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {error.strerror or error}; nothing was written") from None


def rewritable_text(root: Path, path: str, old_text: str) -> str:
    """Check that `rewrite_file` can replace the text of a document, and return the text on disk, with its byte order
    mark.

    Raises WriteError if the text on disk, without its byte order mark, is not `old_text`. Raises WriteError for a file
    that is read-only, or that has several names (hard links).
    """
    target = _path_inside(root, path)
    try:
        data = _read_expected_bytes(root, path, old_text.encode("utf-8", "surrogatepass"))
        _refuse_unreplaceable(target, path)
    except NotReadError as error:
        raise WriteError(f"{path} {error}; nothing was written") from None
    except OSError as error:
        raise WriteError(f"{path} cannot be read: {error.strerror or error}; nothing was written") from None
    return data.decode("utf-8", "surrogatepass")


def move_path(root: Path, old_path: str, new_path: str) -> None:
    """Move a file or a folder below `root` (resolved), and create the missing parent folders of the new path.

    Raises WriteError if the new path exists, if either path is outside the workspace, or if the move fails.
    """
    source, target = root / old_path, root / new_path
    if leaves_root(root, old_path) or leaves_root(root, new_path):
        raise WriteError(f"{old_path} or {new_path} lies outside the workspace {root}: nothing was moved")
    try:
        with workspace_lock(root):
            # If the file system ignores case, both names may be the same file.
            if os.path.lexists(target) and not target.samefile(source):
                raise WriteError(f"{new_path} exists already: {old_path} was not moved")
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
    except OSError as error:
        raise WriteError(f"{old_path} cannot be moved to {new_path}: {error.strerror or error}") from None


def _path_inside(root: Path, path: str) -> Path:
    """Return the resolved path of a document. Raises WriteError if the path is outside the workspace."""
    target = resolved_inside(root, root / path)
    if target is None:
        raise WriteError(f"{path} lies outside the workspace {root}: nothing was written")
    return target


def _read_expected_bytes(root: Path, path: str, expected_bytes: bytes) -> bytes:
    """Return the bytes of a file, with its byte order mark.

    Raises WriteError if the bytes without the mark are not `expected_bytes`.
    """
    data = read_inside(root, path, len(BOM) + len(expected_bytes))
    if data.removeprefix(BOM) != expected_bytes:
        raise WriteError(f"{path} has changed, or is not valid UTF-8: nothing was written; check it again")
    return data


def _refuse_unreplaceable(target: Path, path: str) -> None:
    """Raise WriteError for a file that is read-only, or that has several names (hard links).

    `path` is the path of the file in the message.
    """
    if not os.access(target, os.W_OK):
        raise WriteError(f"{path} is read-only: nothing was written")
    name_count = target.stat().st_nlink
    if name_count > 1:
        raise WriteError(
            f"{path} has {name_count} names (hard links), and a new file would have only this one: nothing was written; "
            "make the change in an editor"
        )


def _copy_mode_and_owner(old: Path, new: Path) -> None:
    """Give the file `new` the mode of the file `old`, and also its owner if this user may change owners."""
    status = old.stat()
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (new.stat().st_uid, new.stat().st_gid):
        with contextlib.suppress(OSError):
            os.chown(new, status.st_uid, status.st_gid)
    shutil.copymode(old, new)


@contextlib.contextmanager
def workspace_lock(root: Path) -> Iterator[None]:
    """Hold the write lock of a workspace during a `with` block. Other writers wait until the end of the block.

    Inside the block, writes of this process do not wait for the lock. If the lock file cannot be created, for example
    in a read-only cache folder, the block runs without a lock. Raises WriteError if another writer holds the lock for
    LOCK_SECONDS.
    """
    if root in _locked_roots:
        yield
        return
    with contextlib.ExitStack() as locks:
        try:
            folder = cache_folder() / "writing"
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            name = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:16]
            locks.enter_context(hold_lock(folder / f"{name}.lock", LOCK_SECONDS, is_per_holder=True))
        except TimeoutError:
            raise WriteError(f"another process is writing into {root}: nothing was written; try again") from None
        except OSError:
            pass
        _locked_roots.add(root)
        locks.callback(_locked_roots.discard, root)
        yield


@contextlib.contextmanager
def _temporary_file(target: Path, data: bytes) -> Iterator[Path]:
    """Yield a new temporary file with `data`, synced to disk, in the folder of `target`.

    At the end of the block the temporary file is removed, unless the caller moved the file.
    """
    handle, name = tempfile.mkstemp(prefix=UNFINISHED_PREFIX, dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _remove_unfinished_files(target: Path) -> None:
    """Remove the temporary files of killed writers from the folder of `target`.

    A temporary file that is a hard link to `target` is removed too.
    """
    for leftover in target.parent.glob(f"{UNFINISHED_PREFIX}*"):
        with contextlib.suppress(OSError):
            is_target = target.exists() and leftover.samefile(target)
            if is_target or time.time() - leftover.stat().st_mtime > ABANDONED_SECONDS:
                leftover.unlink()


def _move_to_new(temporary: Path, target: Path) -> None:
    """Rename a complete temporary file to `target`. Raises FileExistsError if `target` exists."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # The file system, such as FAT, has no hard links. Reserving the name with an empty file is not safe: if this
        # process ended then, the empty file would count as the document.
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        temporary.rename(target)


def _current_umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
