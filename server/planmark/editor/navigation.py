"""Where things are defined and where they are named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from planmark.answers.view import View
from planmark.editor.mentions import (
    AchievementTarget,
    DocumentTarget,
    Mention,
    Target,
    defined_on,
    mention_at,
    mentions,
    target_of,
)
from planmark.editor.page import Page, Span


class Location(NamedTuple):
    """A range of a document (relative path)."""

    path: str
    span: Span


class DocumentLink(NamedTuple):
    """A name that leads to a document, or to the 1-based line of one (0 for the whole)."""

    span: Span
    path: str
    line: int


def target_at(page: Page, line: int, column: int) -> Target | None:
    """What the cursor is on: a name, or a line that defines an achievement."""
    mention = mention_at(page, line, column)
    return target_of(page, mention) if mention else defined_on(page, line)


def definition(page: Page, line: int, column: int) -> Location | None:
    """Where the thing under the cursor is: the defining line of an achievement, the beginning of a document."""
    target = target_at(page, line, column)
    return place_of(page.view, target) if target else None


def place_of(view: View, target: Target) -> Location:
    """Where an achievement is defined, or a document begins."""
    if isinstance(target, AchievementTarget):
        page = Page(view, target.files.path)
        return Location(target.files.path, page.whole_line(target.state.line - 1))
    return Location(target.path, Span(0, 0, 0))


def references(page: Page, line: int, column: int, *, declaration: bool) -> list[Location]:
    """Every place of the workspace that names the thing under the cursor, by path and line."""
    target = target_at(page, line, column)
    if target is None:
        return []
    own = place_of(page.view, target)
    found = [Location(path, mention.span) for path, mention in named(page.view, target)]
    if not declaration:
        found = [place for place in found if (place.path, place.span.line) != (own.path, own.span.line)]
    elif not any((place.path, place.span.line) == (own.path, own.span.line) for place in found):
        found.append(own)
    return sorted(found, key=lambda place: (place.path, place.span.line, place.span.start))


def named(view: View, target: Target) -> Iterator[tuple[str, Mention]]:
    """Every mention of a target in the workspace, with the path of its document."""
    word = target.state.id if isinstance(target, AchievementTarget) else _stem(target.path)
    for path in view.snapshot.paths:
        page = Page(view, path)
        if not _may_name(page, word, target):
            continue
        for mention in mentions(page):
            if _same(target_of(page, mention), target):
                yield path, mention


def links(page: Page) -> list[DocumentLink]:
    """The names in a document that lead somewhere else."""
    found = []
    for mention in mentions(page):
        target = target_of(page, mention) if mention.kind != "achievement" else None
        if isinstance(target, DocumentTarget) and target.path != page.path:
            found.append(DocumentLink(mention.span, target.path, 0))
    return found


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".md")


def _may_name(page: Page, word: str, target: Target) -> bool:
    """A quick look before the names of a text are read; formatters escape underscores."""
    if isinstance(target, DocumentTarget):
        feature = word.removeprefix("PLAN_")
        return word in page.text or word.replace("_", "\\_") in page.text or f"@{feature}" in page.text
    own = page.plan is not None and page.plan.path == target.files.path
    return (own or target.files.feature in page.text) and word in page.text


def _same(one: Target | None, other: Target) -> bool:
    if isinstance(one, AchievementTarget) and isinstance(other, AchievementTarget):
        return one.files.path == other.files.path and one.state.id == other.state.id
    return isinstance(one, DocumentTarget) and one == other
