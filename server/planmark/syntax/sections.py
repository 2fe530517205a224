"""A Markdown text cut into sections: the unit that is parsed, cached and compared.

A section begins at an ATX heading of the document level, and at an achievement definition that follows a blank line.
One loop over the lines; it knows as much of the block structure as decides whether a line is such a heading: fences,
list items, HTML blocks, indented code and front matter. Lines end at LF, CRLF and CR.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

SectionKind = Literal["front_matter", "preamble", "heading", "achievement"]
ACHIEVEMENT_LEVEL = 7
"""The level of a section that begins at an achievement definition: below every heading."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_MARKER = re.compile(r"(?:[-+*]|(\d{1,9})[.)])(?=[ \t]|$)")
_THEMATIC_BREAK = re.compile(r"([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_LINK_DEFINITION = re.compile(r"\[[^\]\[]+\]:[ \t]*\S+(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^)]*\)))?[ \t]*$")
_SETEXT = re.compile(r"(?:=+|-+)[ \t]*$")
_ACHIEVEMENT = re.compile(r"\*\*Achievement \d+(?:\.\d+)*")
_FRONT_MATTER = re.compile(r" {0,3}(---|\+\+\+)[ \t]*(?:\r?\n|\r|$)")
_HTML_BLOCK_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|frame|frameset|h1|h2|h3|h4|h5|h6|head|header|hr|html|iframe|legend|li|link|"
    "main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|section|source|summary|table|tbody|td|tfoot|th|thead|"
    "title|tr|track|ul"
)
_ATTRIBUTE = r"""\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?"""
HTML_BLOCKS: tuple[tuple[re.Pattern[str], re.Pattern[str] | None], ...] = (
    (
        re.compile(r"<(?:script|pre|style|textarea)(?:[\s>]|$)", re.IGNORECASE),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
    ),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<![A-Z]"), re.compile(r"^(?:<![A-Z]+)?>")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(rf"</?(?:{_HTML_BLOCK_TAGS})(?:\s|/?>|$)", re.IGNORECASE), None),
    (re.compile(rf"(?:<[A-Za-z][A-Za-z0-9-]*(?:{_ATTRIBUTE})*\s*/?>|</[A-Za-z][A-Za-z0-9-]*\s*>)\s*$"), None),
)
"""The seven kinds of HTML block of CommonMark: how each begins, and what ends it (None: a blank line)."""


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a document. `title` is the heading's text, or the first line of an achievement; `text` is exact.

    `level` is 1 to 6 for headings, 0 for preamble and front matter, 7 for achievements; `lines` counts lines.
    """

    kind: SectionKind
    level: int
    title: str
    text: str
    digest: bytes
    lines: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A section and the 0-based line of the document at which it begins."""

    start: int
    section: Section


class Cut(NamedTuple):
    """Where a section begins: the offset of its first character and its 0-based line."""

    kind: SectionKind
    level: int
    title: str
    offset: int
    line: int


def split(text: str) -> tuple[Placed, ...]:
    """The sections of `text`, in order; their texts together are `text`. () for an empty text."""
    if not text:
        return ()
    lines = _lines(text)
    cuts = list(_cuts(lines))
    ends = [*cuts[1:], None]
    total = len(lines)
    return tuple(
        Placed(
            cut.line,
            _section(cut, text[cut.offset : end.offset if end else len(text)], (end.line if end else total) - cut.line),
        )
        for cut, end in zip(cuts, ends, strict=True)
    )


def resplit(old: tuple[Placed, ...], text: str) -> tuple[Placed, ...]:
    """As `split(text)`, with the very sections of `old` wherever they are unchanged."""
    known = {(p.section.digest, p.section.kind, p.section.level): p.section for p in old}
    return tuple(
        Placed(p.start, known.get((p.section.digest, p.section.kind, p.section.level), p.section)) for p in split(text)
    )


def heading_path(placed: tuple[Placed, ...], index: int) -> tuple[int, ...]:
    """The indexes of the headings above section `index`, outermost first."""
    path: list[int] = []
    level = placed[index].section.level
    for above in range(index - 1, -1, -1):
        section = placed[above].section
        if section.kind == "heading" and section.level < level:
            path.append(above)
            level = section.level
    return tuple(reversed(path))


