"""A Markdown text cut into sections: the unit that is parsed, cached and compared.

A section begins at an ATX heading of the document level, and at an achievement definition that follows a blank line.
Most of them are found by looking only at the lines that can begin a section or hide such a line. Where that leaves a
doubt, a loop over the lines decides: it knows as much of the block structure as it takes, which is fences, list items,
HTML blocks, indented code and front matter. Lines end at LF, CRLF and CR.

Behind a heading, and behind the first line of an achievement, no block is open but the achievement's paragraph, whatever
stood above: so a text can be cut from any of its sections on as if it began there, and after an edit it is.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from weakref import WeakValueDictionary

SectionKind = Literal["front_matter", "preamble", "heading", "achievement"]
RESTARTS = frozenset({"heading", "achievement"})
"""The kinds that end whatever stood above: what is below can be cut without it."""
ACHIEVEMENT_LEVEL = 7
"""The level of a section that begins at an achievement definition: below every heading."""

_LINE = re.compile(r"(?P<line>[^\r\n]*)(?:\r\n|\r|\n)|(?P<last>[^\r\n]+)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_MARKER = re.compile(r"(?:[-+*]|(\d{1,9})[.)])(?=[ \t]|$)")
_THEMATIC_BREAK = re.compile(r"([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_LINK_DEFINITION = re.compile(r"\[[^\]\[]+\]:[ \t]*\S+(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^)]*\)))?[ \t]*$")
_SETEXT = re.compile(r"(?:=+|-+)[ \t]*$")
_ACHIEVEMENT = re.compile(r"\*\*Achievement \d")
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


_ALONE = (
    r"(?P<heading>#{1,6})(?=[ \t\n]|\Z)|(?P<fence>`{3,}(?=[^`\n]*(?:\n|\Z))|~{3,})"
    r"|(?P<doubt> {1,3}(?:#{1,6}(?:[ \t\n]|\Z)|`{3}|~{3})| {0,3}<[A-Za-z/!?])"
)
_FIRST_EVENT = re.compile(rf"{_ALONE}|(?:[ \t]*\n)?(?P<achievement>{_ACHIEVEMENT.pattern})")
_EVENT = re.compile(rf"\n(?:{_ALONE}|[ \t]*\n(?P<achievement>{_ACHIEVEMENT.pattern}))")
"""A line that begins a section or a fence wherever no fence or HTML block of the document is open, or one of which that
is not certain without what stands above. What begins at the margin ends every list item, so these do not matter."""


class _Shared:
    """What can be referred to weakly."""

    __slots__ = ("__weakref__",)


@dataclass(frozen=True, slots=True)
class Section(_Shared):
    """A piece of a document. `title` is the heading's text, or the first line of an achievement; `text` is exact.

    `level` is 1 to 6 for headings, 0 for preamble and front matter, 7 for achievements; `lines` counts lines. `found` is
    what was found in it (see `by_section`). Equal sections are one object as long as anybody holds it.
    """

    kind: SectionKind
    level: int
    title: str
    text: str
    digest: bytes
    lines: int
    found: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)


_shared: WeakValueDictionary[tuple[SectionKind, bytes], Section] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Placed:
    """A section and the 0-based line of the document at which it begins."""

    start: int
    section: Section


class Cut(NamedTuple):
    """Where a section begins: the offset of its first character."""

    kind: SectionKind
    level: int
    title: str
    offset: int


class MarginFence(NamedTuple):
    """The half-open range of lines of a fence that stands at the margin, and whether it is closed."""

    start: int
    end: int
    closed: bool


class Unchanged(NamedTuple):
    """What an edit left: the sections before `head` stand as they did, up to `start`; those from `tail` on, from `end`.

    `start` and `end` are offsets in the new text; at `start` a section begins, or the text; at `end` a line.
    """

    head: int
    start: int
    tail: int
    end: int


def split(text: str, before: Sequence[Placed] = ()) -> tuple[Placed, ...]:
    """The sections of `text`, in order; their texts together are `text`. () for an empty text.

    `before` are the sections of an earlier text: only what changed is cut, and unchanged sections are the same objects.
    """
    same = unchanged(before, text)
    below = dict(zip(_offsets(before[same.tail :], same.end), range(same.tail, len(before)), strict=True))
    tail, end = len(before), len(text)
    cuts: list[Cut] = []
    for cut in _cuts(text, same.start):
        if cut.kind in RESTARTS and cut.offset in below:
            tail, end = below[cut.offset], cut.offset
            break
        cuts.append(cut)
    pieces = zip(cuts, [*(cut.offset for cut in cuts[1:]), end], strict=False)
    sections = [_section(cut, text[cut.offset : following]) for cut, following in pieces]
    return _joined(before[: same.head], sections, before[tail:])


def unchanged(before: Sequence[Placed], text: str) -> Unchanged:
    """Which sections of an earlier text still stand at the beginning and at the end of `text`."""
    head, start = _head(before, text)
    tail, end = len(before), len(text)
    if not start and _FRONT_MATTER.match(text):
        return Unchanged(0, 0, tail, end)
    while tail - 1 > head:
        section = before[tail - 1].section
        begin = end - len(section.text)
        if section.kind not in RESTARTS or begin < start or not text.startswith(section.text, begin):
            break
        tail, end = tail - 1, begin
    if tail < len(before) and end and text[end - 1] not in "\r\n":
        end += len(before[tail].section.text)
        tail += 1
    return Unchanged(head, start, tail, end)


def _head(before: Sequence[Placed], text: str) -> tuple[int, int]:
    """(index, offset) of the last section from which on `text` can be cut: what is above it stands, and its first line."""
    head = start = 0
    while head < len(before) and text.startswith(before[head].section.text, start):
        start += len(before[head].section.text)
        head += 1
    while head and not (head < len(before) and _restarts(before[head].section, text, start)):
        head -= 1
        start -= len(before[head].section.text)
    had_front_matter = bool(head) and before[0].section.kind == "front_matter"
    return (head, start) if had_front_matter or not _FRONT_MATTER.match(text) else (0, 0)


def _restarts(section: Section, text: str, start: int) -> bool:
    """Whether the first line of `section`, with its end, stands at `start` and decides alone what is open behind it."""
    first = _LINE.match(section.text)
    return (
        section.kind in RESTARTS
        and first is not None
        and first.lastgroup == "line"
        and text.startswith(first[0], start)
    )


def _offsets(placed: Sequence[Placed], start: int) -> Iterator[int]:
    for one in placed:
        yield start
        start += len(one.section.text)


def _joined(above: Sequence[Placed], sections: Iterable[Section], below: Sequence[Placed]) -> tuple[Placed, ...]:
    """Sections one after the other; those `above` are where they were."""
    placed = list(above)
    line = placed[-1].start + placed[-1].section.lines if placed else 0
    for section in sections:
        placed.append(Placed(line, section))
        line += section.lines
    moved = line - below[0].start if below else 0
    placed += [Placed(one.start + moved, one.section) for one in below] if moved else below
    return tuple(placed)


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


def _section(cut: Cut, text: str) -> Section:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    same = _shared.get((cut.kind, digest))
    if same is None:
        same = _shared[cut.kind, digest] = Section(cut.kind, cut.level, cut.title, text, digest, _line_count(text))
    return same


def _line_count(text: str) -> int:
    ends = len(_LINE_END.findall(text)) if "\r" in text else text.count("\n")
    return ends + (text[-1] not in "\r\n")


def _cuts(text: str, start: int) -> Iterator[Cut]:
    """Where sections begin from `start` on, where the text begins or one of the `RESTARTS`."""
    if not start and (end := _front_matter_end(text)):
        yield Cut("front_matter", 0, "", 0)
        start = end
    first = True
    for cut in _body_cuts(text, start):
        if first and cut.offset > start:
            yield Cut("preamble", 0, "", start)
        first = False
        yield cut
    if first and start < len(text):
        yield Cut("preamble", 0, "", start)


def _body_cuts(text: str, start: int) -> Iterator[Cut]:
    """The headings and achievements from `start` on, where no block is open."""
    if "\r" in text:
        yield from _cuts_by_line(text, start)
        return
    last, event = -1, _FIRST_EVENT.match(text, start) or _EVENT.search(text, start)
    while event:
        kind, reached = str(event.lastgroup), event.end()
        if kind == "fence":
            closing = _closing_line(event["fence"]).search(text, reached)
            if closing is None:
                return
            reached = closing.end()
        elif kind == "doubt":
            cut = next((cut for cut in _cuts_by_line(text, max(start, last)) if cut.offset > last), None)
            if cut is None:
                return
            yield cut
            last = reached = cut.offset
        else:
            last = event.start(kind)
            yield _cut(text, last)
        event = _EVENT.search(text, reached)


def _cut(text: str, offset: int) -> Cut:
    """The cut at a line that is known to begin a section."""
    end = text.find("\n", offset)
    line = text[offset : end if end >= 0 else len(text)]
    if heading := _heading(line):
        return Cut("heading", heading[0], heading[1], offset)
    return Cut("achievement", ACHIEVEMENT_LEVEL, line.strip(), offset)


def margin_fences(text: str) -> list[MarginFence] | None:
    """The fences of a section that stand at the margin: of what begins at the margin, nothing else is hidden.

    None where that is not certain without parsing: an indented fence or HTML may hide it, too.
    """
    if "\r" in text or "\0" in text:
        return None
    found = []
    event = _FIRST_EVENT.match(text) or _EVENT.search(text)
    while event:
        reached = event.end()
        if event.lastgroup == "doubt":
            return None
        if event.lastgroup == "fence":
            start = text.count("\n", 0, event.start("fence"))
            closing = _closing_line(event["fence"]).search(text, reached)
            reached = closing.end() if closing else len(text)
            end = text.count("\n", 0, reached) + 1 if closing else _line_count(text)
            found.append(MarginFence(start, end, closing is not None))
        event = _EVENT.search(text, reached)
    return found


@functools.lru_cache(maxsize=64)
def _closing_line(fence: str) -> re.Pattern[str]:
    """The end of the line before, and a line that closes `fence`, which stands in no list."""
    return re.compile(rf"\n {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*(?=\n|\Z)")


def _cuts_by_line(text: str, start: int) -> Iterator[Cut]:
    """As `_body_cuts`. The loop keeps: an open fence or HTML block, the open list item, the open paragraph."""
    fence = ""
    html_end: re.Pattern[str] | None = None
    in_html = False
    paragraph: Open = ""
    item = 0
    empty_item = False
    blank = True
    for match in _LINE.finditer(text, start):
        line = match["line"] if match.lastgroup == "line" else match[0]
        if fence and not item and fence not in line:
            blank = not line.strip(" \t")
            continue
        content = line.lstrip(" \t")
        if content and content is line and (item or not (fence or in_html)):
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
            continue
        indent = len(line) - len(content) if "\t" not in line else _width(line)
        if item and item <= indent < item + 4 and not (fence or in_html):
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
                yield Cut("heading", heading[0], heading[1], match.start())
                blank = False
                paragraph = ""
                continue
            if not item and blank and mark == "*" and indent == 0 and _ACHIEVEMENT.match(content):
                yield Cut("achievement", ACHIEVEMENT_LEVEL, content.strip(), match.start())
                blank = False
                paragraph = "own"
                continue
            starts = _starts(content, paragraph, depth, indent)
            fence, in_html, html_end = starts.fence, starts.in_html, starts.html_end
            paragraph = paragraph if paragraph == "lazy" and starts == _PARAGRAPH else starts.paragraph
            if starts.item and not item:
                item, empty_item = starts.item, starts.empty
        blank = False


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


def _front_matter_end(text: str) -> int:
    """The offset behind front matter, from `---` (or `+++`) on the first line to the next; 0 where there is none."""
    opening = _FRONT_MATTER.match(text)
    if opening is None:
        return 0
    lines = _LINE.finditer(text)
    next(lines)
    return next(
        (match.end() for match in lines if match[0].startswith(opening[1]) and match[0].rstrip() == opening[1]), 0
    )
