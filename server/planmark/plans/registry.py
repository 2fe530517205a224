"""The registry of formats. The core finds a format by its name, and imports the module of the format on demand."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from planmark.plans.diagnostic import DiagnosticCode
from planmark.plans.format import Format
from planmark.plans.vocabulary import Vocabulary


class RegisteredFormat(NamedTuple):
    """A registered format: its name, the module that defines `FORMAT`, and a pattern that all its paths match.

    The module is imported only if a path matches `path_pattern`. The pattern may match too many paths, because
    `Format.role_of` decides afterwards. `codes_module` is the module that defines the diagnostic codes of the format as
    `CODES`, a sequence of `DiagnosticCode`. It is "" for a format without codes of its own. `is_shared` tells whether the
    file names of the format are also names of the methodology. The content of such a file decides its format.
    """

    name: str
    module: str
    path_pattern: re.Pattern[str]
    codes_module: str = ""
    is_shared: bool = False


FORMATS_MODULE = "planmark.formats.registered"
"""The module that defines the table of formats as `FORMATS`.

The core imports this module by its name at run time, so that no module of the core depends on a format.
"""
HIDDEN_FOLDERS_TO_READ = frozenset({".kiro", ".planning", ".specify", ".superpowers"})
"""Hidden folders that are read even if git ignores them. Only files that have a role in a format are read there."""
PROJECT_FOLDERS = (*sorted(HIDDEN_FOLDERS_TO_READ), "openspec")
"""Folders that programs for formats, such as spec-kit, create in the root of a project."""
UNREAD_FORMAT_BY_FOLDER: dict[str, tuple[str, str]] = {"backlog": ("tasks", "Backlog.md")}
"""The formats that Planmark does not read, by the name of their folder. The value is a pair: the name of a subfolder
that identifies the format, and the title of the format.
"""
MAX_CACHED_PATHS = 65_536
"""Maximum number of paths whose format and role are cached."""


def formats() -> tuple[RegisteredFormat, ...]:
    """Return the registered formats, the most specific first.

    A file belongs to the first format that has a role for its path.
    """
    registered_formats: tuple[RegisteredFormat, ...] = importlib.import_module(FORMATS_MODULE).FORMATS
    return registered_formats


def format_named(name: str) -> Format:
    """Return the format with the name `name`. Raises KeyError if no format has this name."""
    module_by_name = {registered_format.name: registered_format.module for registered_format in formats()}
    plan_format: Format = importlib.import_module(module_by_name[name]).FORMAT
    return plan_format


def codes_of_formats() -> Iterator[DiagnosticCode]:
    """Yield the diagnostic codes of all registered formats. This imports the `codes_module` of every format."""
    for registered in formats():
        if registered.codes_module:
            yield from importlib.import_module(registered.codes_module).CODES


def methodology_part(name: str) -> Any:
    """Return the part of the methodology with the name `name`, such as `rules`. The first call imports its module."""
    module, _, value = importlib.import_module(FORMATS_MODULE).METHODOLOGY_PARTS[name].partition(":")
    return getattr(importlib.import_module(module), value)


@functools.cache
def built_in_vocabulary() -> Vocabulary:
    """Return the vocabulary of the methodology, which is valid in every workspace."""
    vocabulary: Vocabulary = methodology_part("vocabulary")
    return vocabulary


def unread_plan_folders(folders: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return pairs, sorted by path, for the folders with plans in a format that Planmark does not read.

    A pair has the path of a folder, and the title of the format. `folders` are the paths of all folders of the
    workspace.
    """
    result = []
    for folder in folders:
        subfolder, format_title = UNREAD_FORMAT_BY_FOLDER.get(folder.rpartition("/")[2], ("", ""))
        if subfolder and f"{folder}/{subfolder}" in folders:
            result.append((folder, format_title))
    return tuple(sorted(result))


def has_hidden_component(path: str) -> bool:
    """Tell whether a path contains a hidden folder or file. Of hidden folders, only `HIDDEN_FOLDERS_TO_READ` are read."""
    return path.startswith(".") or "/." in path


@functools.lru_cache(maxsize=MAX_CACHED_PATHS)
def format_and_role_of(path: str) -> tuple[str, str] | None:
    """Return a pair for the file at `path`: the name of the format that reads it, and its role in this format.

    Return None if no format reads the file. Formats with `is_shared` are not considered.
    """
    return _format_and_role(path, is_shared=False)


@functools.lru_cache(maxsize=MAX_CACHED_PATHS)
def shared_format_and_role_of(path: str) -> tuple[str, str] | None:
    """Return a pair for the file at `path`: the name of a shared format that may read it, and its role in this format.

    Return None if there is no such format. The shared format reads the file if `Format.counts` accepts the document,
    and if the document has no achievements. Otherwise the methodology reads the file.
    """
    return None if format_and_role_of(path) else _format_and_role(path, is_shared=True)


def _format_and_role(path: str, *, is_shared: bool) -> tuple[str, str] | None:
    """Return a pair for the file at `path`: the name of the first format that has a role for the file, and this role.

    Return None if no format has a role for the file. Only formats with the given value of `is_shared` are considered.
    """
    for registered_format in formats():
        if registered_format.is_shared == is_shared and registered_format.path_pattern.search(path):
            role = format_named(registered_format.name).role_of(path)
            if role:
                return registered_format.name, role
    return None
