"""Blocks of one section: fields, list items, tables, fences. Tree-sitter parses sections with equal texts once.

Lines are 0-based and relative to the section, columns count code points, ends are exclusive.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import tree_sitter
import tree_sitter_markdown

from planmark.markdown.crash_guard import guard
from planmark.markdown.section_boundaries import MarginFence, margin_fences
from planmark.markdown.sections import KINDS_THAT_END_BLOCKS, Section
from planmark.markdown.tables import CellSpan, Table, table_in
from planmark.metrics.cache_stats import CacheCounts
from planmark.metrics.trace import profiled
from planmark.text.lazy_pattern import lazy_pattern

MAX_SECTION_CHARACTERS = 2_000_000
"""The maximum length of a section that is parsed, in characters.

A longer section is opaque as a whole; see `reason_not_parsed`.
"""
MAX_CACHED_SECTIONS = 4096
MAX_DEPTH = 200
"""The maximum nesting of lists and quotes. Deeper blocks are not visited."""

_OPAQUE_KINDS = frozenset({"fenced_code_block", "indented_code_block", "html_block", "minus_metadata", "plus_metadata"})
"""Kinds of nodes of tree-sitter that hold no prose."""
_LEAF_KINDS = _OPAQUE_KINDS | {"paragraph", "pipe_table", "atx_heading"}
"""Kinds of nodes whose content `_walk` does not visit."""
_YIELDED_KINDS = _OPAQUE_KINDS | {"paragraph", "pipe_table", "list_item", "thematic_break", "block_quote"}
"""Kinds of nodes that `_walk` yields."""
_LINE_END = lazy_pattern(r"\r\n|\r|\n")
_LIST_ITEM = lazy_pattern(r"\s*(?P<marker>[-+*]|[0-9]{1,9}[.)])(?:[ \t]+\[(?P<box>[ xX])\](?=[ \t]|$))?[ \t]*")
_BOLD_FIELD = lazy_pattern(r"(?P<mark>\*\*|__)(?P<name>[^*\n]{1,120}?)(?P=mark)(?P<colon>[ \t]*:)?(?P<space>[ \t]*)")
_PLAIN_FIELD = lazy_pattern(r"(?P<name>[A-Za-z][\w/&'-]*(?: [\w/&'()-]+){0,4}):(?:[ \t]+|$)")
_FENCE_LINE = lazy_pattern(r"(?:`{3,}|~{3,})[ \t]*(?P<info>.*)")
_THEMATIC_BREAK_LINE = lazy_pattern(r"[ \t>]*([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_DASHED_BREAK = lazy_pattern(r"-{3,}[ \t]*$")
"""A line of at least three hyphens, which is a thematic break after a blank line."""
_PLAIN_TEXT = lazy_pattern(r"\*\*[^\s*]|[^\s>`~<\-+*0-9|\[:=_#\\]")
"""A line at the margin that can only be text of a paragraph, independent of the lines above."""
_PLAIN_LINE_AT_MARGIN = lazy_pattern(r"(?:(?:[-+*]|[0-9]{1,9}[.)]) {1,4})?(?:[^\s>`~<\-+*0-9]|\*\*[^\s*])")
"""A line that begins at the margin with text, or with a list marker and text."""
_LEADING_MARKS = lazy_pattern(r"[^\w*\s]*\s*")
"""Marks before bold text, such as an emoji."""
_ESCAPE = lazy_pattern(r"\\([!-/:-@\[-`{-~])")
"""A backslash, and the punctuation character that it escapes."""

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_markdown.language()))


UnparsedReason = Literal["", "too long", "refused"]


class Field(NamedTuple):
    """A field of a document: `**Name**: value` or, in a list, `Name: value`.

    `name` is written without bold marks, colon and escapes. `value` is the text at `value_span`. `depth` is the number
    of lists around the field; 0 in a paragraph. `body` is the half-open range of the lines below that belong to the
    field. The body ends at the next field with the same or a smaller depth. A blank line also ends the body, unless a
    list follows directly.
    """

    name: str
    value: str
    line: int
    depth: int
    name_span: CellSpan
    value_span: CellSpan
    body: tuple[int, int]


class ListItem(NamedTuple):
    """A list item. `text` is the first line of the item after marker and box.

    `end_line` is the line after the nested content. `depth` is 0 for the outermost list. `box` is `None`, " ", "x" or
    "X".
    """

    line: int
    end_line: int
    depth: int
    marker: str
    box: str | None
    text: str
    span: CellSpan


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block from `line` to the line before `end_line`. `is_closed` tells whether it has a closing line."""

    line: int
    end_line: int
    info: str
    is_closed: bool
    depth: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a section. `opaque_spans` are half-open line ranges of code, HTML and front matter, which hold no
    prose.

    A section that is not parsed is opaque as a whole; see `reason_not_parsed`.
    """

    opaque_spans: tuple[tuple[int, int], ...]
    fields: tuple[Field, ...]
    items: tuple[ListItem, ...]
    tables: tuple[Table, ...]
    fences: tuple[Fence, ...]
    thematic_breaks: tuple[int, ...]
    quotes: tuple[tuple[int, int], ...]


TextStart = tuple[int, int, bool]
"""A tuple about a line: the column of its text, the number of lists around it, and whether a list item begins there."""


class FieldStart(NamedTuple):
    """The beginning of a field. `start_column` and `end_column` are the columns of the name."""

    line: int
    depth: int
    name: str
    start_column: int
    end_column: int
    value_column: int


class BlockNode(NamedTuple):
    """A node of the parser whose kind is in _YIELDED_KINDS, and the number of lists around it."""

    kind: str
    node: tree_sitter.Node
    depth: int


_cache: OrderedDict[bytes, Blocks] = OrderedDict()
counts = CacheCounts()
"""The hits, misses and evictions of the cache."""


def cache_size() -> int:
    """Return the number of cached sections, which is at most `MAX_CACHED_SECTIONS`."""
    return len(_cache)


def clear_cache() -> None:
    """Remove all blocks from the cache."""
    _cache.clear()


def parse_blocks(section: Section) -> Blocks:
    """Return the blocks of `section`.

    Sections with equal texts are parsed once. The blocks of the last `MAX_CACHED_SECTIONS` texts stay in the cache.
    """
    blocks = _cache.get(section.digest)
    if blocks is not None:
        _cache.move_to_end(section.digest)
        counts.hits += 1
        return blocks
    parsed_blocks = _parse(section)
    counts.misses += 1
    _cache[section.digest] = parsed_blocks
    if len(_cache) > MAX_CACHED_SECTIONS:
        _cache.popitem(last=False)
        counts.evictions += 1
    return parsed_blocks


def prose_lines(section: Section, keep: Callable[[str], object] | None = None) -> Iterator[tuple[int, str]]:
    """Yield a tuple for each line outside code, HTML and front matter: its number, and its text without terminator.

    If `keep` is given, yield only lines for which `keep` returns a true value.

    The section is parsed only if `keep` accepts a line and the section may hold code, HTML or front matter.
    """
    lines: Iterable[tuple[int, str]] = enumerate(split_lines(section.text))
    if keep is not None:
        lines = [(number, line) for number, line in lines if keep(line)]
        if not lines:
            return
    if not may_hold_more_than_prose(section):
        yield from lines
        return
    are_all_at_margin = keep is not None and all(_PLAIN_LINE_AT_MARGIN.match(line) for _, line in lines)
    fences = _fences_at_margin(section) if are_all_at_margin else None
    opaque_spans = parse_blocks(section).opaque_spans if fences is None else fences
    hidden_lines = {line for start, end, *_ in opaque_spans for line in range(start, end)}
    for number, line in lines:
        if number not in hidden_lines:
            yield number, line


def first_thematic_break(section: Section) -> int | None:
    """Return the line of the first thematic break; None without a thematic break.

    The section is parsed only if a line may be a thematic break, and its text does not decide whether it is.
    """
    lines = split_lines(section.text)
    candidates = [number for number, line in enumerate(lines) if _THEMATIC_BREAK_LINE.match(line)]
    fences = _fences_at_margin(section) if candidates else ()
    if fences is not None:
        break_lines = [
            number for number in candidates if not any(fence.start <= number < fence.end for fence in fences)
        ]
        if not break_lines:
            return None
        first_line = break_lines[0]
        if first_line and lines[first_line][0] in "-*_" and not lines[first_line - 1].strip(" \t"):
            return first_line
    return next(iter(parse_blocks(section).thematic_breaks), None)


def _fences_at_margin(section: Section) -> Sequence[MarginFence] | None:
    """Return the `margin_fences` of a section.

    Return None for a section that is too long. Also return None for a preamble, because the parser may read a preamble
    as front matter.
    """
    if section.kind not in KINDS_THAT_END_BLOCKS or len(section.text) > MAX_SECTION_CHARACTERS:
        return None
    return margin_fences(section.text)


def may_hold_more_than_prose(section: Section) -> bool:
    """Tell whether a section may hold code (fenced or indented), HTML or front matter, or is too long to parse.

    Otherwise, the whole section is prose, and the caller need not parse the section.
    """
    text = section.text
    return (
        section.kind == "front_matter"
        or len(text) > MAX_SECTION_CHARACTERS
        or any(mark in text for mark in ("```", "~~~", "<", "    ", "\t"))
    )


def split_lines(text: str) -> list[str]:
    """Return the lines of `text` without their terminators. A final terminator does not add an empty line."""
    lines = _LINE_END.split(text) if "\r" in text else text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


@profiled("sections")
def _parse(section: Section) -> Blocks:
    lines = split_lines(section.text)
    if len(section.text) <= MAX_SECTION_CHARACTERS and (plain_blocks := _plain_blocks(section, lines)):
        return plain_blocks
    if reason_not_parsed(section):
        return Blocks(((0, len(lines)),), (), (), (), (), (), ())
    guard().begin(section.digest)
    try:
        return parse_lines(lines)
    finally:
        guard().end()


def reason_not_parsed(section: Section) -> UnparsedReason:
    """Return the reason why a section is not parsed; "" if the section is parsed."""
    if len(section.text) > MAX_SECTION_CHARACTERS:
        return "too long"
    return "refused" if guard().refuses(section.digest, section.text) else ""


def _plain_blocks(section: Section, lines: list[str]) -> Blocks | None:
    """Return the blocks of a section without the parser; None if the section needs the parser.

    A section needs no parser if it has only paragraphs, thematic breaks and fences at the margin.
    """
    fences = _fences_at_margin(section)
    if fences is None:
        return None
    hidden_lines = {line for fence in fences for line in range(fence.start, fence.end)}
    starts: dict[int, TextStart] = {}
    breaks = []
    for number in range(section.kind == "heading", len(lines)):
        line = lines[number]
        if number in hidden_lines or not line.strip(" \t"):
            continue
        if _PLAIN_TEXT.match(line):
            if _has_bold_mark(line):
                starts[number] = (0, 0, False)
        elif _DASHED_BREAK.match(line) and not lines[number - 1].strip(" \t"):
            breaks.append(number)
        else:
            return None
    return Blocks(
        opaque_spans=tuple((fence.start, fence.end) for fence in fences),
        fields=tuple(_fields(starts, lines, ())),
        items=(),
        tables=(),
        fences=tuple(Fence(start, end, _info_string(lines[start]), is_closed, 0) for start, end, is_closed in fences),
        thematic_breaks=tuple(breaks),
        quotes=(),
    )


def parse_lines(lines: list[str]) -> Blocks:
    """Parse `lines` with the native parser, without the crash guard, and return the blocks."""
    # The parser needs a final newline and does not know a lone carriage return.
    source = "\n".join(lines) + "\n"
    tree = _PARSER.parse(source.encode("utf-8", "surrogatepass"))
    blocks = list(_walk(tree.walk()))
    opaque_spans = tuple(_line_range(block.node, len(lines)) for block in blocks if block.kind in _OPAQUE_KINDS)
    items = tuple(_list_items(blocks, lines))
    return Blocks(
        opaque_spans=opaque_spans,
        fields=tuple(_fields(_text_starts(blocks, lines, items), lines, items)),
        items=items,
        tables=tuple(
            table_in(lines, *_line_range(block.node, len(lines))) for block in blocks if block.kind == "pipe_table"
        ),
        fences=tuple(_fence(block, lines) for block in blocks if block.kind == "fenced_code_block"),
        thematic_breaks=tuple(block.node.start_point[0] for block in blocks if block.kind == "thematic_break"),
        quotes=tuple(_line_range(block.node, len(lines)) for block in blocks if block.kind == "block_quote"),
    )


def _walk(cursor: tree_sitter.TreeCursor) -> Iterator[BlockNode]:
    """Yield every block whose kind is in _YIELDED_KINDS, in the order of the document.

    The content of a block whose kind is in _LEAF_KINDS is not visited.
    """
    depth = 0
    while True:
        node = cursor.node
        kind = node.type if node is not None else ""
        if node is not None and kind in _YIELDED_KINDS:
            yield BlockNode(kind, node, depth)
        if kind not in _LEAF_KINDS and cursor.depth <= MAX_DEPTH and cursor.goto_first_child():
            depth += kind == "list"
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            depth -= cursor.node is not None and cursor.node.type == "list"


def _line_range(node: tree_sitter.Node, line_total: int) -> tuple[int, int]:
    """Return the half-open range of lines of a node, in a section of `line_total` lines."""
    start, end = node.start_point, node.end_point
    return start[0], min(line_total, max(start[0] + 1, end[0] + (end[1] > 0)))


def _list_items(nodes: list[BlockNode], lines: list[str]) -> Iterator[ListItem]:
    for kind, node, depth in nodes:
        if kind != "list_item":
            continue
        start, end = _line_range(node, len(lines))
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        line = lines[start]
        match = _LIST_ITEM.match(line, _column_at_byte(line, node.start_point[1]))
        if match is None:
            continue
        text = line[match.end() :].rstrip()
        span = CellSpan(start, match.end(), start, match.end() + len(text))
        yield ListItem(start, end, depth - 1, match["marker"], match["box"], text, span)


def _column_at_byte(line: str, offset: int) -> int:
    """Return the column in code points that is at the byte `offset` of a line."""
    if line[:offset].isascii():
        return offset
    return len(line.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))


def _text_starts(nodes: list[BlockNode], lines: list[str], items: tuple[ListItem, ...]) -> dict[int, TextStart]:
    """Return a mapping from each line that may be a field to the `TextStart` of the line.

    Only a line of a paragraph and the first line of an item may be a field.
    """
    starts: dict[int, TextStart] = {}
    for kind, node, depth in nodes:
        if kind == "paragraph":
            for line in range(*_line_range(node, len(lines))):
                text = lines[line]
                if _has_bold_mark(text):
                    starts[line] = (len(text) - len(text.lstrip(" \t>")), depth, False)
    for item in items:
        if ":" in item.text or _has_bold_mark(item.text):
            starts[item.line] = (item.span.start_column, item.depth + 1, True)
    return starts


def _has_bold_mark(text: str) -> bool:
    return "**" in text or "__" in text


def _fields(starts: dict[int, TextStart], lines: list[str], items: tuple[ListItem, ...]) -> Iterator[Field]:
    field_starts = [
        FieldStart(line, depth, *name_and_columns)
        for line, (column, depth, in_item) in sorted(starts.items())
        if (name_and_columns := _field_name_and_columns(lines[line], column, in_item))
    ]
    item_ends = {item.line: item.end_line for item in items} if field_starts else {}
    next_field_lines = _lines_of_next_fields(field_starts, len(lines))
    for end, (line, depth, name, start_column, end_column, value_column) in zip(
        next_field_lines, field_starts, strict=True
    ):
        value = lines[line][value_column:].rstrip()
        yield Field(
            name,
            value,
            line,
            depth,
            CellSpan(line, start_column, line, end_column),
            CellSpan(line, value_column, line, value_column + len(value)),
            (line + 1, _body_end(line, end, lines, item_ends)),
        )


def _lines_of_next_fields(field_starts: list[FieldStart], line_total: int) -> list[int]:
    """Return a list with a line for each field: the line of the next field with the same or a smaller depth.

    If there is no such field, the line is `line_total`.
    """
    ends = [line_total] * len(field_starts)
    open_positions: list[int] = []
    for position, field_start in enumerate(field_starts):
        while open_positions and field_starts[open_positions[-1]].depth >= field_start.depth:
            ends[open_positions.pop()] = field_start.line
        open_positions.append(position)
    return ends


def _field_name_and_columns(line: str, column: int, in_item: bool) -> tuple[str, int, int, int] | None:
    """Return a tuple for the field that begins at `column`; None if no field begins there. The tuple has the name, the
    first column of the name, the column after the name, and the first column of the value.
    """
    if match := _BOLD_FIELD.match(line, _bold_start(line, column)):
        name = match["name"].strip()
        has_inner_colon = name.endswith(":")
        if has_inner_colon or match["colon"] or _is_bare_label(name, line[match.end() :], match["space"]):
            bare_name = name.rstrip(": \t")
            start = match.start("name") + len(match["name"]) - len(match["name"].lstrip())
            shown_name = _ESCAPE.sub(r"\1", bare_name) if "\\" in bare_name else bare_name
            return (shown_name, start, start + len(bare_name), match.end()) if bare_name else None
        return None
    if in_item and (match := _PLAIN_FIELD.match(line, column)):
        return match["name"], match.start("name"), match.end("name"), match.end()
    return None


def _is_bare_label(name: str, text_after: str, blanks: str) -> bool:
    """Tell whether a name without a colon is a label before a path: `**Archive Location** ./x`.

    `blanks` are the blanks after the bold name, and `text_after` is the text after the blanks.
    """
    return bool(blanks) and name.replace(" ", "").isalpha() and re.match(r"[`./~]", text_after) is not None


def _bold_start(line: str, column: int) -> int:
    """Return the column where bold text begins, after marks such as emoji. Without bold text, return `column`."""
    if line.startswith("**", column):
        return column
    column_after_marks = _LEADING_MARKS.match(line, column).end()  # type: ignore[union-attr]  # the pattern matches everywhere
    return column_after_marks if line.startswith("**", column_after_marks) else column


def _body_end(line: int, limit: int, lines: list[str], item_ends: dict[int, int]) -> int:
    """Return the line after the body of the field on `line`.

    The body ends at the next blank line. If a list follows the blank line, the body ends after the list. The body ends
    at the line `limit` at the latest. `item_ends` maps the first line of an item to the line after the item.
    """
    end = line + 1
    while end < limit:
        if lines[end].strip():
            end = max(end + 1, min(item_ends.get(end, 0), limit))
            continue
        next_text_line = next((number for number in range(end, limit) if lines[number].strip()), limit)
        if next_text_line not in item_ends:
            break
        end = next_text_line
    return end


def _fence(block: BlockNode, lines: list[str]) -> Fence:
    start, end = _line_range(block.node, len(lines))
    delimiter_count = sum(child.type == "fenced_code_block_delimiter" for child in block.node.children)
    return Fence(start, end, _info_string(lines[start]), delimiter_count > 1, block.depth)


def _info_string(line: str) -> str:
    """Return the text after the marks on the first line of a fence."""
    match = _FENCE_LINE.search(line)
    return match["info"].strip() if match else ""
