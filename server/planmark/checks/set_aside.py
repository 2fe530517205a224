"""Checks of what is set aside: SUBPLANs taken back, achievements dropped; and of work that does not say how far it is."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.checks.catalogue import finding
from planmark.checks.diagnostic import Diagnostic, Related
from planmark.checks.written import Written
from planmark.documents.execution_task import ExecutionTask
from planmark.documents.subplan import Subplan
from planmark.workflow.plan import Judged
from planmark.workflow.state import subplan_facts
from planmark.workflow.steps import SETTLED
from planmark.workspace.snapshot import PlanFiles, Snapshot


def missing_statuses(written: Written) -> Iterator[Diagnostic]:
    """A SUBPLAN or an open EXECUTION_TASK in which no status can be read, and no template left one to be filled in."""
    facts = written.document.facts
    if not isinstance(facts, (Subplan, ExecutionTask)) or facts.status is not None:
        return
    if isinstance(facts, ExecutionTask) and facts.outcome != "open":
        return
    if any("status" in line.text.casefold() for line in written.document.unfilled):
        return
    counts_as = "counts as open" if isinstance(facts, ExecutionTask) else "counts as a design to be executed"
    message = f"no status can be read, so this {counts_as}: write `**Status**: …` below the title, at the margin"
    yield finding("status-missing", written.document.path, 1, message)


def withdrawn(_: Snapshot, files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    """A SUBPLAN that its Status takes back, where its achievement is still wanted."""
    for known in judged.state.achievements:
        document = judged.situations[known.id].withdrawn
        status = subplan_facts(document).status if document else None
        if document is None or status is None or known.state in SETTLED:
            continue
        message = (
            f"the Status takes this SUBPLAN back, so {known.id} has none: write the new design here and set the Status, "
            f"or drop the achievement (planmark drop @{files.feature} {known.id} --note TEXT)"
        )
        related = (Related(known.path, known.line, f"{known.id} is {known.state.replace('_', ' ')}"),)
        yield finding("subplan-withdrawn", document.path, document.line(status.at), message, related, words=status.text)


def dropped_dependencies(_: Snapshot, _files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    """A dependency on an achievement that is dropped, of one that is still wanted: it is never satisfied."""
    states = {known.id: known for known in judged.state.achievements}
    others = judged.outside.known
    for edge in judged.state.dependencies:
        waits, needed = states.get(edge.achievement), states.get(edge.depends_on) or others.get(edge.depends_on)
        if waits is None or needed is None or waits.state in SETTLED or needed.state != "dropped" or not edge.holds:
            continue
        message = (
            f"{waits.id} depends on {edge.depends_on}, which is dropped and will never be approved: remove the dependency, "
            "or name what takes its place"
        )
        dropped = states.get(edge.depends_on)
        related = tuple(Related(said.path, said.line, said.says) for said in (dropped.evidence if dropped else ()))
        yield finding("dependency-dropped", edge.reason.path, edge.reason.line, message, related)


def struck_in_index(_: Snapshot, files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    """An achievement that only the index strikes through, while its definition stands."""
    states = {known.id: known.state for known in judged.state.achievements}
    for known in files.facts.achievements:
        if known.struck is None or states[known.id] in SETTLED:
            continue
        message = (
            f"the index strikes {known.id} through, and its definition does not: drop it "
            f"(planmark drop @{files.feature} {known.id} --note TEXT), or remove the strokes"
        )
        related = (Related(files.path, files.document.line(known.at), "the definition"),)
        line = files.document.line(known.struck.at)
        yield finding("index-mismatch", files.path, line, message, related, words=known.struck.text)
