"""The files of a workspace: its root, the selection of documents, and their texts.

Only this module reads a workspace's files from the disk. The scan reads no file outside the workspace. It does not
follow links to folders, and follows a link to a file only if the target is inside the workspace.
"""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

import msgspec

from planmark.metrics.trace import profiled
from planmark.plans.document_format import document_format
from planmark.plans.model import Skipped
from planmark.plans.registry import (
    HIDDEN_FOLDERS_TO_READ,
    PROJECT_FOLDERS,
    format_and_role_of,
    has_hidden_component,
    unread_plan_folders,
)
from planmark.storage.git_checkout import GIT_ENTRY
from planmark.storage.paths import ROOT_MARKERS, WorkspaceError, marked_root, refuse_forbidden
from planmark.storage.safe_read import NotReadError, read_inside
from planmark.text.lazy_pattern import lazy_pattern
from planmark.workspace.left_out import (
    CHECKOUT_REASON,
    IGNORE_FILE,
    LINK_REASON,
    FolderFilter,
    LeftOut,
    file_exclusion,
    is_checkout,
    root_filter,
    skipped_by,
    subfolder_filter,
    with_ignore_file,
)
from planmark.workspace.settings import Settings

SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})
"""Names of folders that are never read."""
BOM_CODE = "byte-order-mark"
"""The code of the problem that a file begins with a byte order mark. The text of such a file is read."""
FILES_PER_STEP = 500
"""Number of files that a walk visits before the caller can do other work."""
LINKED_DOCUMENT_REASON = "is a link: what it leads to is read only where it stands"
"""The reason why a link to a document is not read: the scan already reads this document at its own path."""
MAX_EXCLUDED_PATHS = 200
"""Maximum number of excluded folders and files per listing."""
_PROBE_BYTES = 8192
"""Number of bytes at the beginning of a file that are searched for a zero byte, which shows that the file is binary."""
_FORBIDDEN_IN_NAMES = lazy_pattern("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that a file name must not contain.

Lone surrogates stand for bytes of the name that are not UTF-8. The other characters would break a line of a prompt, or
change the direction of its text.
"""
_INVALID_NAME_MESSAGE = "has a name that is not text, or holds control characters"
_WALK_STOPPED_MESSAGE = (
    "the walk stopped after {:,} files: exclude folders by `files.exclude`, or raise `index.maxFiles`"
)


class Problem(msgspec.Struct, frozen=True):
    """A reason why a file cannot be read properly; `line` is 1-based."""

    path: str
    code: str
    message: str
    line: int = 1


class Stamp(msgspec.Struct, frozen=True):
    """The values that show a change of a file: times in nanoseconds, size in bytes.

    `ctime_ns` is the time of the last change of any kind. If a file of the same size and modification time replaces a
    file, `inode` or `ctime_ns` differs. These two fields are 0 on Windows.
    """

    mtime_ns: int
    size: int
    ctime_ns: int = 0
    inode: int = 0

    @property
    def changed_ns(self) -> int:
        """The time of the last change of the file in nanoseconds: the later one of `mtime_ns` and `ctime_ns`."""
        return max(self.mtime_ns, self.ctime_ns)


class Listing(msgspec.Struct, frozen=True):
    """The result of a walk: the documents under a root by path (relative, with `/`), the problems, and related facts.

    `extensions` are the extensions of all files. `folders` are the walked folders, "." for the root, with their
    modification times in nanoseconds before the walk (-1 if unknown). `ignore_files` are the paths of the `.gitignore`
    files that apply, and `links` the documents that are links. `left_out` are at most MAX_EXCLUDED_PATHS paths that
    ignore files or settings exclude: folders, and files that look like plans. The paths nearest to the root come first.
    `ignored_folders` is the number of folders that a pattern excludes. `checkouts` are folders with their own `.git`,
    which are not read; their paths end with `/`. `unread_plans` has two values for each folder with plans of a format
    that is not read: the folder and the name of the format. `others` is a mapping from the name of each walked file
    that is not a document to its paths. If the workspace has no document, the mapping is empty, because only documents
    name files. `skipped` are all folders and documents that are not read, except paths in `problems`. `unreached` are
    the folders that the walk had not read when it stopped at `index.maxFiles`.
    """

    files: dict[str, Stamp]
    problems: tuple[Problem, ...]
    ignored_folders: int
    extensions: frozenset[str] = frozenset()
    folders: Mapping[str, int] = {}
    ignore_files: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    checkouts: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unreached: tuple[Skipped, ...] = ()
    others: Mapping[str, tuple[str, ...]] = {}
    unread_plans: tuple[tuple[str, str], ...] = ()


def find_root(start: Path) -> Path:
    """Return the workspace of `start`.

    The first of these folders counts: the nearest folder upwards with one of ROOT_MARKERS; the folder of `start`, if it
    contains a file that makes its folder a workspace, such as a PLAN; the nearest folder upwards with one of
    PROJECT_FOLDERS. Raises WorkspaceError if no folder fits, or if the folder is the home folder or the root of a disk.
    """
    if found_root := marked_root(start):
        return found_root
    start = start.resolve()
    folder = start if start.is_dir() else start.parent
    if any(document_format().marks_workspace(name) for name in _entry_names(folder)):
        return refuse_forbidden(folder)
    if project := marked_root(start, PROJECT_FOLDERS):
        return project
    marker_names = ", ".join((*ROOT_MARKERS, *PROJECT_FOLDERS))
    raise WorkspaceError(
        f"no workspace found from {folder} upwards: looked for {marker_names}, or a PLAN in the folder itself.\n"
        "Name the folder: planmark --workspace DIR, or begin one there: planmark init"
    )


def is_document(path: str) -> bool:
    """Tell whether the file at a path is read or reported as misnamed.

    A file in a hidden folder counts only if a format gives the file a role.
    """
    if format_and_role_of(path):
        return True
    return document_format().name_of(path.rpartition("/")[2]) is not None and not has_hidden_component(path)


def markdown_files(root: Path, settings: Settings) -> tuple[str, ...]:
    """Return the paths of the Markdown files under `root`, documents or not, that are not hidden or ignored."""
    walking = walk(root, settings, lambda path: path.casefold().endswith((".md", ".markdown")))
    while True:
        try:
            next(walking)
        except StopIteration as stop:
            listing: Listing = stop.value
            return tuple(listing.files)


def walk(
    root: Path, settings: Settings, is_wanted: Callable[[str], bool] = is_document
) -> Generator[None, None, Listing]:
    """List every document under `root`, outside hidden, ignored and excluded folders.

    Folders with documents that explain the methodology are also omitted. `is_wanted` tells by the path whether a file
    is listed. Yields after every `FILES_PER_STEP` files, so that the caller can do other work in between. Returns the
    listing.
    """
    walked_files = _WalkedFiles(root, settings, is_wanted)
    while walked_files.pending and walked_files.file_count <= settings["index.maxFiles"]:
        folder, filter_ = walked_files.pending.pop()
        opened_folder = walked_files.open_folder(folder, filter_)
        if opened_folder is None:
            continue
        entries, filter_ = opened_folder
        for entry in reversed(entries):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if _FORBIDDEN_IN_NAMES.search(entry.name):
                walked_files.problems += _problem_of_name(entry, path)
            elif entry.is_dir(follow_symlinks=False):
                walked_files.add_folder(path, entry.name, filter_)
            else:
                walked_files.file_count += 1
                if not walked_files.file_count % FILES_PER_STEP:
                    yield
                walked_files.add_file(path, entry, filter_)
    return walked_files.listing()


class _WalkedFiles:
    """The files and folders that a walk has found so far."""

    def __init__(self, root: Path, settings: Settings, is_wanted: Callable[[str], bool]) -> None:
        self.pending: list[tuple[str, FolderFilter]] = [("", root_filter(settings))]
        """The folders that the walk has not read yet, each with the rules for its entries."""
        self.problems: list[Problem] = []
        self.file_count = 0
        """The number of files, documents or not."""
        self._root = root
        self._settings = settings
        self._is_wanted = is_wanted
        self._files: dict[str, Stamp] = {}
        self._extensions: set[str] = set()
        self._folders: dict[str, int] = {}
        self._ignore_files: list[str] = []
        self._links: list[str] = []
        self._left_out: list[LeftOut] = []
        self._checkouts: list[str] = []
        self._others: dict[str, list[str]] = {}
        self._skipped: list[Skipped] = []
        self._ignored_count = 0

    def open_folder(self, folder: str, filter_: FolderFilter) -> tuple[list[os.DirEntry[str]], FolderFilter] | None:
        """Return the entries of a folder, sorted by name, and the rules for them; None if the folder is not read."""
        self._folders[folder or "."] = _mtime_ns(self._root / folder)
        try:
            with os.scandir(self._root / folder) as folder_entries:
                entries = sorted(folder_entries, key=lambda entry: entry.name)
        except OSError as error:
            message = f"folder cannot be read: {error.strerror or error}"
            self.problems.append(Problem(folder or ".", "unreadable", message))
            return None
        names = {entry.name for entry in entries}
        if folder and GIT_ENTRY in names and not self._settings["files.nestedCheckouts"]:
            self._checkouts.append(f"{folder}/")
            self._skipped.append(Skipped(folder, CHECKOUT_REASON))
            return None
        if IGNORE_FILE in names and filter_.uses_ignore_files:
            self._ignore_files.append(f"{folder}/{IGNORE_FILE}" if folder else IGNORE_FILE)
            filter_ = with_ignore_file(filter_, self._root, folder)
        return entries, filter_

    def add_folder(self, path: str, name: str, filter_: FolderFilter) -> None:
        """Add a folder to the folders to read, or to the skipped folders.

        `filter_` are the rules of the parent folder.
        """
        if _is_skipped_by_name(path):
            return
        if document_format().is_in_manual(f"{path}/"):
            self._add_file_names(path)
            return
        inner_filter, exclusion = subfolder_filter(_filter_for(filter_, name, self._settings), path)
        if exclusion:
            self._ignored_count += 1
            self._left_out.append(exclusion)
        if inner_filter:
            self.pending.append((path, inner_filter))
        else:
            self._skipped.append(skipped_by(path, exclusion))

    def _add_file_names(self, path: str) -> None:
        """Add the names of the files in a folder that is not read. Documents may name such files as deliverables."""
        for folder, _, names in os.walk(self._root / path):
            inner_folder = Path(folder).relative_to(self._root).as_posix()
            self._folders[inner_folder] = _mtime_ns(Path(folder))
            self.file_count += len(names)
            for name in sorted(names):
                if not _FORBIDDEN_IN_NAMES.search(name):
                    self._others.setdefault(name, []).append(f"{inner_folder}/{name}")
            if self.file_count > self._settings["index.maxFiles"]:
                return

    def add_file(self, path: str, entry: os.DirEntry[str], filter_: FolderFilter) -> None:
        """Add a file with its stamp, or with the reason why it is not read. `filter_` are the rules of its folder."""
        self._extensions.add(entry.name.rpartition(".")[2])
        if _may_link_to_folder(entry, path, self._is_wanted) and not _is_skipped_by_name(path):
            self._skipped.append(Skipped(path, LINK_REASON))
            return
        if not self._is_wanted(path):
            self._others.setdefault(entry.name, []).append(path)
            return
        is_left_out, exclusion = file_exclusion(filter_, path)
        if is_left_out:
            if exclusion and entry.name.casefold().startswith("plan"):
                self._left_out.append(exclusion)
            self._skipped.append(skipped_by(path, exclusion))
            return
        stamp = stamp_of(self._root, path, entry)
        if entry.is_symlink():
            self._links.append(path)
        if isinstance(stamp, Stamp):
            self._files[path] = stamp
        elif stamp:
            self.problems.append(stamp)
        else:
            self._skipped.append(Skipped(path, LINKED_DOCUMENT_REASON))

    def listing(self) -> Listing:
        """Return the listing. If the maximum number of files is exceeded, the pending folders are unreached."""
        unreached: tuple[Skipped, ...] = ()
        if self.file_count > self._settings["index.maxFiles"]:
            self.problems.append(Problem(".", "too-many-files", _WALK_STOPPED_MESSAGE.format(self.file_count)))
            reason = f"was not reached: the walk stopped after {self.file_count:,} files (`index.maxFiles`)"
            unreached = tuple(Skipped(folder, reason) for folder, _ in self.pending)
        left_out = sorted(self._left_out, key=lambda entry: (entry.path.rstrip("/").count("/"), entry.path))
        return Listing(
            dict(sorted(self._files.items())),
            tuple(sorted(self.problems, key=lambda problem: problem.path)),
            self._ignored_count,
            frozenset(self._extensions),
            self._folders,
            tuple(self._ignore_files),
            tuple(self._links),
            tuple(left_out[:MAX_EXCLUDED_PATHS]),
            tuple(sorted(self._checkouts)),
            tuple(self._skipped),
            unreached,
            {name: tuple(paths) for name, paths in self._others.items()} if self._files else {},
            unread_plan_folders(self._folders),
        )


def _problem_of_name(entry: os.DirEntry[str], path: str) -> list[Problem]:
    """Return the problem of an invalid name in a list, if the path is a folder or looks like a document; else `[]`."""
    if entry.is_dir(follow_symlinks=False) or is_document(_escaped_name(path)):
        return [Problem(_escaped_name(path), "file-name", f"{_INVALID_NAME_MESSAGE}: it is not read; rename it")]
    return []


FiltersByFolder = dict[str, FolderFilter | Skipped]
"""Mapping from a folder ("" is the root) to its rules, or to why it is skipped; valid for one series of checks."""


def is_listed(root: Path, path: str, settings: Settings) -> bool:
    """Tell whether a listing contains the file at `path` if it exists: it is a document, not hidden, not ignored."""
    return _skipped_file_or_folder(root, path, settings, {}) is None


def _skipped_file_or_folder(root: Path, path: str, settings: Settings, folders: FiltersByFolder) -> Skipped | None:
    """Return the reason why a listing omits `path`: the skipped file or folder above it. None if the file is listed.

    `folders` keeps the rules of folders between calls. In the result, `why` is "" if the user needs no reason.
    """
    if not is_document(path) or _FORBIDDEN_IN_NAMES.search(path):
        return Skipped(path, "")
    folder = ""
    if folder not in folders:
        folders[folder] = with_ignore_file(root_filter(settings), root, folder)
    rules = folders[folder]
    for name in path.split("/")[:-1]:
        parent_rules, folder = rules, f"{folder}/{name}".lstrip("/")
        if isinstance(parent_rules, Skipped):
            break
        if folder not in folders:
            folders[folder] = _filter_of_folder(root, folder, parent_rules, settings)
        rules = folders[folder]
    if isinstance(rules, Skipped):
        return rules
    if os.path.islink(root / path) and os.path.isdir(root / path):  # noqa: PTH112, PTH114 - see `_filter_of_folder`
        return Skipped(path, LINK_REASON)
    is_left_out, exclusion = file_exclusion(rules, path)
    return skipped_by(path, exclusion) if is_left_out else None


def _filter_of_folder(root: Path, folder: str, parent: FolderFilter, settings: Settings) -> FolderFilter | Skipped:
    """Return the rules for the entries of a folder, or the folder with the reason why the folder is not read."""
    if _is_skipped_by_name(folder) or document_format().is_in_manual(f"{folder}/"):
        return Skipped(folder, "")
    if os.path.islink(root / folder):  # noqa: PTH114 - `Path.is_symlink` raises if a folder above is not searchable
        return Skipped(folder, LINK_REASON)
    inner_rules, exclusion = subfolder_filter(_filter_for(parent, folder.rpartition("/")[2], settings), folder)
    if inner_rules is None:
        return skipped_by(folder, exclusion)
    if not settings["files.nestedCheckouts"] and is_checkout(root, folder):
        return Skipped(folder, CHECKOUT_REASON)
    return with_ignore_file(inner_rules, root, folder)


def may_be_folder(place: Path) -> bool:
    """Tell whether `place` is a folder, or a link, which may lead to a folder."""
    return os.path.isdir(place) or os.path.islink(place)  # noqa: PTH112, PTH114 - as above


def check_path(root: Path, path: str, settings: Settings, folders: FiltersByFolder) -> Stamp | Problem | Skipped | None:
    """Return the stamp of the file at a path, or the reason why the file is not read; None if there is no document."""
    file = root / path
    if skipped := _skipped_file_or_folder(root, path, settings, folders):
        return skipped if skipped.why and os.path.lexists(root / skipped.path) else None
    if not os.path.lexists(file):
        return None
    return stamp_of(root, path, file) or Skipped(path, LINKED_DOCUMENT_REASON)


@profiled("read")
def read_text(root: Path, path: str, settings: Settings) -> tuple[str | None, Problem | None]:
    """Return two values: the text of a document (None if it cannot be read), and its problem (None if it has none).

    Invalid UTF-8 is decoded with replacement characters. The text does not contain the byte order mark.
    """
    limit = settings["files.maxBytes"]
    try:
        data = read_inside(root, path, limit)
    except NotReadError as error:
        return None, Problem(path, error.code, str(error))
    except OSError as error:
        return None, Problem(path, "unreadable", f"cannot be read: {error.strerror or error}")
    if len(data) > limit:
        message = f"is larger than {limit:,} bytes and not read: split it, or raise `files.maxBytes`"
        return None, Problem(path, "too-large", message)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
        return text, Problem(path, "encoding", "is UTF-16: save it as UTF-8")
    if b"\0" in data[:_PROBE_BYTES]:
        return None, Problem(path, "binary", "is binary and not read: a document is UTF-8 text")
    try:
        text = data.decode("utf-8-sig")
        if data.startswith(codecs.BOM_UTF8):
            return text, Problem(path, BOM_CODE, "begins with a byte order mark: save it as UTF-8 without one")
        return text, None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"is not valid UTF-8 in line {line}: read with replacement characters; save it as UTF-8"
        return data.decode("utf-8-sig", errors="replace"), Problem(path, "encoding", message, line)


def _escaped_name(name: str) -> str:
    """Return a name with its unprintable characters escaped."""
    return _FORBIDDEN_IN_NAMES.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), name)


def _is_skipped_by_name(folder: str) -> bool:
    """Tell whether a folder is skipped by its name: a hidden folder of no format, or one of SKIPPED_FOLDERS."""
    parent_folder, _, name = folder.rpartition("/")
    if name.startswith("."):
        return name not in HIDDEN_FOLDERS_TO_READ or has_hidden_component(parent_folder)
    return name in SKIPPED_FOLDERS


def _filter_for(parent_filter: FolderFilter, name: str, settings: Settings) -> FolderFilter:
    """Return the rules for the subfolder `name`. In a hidden folder of a format, ignore files do not count."""
    return root_filter(settings)._replace(uses_ignore_files=False) if name in HIDDEN_FOLDERS_TO_READ else parent_filter


def stamp_of(root: Path, path: str, entry: os.DirEntry[str] | Path) -> Stamp | Problem | None:
    """Return the stamp of a file, or the problem that prevents reading the file; None if it is a link that is not read.

    A link to a folder is not read. A link to a document is not read either, if the document has the file name of the
    link, and is listed itself.
    """
    try:
        if entry.is_symlink():
            target = Path(entry).resolve(strict=True)
            if not target.is_relative_to(root):
                return Problem(path, "outside", "is a link that leaves the workspace: it is not read")
            if target.is_dir() or _is_listed_elsewhere(target.relative_to(root), entry.name):
                return None
        status = entry.stat()
    except (OSError, RuntimeError) as error:
        return Problem(path, "broken-link", f"cannot be followed: {getattr(error, 'strerror', None) or error}")
    if not stat.S_ISREG(status.st_mode):
        return Problem(path, "not-a-file", "is not a regular file: it is not read")
    if os.name == "nt":
        return Stamp(status.st_mtime_ns, status.st_size)
    return Stamp(status.st_mtime_ns, status.st_size, status.st_ctime_ns, status.st_ino)


def _may_link_to_folder(entry: os.DirEntry[str], path: str, is_wanted: Callable[[str], bool]) -> bool:
    """Tell whether an entry is a link to a folder, or a broken link whose path is not wanted."""
    try:
        return entry.is_symlink() and (entry.is_dir() or not (entry.is_file() or is_wanted(path)))
    except OSError:  # a link that leads back to itself
        return not is_wanted(path)


def _is_listed_elsewhere(target: Path, name: str) -> bool:
    """Tell whether the listing contains the target of a link, and the target has the file name of the link.

    `name` is the file name of the link. The scan does not list such a link as a second document.
    """
    return target.name == name and not any(
        _is_skipped_by_name("/".join(target.parts[:depth])) for depth in range(1, len(target.parts))
    )


def _mtime_ns(folder: Path) -> int:
    """Return the modification time of a folder in nanoseconds; -1 if unknown."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return -1


def _entry_names(folder: Path) -> list[str]:
    """Return the names of the entries of a folder; none if the folder cannot be read."""
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []
