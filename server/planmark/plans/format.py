"""A plan format as a value: the functions and tables through which the core works on any format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from planmark.plans.diagnostic import Diagnostic
from planmark.plans.history import History, no_history, no_lines
from planmark.plans.model import AchievementState, Evidence, Lifecycle, NextStep, PlanState, State
from planmark.plans.work_scope import WorkScope


class FormatDocument(msgspec.Struct, frozen=True):
    """A file that a format reads, with what its parser found. `role` is the format's word for what the file is."""

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
    """What the state of a plan is made from.

    `documents` are the documents of the site by path; one that cannot be read is missing. `exists` tells whether a file
    or folder exists. `ignored` tells whether git ignores a path, so that a missing file proves nothing. `elsewhere`
    returns the files of the workspace with a file name. `text` returns the text of a document. `lines` returns how many
    lines a file has, and `history` the commits, both as of the last look at them; None, or none, if they are not known.
    """

    site: PlanSite
    documents: Mapping[str, FormatDocument]
    exists: Callable[[str], bool]
    ignored: Callable[[str], bool]
    elsewhere: Callable[[str], Sequence[str]]
    text: Callable[[str], str]
    lines: Callable[[str], int | None] = no_lines
    history: Callable[[], History] = no_history


def every_document(_document: FormatDocument) -> bool:
    """Tell that a document counts, for a format that recognises its plans by their paths alone."""
    return True


class RuleOutcome(msgspec.Struct, frozen=True):
    """A row of a decision table for one item: its letter, its state, what it says, and whether it is the first match."""

    rule: str
    state: State
    says: str
    matched: bool
    evidence: tuple[Evidence, ...]


def no_naming(_site: PlanSite, _document: FormatDocument) -> str:
    """Return "", for a format whose plans are called after their paths."""
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
    """What a format says about a step. The core renders it, counts it and fits it into the budget.

    `goal` says in one or two sentences what to do. `rules` say how, and when to stop. `passages` are the lines to read,
    the most important first: the last ones are left out first if the budget is too small. The first `kept` of them
    always remain. `updates` are the documents that the step changes, `creates` those that it writes.
    """

    goal: str
    rules: tuple[str, ...]
    passages: tuple[Passage, ...] = ()
    kept: int = 1
    updates: tuple[str, ...] = ()
    creates: tuple[str, ...] = ()


def no_parts(_plan: PlanInput, state: PlanState, _step: NextStep) -> PromptParts:
    """Return the parts of a prompt for a format that says nothing about its steps: the reason of the step."""
    return PromptParts(f"{state.next.reason}.", ())


class TickEdit(NamedTuple):
    """A replacement in one line of a document: 1-based line, columns in code points, end exclusive."""

    path: str
    line: int
    start: int
    end: int
    text: str


class Ticked(NamedTuple):
    """The edits that tick an item, or its box back to open. Without edits, the box is as it should be.

    `notes` are what the user should know, such as a missing file. `refused` says why nothing may be ticked, "" if it
    may. `waits` tells whether the refusal can end by work or a decision, instead of by a different command.
    """

    edits: tuple[TickEdit, ...] = ()
    notes: tuple[str, ...] = ()
    refused: str = ""
    waits: bool = False


def no_tick(_plan: PlanInput, state: PlanState, _item: AchievementState, _undo: bool) -> Ticked:
    """Refuse to tick, for a format without boxes."""
    return Ticked(refused=f"the items of {state.feature} have no boxes")


class TextLink(NamedTuple):
    """A name in a document (1-based line, columns in code points, end exclusive) and the line that it leads to.

    `target_line` is 1-based; 0 stands for the whole document.
    """

    line: int
    start: int
    end: int
    path: str
    target_line: int


def none_chosen(_documents: Mapping[str, FormatDocument]) -> Sequence[str]:
    """Return no plan, for a format whose documents do not say which plan is worked on."""
    return ()


class Suggestion(NamedTuple):
    """A name that may follow at a position: `typed` is how many characters of it stand before the position already."""

    name: str
    detail: str
    typed: int


def no_names(_plan: PlanInput, _before: str) -> Sequence[Suggestion]:
    """Return no names, for a format whose documents have no names beside the ids of items."""
    return ()


def no_strays(_documents: Mapping[str, FormatDocument]) -> Iterable[Diagnostic]:
    """Return no diagnostics, for a format that reads no file outside its plans."""
    return ()


def no_links(_plan: PlanInput, _path: str) -> Sequence[TextLink]:
    """Return no links, for a format whose documents do not name each other."""
    return ()


def no_details(_plan: PlanInput, _state: PlanState, _item: AchievementState) -> Sequence[Passage]:
    """Return no passages, for a format whose items say everything in their own lines."""
    return ()


def no_scopes(_plan: PlanInput) -> Mapping[str, WorkScope]:
    """Return no scopes, for a format whose documents do not say what the work on an item takes."""
    return {}


class Format(NamedTuple):
    """One format.

    `role_of` returns the role of the file at a path, or None if the format does not read it. `parse` returns the facts
    of a text (path, role, text) and never raises. `facts` is the type of all facts, for storing them. `places` are the
    paths whose existence the facts depend on. `discover` returns the plans among the sorted paths of a workspace that
    have a role. It gets only the documents that `counts` accepts, for a format that also recognises plans by content. `evaluate` returns the state of a plan, and `check` its diagnostics. `explain` returns the rows of the
    format's decision table for an item, and `prompt` what the format says about a step. `details` are the lines that
    explain an item, such as its requirements. `links` are the names in a document of the plan and what they lead to.
    `names` are the names, such as requirement numbers, that may follow the text before the cursor on its line.
    `tick` returns the edits that tick an item (or, with True, that undo it).
    `strays` are the diagnostics about documents that belong to no
    plan. `chosen` are the folders of the plans that the format's own
    documents call the current ones. `naming` is the name that a document gives its plan in place of that of its path,
    or "". `scopes` returns what the work on the items takes, by ref. `commands` maps commands of Planmark that the format does not have to what its users do instead.
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
    links: Callable[[PlanInput, str], Sequence[TextLink]] = no_links
    names: Callable[[PlanInput, str], Sequence[Suggestion]] = no_names
    tick: Callable[[PlanInput, PlanState, AchievementState, bool], Ticked] = no_tick
    strays: Callable[[Mapping[str, FormatDocument]], Iterable[Diagnostic]] = no_strays
    chosen: Callable[[Mapping[str, FormatDocument]], Sequence[str]] = none_chosen
    commands: Mapping[str, str] = {}
    counts: Callable[[FormatDocument], bool] = every_document
    naming: Callable[[PlanSite, FormatDocument], str] = no_naming
    scopes: Callable[[PlanInput], Mapping[str, WorkScope]] = no_scopes
