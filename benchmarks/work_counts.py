"""Counts of what Planmark reads, parses and renders, on the example and on a generated workspace.

Counts are the same on every machine, so the gate compares them with `counts.json` exactly. To change a count on purpose,
write the file again and give the reason in the commit:

    python -m benchmarks.work_counts --write
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.workspaces.large import of_files, write
from planmark.markdown import blocks
from planmark.markdown.parsed_source import clear_caches
from planmark.prompts.cache import PromptCache
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

REPOSITORY = Path(__file__).resolve().parent.parent
EXAMPLE = REPOSITORY / "examples" / "workspace"
BASELINE = Path(__file__).with_name("counts.json")
FILES = 120
GENERATIONS = 10

Counts = dict[str, int]


def counted() -> dict[str, Counts]:
    """Return workspace → its counts."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write(of_files(FILES, seed=1), root)
        return {"example": counts_of(EXAMPLE), "generated": counts_of(root)}


def counts_of(root: Path) -> Counts:
    """Return the counts of one workspace.

    They cover a first scan, a second index, a second scan, a keystroke, and all prompts.
    """
    clear_caches()
    index = Index(root)
    before = _parsed()
    view = _view(index, None)
    counts = {
        "files": len(view.snapshot.paths),
        "plans": len(view.snapshot.plans),
        "cold: files read": index.parsed_count,
        "cold: sections parsed": _parsed() - before,
        "cold: findings": len(view.diagnostics),
    }
    before = _parsed()
    again = Index(root)
    view = _view(again, None)
    counts["second index: sections parsed"] = _parsed() - before
    before = _parsed()
    view = _view(again, view)
    counts["second look: files read"] = again.parsed_count
    counts["second look: sections parsed"] = _parsed() - before
    return {**counts, **_keystroke(again, view), **_prompts(view)}


def differences(found: dict[str, Counts], baseline: dict[str, Counts]) -> list[str]:
    """Return a line for every count that differs from the baseline, with both values."""
    said = []
    for workspace in sorted({*found, *baseline}):
        ours, theirs = found.get(workspace, {}), baseline.get(workspace, {})
        said += [
            f"{workspace}, {name}: {ours.get(name, 'not counted')}, in the baseline {theirs.get(name, 'not counted')}"
            for name in {**theirs, **ours}
            if ours.get(name) != theirs.get(name)
        ]
    return said


def baseline() -> dict[str, Counts]:
    """Return the committed counts."""
    data: dict[str, Counts] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return data


def _view(index: Index, before: View | None) -> View:
    return build_view(index.refresh(), index.text_reader(), index.parsed_count, before, index.exists)


def _parsed() -> int:
    return blocks.counts.misses


def _keystroke(index: Index, view: View) -> Counts:
    """Count the work after a letter is typed at the end of the longest PLAN."""
    plan = max(view.snapshot.plans, key=lambda plan: (len(view.text(plan.path)), plan.path))
    before = _parsed()
    index.set_overlay(plan.path, view.text(plan.path) + "x")
    snapshot = index.snapshot()
    after = build_view(snapshot, index.text_reader(), index.parsed_count, view, index.exists)
    kept = sum(one is other for one, other in zip(snapshot.plans, view.snapshot.plans, strict=True))
    counts = {
        "keystroke: sections parsed": _parsed() - before,
        "keystroke: plans evaluated again": len(after.evaluations) - kept,
    }
    index.set_overlay(plan.path, None)
    index.snapshot()
    return counts


def _prompts(view: View) -> Counts:
    """Ask for every prompt `GENERATIONS` times; return the counts. Tokens are estimates."""
    cache = PromptCache()
    tokens = 0
    for _ in range(GENERATIONS):
        for plan in view.snapshot.plans:
            try:
                tokens += prompt_of(view, plan, cache=cache).tokens.total
            except NoAnswerError:
                continue
    return {
        "prompts: rendered": cache.counts.misses,
        "prompts: from the cache": cache.counts.hits,
        "prompts: tokens of one generation": tokens // GENERATIONS,
    }


def main(arguments: list[str]) -> int:
    """Print what differs from the baseline; return 1 if anything does, else 0.

    With `--write`, write the baseline instead.
    """
    found = counted()
    if "--write" in arguments:
        BASELINE.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8", newline="\n")
        return 0
    different: list[str] = differences(found, baseline())
    print("\n".join(different) if different else "counts: as in the baseline")
    return 1 if different else 0


def as_results() -> dict[str, Any]:
    """Return the counts and their differences as a result for the runner."""
    found = counted()
    return {"counts": found, "differences": differences(found, baseline())}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