def _section(cut: Cut, text: str, lines: int) -> Section:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return Section(cut.kind, cut.level, cut.title, text, digest, lines)


def _lines(text: str) -> list[tuple[int, str]]:
    """Every line without its end, and the offset at which it begins."""
    if "\r" in text:
        return [(match.start(), match[0].rstrip("\r\n")) for match in _LINE.finditer(text)]
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    offsets = itertools.accumulate((len(line) + 1 for line in lines), initial=0)
    return list(zip(offsets, lines, strict=False))


def _cuts(lines: list[tuple[int, str]]) -> Iterator[Cut]:
    """Where sections begin. The loop keeps: an open fence or HTML block, the open list item, the open paragraph."""
    first = _front_matter_end(lines)
    if first:
        yield Cut("front_matter", 0, "", 0, 0)
    if first < len(lines):
        yield from _body_cuts(lines, first)


def _body_cuts(lines: list[tuple[int, str]], first: int) -> Iterator[Cut]:
    fence = ""
    html_end: re.Pattern[str] | None = None
    in_html = False
    paragraph: Open = ""
    item = 0
    empty_item = False
    blank = True
    pending = True
    for number in range(first, len(lines)):
        offset, line = lines[number]
        if fence and not item and fence not in line and not pending:
            blank = not line.strip(" \t")
            continue
        content = line.lstrip(" \t")
        if content and content is line and not pending and (item or not (fence or in_html)):
            # Most lines are these two: text of a paragraph of the document, and an item of its lists.
            if not item and _is_plain(content) and not (blank and content.startswith("**Achievement")):
                paragraph = paragraph or "own"
                blank = empty_item = False
                continue
            if plain := _PLAIN_ITEM.match(content):
                item, fence, in_html, html_end, paragraph = plain.end(), "", False, None, "own"
                blank = empty_item = False
                continue
        if not content:
            if in_html and html_end is None:
                in_html = False
            if empty_item:
                item, empty_item = 0, False
            blank, paragraph = True, ""
            if pending:
                yield Cut("preamble", 0, "", offset, number)
                pending = False
            continue
        indent = len(line) - len(content) if "\t" not in line else _width(line)
        if item and item <= indent < item + 4 and not (fence or in_html or pending):
            plain_item = _PLAIN_ITEM.match(content)
            if plain_item or _is_plain(content):
                paragraph = "own" if plain_item else paragraph or "own"
                blank = empty_item = False
                continue
        if item and indent < item:
            if paragraph and not fence and not in_html and _continues(content, indent):
                continue
            item, fence, in_html, paragraph = 0, "", False, ""
        empty_item = False
        depth = item if indent >= item else 0
        if fence:
            if content[0] == fence[0] and indent - depth < 4 and _closes(content, fence):
                fence = ""
        elif in_html:
            in_html = not (html_end is not None and html_end.search(line))
        elif indent - depth >= 4 and not paragraph:
            pass
        elif indent - depth < 4:
            mark = content[0]
            if not item and mark == "#" and (heading := _heading(content)):
                yield Cut("heading", heading[0], heading[1], offset, number)
                pending = blank = False
                paragraph = ""
                continue
            if not item and blank and mark == "*" and indent == 0 and _ACHIEVEMENT.match(content):
                yield Cut("achievement", ACHIEVEMENT_LEVEL, content.strip(), offset, number)
                pending = blank = False
                paragraph = "own"
                continue
            starts = _starts(content, paragraph, depth, indent)
            fence, in_html, html_end = starts.fence, starts.in_html, starts.html_end
            paragraph = paragraph if paragraph == "lazy" and starts == _PARAGRAPH else starts.paragraph
            if starts.item and not item:
                item, empty_item = starts.item, starts.empty
        if pending:
            yield Cut("preamble", 0, "", offset, number)
            pending = False
        blank = False
    if pending:
        yield Cut("preamble", 0, "", lines[first][0], first)


Open = Literal["", "own", "lazy"]
"""Whether a paragraph is open: none, one of the document or the item, or one of a quote or item that a line outside of
it may still continue. What interrupts which is as tree-sitter's grammar has it, where that differs from CommonMark."""


