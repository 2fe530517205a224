"""`planmark demo`: the example workspace, copied to a folder, and a walk through it."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path

from planmark.cli.console import line
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, UNREADABLE, CommandError

WALK: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Every plan: its progress and its next step", ("status",)),
    ("One plan: each achievement with the file that decides its state", ("status", "@CHECKOUT")),
    ("Why an achievement is in its state, rule by rule", ("why", "@CHECKOUT", "1.2")),
    ("The diagnostics, and how to fix them", ("check", "--select", "fix-unresolved,claimed-without-evidence")),
    ("The next prompt, ready to paste", ("next", "@CHECKOUT")),
)
"""The steps of the walk: a title and the command to run."""


class Options(CommandOptions):
    """The options of the command."""

    folder: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("folder", nargs="?", metavar="DIR", help="the target folder; default: a new temporary folder")


def example_workspace() -> Path:
    """Return the example workspace: package data, or in a checkout the folder that becomes it."""
    packaged = Path(str(resources.files("planmark").joinpath("example")))
    checkout = Path(__file__).resolve().parents[4] / "examples" / "workspace"
    for folder in (packaged, checkout):
        if folder.is_dir():
            return folder
    raise CommandError("the example workspace is missing: reinstall planmark", UNREADABLE)


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    from planmark.cli.main import main

    folder = context.options.folder
    target = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="planmark-demo-")) / "workspace"
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CommandError(f"{target} exists and is not empty: name a new folder", BAD_USAGE)
    shutil.copytree(example_workspace(), target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    sys.stdout.write(line(f"The example workspace is in {target}"))
    sys.stdout.write("\n")
    for says, command in WALK:
        sys.stdout.write(line((f"── {says}", "bold")))
        sys.stdout.write(line(f"$ planmark {' '.join(command)}"))
        sys.stdout.write("\n")
        sys.stdout.flush()
        main(("--workspace", str(target), *command))
        sys.stdout.flush()
        sys.stdout.write("\n")
    return CommandResult(DONE, line(f"Continue there: cd {target} && planmark status"))
