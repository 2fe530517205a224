"""Mentions of documents in a prompt. The first mention has the whole path, and later mentions have the file name."""

from __future__ import annotations

import re
from collections.abc import Container

from planmark.text.lazy_pattern import lazy_pattern

_PATH_MENTION = lazy_pattern(r"(?<!`)`(?P<path>[^`\n]+/[^`\n/]+)`(?!`)")
_NAME_MENTION = lazy_pattern(r"(?<!`)`(?P<path>[^`\n]+)`(?!`)")
"""Texts in backticks. `_PATH_MENTION` matches only a path with a folder, and `_NAME_MENTION` matches any name or path."""
_FILE_LIST_HEADINGS = ("## Create", "## Documents you may edit", "## One of these two")
"""Beginnings of the headings of lists of files that the agent writes. Paths in these lists are not shortened."""


def name_documents_once(text: str, document_paths: Container[str]) -> str:
    """Return a prompt in which the first mention of a document has the whole path, and later mentions the file name.

    Only paths in `document_paths` are shortened. Paths in quotations, in blocks of code and in lists of files to write
    stay as they are. So does a path if the prompt mentions a file of the same name in a different folder.
    """
    lines = text.split("\n")
    paths_by_name: dict[str, set[str]] = {}
    for match in _PATH_MENTION.finditer(text):
        paths_by_name.setdefault(match["path"].rpartition("/")[2], set()).add(match["path"])
    seen_paths: set[str] = set()
    heading = ""

    def shorten(match: re.Match[str]) -> str:
        path, name = match["path"], match["path"].rpartition("/")[2]
        is_unique = path in document_paths and len(paths_by_name[name]) == 1
        was_mentioned = path in seen_paths
        seen_paths.add(path)
        return f"`{name}`" if is_unique and was_mentioned and not heading.startswith(_FILE_LIST_HEADINGS) else match[0]

    for number in _lines_outside_quotes(lines):
        if lines[number].startswith("#"):
            heading = lines[number]
        lines[number] = _PATH_MENTION.sub(shorten, lines[number])
    return "\n".join(lines)


def name_paths_in_full(prompt: str, prompt_part: str) -> str:
    """Return `prompt_part` with the whole path at the first mention of each document.

    `prompt` is the whole prompt, which has all paths. In `prompt_part`, the first mention may be only a file name.
    """
    paths_by_name: dict[str, set[str]] = {}
    for match in _PATH_MENTION.finditer(prompt):
        paths_by_name.setdefault(match["path"].rpartition("/")[2], set()).add(match["path"])
    lines, seen_names = prompt_part.split("\n"), set[str]()

    def lengthen(match: re.Match[str]) -> str:
        name = match["path"].rpartition("/")[2]
        full_paths = paths_by_name.get(name, set())
        is_first = name not in seen_names and "/" not in match["path"] and len(full_paths) == 1
        seen_names.add(name)
        return f"`{next(iter(full_paths))}`" if is_first else match[0]

    for number in _lines_outside_quotes(lines):
        lines[number] = _NAME_MENTION.sub(lengthen, lines[number])
    return "\n".join(lines)


def _lines_outside_quotes(lines: list[str]) -> list[int]:
    """Return the 0-based positions of the lines that are neither in a quotation nor in a block of code."""
    lines_outside, fence = [], ""
    for number, line in enumerate(lines):
        if fence:
            fence = "" if line.strip() == fence else fence
        elif line.startswith("```"):
            fence = re.match("`+", line)[0]  # type: ignore[index]
        elif not line.startswith(">"):
            lines_outside.append(number)
    return lines_outside
