"""The editor functions for the ids of items, in every format but the methodology: hints, completions and renames."""

from __future__ import annotations

import re

from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import MAX_COMPLETIONS, Completion, Hint, RenameRefusedError, RenameTarget
from planmark.ide.items import item_on, link_at, text_links_of
from planmark.plans.format import PlanSite
from planmark.plans.model import AchievementState
from planmark.plans.phrases import marked_label
from planmark.plans.registry import format_named
from planmark.text.lazy_pattern import lazy_pattern
from planmark.workspace.workspace_edits import Change, TextChange, in_order

_DEPENDENCY_WORDS = lazy_pattern(
    r"(?<![^\W_])(?:depends?(?: on)?|requires|after|blocked by|waits for)\b[^\w\n]*(?:[\w.-]+\s*,\s*)*(?P<typed>[\w.-]*)$",
    re.IGNORECASE,
)
"""Pattern of words such as `depends on` before the cursor, after which the ids of dependencies follow."""
_ITEM_ID = lazy_pattern(r"[^\W_][\w.-]{0,30}")


def hints(document: EditorDocument, site: PlanSite, first_line: int, last_line: int) -> list[Hint]:
    """Return a hint for each item that the lines from `first_line` to `last_line` name.

    A hint shows the state of the item.

    The lines are 0-based, and `last_line` is included.
    """
    state, item_hints = document.view.state(site.path), []
    for link in text_links_of(document, site):
        item = item_on(state, link.path, link.target_line) if first_line <= link.line - 1 <= last_line else None
        if item is not None and (item.path, item.line) != (document.path, link.line):
            tooltip = item.evidence[0].says if item.evidence else ""
            item_hints.append(Hint(link.line - 1, link.end, marked_label(item), tooltip))
    return item_hints


def complete(document: EditorDocument, site: PlanSite, line: int, column: int) -> list[Completion]:
    """Return the completions at a position: the names that the format of the plan expects there.

    If the format expects no name, and words such as `depends on` are before the position, return ids of items.
    """
    text_before = document.line(line)[:column]
    if suggestions := format_named(site.format).names(document.view.formats.input_of(site), text_before):
        return [
            Completion(
                "section",
                suggestion.name,
                suggestion.detail,
                "",
                suggestion.name,
                LineSpan(line, column - suggestion.typed_length, column),
                suggestion.name,
            )
            for suggestion in suggestions[:MAX_COMPLETIONS]
        ]
    match = _DEPENDENCY_WORDS.search(text_before)
    if match is None:
        return []
    span = LineSpan(line, column - len(match["typed"]), column)
    items = [item for item in document.view.state(site.path).achievements if item.id and item.line != line + 1]
    return [
        Completion("achievement", item.id, marked_label(item), item.title, item.id, span, f"{number:05}")
        for number, item in enumerate(items[:MAX_COMPLETIONS])
    ]


def rename_target_at(document: EditorDocument, site: PlanSite, line: int, column: int) -> RenameTarget | None:
    """Return the id of an item at a position, and the range of the id; None if no id that can be renamed is there."""
    item = _renamable_item_at(document, site, line, column)
    places = _places_of_id(document, site, item) if item else []
    span = next((id_span for path, id_span in places if path == document.path and id_span.touches(line, column)), None)
    return RenameTarget(span, item.id) if item and span else None


def rename(document: EditorDocument, site: PlanSite, line: int, column: int, new_id: str) -> list[Change]:
    """Return the changes that replace the id of the item at a position, on the line of the item and in every mention.

    Raises RenameRefusedError if no id is at the position, or if `new_id` is not a free id.
    """
    item, new_name = _renamable_item_at(document, site, line, column), new_id.strip()
    if item is None:
        raise RenameRefusedError("nothing here can be renamed: put the cursor on the id of a task")
    if not _ITEM_ID.fullmatch(new_name):
        raise RenameRefusedError(f"`{new_name}` is not an id: use letters, digits, dots and hyphens")
    items = document.view.state(site.path).achievements
    if item_with_id := next(
        (plan_item for plan_item in items if plan_item.id == new_name and plan_item is not item), None
    ):
        raise RenameRefusedError(f"{new_name} exists already: line {item_with_id.line} of {item_with_id.path}")
    places = _places_of_id(document, site, item)
    return in_order(TextChange(path, span.line, span.start, span.end, new_name) for path, span in places)


def _renamable_item_at(document: EditorDocument, site: PlanSite, line: int, column: int) -> AchievementState | None:
    """Return the item that a name at a position links to, else the item on the line of the position.

    Return None if there is no such item, or if its id is not unique.
    """
    state = document.view.state(site.path)
    text_link = link_at(document, site, line, column)
    item = (
        item_on(state, text_link.path, text_link.target_line) if text_link else item_on(state, document.path, line + 1)
    )
    if item is None or not item.id or sum(other.id == item.id for other in state.achievements) > 1:
        return None
    return item


def _places_of_id(document: EditorDocument, site: PlanSite, item: AchievementState) -> list[tuple[str, LineSpan]]:
    """Return a tuple for every place with the id of an item: the path of the document, and the span of the id.

    The places are on the line of the item, and in the mentions of the item.
    """
    line_text = EditorDocument(document.view, item.path).line(item.line - 1)
    id_column = line_text.find(item.id)
    places = [(item.path, LineSpan(item.line - 1, id_column, id_column + len(item.id)))] if id_column >= 0 else []
    for path in site.documents:
        editor_document = EditorDocument(document.view, path)
        for link in text_links_of(editor_document, site):
            link_text = editor_document.line(link.line - 1)[link.start : link.end]
            if (link.path, link.target_line) == (item.path, item.line) and link_text == item.id:
                places.append((path, LineSpan(link.line - 1, link.start, link.end)))
    return places
