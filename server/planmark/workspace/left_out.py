"""The exclusion of files and folders by `.gitignore` files and settings. The result names the pattern that excludes a
file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from planmark.plans.model import Skipped
from planmark.storage.git_checkout import GIT_ENTRY
from planmark.storage.safe_read import NotReadError, read_inside
from planmark.workspace.ignore_patterns import (
    IgnoreRule,
    Patterns,
    deciding_rule,
    may_match_below,
    patterns_of_ignore_file,
    patterns_of_setting,
)
from planmark.workspace.settings import Settings

IGNORE_FILE = ".gitignore"
EXCLUDE_SETTING = "files.exclude"
"""The setting with the patterns of excluded files."""
MAX_IGNORE_BYTES = 1_000_000
"""Maximum number of bytes read per ignore file. Of a larger file, only the complete lines within the limit count."""
MAX_HEAD_BYTES, BRANCH_PREFIX = 1_000, "ref: refs/heads/"
"""Maximum number of bytes read of the file `.git/HEAD`, and the beginning of its text if a branch is checked out."""
MAX_PATTERN_CHARACTERS = 100
"""Maximum number of characters of `LeftOut.pattern`. A longer pattern is cut."""


class LeftOut(msgspec.Struct, frozen=True):
    """A file or a folder that is not read. The path of a folder ends with `/`.

    `source` is the path of an ignore file, or the name of a setting. `pattern` is the pattern in line `line` (1-based) of
    `source`.
    """

    path: str
    source: str
    line: int
    pattern: str


UNSEARCHED_REASON = "is left out, as a folder above is"
"""The reason why a file or folder is not read if a folder above it is excluded."""
LINK_REASON = "is a link, and not followed"
"""The reason why a link to a folder is not read."""
CHECKOUT_REASON = "has a `.git` of its own, and is not read (`files.nestedCheckouts`)"
"""The reason why a folder with a `.git` of its own is not read."""


def skipped_by(path: str, exclusion: LeftOut | None) -> Skipped:
    """Return the skipped path and the reason for an excluded folder or file.

    `exclusion` is the pattern that excludes the path itself, None if only a folder above is excluded.
    """
    if exclusion is None:
        return Skipped(path, UNSEARCHED_REASON)
    source_text = (
        f"`{EXCLUDE_SETTING}`" if exclusion.source == EXCLUDE_SETTING else f"{exclusion.source}:{exclusion.line}"
    )
    return Skipped(path, f"is left out by {source_text} (`{exclusion.pattern}`)")


class FolderFilter(NamedTuple):
    """The rules that decide which entries of one folder are read.

    `excluded_patterns` and `included_patterns` are the patterns of the settings `files.exclude` and `files.include`.
    `ignore_files` has two values for each ignore file that applies, the outermost file first: its folder and its
    patterns. The folder is "" for the root, else it ends with `/`. `uses_ignore_files` tells whether ignore files
    count. `is_included` tells whether `files.include` matches the folder or a folder above it, and therefore includes
    all entries. `is_below_ignored` tells whether the folder or a folder above it is ignored, so that only entries that
    `files.include` includes are read.
    """

    excluded_patterns: Patterns
    included_patterns: Patterns
    uses_ignore_files: bool
    ignore_files: tuple[tuple[str, Patterns], ...] = ()
    is_included: bool = False
    is_below_ignored: bool = False


def root_filter(settings: Settings) -> FolderFilter:
    """Return the rules for the entries of the root, before its ignore file is read."""
    excluded_patterns, included_patterns = (
        patterns_of_setting(settings[EXCLUDE_SETTING]),
        patterns_of_setting(settings["files.include"]),
    )
    return FolderFilter(excluded_patterns, included_patterns, settings["files.respectGitignore"])


def with_ignore_file(parent_filter: FolderFilter, root: Path, folder: str) -> FolderFilter:
    """Return the rules of a folder: `parent_filter` with the patterns of the folder's own ignore file.

    Return `parent_filter` if the folder has no readable ignore file.
    """
    if not parent_filter.uses_ignore_files or parent_filter.is_below_ignored or not (data := ignore_data(root, folder)):
        return parent_filter
    base = f"{folder}/" if folder else ""
    return parent_filter._replace(ignore_files=(*parent_filter.ignore_files, (base, patterns_of_ignore_file(data))))


def ignore_data(root: Path, folder: str) -> bytes:
    """Return the content of a folder's ignore file; b"" if no ignore file is readable.

    As in git, a link is not followed.
    """
    path = f"{folder}/{IGNORE_FILE}" if folder else IGNORE_FILE
    try:
        if not stat.S_ISREG(os.lstat(root / path).st_mode):
            return b""
        data = read_inside(root, path, MAX_IGNORE_BYTES)
    except (NotReadError, OSError, ValueError):
        return b""
    return data if len(data) <= MAX_IGNORE_BYTES else data[: data.rfind(b"\n", 0, MAX_IGNORE_BYTES) + 1]


def subfolder_filter(parent_filter: FolderFilter, path: str) -> tuple[FolderFilter | None, LeftOut | None]:
    """Return the rules for a subfolder, and the pattern that excludes the subfolder.

    The rules are None if the scan skips the subfolder, and the pattern is None if no pattern excludes it.
    """
    if exclusion := _excluding_pattern(parent_filter, path, is_folder=True):
        return None, exclusion
    is_included, ignore_reason = (
        _is_included(parent_filter, path, is_folder=True),
        _ignoring_pattern(parent_filter, path, is_folder=True),
    )
    inner_filter = parent_filter._replace(
        is_included=is_included, is_below_ignored=parent_filter.is_below_ignored or ignore_reason is not None
    )
    if is_included or not inner_filter.is_below_ignored:
        return inner_filter, None
    return inner_filter if may_match_below(parent_filter.included_patterns, path) else None, ignore_reason


def file_exclusion(parent_filter: FolderFilter, path: str) -> tuple[bool, LeftOut | None]:
    """Return two values: whether a file is excluded, and the pattern that excludes the file.

    The pattern is None if the file is not excluded. It is also None if the file is excluded only because a parent
    folder is excluded.
    """
    if exclusion := _excluding_pattern(parent_filter, path, is_folder=False):
        return True, exclusion
    if _is_included(parent_filter, path, is_folder=False):
        return False, None
    ignore_reason = _ignoring_pattern(parent_filter, path, is_folder=False)
    return parent_filter.is_below_ignored or ignore_reason is not None, ignore_reason


def git_ignore_test(root: Path) -> Callable[[str], bool]:
    """Return a function that tells whether git ignores a path relative to `root`, even if no such file exists.

    The function reads each ignore file once.
    """
    rules: dict[str, FolderFilter | None] = {
        "": with_ignore_file(
            FolderFilter(patterns_of_setting(()), patterns_of_setting(()), uses_ignore_files=True), root, ""
        )
    }

    def rules_of(folder: str) -> FolderFilter | None:
        if folder not in rules:
            parent_rules = rules_of(folder.rpartition("/")[0])
            inner_filter = subfolder_filter(parent_rules, folder)[0] if parent_rules else None
            rules[folder] = with_ignore_file(inner_filter, root, folder) if inner_filter else None
        return rules[folder]

    def is_ignored(path: str) -> bool:
        folder_rules = rules_of(path.rpartition("/")[0])
        return folder_rules is None or file_exclusion(folder_rules, path)[0]

    return is_ignored


def is_checkout(root: Path, folder: str) -> bool:
    """Tell whether a folder below the root contains a `.git` of its own."""
    return os.path.lexists(root / folder / GIT_ENTRY)


def _excluding_pattern(parent_filter: FolderFilter, path: str, *, is_folder: bool) -> LeftOut | None:
    """Return the pattern of `files.exclude` that excludes a path; None if no pattern does."""
    rule = deciding_rule(parent_filter.excluded_patterns, path, is_folder=is_folder)
    return (
        _exclusion_by_rule(path, EXCLUDE_SETTING, rule, is_folder=is_folder) if rule and not rule.is_negative else None
    )


def _is_included(parent_filter: FolderFilter, path: str, *, is_folder: bool) -> bool:
    """Tell whether `files.include` includes a path. The last pattern that matches the path decides. If no pattern
    matches, the answer for the folder above holds.
    """
    rule = deciding_rule(parent_filter.included_patterns, path, is_folder=is_folder)
    return not rule.is_negative if rule else parent_filter.is_included


def _ignoring_pattern(parent_filter: FolderFilter, path: str, *, is_folder: bool) -> LeftOut | None:
    """Return the pattern by which an ignore file excludes a path; None if no pattern does.

    As in git, the innermost ignore file with a matching pattern decides. In this file the last matching pattern
    decides.
    """
    for base, patterns in reversed(parent_filter.ignore_files if not parent_filter.is_below_ignored else ()):
        if rule := deciding_rule(patterns, path[len(base) :], is_folder=is_folder):
            return (
                None
                if rule.is_negative
                else _exclusion_by_rule(path, f"{base}{IGNORE_FILE}", rule, is_folder=is_folder)
            )
    return None


def _exclusion_by_rule(path: str, source: str, rule: IgnoreRule, *, is_folder: bool) -> LeftOut:
    """Return the exclusion of a path by the pattern `rule`.

    `source` is the path of the ignore file, or the name of the setting.
    """
    pattern = rule.text.decode("utf-8", "replace")
    pattern_text = pattern if len(pattern) <= MAX_PATTERN_CHARACTERS else f"{pattern[: MAX_PATTERN_CHARACTERS - 1]}…"
    return LeftOut(f"{path}/" if is_folder else path, source, rule.line, pattern_text)


def git_branch(root: Path) -> str:
    """Return the name of the checked out branch, from the file `.git/HEAD` below a root.

    Return "" if no branch is checked out, or if the root has no `.git`. Also return "" if `.git` is a file, as in an
    additional work tree.
    """
    try:
        head = read_inside(root, f"{GIT_ENTRY}/HEAD", MAX_HEAD_BYTES).decode("utf-8")
    except (NotReadError, OSError, ValueError):
        return ""
    return head.removeprefix(BRANCH_PREFIX).strip() if head.startswith(BRANCH_PREFIX) else ""
