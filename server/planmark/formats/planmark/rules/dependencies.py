"""Checks of declared dependencies, and of the parallel file that declares them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planmark.diagnostics.codes import make_diagnostic
from planmark.diagnostics.rule_inputs import DocumentInput
from planmark.documents.parallel_json import Parallel
from planmark.plans.diagnostic import Diagnostic, Related
from planmark.workflow.cycles import components, cycle_through, targets_of
from planmark.workflow.declared import own, why_too_wide
from planmark.workflow.plan_state import PlanEvaluation
from planmark.workflow.steps import SETTLED
from planmark.workspace.snapshot import PlanDocuments, Snapshot


def dependencies(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield dependencies on unknown achievements or plans, and cycles."""
    edges = judged.state.dependencies
    pairs = [(edge.achievement, edge.depends_on) for edge in edges if edge.cyclic]
    circle, targets = components(pairs), targets_of(pairs)
    reported: set[int] = set()
    for edge in edges:
        if edge.unknown:
            missing = edge.depends_on if edge.depends_on not in files.facts.ids else edge.achievement
            message = (
                f"{edge.achievement} depends on {edge.depends_on}: {edge.problem}; it blocks nothing. Correct the id"
            )
            words = missing.rpartition(" ")[2]
            yield make_diagnostic("dependency-unknown", edge.reason.path, edge.reason.line, message, target_text=words)
        elif edge.cyclic and (edge.achievement, edge.depends_on) not in judged.outside.cyclic:
            if circle[edge.achievement] not in reported:
                cycle = cycle_through(targets, edge.achievement, edge.depends_on)
                yield make_diagnostic("dependency-cycle", edge.reason.path, edge.reason.line, _circle(cycle))
            reported.add(circle[edge.achievement])
    for around in judged.outside.cycles:
        first, *others = around.reasons
        related = tuple(Related(reason.path, reason.line, reason.says) for reason in others)
        yield make_diagnostic("dependency-cycle", first.path, first.line, _circle(around.names), related)


def too_wide(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield ranges with more dependencies than a PLAN may have, if unfinished work waits for them."""
    left = {known.id for known in judged.state.achievements if known.state not in SETTLED}
    for said in (*own(files).too_wide, *judged.outside.too_wide):
        if said.achievement not in left and not (said.reverse and (left or said.needed.plan)):
            continue
        waits = f"all of {said.needed.plan or files.feature}" if said.reverse else said.achievement
        message = f"{why_too_wide(files, said)}; until then {waits} must wait"
        yield make_diagnostic(
            "dependency-too-wide", said.reason.path, said.reason.line, message, target_text=said.needed.said
        )


def _circle(names: Sequence[str]) -> str:
    return f"{' → '.join(names)}: these dependencies form a cycle and block nothing. Remove one"


def unread(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield the parts of a dependency field that are not read as dependencies, if the achievement is not settled."""
    settled = {known.id for known in judged.state.achievements if known.state in SETTLED}
    for known in files.facts.achievements:
        for said in known.declared:
            if not said.unread or known.id in settled:
                continue
            denied = all(part.denied for part in said.unread)
            listed = ", ".join(f"`{part.words}`" for part in said.unread)
            because = f", because it says {said.unread[0].denied}" if denied else ""
            message = (
                f"{known.id}: {listed} is not read as a dependency{because} and blocks nothing: write ids (`1.1, @OTHER 1.1`), "
                "or `none`, and move the other text elsewhere"
            )
            yield make_diagnostic(
                "dependency-unread",
                files.path,
                files.document.line(said.at.at),
                message,
                target_text=said.unread[0].words,
                severity="hint" if denied else None,
            )


def invalid_json(written: DocumentInput) -> Iterator[Diagnostic]:
    """Yield the errors of a parallel file by itself."""
    for invalid in written.document.invalid:
        yield make_diagnostic(
            "parallel-json-invalid",
            written.document.path,
            invalid.line + 1,
            f"{invalid.message}; correct it here",
            target_text=invalid.words,
            severity=invalid.severity,
        )


def parallel_of_plan(_: Snapshot, files: PlanDocuments, _judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a parallel file that names a different plan than the one beside it, or achievements that this plan lacks."""
    if files.parallel is None or not isinstance(files.parallel.facts, Parallel):
        return
    facts, path = files.parallel.facts, files.parallel.path
    named = facts.plan_name.removesuffix(".md").removeprefix("PLAN_")
    if named and named != files.feature:
        message = f"`plan_name` is {facts.plan_name}, but the PLAN beside it is {files.feature}: correct the name"
        yield make_diagnostic(
            "parallel-json-invalid",
            path,
            facts.plan_line + 1,
            message,
            (Related(files.path, 1, "the PLAN"),),
            target_text=facts.plan_name,
            replacement=files.feature,
            severity="warning",
        )
    for declared in facts.declared:
        if declared.achievement not in files.facts.ids and not declared.depends_on:
            message = f"the PLAN has no achievement {declared.achievement}: correct the id, or remove the entry"
            yield make_diagnostic(
                "parallel-json-invalid",
                path,
                declared.line + 1,
                message,
                target_text=declared.achievement,
                severity="warning",
            )


def asymmetric(written: DocumentInput) -> Iterator[Diagnostic]:
    """Yield disagreements between `blocks` of one achievement and `dependencies` of the other."""
    facts = written.document.facts
    lines = {known.achievement: known.line for known in reversed(facts.declared)} if isinstance(facts, Parallel) else {}
    for owner, other, key in mirrors(facts):
        says = f"{other} blocks {owner}" if key == "dependencies" else f"{other} depends on {owner}"
        message = f"{says}, but `{key}` of {owner} does not list {other}: add it, or remove the other entry"
        path, line = written.document.path, lines[owner] + 1
        yield make_diagnostic("dependency-asymmetric", path, line, message, target_text=owner, replacement=other)


def mirrors(facts: object) -> list[tuple[str, str, str]]:
    """Return (achievement, the id that its list lacks, `blocks` or `dependencies`) for each disagreement of the lists."""
    if not isinstance(facts, Parallel):
        return []
    needs = {declared.achievement: frozenset(declared.depends_on) for declared in facts.declared}
    blocks = {d.achievement: None if d.blocks is None else frozenset(d.blocks) for d in facts.declared}
    found = []
    for one in facts.declared:
        for blocked in one.blocks or ():
            if blocked in needs and one.achievement not in needs[blocked]:
                found.append((blocked, one.achievement, "dependencies"))
        for needed in one.depends_on:
            listed = blocks.get(needed)
            if listed is not None and one.achievement not in listed:
                found.append((needed, one.achievement, "blocks"))
    return found
