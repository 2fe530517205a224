"""The front matter of GSD documents, in the few forms of YAML that GSD and its agents write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from planmark.formats.checkbox.lines import MAX_FRONT_MATTER_LINES, split_lines
from planmark.text.lazy_pattern import lazy_pattern

_KEY_LINE = lazy_pattern(r"(?P<indent> *)(?P<key>[A-Za-z_][\w-]*):(?: +(?P<value>.*))?$")
_LIST_ITEM = lazy_pattern(r"\s*-\s+(?P<value>.+)$")
_COMMENT = lazy_pattern(r"\s#.*$")
MAX_SEARCHED_CHARACTERS = 60_000
"""Maximum number of characters of a document in which its front matter is searched; the rest is ignored."""


class FrontMatterEntry(NamedTuple):
    """A value of the front matter: its 1-based line, its text, and the items of a list below it."""

    line: int
    text: str
    items: tuple[str, ...]

    def values(self) -> tuple[str, ...]:
        """Return the items of the list below the key, else the parts of the text, which may be in brackets."""
        if self.items:
            return self.items
        inner = self.text.strip().removeprefix("[").removesuffix("]")
        return tuple(part for piece in inner.split(",") if (part := unquoted(piece)))


def unquoted(text: str) -> str:
    """Return a value without quotation marks and comments."""
    text = text.strip()
    if text[:1] in ('"', "'"):
        return text[1:].partition(text[0])[0].strip()
    return _COMMENT.sub("", text).strip()


def front_matter(text: str) -> Mapping[str, FrontMatterEntry]:
    """Return the entries of the front matter by key; nested keys have the form `outer.inner`.

    The result is empty if there is no front matter or if it has no end.
    """
    lines = split_lines(text[:MAX_SEARCHED_CHARACTERS])
    if lines[0].rstrip() != "---":
        return {}
    end_index = next(
        (
            index
            for index in range(1, min(len(lines), MAX_FRONT_MATTER_LINES))
            if lines[index].rstrip() in ("---", "...")
        ),
        0,
    )
    entries: dict[str, tuple[int, str, list[str]]] = {}
    outer_key, last_key = "", ""
    for index in range(1, end_index):
        if key_match := _KEY_LINE.match(lines[index]):
            if not key_match["indent"]:
                outer_key = last_key = key_match["key"]
            else:
                last_key = f"{outer_key}.{key_match['key']}"
            entries.setdefault(last_key, (index + 1, key_match["value"] or "", []))
        elif last_key and (item_match := _LIST_ITEM.match(lines[index])):
            entries[last_key][2].append(unquoted(item_match["value"]))
    return {
        key: FrontMatterEntry(line, unquoted(value) if value[:1] != "[" else value, tuple(items))
        for key, (line, value, items) in entries.items()
    }
