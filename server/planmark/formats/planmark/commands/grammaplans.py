"""The GRAMMAPLANs of a workspace as results, with the plans that they list and their progress."""

from __future__ import annotations

from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.documents.note import Grammaplan
from planmark.formats.planmark.workflow.grammaplan import GrammaplanRow, grammaplans, rows
from planmark.plans.document import Document
from planmark.queries.grammaplans import ChildResult, GrammaplanResult
from planmark.queries.workspace_view import View
from planmark.workspace.settings import vocabulary_of


def grammaplan_named(view: View, query: str) -> Document | None:
    """Return the GRAMMAPLAN with the name or path `query`, such as `@SHOP` or `GRAMMAPLAN_SHOP`.

    Return None if there is no such GRAMMAPLAN, or if `query` is the name of a plan.
    """
    bare_name = query.removeprefix("@")
    name = parse_name((bare_name if bare_name.endswith(".md") else f"{bare_name}.md").rpartition("/")[2])
    feature = name.feature if name is not None and name.kind == "grammaplan" else bare_name
    is_plan = any(plan.feature == bare_name for plan in view.snapshot.plans)
    documents = [
        document for document in grammaplans(view.snapshot) if document.name.feature.casefold() == feature.casefold()
    ]
    exact_documents = [
        document for document in documents if "/" in bare_name and document.path.endswith(bare_name.lstrip("./"))
    ]
    return None if is_plan else next(iter(exact_documents or documents), None)


def grammaplan_results(view: View) -> tuple[GrammaplanResult, ...]:
    """Return a result for every GRAMMAPLAN of a workspace, for the output of `status --json`."""
    return tuple(grammaplan_result(view, document) for document in grammaplans(view.snapshot))


def grammaplan_result(view: View, document: Document) -> GrammaplanResult:
    """Return the result for a GRAMMAPLAN: its path, its feature, its title, and a result for each child PLAN."""
    facts = document.facts
    assert isinstance(facts, Grammaplan)
    vocabulary = vocabulary_of(view.snapshot.settings)
    children = [_child_result(document, row) for row in rows(view.snapshot, view.evaluations, document, vocabulary)]
    return GrammaplanResult(document.path, document.name.feature, facts.title, children)


def _child_result(document: Document, row: GrammaplanRow) -> ChildResult:
    """Return the result for the child PLAN in a row of a GRAMMAPLAN. `document` is the GRAMMAPLAN."""
    child, state = row.child, row.state
    return ChildResult(
        feature=child.feature,
        line=document.line(child.position),
        status=child.status,
        progress=child.progress,
        path=state.path if state else None,
        lifecycle=state.lifecycle if state else None,
        state=state.state if state else None,
        closed=bool(state and state.next.step == "closed"),
        approved=state.counts.get("approved", 0) if state else 0,
        achievements=len(state.achievements) - state.counts.get("dropped", 0) if state else 0,
    )
