"""Paths of documents in a prompt: in full where they occur first, then by the name of the file."""

from __future__ import annotations

import re
from collections.abc import Container

_MENTION = re.compile(r"(?<!`)`(?P<path>[^`\n]+/[^`\n/]+)`(?!`)")
_NAME = re.compile(r"(?<!`)`(?P<path>[^`\n]+)`(?!`)")
_LISTS_OF_FILES = ("## Create", "## Documents you may edit", "## One of these two")
"""Beginnings of the headings of lists whose paths stay in full, because the agent writes these files."""


def name_documents_once(text: str, documents: Container[str]) -> str:
    """Return a prompt in which later mentions of the paths of `documents` are names of files.

    Quotations, forms of files and lists of files to write keep their paths. So do paths whose name the prompt also
    mentions in a different folder.
    """
    lines = text.split("\n")
    paths_by_name: dict[str, set[str]] = {}
    for match in _MENTION.finditer(text):
        paths_by_name.setdefault(match["path"].rpartition("/")[2], set()).add(match["path"])
    seen_paths: set[str] = set()
    heading = ""

    def shorten(match: re.Match[str]) -> str:
        path, name = match["path"], match["path"].rpartition("/")[2]
        is_unique = path in documents and len(paths_by_name[name]) == 1
        was_mentioned = path in seen_paths
        seen_paths.add(path)
        return f"`{name}`" if is_unique and was_mentioned and not heading.startswith(_LISTS_OF_FILES) else match[0]

    for number in _lines_outside_quotes(lines):
        if lines[number].startswith("#"):
            heading = lines[number]
        lines[number] = _MENTION.sub(shorten, lines[number])
    return "\n".join(lines)


def name_paths_in_full(prompt: str, part: str) -> str:
    """Return a part of a prompt in which the first mention of each document has the path that the whole prompt has."""
    paths_by_name: dict[str, set[str]] = {}
    for match in _MENTION.finditer(prompt):
        paths_by_name.setdefault(match["path"].rpartition("/")[2], set()).add(match["path"])
    lines, seen_names = part.split("\n"), set[str]()

    def lengthen(match: re.Match[str]) -> str:
        name = match["path"].rpartition("/")[2]
        full_paths = paths_by_name.get(name, set())
        is_first = name not in seen_names and "/" not in match["path"] and len(full_paths) == 1
        seen_names.add(name)
        return f"`{next(iter(full_paths))}`" if is_first else match[0]

    for number in _lines_outside_quotes(lines):
        lines[number] = _NAME.sub(lengthen, lines[number])
    return "\n".join(lines)


def _lines_outside_quotes(lines: list[str]) -> list[int]:
    """Return the positions of the lines that are neither quoted nor in a block of code."""
    lines_outside, fence = [], ""
    for number, line in enumerate(lines):
        if fence:
            fence = "" if line.strip() == fence else fence
        elif line.startswith("```"):
            fence = re.match("`+", line)[0]  # type: ignore[index]
        elif not line.startswith(">"):
            lines_outside.append(number)
    return lines_outside
