"""The offsets where sections begin, found by a loop over the lines that tracks the open blocks.

The loop knows fences, list items, HTML blocks, indented code and paragraphs. Lines end at LF, CRLF and CR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

SectionKind = Literal["front_matter", "preamble", "heading", "achievement"]
ACHIEVEMENT_LEVEL = 7
"""The level of a section that begins at an achievement definition. Headings have the levels 1 to 6."""

LINE_PATTERN = lazy_pattern(r"(?P<line>[^\r\n]*)(?:\r\n|\r|\n)|(?P<last>[^\r\n]+)")
"""Pattern of a line with its line end. The group `last` matches a last line without a line end."""
ACHIEVEMENT_PATTERN = lazy_pattern(r"\*\*Achievement [0-9]")
"""The beginning of the definition of an achievement."""
_FENCE = lazy_pattern(r"(`{3,})[^`]*$|(~{3,})")
_LIST_MARKER = lazy_pattern(r"(?:[-+*]|([0-9]{1,9})[.)])(?=[ \t]|$)")
_THEMATIC_BREAK = lazy_pattern(r"([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_LINK_DEFINITION = lazy_pattern(r"\[[^\]\[]+\]:[ \t]*\S+(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^)]*\)))?[ \t]*$")
_SETEXT_UNDERLINE = lazy_pattern(r"(?:=+|-+)[ \t]*$")
_HTML_BLOCK_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|frame|frameset|h1|h2|h3|h4|h5|h6|head|header|hr|html|iframe|legend|li|link|"
    "main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|section|source|summary|table|tbody|td|tfoot|th|thead|"
    "title|tr|track|ul"
)
_ATTRIBUTE = r"""\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?"""
HTML_BLOCKS: tuple[tuple[re.Pattern[str], re.Pattern[str] | None], ...] = (
    (
        lazy_pattern(r"<(?:script|pre|style|textarea)(?:[\s>]|$)", re.IGNORECASE),
        lazy_pattern(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
    ),
    (lazy_pattern(r"<!--"), lazy_pattern(r"-->")),
    (lazy_pattern(r"<\?"), lazy_pattern(r"\?>")),
    (lazy_pattern(r"<![A-Z]"), lazy_pattern(r"^(?:<![A-Z]+)?>")),
    (lazy_pattern(r"<!\[CDATA\["), lazy_pattern(r"\]\]>")),
    (lazy_pattern(rf"</?(?:{_HTML_BLOCK_TAGS})(?:\s|/?>|$)", re.IGNORECASE), None),
    (lazy_pattern(rf"(?:<[A-Za-z][A-Za-z0-9-]*(?:{_ATTRIBUTE})*\s*/?>|</[A-Za-z][A-Za-z0-9-]*\s*>)\s*$"), None),
)
"""The seven kinds of HTML block of CommonMark: the pattern of the beginning, and the pattern of the end (None: a blank
line).
"""


class SectionStart(NamedTuple):
    """The beginning of a section; `offset` is the offset of its first character."""

    kind: SectionKind
    level: int
    title: str
    offset: int


def section_starts_by_line(text: str, start: int) -> Iterator[SectionStart]:
    """Yield the starts of the headings and achievements from the offset `start` on. No block is open at `start`. The
    loop tracks the open fence or HTML block, the open list item, and the open paragraph.
    """
    fence = ""
    html_end: re.Pattern[str] | None = None
    is_in_html = False
    paragraph: OpenParagraph = ""
    item_column = 0
    is_empty_item = False
    is_after_blank = True
    for match in LINE_PATTERN.finditer(text, start):
        line = match["line"] if match.lastgroup == "line" else match[0]
        if fence and not item_column and fence not in line:
            is_after_blank = not line.strip(" \t")
            continue
        content = line.lstrip(" \t")
        if content and content is line and (item_column or not (fence or is_in_html)):
            # A fast path for most lines: text of a paragraph of the document, or an item of its lists.
            if not item_column and _is_plain(content) and not (is_after_blank and content.startswith("**Achievement")):
                paragraph = paragraph or "own"
                is_after_blank = is_empty_item = False
                continue
            if item_match := _PLAIN_ITEM.match(content):
                item_column, fence, is_in_html, html_end, paragraph = item_match.end(), "", False, None, "own"
                is_after_blank = is_empty_item = False
                continue
        if not content:
            if is_in_html and html_end is None:
                is_in_html = False
            if is_empty_item:
                item_column, is_empty_item = 0, False
            is_after_blank, paragraph = True, ""
            continue
        indent = len(line) - len(content) if "\t" not in line else _indent_width(line)
        if item_column and item_column <= indent < item_column + 4 and not (fence or is_in_html):
            plain_item = _PLAIN_ITEM.match(content)
            if plain_item or _is_plain(content):
                paragraph = "own" if plain_item else paragraph or "own"
                is_after_blank = is_empty_item = False
                continue
        if item_column and indent < item_column:
            if paragraph and not fence and not is_in_html and _continues_paragraph(content, indent):
                continue
            item_column, fence, is_in_html, paragraph = 0, "", False, ""
        is_empty_item = False
        # The column at which the content of the innermost open block begins: the list item or the document.
        content_column = item_column if indent >= item_column else 0
        if fence:
            if content[0] == fence[0] and indent - content_column < 4 and _closes_fence(content, fence):
                fence = ""
        elif is_in_html:
            is_in_html = not (html_end is not None and html_end.search(line))
        elif indent - content_column < 4:
            mark = content[0]
            if not item_column and mark == "#" and (heading_parts := parse_heading(content)):
                yield SectionStart("heading", heading_parts[0], heading_parts[1], match.start())
                is_after_blank = False
                paragraph = ""
                continue
            if (
                not item_column
                and is_after_blank
                and mark == "*"
                and indent == 0
                and ACHIEVEMENT_PATTERN.match(content)
            ):
                yield SectionStart("achievement", ACHIEVEMENT_LEVEL, content.strip(), match.start())
                is_after_blank = False
                paragraph = "own"
                continue
            new_block = _opened_block(content, paragraph, content_column, indent)
            fence, is_in_html, html_end = new_block.fence, new_block.is_in_html, new_block.html_end
            paragraph = paragraph if paragraph == "lazy" and new_block == _PARAGRAPH else new_block.paragraph
            if new_block.item_column and not item_column:
                item_column, is_empty_item = new_block.item_column, new_block.is_empty_item
        is_after_blank = False


OpenParagraph = Literal["", "own", "lazy"]
"""The open paragraph: "" without a paragraph, `own` for a paragraph of the document or the item, or `lazy`.

