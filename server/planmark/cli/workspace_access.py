"""The input of a command: the current workspace on disk, and the plan that the user names."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from planmark.cli.arguments import wrong_choice_text
from planmark.cli.console import record_note, scan_progress
from planmark.cli.context import CommandContext, CommandOptions
from planmark.cli.errors import BAD_USAGE, UNREADABLE, CommandError, NameTakenError
from planmark.cli.telemetry import attach_index
from planmark.coordination.lease_store import LeaseStore
from planmark.metrics.trace import Timer, current_trace
from planmark.queries.lookup import NoAnswerError
from planmark.queries.meant import NamedPlan, plan_meant_by_path, resolve_plan
from planmark.queries.persistent_index import open_index
from planmark.queries.plan_formats import format_names, no_plans_of_format_message, view_of_format
from planmark.queries.workspace_view import AnyPlan, View, build_view
from planmark.storage.lease_files import LeaseFolderError
from planmark.storage.paths import current_folder, refuse_forbidden, resolved_inside
from planmark.workspace.atomic_write import PathTakenError, WriteError, create_file, workspace_lock
from planmark.workspace.index import Index, ReportProgress, no_progress
from planmark.workspace.left_out import git_branch
from planmark.workspace.scan import BOM_CODE, find_root
from planmark.workspace.work_evidence import WorkEvidence
from planmark.workspace.workspace_edits import CreateFile


def root_of(options: CommandOptions) -> Path:
    """Return the workspace that `--workspace` names, else the workspace of the current folder.

    Raises WorkspaceError if there is no workspace.
    """
    return refuse_forbidden(Path(options.workspace)) if options.workspace else find_root(current_folder())


def open_workspace(
    context: CommandContext[CommandOptions],
    *,
    ignore_claims: bool = False,
    report_problems: bool = True,
    needs_diagnostics: bool = False,
    settings: Mapping[str, object] | None = None,
) -> View:
    """Scan the workspace on disk, and return its view.

    If the context already has an index, and `settings` is None, this index is scanned again. With `ignore_claims`,
    states do not depend on what PLANs claim. With `report_problems`, unreadable files are reported on standard error.

    `needs_diagnostics` tells whether the command needs diagnostics. `settings` maps the name of a setting to a value
    that overrides the settings of the workspace.
    """
    index_of_context = context.index if settings is None else None
    index = index_of_context or open_index(root_of(context.options), settings, needs_diagnostics=needs_diagnostics)
    attach_index(context, index)
    with scan_progress(quiet=context.options.quiet) as progress:
        view = fresh_view(index, context.progress or progress, ignore_claims=ignore_claims)
    if report_problems:
        for problem in view.snapshot.problems:
            if problem.code == BOM_CODE:
                continue
            record_note(context, f"planmark: {problem.path} {problem.message}")
    context.view = context.dependencies.watch(view)
    return context.view


def reopen_workspace(context: CommandContext[CommandOptions], *, ignore_claims: bool = False) -> View:
    """Scan the workspace of the command again, and return the current view."""
    return fresh_view(_opened_index(context), ignore_claims=ignore_claims)


def with_leases(context: CommandContext[CommandOptions], view: View) -> View:
    """Return `view` with the current leases. If the leases cannot be read, print a note and return `view` unchanged."""
    try:
        lease_look = LeaseStore(Path(view.snapshot.root)).look()
    except LeaseFolderError as error:
        record_note(context, f"planmark: {error}")
        return view
    context.view = replace(view, leases=lease_look)
    return context.view


def _opened_index(context: CommandContext[CommandOptions]) -> Index:
    """Return the index that the command has opened. Raises ValueError if the command has opened no index."""
    if context.index is None:
        raise ValueError("the command has not opened the workspace")
    return context.index


def fresh_view(index: Index, progress: ReportProgress = no_progress, *, ignore_claims: bool = False) -> View:
    """Scan the disk and return a view of the new snapshot.

    `progress` is called with the number of read files and the number of all files.
    """
    with Timer("index") as timer:
        snapshot = index.refresh(progress)
    if trace := current_trace():
        trace.recorder.record_scan(
            timer.seconds, index.parsed_count, len(snapshot.paths), len(snapshot.plans) + len(snapshot.sites)
        )
    with Timer("check"):
        return build_view(
            snapshot,
            index.text_reader(),
            index.parsed_count,
            exists=index.exists,
            changed_ns=index.changed_ns,
            branch=functools.partial(git_branch, index.root),
            work=WorkEvidence(index.root, at_once=True),
            ignore_claims=ignore_claims,
            cases=index.cases,
            searched_texts=index.search_memo,
        )


def checked_format(name: str | None) -> str | None:
    """Return the value of `--plan-format`. Raises CommandError for an unknown format."""
    if name is not None and name not in format_names():
        raise CommandError(f"--plan-format takes {wrong_choice_text(name, format_names())}", BAD_USAGE)
    return name


def restrict_to_format(view: View, plan_format: str | None, *, needs_plan: bool = False) -> View:
    """Return a view with only the plans of the format `plan_format`. If it is None, return `view` unchanged.

    With `needs_plan`, raises CommandError if the workspace has no plan of this format.
    """
    if plan_format is None:
        return view
    restricted_view = view_of_format(view, plan_format)
    if needs_plan and not restricted_view.plans:
        raise CommandError(no_plans_of_format_message(restricted_view, plan_format), UNREADABLE)
    return restricted_view


def find_plan(view: View, text: str) -> AnyPlan:
    """Return the plan that `text` names. The text is `@FEATURE`, a name without `@`, or a path.

    A path is relative to the current folder or to the root of the workspace. Raises NoAnswerError if the text names no
    plan.
    """
    return find_plan_and_document(view, text).plan


def find_plan_and_document(view: View, text: str) -> NamedPlan:
    """Return the plan that `text` names, as `find_plan` does. If the text names a document, also return the document.

    Raises NoAnswerError if the text names no plan.
    """
    root = Path(view.snapshot.root)
    try:
        named_plan = resolve_plan(view, text, functools.partial(path_from_root, root))
    except NoAnswerError:
        # A word that names no plan may name a folder in the current folder.
        may_be_folder = view.plans and not text.startswith("@")
        folder = resolved_inside(root, Path(text)) if may_be_folder else None
        if folder is None or not folder.is_dir():
            raise
        named_plan = plan_meant_by_path(view, folder.relative_to(root).as_posix())
    if trace := current_trace():
        trace.subject = named_plan.plan.feature
    return named_plan


def path_from_root(root: Path, argument: str) -> str | None:
    """Return the path of a file or folder relative to `root`; None if it does not exist, or is not below `root`.

    `argument` is a path that is relative to the current folder or to `root`.
    """
    for candidate in (Path(argument), root / argument):
        resolved_path = resolved_inside(root, candidate)
        if resolved_path and resolved_path.exists():
            return resolved_path.relative_to(root).as_posix()
    return None


@contextlib.contextmanager
def lock_workspace(context: CommandContext[CommandOptions]) -> Iterator[None]:
    """Hold the write lock of the workspace during a block.

    Raises CommandError if another writer does not release the lock in time.
    """
    with contextlib.ExitStack() as locks:
        try:
            locks.enter_context(workspace_lock(_opened_index(context).root))
        except WriteError as error:
            raise CommandError(str(error), UNREADABLE) from None
        yield


def create_workspace_file(view: View, file: CreateFile) -> str:
    """Create a file of the workspace and return its path.

    Raises NameTakenError if the file already exists. Raises CommandError if the file cannot be created.
    """
    try:
        create_file(Path(view.snapshot.root), file)
    except PathTakenError as error:
        raise NameTakenError(str(error), UNREADABLE) from None
    except WriteError as error:
        raise CommandError(str(error), UNREADABLE) from None
    return file.path
