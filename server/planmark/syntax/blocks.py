"""The blocks inside one section: fields, list items, tables, fences. Parsed by tree-sitter, once per digest.

Lines are 0-based and relative to the section; columns count code points; ends are exclusive.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import tree_sitter
import tree_sitter_markdown

from planmark.metrics.caches import CacheCounts
from planmark.metrics.trace import profiled
from planmark.syntax.sections import Section

MAX_PARSED = 2_000_000
"""Characters; a longer section is not parsed: it is opaque and `truncated`."""
MAX_CACHED = 4096
MAX_DEPTH = 200
"""Deeper nesting of lists and quotes is not looked into."""

_OPAQUE = frozenset({"fenced_code_block", "indented_code_block", "html_block", "minus_metadata", "plus_metadata"})
_LINE_END = re.compile(r"\r\n|\r|\n")
_ITEM = re.compile(r"(?P<marker>[-+*]|\d{1,9}[.)])(?:[ \t]+\[(?P<box>[ xX])\](?=[ \t]|$))?[ \t]*")
_BOLD_FIELD = re.compile(r"(?P<mark>\*\*|__)(?P<name>[^*\n]{1,120}?)(?P=mark)(?P<colon>[ \t]*:)?(?P<space>[ \t]*)")
_PLAIN_FIELD = re.compile(r"(?P<name>[A-Za-z][\w/&'-]*(?: [\w/&'()-]+){0,4}):(?:[ \t]+|$)")
_FENCE_LINE = re.compile(r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*)")
_LEAD = re.compile(r"[^\w*\s]*\s*")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ROW_LEAD = re.compile(r"[\s>]*\|?")
_CELL_END = re.compile(r"(?<!\\)\|")

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_markdown.language()))


class Span(NamedTuple):
    """A range in the section."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Field:
    """`**Name**: value` or, in a list, `Name: value`.

    `name` has no bold, colon or escapes; `value` is the text at `value_span`. `depth` is 0 in a paragraph, else the
    nesting of the list. `body` is the half-open range of lines below that belong to the field: up to the next field
    of its depth or above, or, after a blank line, the list that follows directly.
    """

    name: str
    value: str
    line: int
    depth: int
    name_span: Span
    value_span: Span
    body: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Item:
    """A list item; `end_line` is behind its nested content, `depth` 0 for the outermost list, `box` None, " ", "x" or
    "X"; `text` is its first line after marker and box."""

    line: int
    end_line: int
    depth: int
    marker: str
    box: str | None
    text: str
    span: Span


class Cell(NamedTuple):
    """A cell of a table: its text without escapes, and where it stands, without the blanks around it."""

    text: str
    span: Span


