"""What of a workspace is not read, and which line of which file says so: `.gitignore` files and settings."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

import msgspec

from planmark.workspace.opening import NotReadError, read_inside
from planmark.workspace.patterns import Patterns, Rule, deciding, may_fit_below, patterns_in, patterns_of
from planmark.workspace.settings import Settings

IGNORE_FILE = ".gitignore"
CHECKOUT = ".git"
"""A folder that holds it is a checkout of its own: a clone, a worktree, a submodule."""
EXCLUDE = "files.exclude"
MAX_IGNORE_BYTES = 1_000_000
"""Of an ignore file no more is read, up to the end of a line."""
MAX_SHOWN = 100
"""Characters of a pattern that are kept."""


class LeftOut(msgspec.Struct, frozen=True):
    """A folder (with a `/` at its end) or a file that is not read.

    `source` is the path of the ignore file or the setting, `line` is 1-based in it, `pattern` what stands there.
    """

    path: str
    source: str
    line: int
    pattern: str


class Skipped(msgspec.Struct, frozen=True):
    """A folder or a file that is not read, and why: `is a link, and not followed`."""

    path: str
    why: str


UNSEARCHED = "is left out, as a folder above is"
LINKED = "is a link, and not followed"
ANOTHER_CHECKOUT = "has a `.git` of its own, and is not read (`files.nestedCheckouts`)"


def skipped_by(path: str, why: LeftOut | None) -> Skipped:
    """A folder or file that is left out; `why` is None where a folder above is."""
    if why is None:
        return Skipped(path, UNSEARCHED)
    by = f"`{EXCLUDE}`" if why.source == EXCLUDE else f"{why.source}:{why.line}"
    return Skipped(path, f"is left out by {by} (`{why.pattern}`)")


class Filter(NamedTuple):
    """What decides about the entries of one folder.

    `ignores` are the ignore files that speak of it, the outermost first, each with its folder ("" or with a `/`). `taken` is
    whether `files.include` takes in what it does not name, as it names a folder above; `lost` whether an ignored folder is
    above, so that only what is taken in is read.
    """

    excluded: Patterns
    included: Patterns
    follows: bool
    ignores: tuple[tuple[str, Patterns], ...] = ()
    taken: bool = False
    lost: bool = False


def filter_of(settings: Settings) -> Filter:
    """What decides about the entries of the root, before its ignore file is read."""
    excluded, included = patterns_of(settings[EXCLUDE]), patterns_of(settings["files.include"])
    return Filter(excluded, included, settings["files.respectGitignore"])


def with_ignore_file(known: Filter, root: Path, folder: str) -> Filter:
    """The filter of a folder with the patterns of its ignore file, where it has one that can be read."""
    if not known.follows or known.lost or not (data := ignore_data(root, folder)):
        return known
    base = f"{folder}/" if folder else ""
    return known._replace(ignores=(*known.ignores, (base, patterns_in(data))))


def ignore_data(root: Path, folder: str) -> bytes:
    """The ignore file of a folder, as git reads it: a link is not followed; b"" where there is none to be read."""
    path = f"{folder}/{IGNORE_FILE}" if folder else IGNORE_FILE
    try:
        if not stat.S_ISREG(os.lstat(root / path).st_mode):
            return b""
        data = read_inside(root, path, MAX_IGNORE_BYTES)
    except (NotReadError, OSError, ValueError):
        return b""
    return data if len(data) <= MAX_IGNORE_BYTES else data[: data.rfind(b"\n", 0, MAX_IGNORE_BYTES) + 1]


def below(known: Filter, path: str) -> tuple[Filter | None, LeftOut | None]:
    """What decides in a folder of a folder, None where it is not even searched; and what leaves the folder out."""
    if excluded := _excluded(known, path, is_folder=True):
        return None, excluded
    taken, ignored = _taken(known, path, is_folder=True), _ignored(known, path, is_folder=True)
    inside = known._replace(taken=taken, lost=known.lost or ignored is not None)
    if taken or not inside.lost:
        return inside, None
    return inside if may_fit_below(known.included, path) else None, ignored


def left_out_file(known: Filter, path: str) -> tuple[bool, LeftOut | None]:
    """Whether a file is left out, and by what; None where a folder above is."""
    if excluded := _excluded(known, path, is_folder=False):
        return True, excluded
    if _taken(known, path, is_folder=False):
        return False, None
    ignored = _ignored(known, path, is_folder=False)
    return known.lost or ignored is not None, ignored


def is_checkout(root: Path, folder: str) -> bool:
    """Whether a folder below the root is a checkout of its own."""
    return os.path.lexists(root / folder / CHECKOUT)


def _excluded(known: Filter, path: str, *, is_folder: bool) -> LeftOut | None:
    rule = deciding(known.excluded, path, is_folder=is_folder)
    return _left_out(path, EXCLUDE, rule, is_folder=is_folder) if rule and not rule.negative else None


def _taken(known: Filter, path: str, *, is_folder: bool) -> bool:
    rule = deciding(known.included, path, is_folder=is_folder)
    return not rule.negative if rule else known.taken


def _ignored(known: Filter, path: str, *, is_folder: bool) -> LeftOut | None:
    """The pattern that ignores an entry, as git does: of the innermost ignore file that speaks of it, the last one."""
    for base, patterns in reversed(known.ignores if not known.lost else ()):
        if rule := deciding(patterns, path[len(base) :], is_folder=is_folder):
            return None if rule.negative else _left_out(path, f"{base}{IGNORE_FILE}", rule, is_folder=is_folder)
    return None


def _left_out(path: str, source: str, rule: Rule, *, is_folder: bool) -> LeftOut:
    pattern = rule.text.decode("utf-8", "replace")
    shown = pattern if len(pattern) <= MAX_SHOWN else f"{pattern[: MAX_SHOWN - 1]}…"
    return LeftOut(f"{path}/" if is_folder else path, source, rule.line, shown)
