"""The input of a command: the workspace as it is on the disk, and the plan that the user names."""

from __future__ import annotations

import argparse
import contextlib
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

from planmark.cli.console import reading, tell
from planmark.cli.errors import UNREADABLE, CommandError, NameTakenError
from planmark.cli.result_inputs import Looked
from planmark.cli.telemetry import opened
from planmark.metrics.trace import Timer, current
from planmark.queries.lookup import NoAnswerError
from planmark.queries.meant import NamedPlan, meant_by_path, resolve_plan
from planmark.queries.persistent_index import open_index
from planmark.queries.workspace_view import AnyPlan, View, build_view
from planmark.storage.paths import current_folder, refuse_forbidden, resolved_inside
from planmark.workspace.atomic_write import TakenError, WriteError, alone, create_file
from planmark.workspace.index import Index, Progress, no_progress
from planmark.workspace.scan import BYTE_ORDER_MARK, find_root
from planmark.workspace.workspace_edits import CreateFile


def root_of(args: argparse.Namespace) -> Path:
    """Return the workspace that `--workspace` names, else the one around the current folder. Raises WorkspaceError."""
    return refuse_forbidden(Path(args.workspace)) if args.workspace else find_root(current_folder())


def open_workspace(
    args: argparse.Namespace,
    *,
    ignore_claims: bool = False,
    say_problems: bool = True,
    examined: bool = False,
    settings: Mapping[str, object] | None = None,
) -> View:
    """Open the workspace as it is on the disk now.

    With `say_problems`, unreadable files are reported on standard error. `examined` says that diagnostics will be
    needed. `settings` are the user's own, by key.
    """
    args.looked, args.said = Looked(), []
    index = open_index(root_of(args), settings, examined=examined)
    opened(args, index)
    with reading(quiet=args.quiet) as progress:
        view = fresh_view(index, progress, ignore_claims=ignore_claims)
    if say_problems:
        for problem in view.snapshot.problems:
            if problem.code == BYTE_ORDER_MARK:
                continue
            tell(args, f"planmark: {problem.path} {problem.message}")
    noted: View = args.looked.through(view)
    args.view = noted
    return noted


def fresh_view(index: Index, progress: Progress = no_progress, *, ignore_claims: bool = False) -> View:
    """Scan the disk and return a view of the new snapshot."""
    with Timer("index") as timer:
        snapshot = index.refresh(progress)
    if trace := current():
        trace.recorder.record_scan(
            timer.seconds, index.parsed_count, len(snapshot.paths), len(snapshot.plans) + len(snapshot.sites)
        )
    with Timer("check"):
        return build_view(
            snapshot,
            index.text_reader(),
            index.parsed_count,
            exists=index.exists,
            changed=index.changed_ns,
            ignore_claims=ignore_claims,
        )


def find_plan(view: View, wanted: str) -> AnyPlan:
    """Return the plan that `@FEATURE`, a name or a path (from here or from the root) names. Raises NoAnswerError."""
    return find_meant(view, wanted).plan


def find_meant(view: View, wanted: str) -> NamedPlan:
    """Return the plan of `find_plan`, and the document if the path is one. Raises NoAnswerError."""
    root = Path(view.snapshot.root)
    try:
        meant = resolve_plan(view, wanted, functools.partial(locate, root))
    except NoAnswerError:
        # A word that names no plan may name a folder here.
        is_word = view.plans and not wanted.startswith("@")
        here = resolved_inside(root, Path(wanted)) if is_word else None
        if here is None or not here.is_dir():
            raise
        meant = meant_by_path(view, here.relative_to(root).as_posix())
    if trace := current():
        trace.about = meant.plan.feature
    return meant


def locate(root: Path, given: str) -> str | None:
    """Return the existing path that `given` means from the current folder or from the root, relative to the root."""
    for candidate in (Path(given), root / given):
        resolved = resolved_inside(root, candidate)
        if resolved and resolved.exists():
            return resolved.relative_to(root).as_posix()
    return None


@contextlib.contextmanager
def alone_in(view: View) -> Iterator[None]:
    """Hold the lock of the workspace against other writers, see `alone`.

    Raises CommandError if a writer does not finish.
    """
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(alone(Path(view.snapshot.root)))
        except WriteError as error:
            raise CommandError(str(error), UNREADABLE) from None
        yield


def write(view: View, file: CreateFile) -> str:
    """Create a file of the workspace and return its path.

    Raises NameTakenError if it exists, CommandError if it cannot be created.
    """
    try:
        create_file(Path(view.snapshot.root), file)
    except TakenError as error:
        raise NameTakenError(str(error), UNREADABLE) from None
    except WriteError as error:
        raise CommandError(str(error), UNREADABLE) from None
    return file.path
