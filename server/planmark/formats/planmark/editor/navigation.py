"""Definitions, references and links of the achievements, documents and features that a document names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.editor.references import (
    DocumentTarget,
    Mention,
    MentionKind,
    Target,
    mention_at,
    mentions,
    target_defined_on,
    target_of,
)
from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import AchievementTarget, DocumentLink, Location
from planmark.queries.workspace_view import View

MayName = Callable[[str, tuple[str, ...]], bool]
"""A function that tells, from a document's path and mentioned words, whether the document may contain certain names."""


def target_at(document: EditorDocument, line: int, column: int) -> Target | None:
    """Return the target of the mention under the cursor; without a mention, the achievement that the line defines."""
    mention = mention_at(document, line, column)
    return target_of(document, mention) if mention else target_defined_on(document, line)


def definition(document: EditorDocument, line: int, column: int) -> Location | None:
    """Return the location that defines the target under the cursor.

    This is the defining line of an achievement, or the beginning of a document.
    """
    target = target_at(document, line, column)
    return location_of(document.view, target) if target else None


def location_of(view: View, target: Target) -> Location:
    """Return the location of a target: the definition of an achievement, or the beginning of a document."""
    if isinstance(target, AchievementTarget):
        document = EditorDocument(view, target.plan.path)
        return Location(target.plan.path, document.whole_line(target.state.line - 1))
    return Location(target.path, LineSpan(0, 0, 0))


def references(document: EditorDocument, line: int, column: int, declaration: bool) -> list[Location]:
    """Return every location in the workspace that names the target under the cursor, sorted by path and line.

    `declaration` tells whether to include the definition.
    """
    target = target_at(document, line, column)
    if target is None:
        return []
    definition_location = location_of(document.view, target)
    locations = [Location(path, mention.span) for path, mention in mentions_of_target(document.view, target)]
    if not declaration:
        locations = [
            location
            for location in locations
            if (location.path, location.span.line) != (definition_location.path, definition_location.span.line)
        ]
    elif not any(
        (location.path, location.span.line) == (definition_location.path, definition_location.span.line)
        for location in locations
    ):
        locations.append(definition_location)
    return sorted(locations, key=lambda location: (location.path, location.span.line, location.span.start))


def mentions_of_target(view: View, target: Target) -> Iterator[tuple[str, Mention]]:
    """Yield every mention of a target in the workspace, with the path of its document."""
    kinds, values = _kinds_and_values(target)
    for document in documents_that_may_name(view, _may_name_target(view, target)):
        for mention in mentions(document, kinds, values):
            if _has_same_target(target_of(document, mention), target):
                yield document.path, mention


def documents_that_may_name(view: View, may_name: MayName) -> Iterator[EditorDocument]:
    """Yield the documents for which `may_name` is true, sorted by path.

    Documents whose mentioned words are unknown are included.
    """
    mentioned_words = view.snapshot.mentioned_words.as_dict()
    for path in view.snapshot.paths:
        words = mentioned_words.get(path)
        if words is None or may_name(path, words):
            yield EditorDocument(view, path)


def may_name_any(names: Collection[str]) -> MayName:
    """Return a test for `documents_that_may_name` that tells whether a document mentions at least one of `names`."""
    if len(names) == 1:
        (name,) = names
        return lambda _path, words: name in words
    name_set = frozenset(names)
    return lambda _path, words: not name_set.isdisjoint(words)


def links(document: EditorDocument) -> list[DocumentLink]:
    """Return the links from the names in a document to other documents."""
    document_links = []
    for mention in mentions(document):
        target = target_of(document, mention) if mention.kind != "achievement" else None
        if isinstance(target, DocumentTarget) and target.path != document.path:
            document_links.append(DocumentLink(mention.span, target.path, 0))
    return document_links


def _kinds_and_values(target: Target) -> tuple[tuple[MentionKind, ...], frozenset[str]]:
    """Return the kinds and values of the mentions that can mean a target. A mention of a feature means its PLAN."""
    if isinstance(target, AchievementTarget):
        return ("achievement",), frozenset({target.state.id})
    file_name = target.path.rpartition("/")[2]
    name = parse_name(file_name)
    if name is not None and name.kind == "plan":
        return ("document", "feature"), frozenset({file_name, name.feature})
    return ("document",), frozenset({file_name})


def _may_name_target(view: View, target: Target) -> MayName:
    """Return a test for `documents_that_may_name` that tells whether a document may mention a target.

    An id counts only if the document belongs to the plan of the achievement, or names this plan.
    """
    if isinstance(target, DocumentTarget):
        _, values = _kinds_and_values(target)
        return may_name_any({value if value.endswith(".md") else f"@{value}" for value in values})
    achievement_id, feature, plan = target.state.id, f"@{target.plan.feature}", target.plan.path
    owners = view.snapshot.owners
    return lambda path, words: achievement_id in words and (feature in words or owners.get(path) == plan)


def _has_same_target(target: Target | None, other_target: Target) -> bool:
    if isinstance(target, AchievementTarget) and isinstance(other_target, AchievementTarget):
        return target.plan.path == other_target.plan.path and target.state.id == other_target.state.id
    return isinstance(target, DocumentTarget) and target == other_target
