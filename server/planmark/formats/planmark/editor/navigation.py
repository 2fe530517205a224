"""Definitions, references and links of the achievements, documents and features that a document names.

Lines and columns of the cursor are 0-based.
"""

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
"""A function that tells whether a document may contain certain names.

It takes the path of the document and the words that the document mentions.
"""


def target_at(document: EditorDocument, line: int, column: int) -> Target | None:
    """Return the achievement or the document that the mention under the cursor names.

    If there is no mention, return the achievement that the line defines; else None.
    """
    mention = mention_at(document, line, column)
    return target_of(document, mention) if mention else target_defined_on(document, line)


def definition(document: EditorDocument, line: int, column: int) -> Location | None:
    """Return the location of the achievement or the document that the text under the cursor names.

    The location of an achievement is its definition. The location of a document is its beginning.
    """
    target = target_at(document, line, column)
    return location_of(document.view, target) if target else None


def location_of(view: View, target: Target) -> Location:
    """Return the location of `target`: the definition of the achievement, or the beginning of the document."""
    if isinstance(target, AchievementTarget):
        document = EditorDocument(view, target.plan.path)
        return Location(target.plan.path, document.span_of_line_text(target.state.line - 1))
    return Location(target.path, LineSpan(0, 0, 0))


def references(document: EditorDocument, line: int, column: int, includes_definition: bool) -> list[Location]:
    """Return every location in the workspace that names the same achievement or document as the text under the cursor.

    The locations are sorted by path, line and column. `includes_definition` tells whether to include the
    definition.
    """
    target = target_at(document, line, column)
    if target is None:
        return []
    definition_location = location_of(document.view, target)
    locations = [Location(path, mention.span) for path, mention in mentions_of_target(document.view, target)]
    if not includes_definition:
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
    """Yield a pair (path of the document, mention) for each mention of `target` in the workspace."""
    kinds, written_names = _kinds_and_written_names(target)
    for document in documents_that_may_name(view, _may_name_target(view, target)):
        for mention in mentions(document, kinds, written_names):
            if _are_same_target(target_of(document, mention), target):
                yield document.path, mention


def documents_that_may_name(view: View, may_name: MayName) -> Iterator[EditorDocument]:
    """Yield the documents for which `may_name` is true, sorted by path.

    Also yield each document whose mentioned words are unknown.
    """
    mentioned_words = view.snapshot.mentioned_words.as_dict()
    for path in view.snapshot.paths:
        words = mentioned_words.get(path)
        if words is None or may_name(path, words):
            yield EditorDocument(view, path)


def may_name_any(names: Collection[str]) -> MayName:
    """Return a function for `documents_that_may_name`: it tells whether a document mentions at least one of `names`."""
    if len(names) == 1:
        (name,) = names
        return lambda _path, words: name in words
    name_set = frozenset(names)
    return lambda _path, words: not name_set.isdisjoint(words)


def links(document: EditorDocument) -> list[DocumentLink]:
    """Return a link for each name of a document or a feature in the text that means a different document."""
    document_links = []
    for mention in mentions(document):
        target = target_of(document, mention) if mention.kind != "achievement" else None
        if isinstance(target, DocumentTarget) and target.path != document.path:
            document_links.append(DocumentLink(mention.span, target.path, 0))
    return document_links


def _kinds_and_written_names(target: Target) -> tuple[tuple[MentionKind, ...], frozenset[str]]:
    """Return the kinds of the mentions that can mean a target, and the names that stand in these mentions.

    A mention of a feature means the PLAN of the feature.
    """
    if isinstance(target, AchievementTarget):
        return ("achievement",), frozenset({target.state.id})
    file_name = target.path.rpartition("/")[2]
    name = parse_name(file_name)
    if name is not None and name.kind == "plan":
        return ("document", "feature"), frozenset({file_name, name.feature})
    return ("document",), frozenset({file_name})


def _may_name_target(view: View, target: Target) -> MayName:
    """Return a function for `documents_that_may_name`: it tells whether a document may mention `target`.

    The id of an achievement counts only in a document that belongs to the achievement's plan or names this plan.
    """
    if isinstance(target, DocumentTarget):
        _, written_names = _kinds_and_written_names(target)
        return may_name_any(
            {written_name if written_name.endswith(".md") else f"@{written_name}" for written_name in written_names}
        )
    achievement_id, feature, plan_path = target.state.id, f"@{target.plan.feature}", target.plan.path
    owners = view.snapshot.owners
    return lambda path, words: achievement_id in words and (feature in words or owners.get(path) == plan_path)


def _are_same_target(first_target: Target | None, second_target: Target) -> bool:
    """Tell whether two targets are the same achievement or the same document."""
    if isinstance(first_target, AchievementTarget) and isinstance(second_target, AchievementTarget):
        return first_target.plan.path == second_target.plan.path and first_target.state.id == second_target.state.id
    return isinstance(first_target, DocumentTarget) and first_target == second_target
