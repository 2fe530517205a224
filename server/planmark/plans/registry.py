"""The formats that Planmark reads. The core finds a format here by name, and imports it when a file needs it."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from planmark.plans.diagnostic import CheckInfo
from planmark.plans.format import Format
from planmark.plans.vocabulary import Vocabulary


class Registered(NamedTuple):
    """A format: its name, the module that has it as `FORMAT`, and a pattern that every path it reads matches.

    The pattern is quick and may match too much: the format itself decides. Its module is only imported for a match.
    `codes` is the module that has the codes of its diagnostics as `CODES`, each a `CheckInfo`; "" without own codes.
    `is_shared` tells whether the names of its files are also names of the methodology, so that their content decides.
    """

    name: str
    module: str
    paths: re.Pattern[str]
    codes: str = ""
    is_shared: bool = False


TABLE = "planmark.formats.registered"
"""The module that has the table of formats as `FORMATS`. It is found by name, so that the core knows no format."""
HIDDEN_FOLDERS = frozenset({".kiro", ".planning", ".specify", ".superpowers"})
"""Hidden folders that are read by name, even if git ignores them. Only files with a role are read there."""
PROJECT_FOLDERS = (*sorted(HIDDEN_FOLDERS), "openspec")
"""Folders that the tools of formats make in the root of a project."""
UNREAD_FOLDERS: dict[str, tuple[str, str]] = {"backlog": ("tasks", "Backlog.md")}
"""Folder of a format that Planmark does not read → the subfolder that identifies the format, and the format's name."""
MAX_PATHS = 65_536


def formats() -> tuple[Registered, ...]:
    """Return the registered formats, the most specific first: the first one that knows a path owns it."""
    found: tuple[Registered, ...] = importlib.import_module(TABLE).FORMATS
    return found


def format_named(name: str) -> Format:
    """Return a format by its name. Raises KeyError for an unknown name."""
    registered = {known.name: known.module for known in formats()}
    found: Format = importlib.import_module(registered[name]).FORMAT
    return found


def codes_of_formats() -> Iterator[CheckInfo]:
    """Yield the codes of all formats with codes of their own. This imports the modules of all of them."""
    for known in formats():
        if known.codes:
            yield from importlib.import_module(known.codes).CODES


def methodology_part(name: str) -> Any:
    """Return a part of the methodology, such as `rules`. Its module is imported at the first call."""
    module, _, value = importlib.import_module(TABLE).PARTS[name].partition(":")
    return getattr(importlib.import_module(module), value)


@functools.cache
def built_in_words() -> Vocabulary:
    """Return the words of documents that hold in every workspace."""
    words: Vocabulary = methodology_part("vocabulary")
    return words


def unread_plans(folders: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return the folders with plans of a format that Planmark does not read, each with the format's name, in order."""
    found = []
    for folder in folders:
        inner, title = UNREAD_FOLDERS.get(folder.rpartition("/")[2], ("", ""))
        if inner and f"{folder}/{inner}" in folders:
            found.append((folder, title))
    return tuple(sorted(found))


def in_hidden_folder(path: str) -> bool:
    """Tell whether a path lies in a hidden folder."""
    return path.startswith(".") or "/." in path


@functools.lru_cache(maxsize=MAX_PATHS)
def role_of(path: str) -> tuple[str, str] | None:
    """Return the format name and the role of the file at a path; None if no format reads the file."""
    return _role(path, is_shared=False)


@functools.lru_cache(maxsize=MAX_PATHS)
def shared_role_of(path: str) -> tuple[str, str] | None:
    """Return the format that may own a file with a name of the methodology, and its role; None if none may.

    The content decides: the format's `counts`, and that the document has no achievements.
    """
    return None if role_of(path) else _role(path, is_shared=True)


def _role(path: str, *, is_shared: bool) -> tuple[str, str] | None:
    for known in formats():
        if known.is_shared == is_shared and known.paths.search(path):
            role = format_named(known.name).role_of(path)
            if role:
                return known.name, role
    return None
