"""The misnamed files of a workspace, with the names that they should have."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.formats.planmark.ownership.plan_documents import as_plan_documents
from planmark.formats.planmark.workflow.naming import Renaming, advice, renamings, unowned_renaming
from planmark.queries.misnamed import MisnamedResult
from planmark.workspace.snapshot import Snapshot


def misnamed_files(snapshot: Snapshot, plan_path: str | None = None) -> tuple[MisnamedResult, ...]:
    """Return the misnamed files of a workspace, or only of the plan whose PLAN has the path `plan_path`, sorted by path."""
    return tuple(sorted(_misnamed_results(snapshot, plan_path), key=lambda result: result.path))


def _misnamed_results(snapshot: Snapshot, plan_path: str | None) -> Iterator[MisnamedResult]:
    for files in snapshot.plans:
        if files.misnamed and plan_path in (None, files.path):
            for renaming in renamings(as_plan_documents(files)):
                if snapshot.owners.get(renaming.old) == files.path:
                    yield _result(snapshot, renaming, files.path, files.feature)
    for document in snapshot.misnamed if plan_path is None else ():
        if document.path not in snapshot.owners:
            yield _result(snapshot, unowned_renaming(snapshot, document), None, "")


def _result(snapshot: Snapshot, renaming: Renaming, plan: str | None, feature: str) -> MisnamedResult:
    is_certain = renaming.path is not None and not renaming.doubt and not snapshot.has(renaming.path)
    new_path = renaming.path if is_certain else None
    return MisnamedResult(renaming.old, plan, renaming.achievements, new_path, advice(renaming, feature))
