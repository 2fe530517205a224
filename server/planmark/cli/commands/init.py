"""`planmark init`: the folders and the settings of a new workspace."""

from __future__ import annotations

import argparse
from pathlib import Path

from planmark.cli.agent_pointer import add_agent_pointer
from planmark.cli.console import can_ask, confirm, line
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import DONE, UNREADABLE, CommandError
from planmark.queries.new_plan import DEFAULT_PLANS_FOLDER, SETTINGS_FILE, settings_file
from planmark.storage.paths import current_folder, leaves_root, refuse_forbidden
from planmark.workspace.atomic_write import WriteError, create_file

Options = CommandOptions


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Add no arguments, because the command has none."""


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command in the folder of `--workspace`, else in the current folder.

    The output is the paths of the files and folders that the command has created or changed.
    """
    workspace = context.options.workspace
    root = refuse_forbidden(Path(workspace) if workspace else current_folder())
    created_paths = []
    try:
        if not (root / SETTINGS_FILE).exists():
            create_file(root, settings_file())
            created_paths.append(SETTINGS_FILE)
        if leaves_root(root, f"{DEFAULT_PLANS_FOLDER}/x"):
            raise CommandError(
                f"{DEFAULT_PLANS_FOLDER} is outside {root}, because a folder in its path is a symbolic link", UNREADABLE
            )
        if not (root / DEFAULT_PLANS_FOLDER).is_dir():
            (root / DEFAULT_PLANS_FOLDER).mkdir(parents=True)
            created_paths.append(f"{DEFAULT_PLANS_FOLDER}/")
    except WriteError as error:
        raise CommandError(str(error), UNREADABLE) from None
    except OSError as error:
        raise CommandError(
            f"cannot create {root / DEFAULT_PLANS_FOLDER}: {error.strerror or error}", UNREADABLE
        ) from None
    if can_ask() and not context.options.quiet and (pointer_path := add_agent_pointer(root, confirm)):
        created_paths.append(pointer_path)
    output = "".join(map(line, created_paths or ("nothing to do: everything already exists",)))
    return CommandResult(DONE, output, notes=("next: planmark new FEATURE",))
