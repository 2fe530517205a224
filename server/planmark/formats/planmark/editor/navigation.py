"""Definitions, references and links of the achievements, documents and features that a document names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.editor.references import (
    DocumentTarget,
    Mention,
    MentionKind,
    Target,
    defined_on,
    mention_at,
    mentions,
    target_of,
)
from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import AchievementTarget, DocumentLink, Location
from planmark.queries.workspace_view import View

MayName = Callable[[str, tuple[str, ...]], bool]
"""A function of a document's path and mentioned words that tells whether the document may contain certain names."""


def target_at(page: EditorDocument, line: int, column: int) -> Target | None:
    """Return the target under the cursor: that of a mention, else the achievement that the line defines."""
    mention = mention_at(page, line, column)
    return target_of(page, mention) if mention else defined_on(page, line)


def definition(page: EditorDocument, line: int, column: int) -> Location | None:
    """Return the location that defines the target under the cursor.

    This is the defining line of an achievement, or the beginning of a document.
    """
    target = target_at(page, line, column)
    return place_of(page.view, target) if target else None


def place_of(view: View, target: Target) -> Location:
    """Return the location of a target: the definition of an achievement, or the beginning of a document."""
    if isinstance(target, AchievementTarget):
        page = EditorDocument(view, target.plan.path)
        return Location(target.plan.path, page.whole_line(target.state.line - 1))
    return Location(target.path, LineSpan(0, 0, 0))


def references(page: EditorDocument, line: int, column: int, declaration: bool) -> list[Location]:
    """Return every location in the workspace that names the target under the cursor, sorted by path and line.

    `declaration` tells whether to include the definition.
    """
    target = target_at(page, line, column)
    if target is None:
        return []
    own = place_of(page.view, target)
    locations = [Location(path, mention.span) for path, mention in mentions_of_target(page.view, target)]
    if not declaration:
        locations = [place for place in locations if (place.path, place.span.line) != (own.path, own.span.line)]
    elif not any((place.path, place.span.line) == (own.path, own.span.line) for place in locations):
        locations.append(own)
    return sorted(locations, key=lambda place: (place.path, place.span.line, place.span.start))


def mentions_of_target(view: View, target: Target) -> Iterator[tuple[str, Mention]]:
    """Yield every mention of a target in the workspace, with the path of its document."""
    kinds, values = _mentions_of_target(target)
    for page in documents_naming(view, _may_name(view, target)):
        for mention in mentions(page, kinds, values):
            if _has_same_target(target_of(page, mention), target):
                yield page.path, mention


def documents_naming(view: View, may_name: MayName) -> Iterator[EditorDocument]:
    """Yield the documents for which `may_name` is true, by path.

    Documents whose mentioned words are unknown are included.
    """
    mentioned_words = view.snapshot.mentioned_words.as_dict()
    for path in view.snapshot.paths:
        words = mentioned_words.get(path)
        if words is None or may_name(path, words):
            yield EditorDocument(view, path)


def naming_documents(names: Collection[str]) -> MayName:
    """Return a test for `documents_naming` that tells whether a document mentions at least one of `names`."""
    if len(names) == 1:
        (name,) = names
        return lambda _path, words: name in words
    name_set = frozenset(names)
    return lambda _path, words: not name_set.isdisjoint(words)


def links(page: EditorDocument) -> list[DocumentLink]:
    """Return the links from the names in a document to other documents."""
    document_links = []
    for mention in mentions(page):
        target = target_of(page, mention) if mention.kind != "achievement" else None
        if isinstance(target, DocumentTarget) and target.path != page.path:
            document_links.append(DocumentLink(mention.span, target.path, 0))
    return document_links


def _mentions_of_target(target: Target) -> tuple[tuple[MentionKind, ...], frozenset[str]]:
    """Return the kinds and values of the mentions that can mean a target. A mention of a feature means its PLAN."""
    if isinstance(target, AchievementTarget):
        return ("achievement",), frozenset({target.state.id})
    file_name = target.path.rpartition("/")[2]
    name = parse_name(file_name)
    if name is not None and name.kind == "plan":
        return ("document", "feature"), frozenset({file_name, name.feature})
    return ("document",), frozenset({file_name})


def _may_name(view: View, target: Target) -> MayName:
    """Return a test for `documents_naming` that tells whether a document may mention a target.

    An id counts only if the document belongs to the plan of the achievement, or names this plan.
    """
    if isinstance(target, DocumentTarget):
        _, values = _mentions_of_target(target)
        return naming_documents({value if value.endswith(".md") else f"@{value}" for value in values})
    achievement_id, feature, plan = target.state.id, f"@{target.plan.feature}", target.plan.path
    owners = view.snapshot.owners
    return lambda path, words: achievement_id in words and (feature in words or owners.get(path) == plan)


def _has_same_target(target: Target | None, other: Target) -> bool:
    if isinstance(target, AchievementTarget) and isinstance(other, AchievementTarget):
        return target.plan.path == other.plan.path and target.state.id == other.state.id
    return isinstance(target, DocumentTarget) and target == other
