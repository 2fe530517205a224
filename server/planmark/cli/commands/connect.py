"""`planmark connect`: registers the tools of Planmark with the host of an agent."""

from __future__ import annotations

import argparse
from pathlib import Path

from planmark.cli.console import line
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, UNREADABLE, CommandError
from planmark.cli.hosts import AGENT_HOSTS, AgentHost, EntryTakenError, NotMergedError, merged_text, snippet_of
from planmark.cli.workspace_access import root_of
from planmark.storage.safe_read import NotReadError, read_inside
from planmark.workspace.atomic_write import WriteError, create_file, rewrite_file
from planmark.workspace.workspace_edits import CreateFile

MAX_HOST_FILE_BYTES = 4_000_000
"""Maximum number of bytes of the host's file. The command does not add its entry to a longer file."""
HOME_PATH_PREFIX = "~/"
"""The start of the path of a host's file if the file is in the home folder."""


class Options(CommandOptions):
    """The options of the command."""

    host: str
    write: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("host", choices=tuple(AGENT_HOSTS), help="the host of the agent")
    parser.add_argument(
        "--write", action="store_true", help="add the entry to the file of the host, next to everything that is there"
    )


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. The output is the text for the host's file; with `--write`, the path of the written file."""
    host = AGENT_HOSTS[context.options.host]
    if not context.options.write:
        command_text = line(f"Or run: {host.command}") if host.command else ""
        return CommandResult(
            DONE,
            f"{line(f'{host.title} reads {host.file}:')}\n{snippet_of(host)}{command_text and chr(10)}{command_text}",
        )
    if host.command:
        raise CommandError(f"{host.title} writes {host.file} itself: {host.command}", BAD_USAGE)
    # A link must not lead out of the folder that the file belongs to.
    root = Path.home().resolve() if host.file.startswith(HOME_PATH_PREFIX) else root_of(context.options)
    return _write_entry(root, host.file.removeprefix(HOME_PATH_PREFIX), host)


def _write_entry(root: Path, path: str, host: AgentHost) -> CommandResult:
    """Add the entry to the file of a host. `root` is the workspace or the home folder; `path` is relative to `root`."""
    path_line = line(host.file)
    try:
        if not (root / path).exists():
            create_file(root, CreateFile(path, snippet_of(host)))
            return CommandResult(DONE, path_line)
        old_text = read_inside(root, path, MAX_HOST_FILE_BYTES).decode("utf-8-sig")
        new_text = merged_text(old_text, host)
        if new_text is None:
            return CommandResult(DONE, path_line, notes=("the entry was there already",))
        rewrite_file(root, path, old_text, new_text)
    except EntryTakenError as error:
        raise CommandError(
            f"{host.file} has another entry of this name; remove it, or keep it. There:\n{error.entry_text}Wanted:\n"
            f"{snippet_of(host)}",
            BAD_USAGE,
        ) from None
    except (NotMergedError, UnicodeDecodeError) as error:
        problem = error if isinstance(error, NotMergedError) else "is not in UTF-8"
        note = f"planmark: {host.file} {problem}: add the entry yourself; nothing was written"
        return CommandResult(UNREADABLE, snippet_of(host), notes=(note,))
    except NotReadError as error:
        raise CommandError(f"{host.file} {error}; nothing was written", UNREADABLE) from None
    except WriteError as error:
        raise CommandError(str(error), UNREADABLE) from None
    return CommandResult(DONE, path_line)
