"""The misnamed files of a workspace, with the names that they should have."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.formats.planmark.ownership.plan_documents import as_plan_documents
from planmark.formats.planmark.workflow.naming import Renaming, renaming_advice, renamings, unowned_renaming
from planmark.queries.misnamed import MisnamedResult
from planmark.workspace.snapshot import Snapshot


def misnamed_files(snapshot: Snapshot, plan_path: str | None = None) -> tuple[MisnamedResult, ...]:
    """Return a result for each misnamed file of a workspace, sorted by path.

    If `plan_path` is the path of a PLAN, return only the results for the misnamed files of this plan.
    """
    return tuple(sorted(_misnamed_results(snapshot, plan_path), key=lambda result: result.path))


def _misnamed_results(snapshot: Snapshot, plan_path: str | None) -> Iterator[MisnamedResult]:
    """Yield a result for each misnamed file of the plan whose PLAN has the path `plan_path`.

    If `plan_path` is None, yield the results for all plans, and for misnamed files that belong to no plan.
    """
    for plan in snapshot.plans:
        if plan.misnamed and plan_path in (None, plan.path):
            for renaming in renamings(as_plan_documents(plan)):
                if snapshot.owners.get(renaming.old) == plan.path:
                    yield _result_of_renaming(snapshot, renaming, plan.path, plan.feature)
    for document in snapshot.misnamed if plan_path is None else ():
        if document.path not in snapshot.owners:
            yield _result_of_renaming(snapshot, unowned_renaming(snapshot, document), None, "")


def _result_of_renaming(snapshot: Snapshot, renaming: Renaming, plan: str | None, feature: str) -> MisnamedResult:
    """Return the result for a misnamed file. `plan` is the path of its PLAN, and `feature` is the feature of its plan.

    The result contains the new path only if this path is certain, and no file exists at it.
    """
    is_certain = renaming.path is not None and not renaming.doubt and not snapshot.has(renaming.path)
    new_path = renaming.path if is_certain else None
    return MisnamedResult(renaming.old, plan, renaming.achievements, new_path, renaming_advice(renaming, feature))
