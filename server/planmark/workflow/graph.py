"""Declared dependencies between the achievements of a plan, each with the line that declares it."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.documents.parallel import Parallel
from planmark.workflow.model import Dependency, Evidence
from planmark.workspace.snapshot import PlanFiles


def dependencies(files: PlanFiles) -> tuple[Dependency, ...]:
    """Every edge of `parallel.json` and of the bodies' fields, once each; unknown and cyclic ones are marked."""
    declared: dict[tuple[str, str], Evidence] = {}
    if files.parallel is not None and isinstance(files.parallel.facts, Parallel):
        for entry in files.parallel.facts.declared:
            for target in entry.depends_on:
                says = f"{entry.achievement} depends on {target}"
                declared.setdefault((entry.achievement, target), Evidence(files.parallel.path, entry.line + 1, says))
    for achievement in files.facts.achievements:
        if achievement.depends_on is None:
            continue
        at = achievement.depends_on.at
        for target in achievement.depends_on.depends_on:
            evidence = Evidence(files.path, files.document.line(at.at), at.text)
            declared.setdefault((achievement.id, target), evidence)
    ids = files.facts.ids
    cyclic = _cyclic([edge for edge in declared if edge[0] in ids and edge[1] in ids])
    return tuple(
        Dependency(source, target, reason, source not in ids or target not in ids, (source, target) in cyclic)
        for (source, target), reason in declared.items()
    )


def cycle_through(edges: Sequence[Dependency], start: Dependency) -> tuple[str, ...]:
    """The ids of a shortest cycle that contains the edge `start`, its first id repeated at the end."""
    targets = _targets([(edge.achievement, edge.depends_on) for edge in edges if edge.cyclic])
    paths: list[tuple[str, ...]] = [(start.achievement, start.depends_on)]
    seen = {start.depends_on}
    for path in paths:
        if path[-1] == start.achievement:
            return path
        fresh = [target for target in targets.get(path[-1], ()) if target not in seen]
        seen.update(fresh)
        paths += [(*path, target) for target in fresh]
    return (start.achievement, start.depends_on)


def _cyclic(edges: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """The edges whose target leads back to their source."""
    targets = _targets(edges)
    return {(source, target) for source, target in edges if source in _reachable(target, targets)}


def _reachable(start: str, targets: dict[str, list[str]]) -> set[str]:
    seen = {start}
    pending = [start]
    while pending:
        for target in targets.get(pending.pop(), ()):
            if target not in seen:
                seen.add(target)
                pending.append(target)
    return seen


def _targets(edges: list[tuple[str, str]]) -> dict[str, list[str]]:
    targets: dict[str, list[str]] = {}
    for source, target in edges:
        targets.setdefault(source, []).append(target)
    return targets