class Row(NamedTuple):
    """A row of a table; it may have another number of cells than the header."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its header's cells and its rows."""

    line: int
    header: tuple[Cell, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block from its opening line to behind its closing one; `closed` is False where the text ends first."""

    line: int
    end_line: int
    info: str
    closed: bool
    depth: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """What a section holds. `opaque` are half-open line ranges of code, HTML and front matter: no prose."""

    opaque: tuple[tuple[int, int], ...]
    fields: tuple[Field, ...]
    items: tuple[Item, ...]
    tables: tuple[Table, ...]
    fences: tuple[Fence, ...]
    breaks: tuple[int, ...]
    quotes: tuple[tuple[int, int], ...]
    truncated: bool = False


class Found(NamedTuple):
    """A node of interest and the depth of the lists around it."""

    node: tree_sitter.Node
    depth: int


_cache: OrderedDict[bytes, Blocks] = OrderedDict()
counts = CacheCounts()


def cached() -> int:
    """How many sections are kept, of at most `MAX_CACHED`."""
    return len(_cache)


def forget() -> None:
    """Forgets all blocks."""
    _cache.clear()


def blocks(section: Section) -> Blocks:
    """The blocks of `section`; parsed once, kept for the last `MAX_CACHED` digests."""
    known = _cache.get(section.digest)
    if known is not None:
        _cache.move_to_end(section.digest)
        counts.hits += 1
        return known
    parsed = _parse(section)
    counts.misses += 1
    _cache[section.digest] = parsed
    if len(_cache) > MAX_CACHED:
        _cache.popitem(last=False)
        counts.evictions += 1
    return parsed


def prose_lines(section: Section, wanted: Callable[[str], object] | None = None) -> Iterator[tuple[int, str]]:
    """The lines outside code, HTML and front matter, without their terminators; of these the `wanted` ones.

    The section is parsed only where a line is wanted and something in it may be code, HTML or front matter.
    """
    lines: Iterable[tuple[int, str]] = enumerate(split_lines(section.text))
    if wanted is not None:
        lines = [(number, line) for number, line in lines if wanted(line)]
        if not lines:
            return
    if not _may_hide(section):
        yield from lines
        return
    opaque = blocks(section).opaque
    hidden = {line for start, end in opaque for line in range(start, end)} if opaque else ()
    for number, line in lines:
        if number not in hidden:
            yield number, line


def _may_hide(section: Section) -> bool:
    """Whether a section may hold code (fenced or indented), HTML or front matter, or is too long to be looked at."""
    text = section.text
    return (
        section.kind == "front_matter"
        or len(text) > MAX_PARSED
        or any(mark in text for mark in ("```", "~~~", "<", "    ", "\t"))
    )


def split_lines(text: str) -> list[str]:
    """The lines of `text` without their terminators; no empty one behind a final terminator."""
    lines = _LINE_END.split(text)
    return lines[:-1] if lines[-1] == "" else lines


@profiled("sections")
def _parse(section: Section) -> Blocks:
    lines = split_lines(section.text)
    if len(section.text) > MAX_PARSED:
        return Blocks(((0, len(lines)),), (), (), (), (), (), (), truncated=True)
    # The parser needs a final newline, and knows no lone carriage return.
    source = "\n".join(lines) + "\n"
    tree = _PARSER.parse(source.encode("utf-8", "surrogatepass"))
    found = list(_walk(tree.root_node))
    opaque = tuple(_line_range(f.node, len(lines)) for f in found if f.node.type in _OPAQUE)
    items = tuple(_items(found, lines))
    return Blocks(
        opaque=opaque,
        fields=tuple(_fields(found, lines, items)),
        items=items,
        tables=tuple(_table(f.node, lines) for f in found if f.node.type == "pipe_table"),
        fences=tuple(_fence(f, lines) for f in found if f.node.type == "fenced_code_block"),
        breaks=tuple(f.node.start_point[0] for f in found if f.node.type == "thematic_break"),
        quotes=tuple(_line_range(f.node, len(lines)) for f in found if f.node.type == "block_quote"),
    )


def _walk(root: tree_sitter.Node) -> Iterator[Found]:
    """Every block in document order; a list's depth is that of its items, text is not looked into."""
    pending = [(root, 0, 0)]
    while pending:
        node, depth, nesting = pending.pop()
        yield Found(node, depth)
        if node.type in _OPAQUE or node.type in ("paragraph", "pipe_table", "atx_heading") or nesting > MAX_DEPTH:
            continue
        inner = depth + (node.type == "list")
        pending += [(child, inner, nesting + 1) for child in reversed(node.children)]


def _line_range(node: tree_sitter.Node, lines: int) -> tuple[int, int]:
    start, end = node.start_point, node.end_point
    return start[0], min(lines, max(start[0] + 1, end[0] + (end[1] > 0)))


def _items(found: list[Found], lines: list[str]) -> Iterator[Item]:
    for node, depth in found:
        if node.type != "list_item":
            continue
        start, end = _line_range(node, len(lines))
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        line = lines[start]
        column = _column(line, node.start_point[1])
        column += len(line[column:]) - len(line[column:].lstrip())
        match = _ITEM.match(line, column)
        if match is None:
            continue
        text = line[match.end() :].rstrip()
        span = Span(start, match.end(), start, match.end() + len(text))
        yield Item(start, end, depth - 1, match["marker"], match["box"], text, span)


def _column(line: str, offset: int) -> int:
    """The code point at a byte offset of a line."""
    if line.isascii():
        return offset
    return len(line.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))


