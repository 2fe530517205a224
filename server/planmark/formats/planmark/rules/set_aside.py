"""Checks of withdrawn SUBPLANs, of dropped achievements, and of work without a status."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.diagnostics.codes import make_diagnostic
from planmark.diagnostics.rule_inputs import DocumentInput
from planmark.documents.execution_task import ExecutionTask
from planmark.documents.subplan import Subplan
from planmark.plans.diagnostic import Diagnostic, Related
from planmark.workflow.decision_table import subplan_facts
from planmark.workflow.plan_state import PlanEvaluation
from planmark.workflow.steps import SETTLED
from planmark.workspace.snapshot import PlanDocuments, Snapshot


def missing_statuses(written: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a SUBPLAN or an open EXECUTION_TASK without a readable status, unless a template left one to fill in."""
    facts = written.document.facts
    if not isinstance(facts, (Subplan, ExecutionTask)) or facts.status is not None:
        return
    if isinstance(facts, ExecutionTask) and facts.outcome != "open":
        return
    if any("status" in line.text.casefold() for line in written.document.unfilled):
        return
    counts_as = "counts as open" if isinstance(facts, ExecutionTask) else "counts as a design to be executed"
    message = f"no status can be read, so this {counts_as}: write `**Status**: …` below the title, without indentation"
    yield make_diagnostic("status-missing", written.document.path, 1, message)


def withdrawn(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a SUBPLAN that its Status withdraws, if its achievement is not settled."""
    for known in judged.state.achievements:
        document = judged.situations[known.id].withdrawn
        status = subplan_facts(document).status if document else None
        if document is None or status is None or known.state in SETTLED:
            continue
        message = (
            f"the Status withdraws this SUBPLAN, so {known.id} has none: write the new design here and set the Status, "
            f"or drop the achievement (planmark drop @{files.feature} {known.id} --note TEXT)"
        )
        related = (Related(known.path, known.line, f"{known.id} is {known.state.replace('_', ' ')}"),)
        yield make_diagnostic(
            "subplan-withdrawn", document.path, document.line(status.at), message, related, target_text=status.text
        )


def dropped_dependencies(_: Snapshot, _files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a dependency of an unsettled achievement on a dropped one, because it is never satisfied."""
    states = {known.id: known for known in judged.state.achievements}
    others = judged.outside.known
    for edge in judged.state.dependencies:
        waits, needed = states.get(edge.achievement), states.get(edge.depends_on) or others.get(edge.depends_on)
        if waits is None or needed is None or waits.state in SETTLED or needed.state != "dropped" or not edge.holds:
            continue
        message = (
            f"{waits.id} depends on {edge.depends_on}, which is dropped and will never be approved: remove the dependency, "
            "or name its replacement"
        )
        dropped = states.get(edge.depends_on)
        related = tuple(Related(said.path, said.line, said.says) for said in (dropped.evidence if dropped else ()))
        yield make_diagnostic("dependency-dropped", edge.reason.path, edge.reason.line, message, related)


def struck_in_index(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield an achievement that the index strikes through while its definition does not."""
    states = {known.id: known.state for known in judged.state.achievements}
    for known in files.facts.achievements:
        if known.struck is None or states[known.id] in SETTLED:
            continue
        message = (
            f"the index strikes {known.id} through, but its definition does not: drop it "
            f"(planmark drop @{files.feature} {known.id} --note TEXT), or remove the strikethrough"
        )
        related = (Related(files.path, files.document.line(known.at), "the definition"),)
        line = files.document.line(known.struck.at)
        yield make_diagnostic("index-mismatch", files.path, line, message, related, target_text=known.struck.text)
