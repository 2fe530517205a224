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
"""A function that returns the number of tokens of a prompt, or None if the number is unknown.

It takes the path of a plan, and an achievement or None.
"""


class Hover(NamedTuple):
    """A hover text in Markdown, and the range of the name that the text explains."""

    markdown: str
    span: LineSpan


class LensCommand(NamedTuple):
    """The command of the server that a click on a lens runs, with its argument.

    `command` is "" if a click does nothing.
    """

    title: str
    command: str
    argument: dict[str, Any]


class Lens(NamedTuple):
    """A lens: a command that the editor shows above the 0-based `line`.

    `part` and `achievement` identify the command. The client asks for the command later.
    """

    line: int
    part: str
    achievement: str | None


CompletionKind = Literal["achievement", "document", "feature", "field", "status", "section", "template"]
"""The kind of a completion, which decides the icon that the editor shows."""


MAX_COMPLETIONS = 500
"""Maximum number of completions in one answer."""


class Completion(NamedTuple):
    """A completion: `text` replaces the text at `span`.

    `sort` is the key by which editors sort completions. `documentation` is Markdown. `snippet` replaces `text` in
    editors that support tab stops; "" if the text has no tab stops.
    """

    kind: CompletionKind
    label: str
    detail: str
    documentation: str
    text: str
    span: LineSpan
    sort: str
    snippet: str = ""


class Location(NamedTuple):
    """A range of the document with the relative path `path`."""

    path: str
    span: LineSpan


class DocumentLink(NamedTuple):
    """A name with a link to the document `path`.

    `line` is the 1-based line that the link opens; 0 for the whole document.
    """

    span: LineSpan
    path: str
    line: int


class Hint(NamedTuple):
    """A text to show after a column of a line, both 0-based."""

    line: int
    column: int
    text: str
    tooltip: str


SymbolKind = Literal["achievement", "document", "heading"]
"""The kind of an entry in an outline or in the list of the workspace's symbols."""


class Symbol(NamedTuple):
    """An entry of the outline of a document.

    The entry covers the 0-based lines from `start` to the line before `end`. `span` is the range of the name.
    `children` are the entries on these lines.
    """

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
    """The name that a rename would replace, and the range of the name."""

    span: LineSpan
    current_name: str


LifecycleAct = Literal["close", "archive", "pause", "resume"]
"""A command that changes the lifecycle of a plan."""


RefusalReason = Literal["open", "done already", "refused"]
"""The reason why an act is impossible.

`open` means that the state of the plan or achievement does not allow the act. `done already` means that the act has no
effect any more. `refused` means that the input is wrong, or that the changes would not be safe.
"""


class ActError(RenameRefusedError):
    """An act on a plan that is impossible, or that is already done. The message names the reason and the remedy."""

    def __init__(self, message: str, cause: RefusalReason) -> None:
        super().__init__(message)
        self.cause: RefusalReason = cause


class PreparedAct(NamedTuple):
    """The changes that carry out an act on a plan.

    `path` is the path of the PLAN after the changes. `notes` are for the user.
    """

    changes: list[Change]
    path: str
    notes: tuple[str, ...] = ()


class AchievementTarget(NamedTuple):
    """An achievement, and the plan that contains the achievement."""

    plan: PlanDocuments
    state: AchievementState


class DependencyCall(NamedTuple):
    """A dependency in either direction. `target` is the other achievement, and `declaration` is the place that declares
    the dependency.
    """

    target: AchievementTarget
    declaration: Location


class PlanAndAchievement(NamedTuple):
    """The plan and the achievement at a position. `achievement` is None if the position belongs to no achievement."""

    plan: AnyPlan
    achievement: AchievementState | None
