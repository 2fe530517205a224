"""What the documents of a plan declare as dependencies, each with the line that does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from planmark.documents.dependencies import Needed, resolved
from planmark.documents.parallel import Parallel, needed_by
from planmark.workflow.model import Evidence
from planmark.workspace.snapshot import PlanFiles


class Said(NamedTuple):
    """One declaration: what the achievement waits for or, with `reverse`, what waits for it."""

    achievement: str
    needed: Needed
    reverse: bool
    reason: Evidence


def said_in(files: PlanFiles) -> Iterator[Said]:
    """Every declaration of `parallel.json`, then of the fields of the bodies."""
    facts = parallel_facts(files)
    if files.parallel is not None and facts is not None:
        for entry in facts.declared:
            for reverse, listed in ((False, entry.depends_on), (True, entry.blocks or ())):
                for name in listed:
                    verb = "blocks" if reverse else "depends on"
                    reason = Evidence(files.parallel.path, entry.line + 1, f"{entry.achievement} {verb} {name}")
                    yield Said(entry.achievement, _needed(files, needed_by(name)), reverse, reason)
    for known in files.facts.achievements:
        for declared in known.declared:
            reason = Evidence(files.path, files.document.line(declared.at.at), declared.at.text)
            for needed in declared.needed:
                yield Said(known.id, needed, declared.reverse, reason)


def own_edges(files: PlanFiles) -> dict[tuple[str, str], Evidence]:
    """(what waits, what it waits for) → the first line that says so, within the plan; unknown ids are kept."""
    return {edge: next(iter(reasons.values())) for edge, reasons in declared_by(files).items()}


def declared_by(files: PlanFiles) -> dict[tuple[str, str], dict[str, Evidence]]:
    """As `own_edges`, with the first line of each file that says so, by its path."""
    found: dict[tuple[str, str], dict[str, Evidence]] = {}
    for said in said_in(files):
        if not said.needed.plan:
            for other in resolved(said.needed, files.facts.ids):
                edge = (other, said.achievement) if said.reverse else (said.achievement, other)
                found.setdefault(edge, {}).setdefault(said.reason.path, said.reason)
    return found


def names_others(files: PlanFiles) -> bool:
    """Whether a declaration names another plan."""
    facts = parallel_facts(files)
    return files.facts.names_others or (facts is not None and facts.names_others)


def parallel_facts(files: PlanFiles) -> Parallel | None:
    """The facts of the plan's `parallel.json`."""
    return files.parallel.facts if files.parallel and isinstance(files.parallel.facts, Parallel) else None


def unreadable(files: PlanFiles) -> dict[str | None, Evidence]:
    """What of `parallel.json` cannot be read, by achievement; by None where that is the whole file."""
    facts = parallel_facts(files)
    if files.parallel is None or facts is None:
        return {}
    name = files.parallel.path.rpartition("/")[2]
    broken = [(None, facts.broken), *((entry.achievement, entry.broken) for entry in facts.declared)]
    return {
        known: Evidence(files.parallel.path, why.line + 1, f"{name} line {why.line + 1} cannot be read: {why.says}")
        for known, why in reversed(broken)
        if why is not None
    }


def _needed(files: PlanFiles, needed: Needed) -> Needed:
    """The same, where a plan that names itself means itself."""
    return Needed("", needed.said) if needed.plan == files.feature else needed
