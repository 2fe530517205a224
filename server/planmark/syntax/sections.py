"""A Markdown text cut into sections: the unit that is parsed, cached and compared.

A section begins at an ATX heading of the document level, and at an achievement definition that follows a blank line.
Lines end at LF, CRLF and CR.

Behind a heading, and behind the first line of an achievement, no block is open but the achievement's paragraph, whatever
stood above: so a text can be cut from any of its sections on as if it began there, and after an edit it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from planmark.syntax.by_line import LINE, Cut, SectionKind
from planmark.syntax.cuts import FRONT_MATTER, cuts_from, line_count

RESTARTS = frozenset({"heading", "achievement"})
"""The kinds that end whatever stood above: what is below can be cut without it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a document. `title` is the heading's text, or the first line of an achievement; `text` is exact.

    `level` is 1 to 6 for headings, 0 for preamble and front matter, 7 for achievements; `lines` counts lines. `found` is
    what was found in it (see `by_section`).
    """

    kind: SectionKind
    level: int
    title: str
    text: str
    digest: bytes
    lines: int
    found: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Placed:
    """A section and the 0-based line of the document at which it begins."""

    start: int
    section: Section


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
    for cut in cuts_from(text, same.start):
        if cut.kind in RESTARTS and cut.offset in below:
            tail, end = below[cut.offset], cut.offset
            break
        cuts.append(cut)
    known = {(placed.section.kind, placed.section.text): placed.section for placed in before}
    pieces = zip(cuts, [*(cut.offset for cut in cuts[1:]), end], strict=False)
    sections = [_section(cut, text[cut.offset : following], known) for cut, following in pieces]
    return _joined(before[: same.head], sections, before[tail:])


def unchanged(before: Sequence[Placed], text: str) -> Unchanged:
    """Which sections of an earlier text still stand at the beginning and at the end of `text`."""
    head, start = _head(before, text)
    tail, end = len(before), len(text)
    if not start and FRONT_MATTER.match(text):
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
    return (head, start) if had_front_matter or not FRONT_MATTER.match(text) else (0, 0)


def _restarts(section: Section, text: str, start: int) -> bool:
    """Whether the first line of `section`, with its end, stands at `start` and decides alone what is open behind it."""
    first = LINE.match(section.text)
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


def _section(cut: Cut, text: str, known: Mapping[tuple[SectionKind, str], Section]) -> Section:
    if known and (same := known.get((cut.kind, text))):
        return same
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return Section(cut.kind, cut.level, cut.title, text, digest, line_count(text))
