"""The editor functions of a format, as a value: one value for the methodology, one value for all other formats."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import NamedTuple

from planmark.ide import at, item_names, items, symbols
from planmark.ide.document import EditorDocument, Link
from planmark.ide.features import (
    AchievementTarget,
    Completion,
    Cost,
    DependencyCall,
    DocumentLink,
    FinishedAct,
    Hint,
    Hover,
    Lens,
    LensCommand,
    LifecycleAct,
    Location,
    PlaceAt,
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
    `references` omits the definition with False. `hints` returns the inlay hints in a range of lines. `outline` returns
    the items; with True, the items are inside the headings. `rename` raises RenameRefusedError. `place_at_line` returns the
    plan and the achievement at a position; with None as line, of the whole document.
    """

    hover: Callable[[EditorDocument, int, int, Link, Cost], Hover | None]
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

    `called_at` returns the achievement at a position, and `called` the achievement of a plan with an id. `needed_by`
    and `needs` return its dependencies in both directions. `act` returns the changes that close, archive, pause or
    resume a plan. `drop` returns the changes that drop an achievement for a reason. `act` and `drop` raise
    RenameRefusedError. `follow_renames` returns the changes that update every mention of moved documents (old path, new
    path). `template_of` returns the template text of an empty document, for a time in the form of documents, or None.
    """

    called_at: Callable[[EditorDocument, int, int], AchievementTarget | None]
    called: Callable[[View, FormatPlan, str], AchievementTarget | None]
    needed_by: Callable[[EditorDocument, AchievementTarget], list[DependencyCall]]
    needs: Callable[[EditorDocument, AchievementTarget], list[DependencyCall]]
    act: Callable[[View, FormatPlan, LifecycleAct], FinishedAct]
    drop: Callable[[View, FormatPlan, AchievementState, str], FinishedAct]
    follow_renames: Callable[[View, Iterable[tuple[str, str]]], list[Change]]
    template_of: Callable[[EditorDocument, str], str | None]


def _site_of_page(page: EditorDocument) -> PlanSite:
    assert page.site is not None
    return page.site


ITEMS = Editor(
    hover=lambda page, line, column, link, cost: items.hover(page, _site_of_page(page), line, column, link, cost),
    lenses=lambda page: items.lenses(page, _site_of_page(page)),
    resolve_lens=lambda page, part, achievement: items.resolve(page, _site_of_page(page), part, achievement),
    commands=lambda page, line, _column: items.commands(page, _site_of_page(page), line),
    complete=lambda page, line, column, _now: item_names.complete(page, _site_of_page(page), line, column),
    definition=lambda page, line, column: items.definition(page, _site_of_page(page), line, column),
    references=lambda page, line, column, declared: items.references(
        page, _site_of_page(page), line, column, declaration=declared
    ),
    links=lambda page: items.links(page, _site_of_page(page)),
    hints=lambda page, first, last: item_names.hints(page, _site_of_page(page), first, last),
    outline=lambda page, _headings: symbols.nest_symbols(items.outline(page, _site_of_page(page))),
    prepare_rename=lambda page, line, column: item_names.prepare(page, _site_of_page(page), line, column),
    rename=lambda page, line, column, new: item_names.rename(page, _site_of_page(page), line, column, new),
    place_at_line=lambda page, line, column: at.place_of_item(page, _site_of_page(page), line, column),
)
"""The editor functions for the documents of all other formats."""


def editor_of(page: EditorDocument) -> Editor:
    """Return the editor functions of the format of a document."""
    return ITEMS if page.site else _methodology()


@functools.cache
def _methodology() -> Editor:
    editor: Editor = methodology_part("editor")
    return editor


@functools.cache
def work_editor() -> WorkEditor:
    """Return the editor functions that only the methodology has."""
    editor: WorkEditor = methodology_part("work_editor")
    return editor
