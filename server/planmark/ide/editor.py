"""The editor functions of a format as one `Editor`.

The methodology has its own `Editor`; all other formats share one.
"""

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
    PlanAndAchievement,
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
    """The functions for one document. Lines and columns are 0-based. A range of lines includes its last line.

    `lenses` returns lenses without commands. `resolve_lens` returns the command of the lens that a part and an
    achievement identify. `commands` returns the commands at a position. The last argument of `complete` is the current
    time, in the form that documents use. `references` omits the definition if its last argument is False. `hints`
    returns the inlay hints in a range of lines. `outline` returns the items; if its last argument is True, also the
    headings. `rename` raises RenameRefusedError if the rename is not possible. `place_at_line` returns the plan and the
    achievement at a position. If the line is None, the result is about the whole document.
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
    place_at_line: Callable[[EditorDocument, int | None, int], PlanAndAchievement | None]


class WorkEditor(NamedTuple):
    """The functions that only the methodology offers in editors and on the command line.

    `achievement_at` returns the achievement at a position. `achievement_with_id` returns the achievement that has an id
    in a plan. `dependents` returns the achievements that depend on an achievement. `dependencies` returns the
    achievements that an achievement depends on. `act` returns the changes that close, archive, pause or resume a plan.
    `drop` returns the changes that drop an achievement; its last argument is the reason. `act` and `drop` raise
    RenameRefusedError if the changes are not possible. `follow_renames` takes a tuple for each renamed document: the
    old path and the new path. It returns the changes that update every mention of these documents. `template_of`
    returns the text of the template for an empty document; None if there is no template for this document. Its last
    argument is the current time, in the form that documents use.
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
    """Return the site of the plan that a document belongs to. The document must belong to a plan in a format other than
    the methodology.
    """
    assert document.site is not None
    return document.site


ITEM_EDITOR = Editor(
    hover=lambda document, line, column, make_link, count_tokens: items.hover(
        document, _site_of_document(document), line, column, make_link, count_tokens
    ),
    lenses=lambda document: items.lenses(document, _site_of_document(document)),
    resolve_lens=lambda document, part, achievement_id: items.lens_command(
        document, _site_of_document(document), part, achievement_id
    ),
    commands=lambda document, line, _column: items.commands(document, _site_of_document(document), line),
    complete=lambda document, line, column, _now: item_names.complete(
        document, _site_of_document(document), line, column
    ),
    definition=lambda document, line, column: items.definition(document, _site_of_document(document), line, column),
    references=lambda document, line, column, includes_definition: items.references(
        document, _site_of_document(document), line, column, includes_definition=includes_definition
    ),
    links=lambda document: items.links(document, _site_of_document(document)),
    hints=lambda document, first_line, last_line: item_names.hints(
        document, _site_of_document(document), first_line, last_line
    ),
    outline=lambda document, _with_headings: symbols.nest_symbols(items.outline(document, _site_of_document(document))),
    prepare_rename=lambda document, line, column: item_names.rename_target_at(
        document, _site_of_document(document), line, column
    ),
    rename=lambda document, line, column, new_name: item_names.rename(
        document, _site_of_document(document), line, column, new_name
    ),
    place_at_line=lambda document, line, column: at.plan_and_item_at(
        document, _site_of_document(document), line, column
    ),
)
"""The editor functions for the documents of every format except the methodology."""


def editor_of(document: EditorDocument) -> Editor:
    """Return the editor functions of the format of a document."""
    return ITEM_EDITOR if document.site else _methodology_editor()


@functools.cache
def _methodology_editor() -> Editor:
    """Return the editor functions for the documents of the methodology."""
    editor: Editor = methodology_part("editor")
    return editor


@functools.cache
def work_editor() -> WorkEditor:
    """Return the editor functions that only the methodology has."""
    editor: WorkEditor = methodology_part("work_editor")
    return editor
