"""The editor functions of a format as one value. The methodology has a value of its own; all other formats share one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import NamedTuple

from planmark.ide import at, item_names, items, symbols
from planmark.ide.document import EditorDocument, MakeLink
from planmark.ide.features import (
    AchievementTarget,
    Completion,
    CountTokens,
    DependencyCall,
    DocumentLink,
    Hint,
    Hover,
    Lens,
    LensCommand,
    LifecycleAct,
    Location,
    PlaceAt,
    PreparedAct,
    RenameTarget,
    Symbol,
)
from planmark.plans.format import PlanSite
from planmark.plans.model import AchievementState
from planmark.plans.registry import methodology_part
from planmark.queries.workspace_view import View
from planmark.workspace.snapshot import FormatPlan
from planmark.workspace.workspace_edits import Change


class Editor(NamedTuple):
    """The functions for one document. Lines and columns are 0-based; the last of a range of lines is included.

    `lenses` returns lenses without commands, and `resolve_lens` the command of a lens by its part and achievement.
    `commands` returns the commands at a position. `complete` also receives the time, as documents write it.
    `references` omits the definition if its last argument is False. `hints` returns the inlay hints in a range of lines.
    `outline` returns the items; if its last argument is True, they are inside the headings. `rename` raises
    RenameRefusedError. `place_at_line` returns the plan and the achievement at a position. With None as the line, they are
    those of the whole document.
    """

    hover: Callable[[EditorDocument, int, int, MakeLink, CountTokens], Hover | None]
    lenses: Callable[[EditorDocument], list[Lens]]
    resolve_lens: Callable[[EditorDocument, str, str | None], LensCommand | None]
    commands: Callable[[EditorDocument, int, int], list[LensCommand]]
    complete: Callable[[EditorDocument, int, int, str], list[Completion]]
    definition: Callable[[EditorDocument, int, int], Location | None]
    references: Callable[[EditorDocument, int, int, bool], list[Location]]
    links: Callable[[EditorDocument], list[DocumentLink]]
    hints: Callable[[EditorDocument, int, int], list[Hint]]
    outline: Callable[[EditorDocument, bool], list[Symbol]]
    prepare_rename: Callable[[EditorDocument, int, int], RenameTarget | None]
    rename: Callable[[EditorDocument, int, int, str], list[Change]]
    place_at_line: Callable[[EditorDocument, int | None, int], PlaceAt | None]


class WorkEditor(NamedTuple):
    """The functions that only the methodology offers in editors and on the command line.

    `achievement_at` returns the achievement at a position, and `achievement_with_id` the achievement of a plan with an id.
    `dependents` returns the achievements that depend on an achievement, and `dependencies` those that it depends on.
    `act` returns the changes that close, archive, pause or resume a plan. `drop` returns the changes that drop an
    achievement for a reason. Both raise RenameRefusedError. `follow_renames` takes pairs of the old and the new path of a
    document, and returns the changes that update every mention of these documents. `template_of` returns the template
    text for an empty document, or None. It takes the time as documents write it.
    """

    achievement_at: Callable[[EditorDocument, int, int], AchievementTarget | None]
    achievement_with_id: Callable[[View, FormatPlan, str], AchievementTarget | None]
    dependents: Callable[[EditorDocument, AchievementTarget], list[DependencyCall]]
    dependencies: Callable[[EditorDocument, AchievementTarget], list[DependencyCall]]
    act: Callable[[View, FormatPlan, LifecycleAct], PreparedAct]
    drop: Callable[[View, FormatPlan, AchievementState, str], PreparedAct]
    follow_renames: Callable[[View, Iterable[tuple[str, str]]], list[Change]]
    template_of: Callable[[EditorDocument, str], str | None]


def _site_of_document(document: EditorDocument) -> PlanSite:
    assert document.site is not None
    return document.site


ITEM_EDITOR = Editor(
    hover=lambda document, line, column, link, cost: items.hover(
        document, _site_of_document(document), line, column, link, cost
    ),
    lenses=lambda document: items.lenses(document, _site_of_document(document)),
    resolve_lens=lambda document, part, achievement: items.lens_command(
        document, _site_of_document(document), part, achievement
    ),
    commands=lambda document, line, _column: items.commands(document, _site_of_document(document), line),
    complete=lambda document, line, column, _now: item_names.complete(
        document, _site_of_document(document), line, column
    ),
    definition=lambda document, line, column: items.definition(document, _site_of_document(document), line, column),
    references=lambda document, line, column, include_declaration: items.references(
        document, _site_of_document(document), line, column, declaration=include_declaration
    ),
    links=lambda document: items.links(document, _site_of_document(document)),
    hints=lambda document, first, last: item_names.hints(document, _site_of_document(document), first, last),
    outline=lambda document, _headings: symbols.nest_symbols(items.outline(document, _site_of_document(document))),
    prepare_rename=lambda document, line, column: item_names.rename_target_at(
        document, _site_of_document(document), line, column
    ),
    rename=lambda document, line, column, new: item_names.rename(
        document, _site_of_document(document), line, column, new
    ),
    place_at_line=lambda document, line, column: at.place_of_item(document, _site_of_document(document), line, column),
)
"""The editor functions for the documents of every format except the methodology."""


def editor_of(document: EditorDocument) -> Editor:
    """Return the editor functions of the format of a document."""
    return ITEM_EDITOR if document.site else _methodology_editor()


@functools.cache
def _methodology_editor() -> Editor:
    editor: Editor = methodology_part("editor")
    return editor


@functools.cache
def work_editor() -> WorkEditor:
    """Return the editor functions that only the methodology has."""
    editor: WorkEditor = methodology_part("work_editor")
    return editor