def _fields(found: list[Found], lines: list[str], items: tuple[Item, ...]) -> list[Field]:
    starts: dict[int, tuple[int, int, bool]] = {}
    for node, depth in found:
        if node.type == "paragraph":
            first, last = _line_range(node, len(lines))
            starts.update(
                {
                    line: (len(lines[line]) - len(lines[line].lstrip(" \t>")), depth, False)
                    for line in range(first, last)
                    if "**" in lines[line] or "__" in lines[line]
                }
            )
    for item in items:
        if ":" in item.text or "**" in item.text or "__" in item.text:
            starts[item.line] = (item.span.start_column, item.depth + 1, True)
        else:
            starts.pop(item.line, None)
    heads = []
    for line, (column, depth, in_item) in sorted(starts.items()):
        if head := _field_head(lines[line], column, in_item):
            heads.append((line, depth, *head))
    return [_field(heads, position, lines, items) for position in range(len(heads))]


Head = tuple[int, int, str, int, int, int]


def _field_head(line: str, column: int, in_item: bool) -> tuple[str, int, int, int] | None:
    """(name, its start and end columns, the value's start column) where a field begins at `column`."""
    lead = _LEAD.match(line, column)
    begin = lead.end() if lead and line[lead.end() : lead.end() + 2] == "**" else column
    if match := _BOLD_FIELD.match(line, begin):
        name = match["name"].strip()
        inside = name.endswith(":")
        if inside or match["colon"] or _is_bare_label(name, line[match.end() :], match["space"]):
            bare = name.rstrip(": \t")
            start = match.start("name") + len(match["name"]) - len(match["name"].lstrip())
            return (_ESCAPE.sub(r"\1", bare), start, start + len(bare), match.end()) if bare else None
        return None
    if in_item and (match := _PLAIN_FIELD.match(line, column)):
        return match["name"], match.start("name"), match.end("name"), match.end()
    return None


def _is_bare_label(name: str, rest: str, space: str) -> bool:
    """`**Archive Location** ./x`: a label whose colon was forgotten, before a path."""
    return bool(space) and name.replace(" ", "").isalpha() and re.match(r"[`./~]", rest) is not None


def _field(heads: list[Head], position: int, lines: list[str], items: tuple[Item, ...]) -> Field:
    line, depth, name, start, end, value_start = heads[position]
    value = lines[line][value_start:].rstrip()
    following = next((other[0] for other in heads[position + 1 :] if other[1] <= depth), len(lines))
    return Field(
        name=name,
        value=value,
        line=line,
        depth=depth,
        name_span=Span(line, start, line, end),
        value_span=Span(line, value_start, line, value_start + len(value)),
        body=(line + 1, _body_end(line, following, lines, items)),
    )


def _body_end(line: int, following: int, lines: list[str], items: tuple[Item, ...]) -> int:
    """Up to the next blank line, and on through a list that follows."""
    end = line + 1
    item_lines = {item.line: item.end_line for item in items}
    while end < following:
        if lines[end].strip():
            end = max(end + 1, min(item_lines.get(end, 0), following))
            continue
        after = next((n for n in range(end, following) if lines[n].strip()), following)
        if after not in item_lines:
            break
        end = after
    return end


def _table(node: tree_sitter.Node, lines: list[str]) -> Table:
    first, last = _line_range(node, len(lines))
    rows = tuple(Row(line, _cells(lines[line], line)) for line in range(first + 2, last) if lines[line].strip())
    return Table(first, _cells(lines[first], first), rows)


def _cells(text: str, line: int) -> tuple[Cell, ...]:
    """The cells between the pipes of a row; what stands behind the last pipe is one only where it is not blank."""
    column = _ROW_LEAD.match(text).end()  # type: ignore[union-attr]  # the pattern matches everywhere
    ends = [*(match.start() for match in _CELL_END.finditer(text, column)), len(text)]
    cells = []
    for end in ends:
        raw = text[column:end]
        start = column + len(raw) - len(raw.lstrip())
        stop = max(start, column + len(raw.rstrip()))
        cells.append(Cell(text[start:stop].replace("\\|", "|"), Span(line, start, line, stop)))
        column = end + 1
    return tuple(cells if cells[-1].text else cells[:-1])


def _fence(found: Found, lines: list[str]) -> Fence:
    start, end = _line_range(found.node, len(lines))
    match = _FENCE_LINE.search(lines[start])
    fence = match["fence"] if match else "```"
    delimiters = sum(child.type == "fenced_code_block_delimiter" for child in found.node.children)
    return Fence(start, end, match["info"].strip() if match else "", delimiters > 1 and bool(fence), found.depth)