A `lazy` paragraph belongs to a quote or item, but a line outside may continue it. Tree-sitter's grammar and CommonMark
differ about the lines that end a paragraph. This module follows tree-sitter's grammar.
"""


class OpenedBlock(NamedTuple):
    """The block that a line opens: a fence, an HTML block, a list item (by the column of its text), or a paragraph."""

    fence: str = ""
    is_in_html: bool = False
    html_end: re.Pattern[str] | None = None
    paragraph: OpenParagraph = ""
    item_column: int = 0
    is_empty_item: bool = False


_BLOCK_START_CHARACTERS = frozenset("`~<>-*_=+#[0123456789")
"""Characters with which a line may open a block other than a paragraph."""
_PLAIN_ITEM = lazy_pattern(r"[-+*] {1,4}(?=[^\s`~<>\-*_=+#\[0-9]|\*\*[^\s*]|`[^`]|\[[ xX]\] )")
"""A list item whose text opens no other block. The match ends where the text begins."""


def _is_plain(content: str) -> bool:
    """Tell whether a line can only be text of a paragraph: a line that begins with bold, a code span, or no mark."""
    mark = content[0]
    if mark == "*":
        return content[1:2] == "*" and content[2:3] not in ("", " ", "\t", "*")
    return mark not in _BLOCK_START_CHARACTERS or (mark == "`" and content[1:2] not in ("", "`"))


_PARAGRAPH = OpenedBlock(paragraph="own")
"""The result of `_opened_block` for a line of text."""


def _opened_block(content: str, paragraph: OpenParagraph, content_column: int, indent: int) -> OpenedBlock:
    """Return the block that a line opens while `paragraph` is open.

    `content` is the line without its `indent` columns of white space. `content_column` is the column at which the text
    of the enclosing list item begins; 0 without a list item.
    """
    mark = content[0]
    if mark not in _BLOCK_START_CHARACTERS:
        return _PARAGRAPH
    if mark in "`~" and (match := _FENCE.match(content)):
        return OpenedBlock(fence=match[1] or match[2])
    if mark == "<":
        for number, (begin, end) in enumerate(HTML_BLOCKS):
            if begin.match(content) and not (number == 6 and paragraph):
                return OpenedBlock(is_in_html=end is None or not end.search(content), html_end=end)
    if mark == ">":
        inner_text = content.lstrip("> \t")
        return OpenedBlock(paragraph="lazy" if inner_text and _opened_block(inner_text, "", 0, 0).paragraph else "")
    if mark == "[" and not paragraph and _LINK_DEFINITION.match(content):
        return OpenedBlock()
    if mark in "-*_" and _THEMATIC_BREAK.match(content):
        return OpenedBlock()
    if mark in "-=" and paragraph == "own" and _SETEXT_UNDERLINE.match(content):
        return OpenedBlock()
    if (mark in "-+*" or mark.isdigit()) and (match := _LIST_MARKER.match(content)):
        text_after_marker = content[match.end() :]
        inner_text = text_after_marker.lstrip(" \t")
        if not (paragraph == "own" and not content_column and (not inner_text or len(match[1] or "") > 1)):
            gap = _indent_width(text_after_marker) if inner_text else 1
            column = indent + match.end() + (gap if 1 <= gap <= 4 else 1)
            if not inner_text:
                return OpenedBlock(item_column=column, is_empty_item=True)
            if gap > 4:
                return OpenedBlock(item_column=column)
            if inner_text[0] not in _BLOCK_START_CHARACTERS:
                return OpenedBlock(paragraph="own", item_column=column)
            return _opened_block(inner_text, "", column, column)._replace(item_column=column)
    if mark == "#" and parse_heading(content):
        return OpenedBlock()
    return _PARAGRAPH


def _continues_paragraph(content: str, indent: int) -> bool:
    """Tell whether a line outside a list item continues the item's paragraph (lazy continuation)."""
    if indent >= 4 or content[0] not in _BLOCK_START_CHARACTERS:
        return True
    return _opened_block(content, "lazy", 0, indent) == _PARAGRAPH


def parse_heading(content: str) -> tuple[int, str] | None:
    """Return a tuple for an ATX heading: its level, and its text without closing `#` marks. Else None."""
    text_after_marks = content.lstrip("#")
    level = len(content) - len(text_after_marks)
    if level > 6 or text_after_marks[:1] not in ("", " ", "\t"):
        return None
    title = text_after_marks.strip(" \t")
    bare_text = title.rstrip("#")
    return level, bare_text.rstrip(" \t") if bare_text == "" or bare_text[-1] in " \t" else title


def _closes_fence(content: str, fence: str) -> bool:
    """Tell whether a line has at least as many marks as `fence`, which opened the fence, and no other text."""
    bare_text = content.rstrip(" \t")
    return len(bare_text) >= len(fence) and bare_text == fence[0] * len(bare_text)


def _indent_width(line: str) -> int:
    """Return the width in columns of the white space that begins a line. A tab ends at the next multiple of four."""
    width = 0
    for character in line:
        if character == " ":
            width += 1
        elif character == "\t":
            width += 4 - width % 4
        else:
            break
    return width
