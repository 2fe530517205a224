"""A plan format as a value: the functions and tables through which the core works on any format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from planmark.plans.diagnostic import Diagnostic
from planmark.plans.history import History, no_history, no_line_count
from planmark.plans.model import AchievementState, Evidence, Lifecycle, NextStep, PlanState, State
from planmark.plans.work_scope import WorkScope


class FormatDocument(msgspec.Struct, frozen=True):
    """A file that a format reads, with its parsed facts. `role` is the format's name for the kind of the file."""

    path: str
    format: str
    role: str
    facts: Any


class PlanSite(msgspec.Struct, frozen=True):
    """A plan, as the listing of files shows it.

    `path` identifies the plan: the document that lists its items, or its folder without one. `documents` are the
    paths of all files of the plan that the format reads, sorted. All paths are relative to the workspace, with `/`.
    """

    format: str
    path: str
    folder: str
    feature: str
    lifecycle: Lifecycle
    documents: tuple[str, ...]


class PlanInput(NamedTuple):
    """The input of the evaluation of a plan.

    `documents` are the documents of the site by path, without documents that cannot be read. `exists` tells whether a
    file or folder exists. `is_ignored` tells whether git ignores a path, so that a missing file proves nothing.
    `files_named` returns the files of the workspace with a file name. `text` returns the text of a document.
    `line_count` returns the number of lines of a file, None if unknown. `history` returns the commits, an empty history
    if they are unknown. `line_count` and `history` return the values of the last read from disk.
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
    """Return True, for a format that recognises its plans by their paths alone."""
    return True


class RuleOutcome(msgspec.Struct, frozen=True):
    """A row of a decision table for one item: its letter, state and sentence, and whether the row is the first match."""

    rule: str
    state: State
    says: str
    matched: bool
    evidence: tuple[Evidence, ...]


def no_naming(_site: PlanSite, _document: FormatDocument) -> str:
    """Return "", for a format whose plans have the names of their paths."""
    return ""


def no_rules(_plan: PlanInput, _state: PlanState, _item: AchievementState) -> Sequence[RuleOutcome]:
    """Return no rows, for a format without a decision table."""
    return ()


class Passage(NamedTuple):
    """Lines of a document for a prompt (1-based, both ends inclusive), and why they matter."""

    path: str
    start: int
    end: int
    why: str


class PromptParts(NamedTuple):
    """The text of a format about a step.

    The core renders this text, counts its tokens and fits the prompt into the budget.

    `goal` describes the task in one or two sentences. `rules` describe how to do the task. `passages` are the lines to
    read, the most important first: if the budget is too small, the last passages are dropped first. The first
    `kept_count` passages always remain. `updates` are the documents that the step changes, `creates` the documents that
    the step writes, and `forms` their names with their texts. `stated` are the lines that state the goal of the plan.
    `code` are the files that the task is to create or change; of `mentioned_paths`, only existing files count. `keeps`
    are the sentences about boxes and statuses to update, `proves` about proof, `stops` about when to stop and ask,
    `ends` about the end. `commit` is the sentence about commits.
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


def no_parts(_plan: PlanInput, state: PlanState, _step: NextStep) -> PromptParts:
    """Return a prompt with only the reason of the step, for a format without its own prompts."""
    return PromptParts(f"{state.next.reason}.", ())


class TickEdit(NamedTuple):
    """A replacement in one line of a document: 1-based line, columns in code points, end exclusive."""

    path: str
    line: int
    start: int
    end: int
    text: str


class Ticked(NamedTuple):
    """The edits that tick an item or clear its box. Without edits, the box already has the requested mark.

    `notes` are messages for the user, for example about a missing file. `refused` is the reason why the item may not be
    ticked, or "". `waits` tells whether the item can be ticked after more work or a decision. Otherwise, the user needs a
    different command.
    """

    edits: tuple[TickEdit, ...] = ()
    notes: tuple[str, ...] = ()
    refused: str = ""
    waits: bool = False


def no_tick(_plan: PlanInput, state: PlanState, _item: AchievementState, _undo: bool) -> Ticked:
    """Refuse to tick, for a format without boxes."""
    return Ticked(refused=f"the items of {state.feature} have no boxes")


