"""A format of plans as a value: the functions and tables through which the core works with any format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from planmark.plans.diagnostic import Diagnostic
from planmark.plans.history import History, no_history, no_line_count
from planmark.plans.model import AchievementState, Evidence, Lifecycle, NextStep, PlanState, State
from planmark.plans.work_scope import WorkScope


class FormatDocument(msgspec.Struct, frozen=True):
    """A document of a format, with its parsed facts. `role` is the format's word for the document, such as `tasks`."""

    path: str
    format: str
    role: str
    facts: Any


class PlanSite(msgspec.Struct, frozen=True):
    """A plan in a format other than the methodology, as far as the paths of its files show it.

    `path` identifies the plan. It is the path of the document that lists the items, or of the folder if there is no
    such document. `documents` are the sorted paths of all files of the plan that the format reads. All paths are
    relative to the workspace, with `/` between folders.
    """

    format: str
    path: str
    folder: str
    feature: str
    lifecycle: Lifecycle
    documents: tuple[str, ...]


class PlanInput(NamedTuple):
    """The input of the evaluation of a plan.

    `documents` maps a path to a document of the plan. Documents that cannot be read are missing. `exists` tells whether
    a file or folder exists. `is_ignored` tells whether git ignores a path. If so, a missing file proves nothing.
    `files_named` returns the paths of the files with a file name. `text` returns the text of a document. `line_count`
    returns the number of lines of a file, None if unknown. `history` returns the commits, an empty history if they are
    unknown. `line_count` and `history` return values that were read from disk before, and do not read the disk.
    """

    site: PlanSite
    documents: Mapping[str, FormatDocument]
    exists: Callable[[str], bool]
    is_ignored: Callable[[str], bool]
    files_named: Callable[[str], Sequence[str]]
    text: Callable[[str], str]
    line_count: Callable[[str], int | None] = no_line_count
    history: Callable[[], History] = no_history


def counts_every_document(_document: FormatDocument) -> bool:
    """Return True for every document. This default is for a format that recognises its plans by their paths alone."""
    return True


class AppliedRow(msgspec.Struct, frozen=True):
    """A row of a decision table, applied to an item: the letter of the row, its state, and a sentence.

    `matched` tells whether the row is the first row that matches, which decides the state of the item.
    """

    rule: str
    state: State
    says: str
    matched: bool
    evidence: tuple[Evidence, ...]


def no_plan_name(_site: PlanSite, _document: FormatDocument) -> str:
    """Return "", the name that a document gives to its plan. This default is for a format whose plans get their names
    from their paths.
    """
    return ""


def no_applied_rows(_plan: PlanInput, _state: PlanState, _item: AchievementState) -> Sequence[AppliedRow]:
    """Return no rows of a decision table. It is for a format without a decision table."""
    return ()


class Passage(NamedTuple):
    """Lines of a document for a prompt, and the reason why they matter. `start` and `end` are 1-based and inclusive."""

    path: str
    start: int
    end: int
    why: str


class PromptParts(NamedTuple):
    """The content of the prompt of a step, which a format gives to the core.

    The core renders this content, counts its tokens, and fits the prompt into the budget.

    `goal` describes the task in one or two sentences. `rules` describe how to do the task. `passages` are the lines to
    read, the most important first. If the budget is too small, the last passages are left out first. The first
    `kept_count` passages always remain. `updates` are the documents that the step changes, and `creates` are the
    documents that the step creates. `forms` has pairs: the path of a document to create, and its form, which is a text
    with places to fill in. `stated` are the lines that state the goal of the plan.

    `code` are the files that the task creates or changes. `mentioned_paths` are further paths in the task. Those that
    exist are added to `code`. The other fields have sentences. `keeps` are about boxes and statuses to update, and
    `proves` are about the proof of the work. `stops` are about reasons to stop and ask, and `ends` are about the end of
    the step. `commit` is about commits.
    """

    goal: str
    rules: tuple[str, ...]
    passages: tuple[Passage, ...] = ()
    kept_count: int = 1
    updates: tuple[str, ...] = ()
    creates: tuple[str, ...] = ()
    forms: tuple[tuple[str, str], ...] = ()
    stated: tuple[Passage, ...] = ()
    code: tuple[str, ...] = ()
    mentioned_paths: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    proves: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    commit: str = ""


def reason_only_parts(_plan: PlanInput, state: PlanState, _step: NextStep) -> PromptParts:
    """Return the parts of a prompt that has only the reason of the next step. This default is for a format without its
    own prompts.
    """
    return PromptParts(f"{state.next.reason}.", ())


class TickEdit(NamedTuple):
    """An edit that replaces a part of the 1-based `line` of a document by `text`.

    The part begins at the column `start` and ends before the column `end`. Columns count code points.
    """

    path: str
    line: int
    start: int
    end: int
    text: str


class TickOutcome(NamedTuple):
    """The result of the request to tick an item, or to clear its box.

    `edits` change the box. They are empty if the box already has the wanted mark, or if the request is refused. `notes`
    are messages for the user, for example about a missing file. `refused` is the reason why the request is refused, or
    "". `waits` tells whether a refused item can be ticked later, after more work or a decision. If not, the user needs
    a different command.
    """

    edits: tuple[TickEdit, ...] = ()
    notes: tuple[str, ...] = ()
    refused: str = ""
    waits: bool = False


