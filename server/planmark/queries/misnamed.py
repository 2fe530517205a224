"""The misnamed files, which are not read, with the names that they should have."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from planmark.formats.planmark.workflow.naming import Renaming, advice, renamings, unowned_renaming
from planmark.workspace.snapshot import NotPlan, Snapshot


class MisnamedResult(msgspec.Struct, frozen=True):
    """A misnamed file, with what to do about it.

    `plan` is null if the file belongs to no plan. `achievements` are those that it may be about. `wanted` is the path
    that it should have, null if a person must decide.
    """

    path: str
    plan: str | None
    achievements: tuple[str, ...]
    wanted: str | None
    says: str


def misnamed_files(snapshot: Snapshot, only: str | None = None) -> tuple[MisnamedResult, ...]:
    """Return the misnamed files of a workspace, or of the one plan at a path; by path."""
    return tuple(sorted(_found(snapshot, only), key=lambda result: result.path))


def _found(snapshot: Snapshot, only: str | None) -> Iterator[MisnamedResult]:
    for files in snapshot.plans:
        if files.misnamed and only in (None, files.path):
            for renaming in renamings(files):
                if snapshot.owners.get(renaming.old) == files.path:
                    yield _result(snapshot, renaming, files.path, files.feature)
    for document in snapshot.misnamed if only is None else ():
        if document.path not in snapshot.owners:
            yield _result(snapshot, unowned_renaming(snapshot, document), None, "")


def _result(snapshot: Snapshot, renaming: Renaming, plan: str | None, feature: str) -> MisnamedResult:
    is_certain = renaming.path is not None and not renaming.doubt and not snapshot.has(renaming.path)
    wanted = renaming.path if is_certain else None
    return MisnamedResult(renaming.old, plan, renaming.achievements, wanted, advice(renaming, feature))


def why_no_plan(rejected: NotPlan) -> str:
    """Return why a file is not a plan, and the name that would make it one."""
    return f"{rejected.reason}: rename it to {rejected.name}" if rejected.name else rejected.reason
