"""The input and the result of a command.

This module imports no large modules, because the server imports it at its start.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

if TYPE_CHECKING:
    from planmark.queries.api_types import Run
    from planmark.queries.delivered import DeliveredPrompts
    from planmark.queries.workspace_view import View
    from planmark.workspace.index import Index, ReportProgress

OutputForm = Literal["safe", "verbatim", "utf8"]
"""The form in which output is written.

`safe` output has no control characters, and is written unchanged. `verbatim` output may have control characters from a
document. On a terminal, they are made visible. `utf8` output is written like `verbatim` output on a terminal. In a
pipe, it is written as UTF-8 bytes, and its line ends stay unchanged on every system.
"""


class CommandOptions:
    """The options of every command, as the parser sets them.

    A command with further options declares these options in its class `Options`, because mypy cannot see the options
    of a parser.
    """

    workspace: str | None
    quiet: bool


OptionsT = TypeVar("OptionsT", bound=CommandOptions, covariant=True)


@dataclass
class DependencyLog:
    """A log of what the result of a command depends on.

    `texts` are the paths of the documents that the command has read. `existence` maps each path that the command has
    looked for to whether the path exists.
    """

    texts: set[str] = field(default_factory=set)
    existence: dict[str, bool] = field(default_factory=dict)

    def watch(self, view: View) -> View:
        """Return a copy of `view` that records in this log which texts are read, and which paths are looked for."""

        def text(path: str) -> str:
            self.texts.add(path)
            return view.text(path)

        def exists(path: str) -> bool:
            self.existence[path] = view.exists(path)
            return self.existence[path]

        return replace(view, text=text, exists=exists)


@dataclass
class CommandContext(Generic[OptionsT]):
    """The context of a command: its options, and the index and the view that the command has opened.

    A caller that runs several commands gives each of them the same `index`. `progress` is called with the number of
    read files and the number of all files. If `progress` is None, a terminal shows these numbers. `delivered` are the
    delivered prompts, if the caller keeps them for later commands. `dependencies` records what the result depends on.
    `notes` are notes that were printed already, and that are cached with the result.
    """

    options: OptionsT
    index: Index | None = None
    view: View | None = None
    dependencies: DependencyLog = field(default_factory=DependencyLog)
    notes: list[str] = field(default_factory=list)
    progress: ReportProgress | None = None
    delivered: DeliveredPrompts | None = None


class CommandResult(NamedTuple):
    """The result of a command: its exit code, and the output that is printed and may be cached.

    `notes` are printed after the output, on standard error, unless `--quiet` is given. If the output is JSON with a
    member `run`, the field `run` has the value of this member. Then `output` is only the JSON before the member.

    `feature`, `step` and `tokens` describe the result in the file of records. `prompt_id` is the id of a delivered
    prompt. In these four fields, "" and 0 mean that there is no value.
    """

    code: int
    output: str = ""
    form: OutputForm = "safe"
    notes: tuple[str, ...] = ()
    run: Run | None = None
    feature: str = ""
    step: str = ""
    tokens: int = 0
    prompt_id: str = ""