def refuse_tick(_plan: PlanInput, state: PlanState, _item: AchievementState, _undo: bool) -> TickOutcome:
    """Return the refusal to tick an item. This default is for a format whose items have no boxes."""
    return TickOutcome(refused=f"the items of {state.feature} have no boxes")


class TextLink(NamedTuple):
    """A link from a name in a document to a line of a document.

    The name is in the 1-based `line`, from the column `start` to before the column `end`. Columns count code points.
    `path` and `target_line` are the target. `target_line` is 1-based; 0 stands for the whole document.
    """

    line: int
    start: int
    end: int
    path: str
    target_line: int


def no_chosen_folders(_documents: Mapping[str, FormatDocument]) -> Sequence[str]:
    """Return no folders of current plans. This default is for a format whose documents do not name a current plan."""
    return ()


class Suggestion(NamedTuple):
    """A name that the editor suggests at the cursor, with a description (`detail`).

    `typed_length` is the number of characters of the name that the user has typed.
    """

    name: str
    detail: str
    typed_length: int


def no_names(_plan: PlanInput, _text_before: str) -> Sequence[Suggestion]:
    """Return no suggestions. It is for a format whose documents contain no names except the ids of items."""
    return ()


def no_strays(_documents: Mapping[str, FormatDocument]) -> Iterable[Diagnostic]:
    """Return no diagnostics. It is for a format that reads no file outside its plans."""
    return ()


def no_links(_plan: PlanInput, _path: str, _only_line: int | None) -> Sequence[TextLink]:
    """Return no links. It is for a format whose documents do not name each other."""
    return ()


def no_details(_plan: PlanInput, _state: PlanState, _item: AchievementState) -> Sequence[Passage]:
    """Return no passages. It is for a format that describes an item only in the lines of the item."""
    return ()


def no_scopes(_plan: PlanInput) -> Mapping[str, WorkScope]:
    """Return no scopes. It is for a format whose documents state no efforts, files or waves of items."""
    return {}


class Format(NamedTuple):
    """A format of plans, as functions and tables.

    `title` is the name that users see. `role_of` returns the role of the file at a path, None if the format does not
    read the file. `parse` takes a path, a role and a text, returns the facts of the text, and raises no error. `facts`
    is the type of the facts, which the store needs. `places` returns the paths whose existence the facts of a document
    depend on.

    `discover` takes sorted paths that have a role, and returns the plans of a workspace. `counts` tells whether a
    document may belong to a plan. If not, `discover` does not get the path of the document.

    `evaluate` returns the state of a plan. `check` returns the diagnostics of a plan. `explain` returns the rows of the
    decision table for an item. `prompt` returns the parts of the prompt of a step. `details` returns the lines that
    explain an item, such as its requirements.

    `links` returns the links in the document at a path. If its last argument is a 1-based line, it returns only the
    links on this line. `names` takes the text of a line before the cursor. It returns the names that may follow, such
    as requirement numbers. `tick` returns the edits that tick an item. If its last argument is True, the edits clear
    the box.

    `strays` returns the diagnostics about documents that belong to no plan. `chosen` returns the folders of the plans
    that documents of the format call current. `naming` returns the name that a document gives to its plan; "" if the
    path gives the name. `scopes` returns a mapping from the ref of an item to the scope of its work.

    `types` maps a role to the words for its documents in `planmark find`. Users see the first word. A role without an
    entry has its name as its only word. `commands` maps a command that is only for the methodology to the words that
    tell users of the format what to do instead.
    """

    name: str
    title: str
    role_of: Callable[[str], str | None]
    parse: Callable[[str, str, str], msgspec.Struct]
    facts: Any
    places: Callable[[FormatDocument], Iterable[str]]
    discover: Callable[[Sequence[str]], Sequence[PlanSite]]
    evaluate: Callable[[PlanInput], PlanState]
    check: Callable[[PlanInput, PlanState], Iterable[Diagnostic]]
    explain: Callable[[PlanInput, PlanState, AchievementState], Sequence[AppliedRow]] = no_applied_rows
    prompt: Callable[[PlanInput, PlanState, NextStep], PromptParts] = reason_only_parts
    details: Callable[[PlanInput, PlanState, AchievementState], Sequence[Passage]] = no_details
    links: Callable[[PlanInput, str, int | None], Sequence[TextLink]] = no_links
    names: Callable[[PlanInput, str], Sequence[Suggestion]] = no_names
    tick: Callable[[PlanInput, PlanState, AchievementState, bool], TickOutcome] = refuse_tick
    strays: Callable[[Mapping[str, FormatDocument]], Iterable[Diagnostic]] = no_strays
    chosen: Callable[[Mapping[str, FormatDocument]], Sequence[str]] = no_chosen_folders
    commands: Mapping[str, str] = {}
    counts: Callable[[FormatDocument], bool] = counts_every_document
    naming: Callable[[PlanSite, FormatDocument], str] = no_plan_name
    scopes: Callable[[PlanInput], Mapping[str, WorkScope]] = no_scopes
    types: Mapping[str, tuple[str, ...]] = {}
