"""What a command gets and what it returns. This module imports nothing large, because the server starts with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

if TYPE_CHECKING:
    from planmark.queries.api_types import Run
    from planmark.queries.workspace_view import View
    from planmark.workspace.index import Index

OutputForm = Literal["safe", "verbatim", "utf8"]
"""How output is written.

`safe` text is written as it is. `verbatim` is text of documents: a terminal shows its control characters. `utf8` is
`verbatim`, but in a pipe as UTF-8 bytes with unchanged line ends on every system.
"""


class CommandOptions:
    """The options of every command, as the parser sets them.

    A command with further options names them in its class `Options`, because mypy cannot see those of a parser.
    """

    workspace: str | None
    quiet: bool


OptionsT = TypeVar("OptionsT", bound=CommandOptions, covariant=True)


@dataclass
class DependencyLog:
    """The texts that a command read, and the paths whose existence it checked."""

    texts: set[str] = field(default_factory=set)
    places: dict[str, bool] = field(default_factory=dict)

    def watch(self, view: View) -> View:
        """Return the same view, but with a record of what is read and checked."""

        def text(path: str) -> str:
            self.texts.add(path)
            return view.text(path)

        def exists(path: str) -> bool:
            self.places[path] = view.exists(path)
            return self.places[path]

        return replace(view, text=text, exists=exists)


@dataclass
class CommandContext(Generic[OptionsT]):
    """What a command works with: its options, and the index and the view that it has opened.

    `dependencies` are what its result depends on. `notes` are the printed notes that belong to the result.
    """

    options: OptionsT
    index: Index | None = None
    view: View | None = None
    dependencies: DependencyLog = field(default_factory=DependencyLog)
    notes: list[str] = field(default_factory=list)


class CommandResult(NamedTuple):
    """The result of a command: its exit code, and what the runner prints and caches.

    `notes` follow the output on standard error, unless `--quiet` is given. If the output is JSON with a member `run`,
    `run` has its value, and `output` is the text before it. `feature`, `step` and `tokens` describe the result in its
    record: "" and 0 mean none.
    """

    code: int
    output: str = ""
    form: OutputForm = "safe"
    notes: tuple[str, ...] = ()
    run: Run | None = None
    feature: str = ""
    step: str = ""
    tokens: int = 0