class TextLink(NamedTuple):
    """A name in a document (1-based line, columns in code points, end exclusive), with the line that the link opens.

    `target_line` is 1-based; 0 stands for the whole document.
    """

    line: int
    start: int
    end: int
    path: str
    target_line: int


def choose_no_plan(_documents: Mapping[str, FormatDocument]) -> Sequence[str]:
    """Return no plan, for a format whose documents do not name a current plan."""
    return ()


class Suggestion(NamedTuple):
    """A completion at a position. `typed_length` is the number of characters of the name that the user has already typed."""

    name: str
    detail: str
    typed_length: int


def no_names(_plan: PlanInput, _before: str) -> Sequence[Suggestion]:
    """Return no completions, for a format whose documents contain no names except the ids of items."""
    return ()


def no_strays(_documents: Mapping[str, FormatDocument]) -> Iterable[Diagnostic]:
    """Return no diagnostics, for a format that reads no file outside its plans."""
    return ()


def no_links(_plan: PlanInput, _path: str, _only_line: int | None) -> Sequence[TextLink]:
    """Return no links, for a format whose documents do not name each other."""
    return ()


def no_details(_plan: PlanInput, _state: PlanState, _item: AchievementState) -> Sequence[Passage]:
    """Return no passages, for a format that describes each item only in the item's own lines."""
    return ()


def no_scopes(_plan: PlanInput) -> Mapping[str, WorkScope]:
    """Return no scopes, for a format whose documents do not state efforts, files or waves of items."""
    return {}


class Format(NamedTuple):
    """One format.

    `role_of` returns the role of the file at a path, or None if the format does not read the file. `parse` returns the
    facts of a text (path, role, text) and never raises. `facts` is the type of all facts, for storing them. `places`
    are the paths whose existence the facts depend on. `discover` returns the plans of a workspace, from the sorted paths
    that have a role. A path is left out if `counts` returns False for its document: the content of a document may show
    that the document belongs to no plan. `evaluate` returns the state of a plan, and `check` its diagnostics. `explain` returns the rows of
    the format's decision table for an item, and `prompt` the parts of the prompt of a step. `details` are the lines
    that explain an item, such as its requirements. `links` are the names in a document of the plan, with the lines that
    they link to; with a 1-based line, only the names on it. `names` are the names, such as requirement numbers, that may follow the text before the cursor on its
    line. `tick` returns the edits that tick an item, or with True the edits that clear its box. `strays` are the diagnostics about
    documents that belong to no plan. `chosen` are the folders of the plans that the format's own documents call the
    current ones. `naming` is the name that a document gives its plan instead of the name of its path, or "". `scopes`
    returns ref of an item → the scope of its work. `types` maps a role to the words for its documents in a search, of
    which the first is shown. A role that is not in `types` has its name as its only word. `commands` maps a command of Planmark
    that the format does not have to what its users do instead.
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
    explain: Callable[[PlanInput, PlanState, AchievementState], Sequence[RuleOutcome]] = no_rules
    prompt: Callable[[PlanInput, PlanState, NextStep], PromptParts] = no_parts
    details: Callable[[PlanInput, PlanState, AchievementState], Sequence[Passage]] = no_details
    links: Callable[[PlanInput, str, int | None], Sequence[TextLink]] = no_links
    names: Callable[[PlanInput, str], Sequence[Suggestion]] = no_names
    tick: Callable[[PlanInput, PlanState, AchievementState, bool], Ticked] = no_tick
    strays: Callable[[Mapping[str, FormatDocument]], Iterable[Diagnostic]] = no_strays
    chosen: Callable[[Mapping[str, FormatDocument]], Sequence[str]] = choose_no_plan
    commands: Mapping[str, str] = {}
    counts: Callable[[FormatDocument], bool] = counts_every_document
    naming: Callable[[PlanSite, FormatDocument], str] = no_naming
    scopes: Callable[[PlanInput], Mapping[str, WorkScope]] = no_scopes
    types: Mapping[str, tuple[str, ...]] = {}
