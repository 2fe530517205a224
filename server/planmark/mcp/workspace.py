"""The workspace of a server. It returns the outputs of commands, from the result cache or from a run of the command.

Only the engine's thread uses the workspace. This module imports nothing large before it runs the first command.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from planmark.cli.cached_result import cached_result, command_key, prompt_recipient, record_cache_hit
from planmark.storage.paths import WorkspaceError, current_folder, marked_root, refuse_forbidden
from planmark.storage.result_cache import ResultCache, open_result_cache

if TYPE_CHECKING:
    from planmark.cli.context import CommandContext, CommandResult
    from planmark.queries.delivered import DeliveredPrompts
    from planmark.queries.workspace_view import View
    from planmark.workspace.index import Index, ReportProgress

SESSION_FOLDER_VARIABLE = "CLAUDE_PROJECT_DIR"
"""The environment variable in which a host of agents names the folder of its session."""

CommandWork = Callable[["CommandContext[Any]"], "CommandResult"]
"""A function that does the work of a command, in place of the function `run` of the command's module."""


class NoWorkspaceError(Exception):
    """There is no workspace yet. The message names the current folder, and says what to do."""


class CommandOutput(NamedTuple):
    """The output of a command: its exit code, its text, and its notes in one text.

    `step` is the step of the prompt in the output, and `prompt_id` is the id of this prompt. Both are "" if the output
    has no prompt.
    """

    code: int
    text: str
    notes: str = ""
    step: str = ""
    prompt_id: str = ""


class ServedWorkspace:
    """The workspace of a server, with the one index that all its results share."""

    def __init__(self, workspace_argument: str | None, environment: Mapping[str, str]) -> None:
        """`workspace_argument` is the value of `--workspace`."""
        self._named_path = workspace_argument
        self._environment = environment
        self._root: Path | None = None
        self._index: Index | None = None
        self._delivered: DeliveredPrompts | None = None
        self.progress: ReportProgress | None = None
        """The function that receives the progress of a scan, for the call that the server answers now; None if the
        client wants no progress.
        """

    def root(self) -> Path:
        """Return the path of the workspace.

        It is the folder that `--workspace` names. Without this option, it is the workspace of the current folder, else
        the workspace of the folder in `SESSION_FOLDER_VARIABLE`.

        Raises NoWorkspaceError if there is no workspace. Then the next call searches again. Raises WorkspaceError if
        the named folder must not be a workspace.
        """
        if self._root is None:
            self._root = self._find_workspace()
        return self._root

    def _find_workspace(self) -> Path:
        if self._named_path:
            return refuse_forbidden(Path(self._named_path))
        folder = current_folder()
        session_folder = self._environment.get(SESSION_FOLDER_VARIABLE)
        start_folders = [folder, *([Path(session_folder)] if session_folder else [])]
        for start_folder in start_folders:
            if root := marked_root(start_folder):
                return root
        # Imported only here, because most workspaces have a marker.
        from planmark.workspace.scan import find_root

        for start_folder in start_folders:
            try:
                return find_root(start_folder)
            except WorkspaceError:
                continue
        raise NoWorkspaceError(f"no workspace: run `planmark init` in {folder}")

    def run(
        self,
        command: str,
        names: Sequence[str] = (),
        options: Mapping[str, str] | None = None,
        *,
        work: CommandWork | None = None,
    ) -> CommandOutput:
        """Return the output of a command of the command line, from the result cache if it has a valid output.

        `names` are the arguments of the command. A name that begins with `-` is not read as an option. `options` maps
        an option of the command to its value; "" for a flag. If `work` is given, it is called in place of the command's
        `run`. Raises the errors of the command.
        """
        started = time.perf_counter()
        root, options = self.root(), options or {}
        words = [command, *names]
        for option, value in options.items():
            words += [option, value] if value else [option]
        key = None if work else command_key(words)
        if key and (cached := cached_result(root, key)):
            record_cache_hit(command, cached, time.perf_counter() - started)
            sys.stderr.write(cached.err)
            return CommandOutput(cached.code, cached.out, cached.err, cached.step, cached.prompt)
        # Imported only here, because a cached result needs none of it.
        from planmark.cli.context import CommandContext
        from planmark.cli.dispatch import load_command, options_of_values
        from planmark.cli.telemetry import run_with_telemetry

        module = load_command(command)
        option_texts = [f"{option}={value}" if value else option for option, value in options.items()]
        command_options = options_of_values(command, module, names, option_texts, str(root), quiet=False)
        # Only the first scan takes long enough to show its progress.
        progress = self.progress if self._index is None else None
        context = CommandContext(command_options, self.index(), progress=progress, delivered=self._delivered_prompts())
        result = run_with_telemetry(
            command, lambda: (work or module.run)(context), context, key, is_cache_miss=key is not None
        )
        return CommandOutput(result.code, result.output, _notes(context, result), result.step, result.prompt_id)

    def _delivered_prompts(self) -> DeliveredPrompts:
        """Return the record of the prompts that the agents of this server have got."""
        if self._delivered is None:
            from planmark.queries.delivered import DeliveredPrompts

            self._delivered = DeliveredPrompts(prompt_recipient(), self.result_cache, time.time)
        return self._delivered

    def result_cache(self) -> ResultCache | None:
        """Return the result cache of the workspace; None if the setting `cache.enable` is false."""
        is_enabled = bool(self.index().settings["cache.enable"])
        return open_result_cache(self.root(), make=True) if is_enabled else None

    def index(self) -> Index:
        """Return the index of the workspace. The first call opens the index."""
        if self._index is None:
            from planmark.queries.persistent_index import open_index

            self._index = open_index(self.root())
        return self._index

    def view(self) -> View:
        """Scan the workspace, and return its view."""
        from planmark.cli.workspace_access import fresh_view

        return fresh_view(self.index())


def _notes(context: CommandContext[Any], result: CommandResult) -> str:
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible

    return "".join(f"{visible(without_secrets(note))}\n" for note in (*context.notes, *result.notes))


def path_for_message(root: str, path: str) -> str:
    """Return `path` as a message shows it: relative to `root`, the workspace.

    If the path is outside the workspace, return only the name of the file or folder.
    """
    try:
        return Path(os.path.realpath(path)).relative_to(root).as_posix()
    except ValueError:
        return Path(path).name
