"""Checks of declared dependencies, and of the file that declares them."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.checks.catalogue import finding
from planmark.checks.diagnostic import Diagnostic, Related
from planmark.checks.written import Written
from planmark.documents.parallel import Parallel
from planmark.workflow.graph import cycle_through
from planmark.workflow.plan import Judged
from planmark.workspace.snapshot import PlanFiles, Snapshot


def dependencies(_: Snapshot, files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    """Dependencies on what is not there, and circles."""
    reported: set[frozenset[str]] = set()
    for edge in judged.state.dependencies:
        if edge.unknown:
            missing = edge.depends_on if edge.depends_on not in files.facts.ids else edge.achievement
            message = f"{edge.achievement} depends on {edge.depends_on}: the PLAN has no {missing}; it blocks nobody. Mend the id"
            yield finding("dependency-unknown", edge.reason.path, edge.reason.line, message, words=missing)
        elif edge.cyclic:
            cycle = cycle_through(judged.state.dependencies, edge)
            if frozenset(cycle) not in reported:
                reported.add(frozenset(cycle))
                message = f"{' → '.join(cycle)}: these dependencies go in a circle and block nobody. Remove one"
                yield finding("dependency-cycle", edge.reason.path, edge.reason.line, message)


def invalid_json(written: Written) -> Iterator[Diagnostic]:
    """What is wrong with a parallel file by itself."""
    for invalid in written.document.invalid:
        yield finding(
            "parallel-json-invalid",
            written.document.path,
            invalid.line + 1,
            f"{invalid.message}; mend it here",
            words=invalid.words,
            severity=invalid.severity,
        )


def parallel_of_plan(_: Snapshot, files: PlanFiles, _judged: Judged) -> Iterator[Diagnostic]:
    """A parallel file that speaks of another plan than the one beside it, or of achievements that this one lacks."""
    if files.parallel is None or not isinstance(files.parallel.facts, Parallel):
        return
    facts, path = files.parallel.facts, files.parallel.path
    named = facts.plan_name.removesuffix(".md").removeprefix("PLAN_")
    if named and named != files.feature:
        message = f"`plan_name` is {facts.plan_name}, and the PLAN beside it is {files.feature}: mend the name"
        yield finding(
            "parallel-json-invalid",
            path,
            facts.plan_line + 1,
            message,
            (Related(files.path, 1, "the PLAN"),),
            words=facts.plan_name,
            wanted=files.feature,
            severity="warning",
        )
    for declared in facts.declared:
        if declared.achievement not in files.facts.ids and not declared.depends_on:
            message = f"the PLAN has no achievement {declared.achievement}: mend the id, or remove the entry"
            yield finding(
                "parallel-json-invalid",
                path,
                declared.line + 1,
                message,
                words=declared.achievement,
                severity="warning",
            )


def asymmetric(written: Written) -> Iterator[Diagnostic]:
    """`blocks` of one achievement against `dependencies` of the other."""
    for owner, other, key in mirrors(written.document.facts):
        line = next(known.line for known in written.document.facts.declared if known.achievement == owner)  # type: ignore[union-attr]  # mirrors gives those of a Parallel
        says = f"{other} blocks {owner}" if key == "dependencies" else f"{other} depends on {owner}"
        message = f"{says}, and `{key}` of {owner} does not name {other}: add it, or remove the other"
        yield finding("dependency-asymmetric", written.document.path, line + 1, message, words=owner, wanted=other)


def mirrors(facts: object) -> list[tuple[str, str, str]]:
    """(achievement, the id that its list lacks, `blocks` or `dependencies`), where lists of both kinds disagree."""
    if not isinstance(facts, Parallel):
        return []
    by_id = {declared.achievement: declared for declared in facts.declared}
    found = []
    for one in facts.declared:
        for blocked in one.blocks or ():
            if blocked in by_id and one.achievement not in by_id[blocked].depends_on:
                found.append((blocked, one.achievement, "dependencies"))
        for needed in one.depends_on:
            other = by_id.get(needed)
            if other is not None and other.blocks is not None and one.achievement not in other.blocks:
                found.append((needed, one.achievement, "blocks"))
    return found
