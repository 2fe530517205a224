"""The properties that the beginning of a document declares: its front matter, and the fields above its first section.

This module reads lines one by one and parses no blocks, so it is fast enough for a search in every document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

MAX_READ_LINES = 120
"""Maximum number of lines of a document that are read."""
MAX_READ_CHARACTERS = 20_000
"""Maximum number of characters of a document that are read."""
_FRONT_MATTER_ENDS = ("---", "...")
"""The lines that end front matter."""
_FRONT_MATTER_LINE = lazy_pattern(r"(?P<name>[A-Za-z_][\w-]{0,60}):(?:[ \t]+(?P<value>.*))?$")
_FIELD = lazy_pattern(
    r"[ \t]{0,3}(?:>[ \t]?|[-*+][ \t]+)?\*\*(?P<name>[^*:]{1,60}?)(?::\*\*|\*\*[ \t]*:)[ \t]*(?P<value>.*)$"
)
_LIST_ITEM = lazy_pattern(r"[ \t]*[-*+][ \t]+(?P<value>[^\s].*)$")
_YAML_COMMENT = lazy_pattern(r"[ \t]#.*$")
_TITLE = lazy_pattern(r"#[ \t]+(?P<title>.*?)[ \t]*#*$")
_FENCE = lazy_pattern(r"[ \t]{0,3}(?:```|~~~)")


class DeclaredProperty(NamedTuple):
    """A declared property: its name as written, its value and its 1-based line. If the value is a list, commas separate
    its items.
    """

    name: str
    value: str
    line: int


class DocumentDeclarations(NamedTuple):
    """The declarations at the beginning of a document: the text and the 1-based line of its title, and its fields.

    The title is "" and its line is 1 if there is no title.
    """

    title: str
    title_line: int
    fields: tuple[DeclaredProperty, ...]


def declarations_in(text: str) -> DocumentDeclarations:
    """Return the title of a document and the properties that its front matter and its first fields declare.

    Only fields above the first heading below the title count.
    """
    lines = _first_lines(text)
    start = _end_of_front_matter(lines)
    fields = [*_front_matter_fields(lines[: max(start - 1, 0)])]
    title, title_line, is_in_fence = "", 1, False
    for index in range(start, len(lines)):
        line = lines[index]
        if _FENCE.match(line):
            is_in_fence = not is_in_fence
        if is_in_fence:
            continue
        if line.startswith("##"):
            break
        if not title and (match := _TITLE.match(line)):
            title, title_line = match["title"], index + 1
        elif field := _FIELD.match(line):
            value = field["value"].strip() or ", ".join(_items_below(lines, index + 1))
            fields.append(DeclaredProperty(field["name"].strip(), value, index + 1))
    return DocumentDeclarations(title, title_line, tuple(fields))


def front_matter_of(text: str) -> tuple[DeclaredProperty, ...]:
    """Return the properties in the front matter at the beginning of a text."""
    lines = _first_lines(text)
    return tuple(_front_matter_fields(lines[: max(_end_of_front_matter(lines) - 1, 0)]))


def _first_lines(text: str) -> list[str]:
    lines = text[:MAX_READ_CHARACTERS].removeprefix("\ufeff").split("\n", MAX_READ_LINES)[:MAX_READ_LINES]
    return [line.rstrip("\r") for line in lines]


def _end_of_front_matter(lines: Sequence[str]) -> int:
    """Return the 0-based line after the front matter; 0 if there is no front matter, or no end of the front matter."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    end_lines = (index + 1 for index in range(1, len(lines)) if lines[index].rstrip() in _FRONT_MATTER_ENDS)
    return next(end_lines, 0)


def _front_matter_fields(lines: Sequence[str]) -> Iterator[DeclaredProperty]:
    for index, line in enumerate(lines):
        if index and (match := _FRONT_MATTER_LINE.match(line)):
            value = _unquoted_value(match["value"] or "")
            if value.startswith("[") and value.endswith("]"):
                value = ", ".join(_unquoted_value(part) for part in value[1:-1].split(","))
            elif not value:
                value = ", ".join(_unquoted_value(item) for item in _items_below(lines, index + 1))
            yield DeclaredProperty(match["name"], value, index + 1)


def _items_below(lines: Sequence[str], start: int) -> Iterator[str]:
    """Yield the items of the list that begins on the 0-based line `start`; if this line is blank, on the next line."""
    if start < len(lines) and not lines[start].strip():
        start += 1
    for index in range(start, len(lines)):
        match = _LIST_ITEM.match(lines[index])
        if match is None or _FIELD.match(lines[index]):
            return
        yield match["value"].strip()


def _unquoted_value(value: str) -> str:
    value = value.strip()
    if value[:1] in ('"', "'"):
        return value[1:].partition(value[0])[0].strip()
    return _YAML_COMMENT.sub("", value).strip()
