"""The registry of formats. The core finds a format by its name and imports its module when a file needs the format."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from planmark.plans.diagnostic import CheckInfo
from planmark.plans.format import Format
from planmark.plans.vocabulary import Vocabulary


class RegisteredFormat(NamedTuple):
    """A registered format: its name, the module that defines `FORMAT`, and a pattern that all its paths match.

    `path_pattern` is quick and may match too many paths: `role_of` of the format decides. The module is only imported
    if a path matches. `codes_module` is the module that defines the format's diagnostic codes as `CODES`, each a
    `CheckInfo`; "" for a format without codes of its own. `is_shared` tells whether the format's file names are also
    names of the methodology. The content of such a file decides its format.
    """

    name: str
    module: str
    path_pattern: re.Pattern[str]
    codes_module: str = ""
    is_shared: bool = False


FORMATS_MODULE = "planmark.formats.registered"
"""The module that defines the table of formats as `FORMATS`.

The core imports this module by name, so that the core depends on no format.
"""
HIDDEN_FOLDERS = frozenset({".kiro", ".planning", ".specify", ".superpowers"})
"""Hidden folders that are read even if git ignores them. In these folders, only files with a role are read."""
PROJECT_FOLDERS = (*sorted(HIDDEN_FOLDERS), "openspec")
"""Folders that the tools of formats make in the root of a project."""
UNREAD_FOLDERS: dict[str, tuple[str, str]] = {"backlog": ("tasks", "Backlog.md")}
"""Folder of a format that Planmark does not read → the subfolder that identifies the format, and the format's name."""
MAX_PATHS = 65_536


def formats() -> tuple[RegisteredFormat, ...]:
    """Return the registered formats, the most specific first: a path belongs to the first format that gives it a role."""
    table: tuple[RegisteredFormat, ...] = importlib.import_module(FORMATS_MODULE).FORMATS
    return table


def format_named(name: str) -> Format:
    """Return a format by its name. Raises KeyError for an unknown name."""
    registered = {registered_format.name: registered_format.module for registered_format in formats()}
    plan_format: Format = importlib.import_module(registered[name]).FORMAT
    return plan_format


def codes_of_formats() -> Iterator[CheckInfo]:
    """Yield the diagnostic codes of all formats. The call imports the module of codes of every format."""
    for registered in formats():
        if registered.codes_module:
            yield from importlib.import_module(registered.codes_module).CODES


def methodology_part(name: str) -> Any:
    """Return a part of the methodology, such as `rules`. Its module is imported at the first call."""
    module, _, value = importlib.import_module(FORMATS_MODULE).METHODOLOGY_PARTS[name].partition(":")
    return getattr(importlib.import_module(module), value)


@functools.cache
def built_in_vocabulary() -> Vocabulary:
    """Return the vocabulary of documents that is valid in every workspace."""
    vocabulary: Vocabulary = methodology_part("vocabulary")
    return vocabulary


def unread_plan_folders(folders: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return the folders with plans of a format that Planmark does not read, each with the format's name, in order."""
    result = []
    for folder in folders:
        subfolder, format_title = UNREAD_FOLDERS.get(folder.rpartition("/")[2], ("", ""))
        if subfolder and f"{folder}/{subfolder}" in folders:
            result.append((folder, format_title))
    return tuple(sorted(result))


def in_hidden_folder(path: str) -> bool:
    """Tell whether a path is in one of the `HIDDEN_FOLDERS`."""
    return path.startswith(".") or "/." in path


@functools.lru_cache(maxsize=MAX_PATHS)
def format_and_role_of(path: str) -> tuple[str, str] | None:
    """Return the format name and the role of the file at a path; None if no format reads the file."""
    return _format_and_role(path, is_shared=False)


@functools.lru_cache(maxsize=MAX_PATHS)
def shared_format_and_role_of(path: str) -> tuple[str, str] | None:
    """Return the shared format that may read the file at a path, and the file's role; None without such a format.

    The content decides: the shared format reads the file if its `counts` accepts the document, and if the document has no
    achievements. Otherwise, the methodology reads the file.
    """
    return None if format_and_role_of(path) else _format_and_role(path, is_shared=True)


def _format_and_role(path: str, *, is_shared: bool) -> tuple[str, str] | None:
    for registered in formats():
        if registered.is_shared == is_shared and registered.path_pattern.search(path):
            role = format_named(registered.name).role_of(path)
            if role:
                return registered.name, role
    return None
