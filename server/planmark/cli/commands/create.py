"""`planmark create`: creates the next file of an achievement from its template, in the folder of the plan."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from planmark.cli.console import line, print_note
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, WAITING, CommandError, NameTakenError
from planmark.cli.workspace_access import create_workspace_file, find_plan_and_document, open_workspace
from planmark.queries.authoring import ExistsError, MisnamedError, NewFileContext, NotWantedError, authoring
from planmark.queries.meant import methodology_plan, needed_achievement
from planmark.workspace.workspace_edits import CreateFile

CREATED_KINDS = ("subplan", "execution")
"""The kinds of files that the command can create."""


class Options(CommandOptions):
    """The options of the command."""

    kind: str
    feature: str
    achievement: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("kind", choices=CREATED_KINDS, help="which file")
    parser.add_argument("feature", metavar="@FEATURE", help="the plan")
    parser.add_argument(
        "achievement", nargs="?", metavar="N.N", help="the achievement; not needed for the path of one of its documents"
    )


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. The output is the path of the new file."""
    path = create_document(context, authoring().create[context.options.kind])
    print_note(f"next: fill it in, then planmark next {path}", quiet=context.options.quiet)
    return CommandResult(DONE, line(path))


def create_document(context: CommandContext[Options], make_file: Callable[[NewFileContext], CreateFile]) -> str:
    """Create the file that `make_file` returns for the named achievement, and return its relative path.

    If another process has created a file with the same path meanwhile, `make_file` is called again.
    """
    options = context.options
    view = open_workspace(context)
    named_plan = find_plan_and_document(view, options.feature)
    plan = methodology_plan(named_plan.plan, "create")
    file_context = NewFileContext(view, plan, needed_achievement(view, named_plan, options.achievement).id)
    while True:
        try:
            file = make_file(file_context)
        except ExistsError as error:
            code = WAITING if isinstance(error, (MisnamedError, NotWantedError)) else BAD_USAGE
            raise CommandError(str(error), code) from None
        try:
            return create_workspace_file(view, file)
        except NameTakenError:
            # Another process created the file first: `make_file` now returns a free name, or raises ExistsError.
            file_context = file_context._replace(existing_paths=file_context.existing_paths | {file.path})