class Start(NamedTuple):
    """What a line opens: a fence, an HTML block, a list item (the column of its content), or a paragraph."""

    fence: str = ""
    in_html: bool = False
    html_end: re.Pattern[str] | None = None
    paragraph: Open = ""
    item: int = 0
    empty: bool = False


_MARKS = frozenset("`~<>-*_=+#[0123456789")
_PLAIN_ITEM = re.compile(r"[-+*] {1,4}(?=[^\s`~<>\-*_=+#\[0-9]|\*\*[^\s*]|`[^`]|\[[ xX]\] )")
"""An item of a list whose text can open nothing else; ends where the text begins."""


def _is_plain(content: str) -> bool:
    """Whether a line can only be text of a paragraph: it begins with no mark, with bold, or with a code span."""
    mark = content[0]
    if mark == "*":
        return content[1:2] == "*" and content[2:3] not in ("", " ", "\t", "*")
    return mark not in _MARKS or (mark == "`" and content[1:2] not in ("", "`"))


_PARAGRAPH = Start(paragraph="own")


def _starts(content: str, paragraph: Open, depth: int, indent: int) -> Start:
    mark = content[0]
    if mark not in _MARKS:
        return _PARAGRAPH
    if mark in "`~" and (match := _FENCE.match(content)):
        return Start(fence=match[1] or match[2])
    if mark == "<":
        for kind, (begin, end) in enumerate(HTML_BLOCKS):
            if begin.match(content) and not (kind == 6 and paragraph):
                return Start(in_html=end is None or not end.search(content), html_end=end)
    if mark == ">":
        inner = content.lstrip("> \t")
        return Start(paragraph="lazy" if inner and _starts(inner, "", 0, 0).paragraph else "")
    if mark == "[" and not paragraph and _LINK_DEFINITION.match(content):
        return Start()
    if mark in "-*_" and _THEMATIC_BREAK.match(content):
        return Start()
    if mark in "-=" and paragraph == "own" and _SETEXT.match(content):
        return Start()
    if (mark in "-+*" or mark.isdigit()) and (match := _MARKER.match(content)):
        rest = content[match.end() :]
        inner = rest.lstrip(" \t")
        if not (paragraph == "own" and not depth and (not inner or len(match[1] or "") > 1)):
            gap = _width(rest) if inner else 1
            column = indent + match.end() + (gap if 1 <= gap <= 4 else 1)
            if not inner:
                return Start(item=column, empty=True)
            if gap > 4:
                return Start(item=column)
            if inner[0] not in _MARKS:
                return Start(paragraph="own", item=column)
            return _starts(inner, "", column, column)._replace(item=column)
    if mark == "#" and _heading(content):
        return Start()
    return _PARAGRAPH


def _continues(content: str, indent: int) -> bool:
    """Whether a line that lies outside a list item goes on with the item's paragraph (lazy continuation)."""
    if indent >= 4 or content[0] not in _MARKS:
        return True
    return _starts(content, "lazy", 0, indent) == _PARAGRAPH


def _heading(content: str) -> tuple[int, str] | None:
    """(level, text) of an ATX heading without its closing `#`s; None where the line is none."""
    rest = content.lstrip("#")
    level = len(content) - len(rest)
    if level > 6 or rest[:1] not in ("", " ", "\t"):
        return None
    title = rest.strip(" \t")
    bare = title.rstrip("#")
    return level, bare.rstrip(" \t") if bare == "" or bare[-1] in " \t" else title


def _closes(content: str, fence: str) -> bool:
    bare = content.rstrip(" \t")
    return len(bare) >= len(fence) and bare == fence[0] * len(bare)


def _width(line: str) -> int:
    """Columns of leading white space, tabs to multiples of four."""
    width = 0
    for character in line:
        if character == " ":
            width += 1
        elif character == "\t":
            width += 4 - width % 4
        else:
            break
    return width


def _front_matter_end(lines: list[tuple[int, str]]) -> int:
    """The number of lines of front matter, from `---` (or `+++`) on the first line to the next; 0 where there is none."""
    opening = _FRONT_MATTER.match(lines[0][1]) if lines else None
    if opening is None:
        return 0
    for number in range(1, len(lines)):
        line = lines[number][1]
        if line.startswith(opening[1]) and line.rstrip() == opening[1]:
            return number + 1
    return 0
