"""The results of all editor features, as plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from planmark.ide.document import LineSpan
from planmark.plans.model import AchievementState
from planmark.queries.workspace_view import AnyPlan
from planmark.workspace.snapshot import PlanDocuments
from planmark.workspace.workspace_edits import Change

CountTokens = Callable[[str, str | None], int | None]
"""A function from (path of a plan, achievement) to the number of tokens of the prompt; None for an unknown number."""


class Hover(NamedTuple):
    """A hover text in Markdown, and the range of the name that the text explains."""

    markdown: str
    span: LineSpan


class LensCommand(NamedTuple):
    """A command of the server for a click, with its argument. `command` is "" if a click does nothing."""

    title: str
    command: str
    argument: dict[str, Any]


class Lens(NamedTuple):
    """A line for a command. `part` and `achievement` identify the command, which the client asks for later."""

    line: int
    part: str
    achievement: str | None


ItemKind = Literal["achievement", "document", "feature", "field", "status", "section", "template"]


MAX_COMPLETIONS = 500


class Completion(NamedTuple):
    """A completion: `text` replaces `span`, `sort` is the sort key, and `documentation` is Markdown.

    `snippet` is the text with tab stops, or "" for a text without tab stops.
    """

    kind: ItemKind
    label: str
    detail: str
    documentation: str
    text: str
    span: LineSpan
    sort: str
    snippet: str = ""


class Location(NamedTuple):
    """A range of a document (relative path)."""

    path: str
    span: LineSpan


class DocumentLink(NamedTuple):
    """A name with a link to a document, or to a 1-based line of the document (0: the whole document)."""

    span: LineSpan
    path: str
    line: int


class Hint(NamedTuple):
    """A text to show after a column of a line."""

    line: int
    column: int
    text: str
    tooltip: str


SymbolKind = Literal["achievement", "document", "heading"]


class Symbol(NamedTuple):
    """An entry of the outline: lines `start` to `end` (exclusive), and the entries inside."""

    kind: SymbolKind
    name: str
    detail: str
    start: int
    end: int
    span: LineSpan
    children: list[Symbol]


class SymbolMatch(NamedTuple):
    """A symbol of the workspace. `container` is the name of the symbol's plan."""

    kind: SymbolKind
    name: str
    container: str
    path: str
    span: LineSpan


class RenameRefusedError(Exception):
    """A rename that is refused, because it would overwrite a file or break a reference.

    The message names the reason and the remedy.
    """


class RenameTarget(NamedTuple):
    """The range that a rename at a position would replace, and the current name."""

    span: LineSpan
    current: str


LifecycleAct = Literal["close", "archive", "pause", "resume"]


RefusalReason = Literal["open", "done already", "refused"]


class ActError(RenameRefusedError):
    """The change of the plan is impossible or already done; the message names the reason and the remedy."""

    def __init__(self, message: str, cause: RefusalReason) -> None:
        super().__init__(message)
        self.cause: RefusalReason = cause


class PreparedAct(NamedTuple):
    """The changes that carry out an act, the path of the PLAN after them, and notes for the user."""

    changes: list[Change]
    path: str
    notes: tuple[str, ...] = ()


class AchievementTarget(NamedTuple):
    """An achievement of a plan."""

    plan: PlanDocuments
    state: AchievementState


class DependencyCall(NamedTuple):
    """The achievement at the other end of a dependency, and the place that declares the dependency."""

    target: AchievementTarget
    declaration: Location


class PlaceAt(NamedTuple):
    """The plan and the achievement that contain a position; the achievement may be None."""

    plan: AnyPlan
    achievement: AchievementState | None
