"""Cost of checking after a keystroke and of a whole folder, as counts and as times of this machine.

    python -m benchmarks.checks [WORKSPACE] [--json]

Times are CPU times of this process: the minimum and the median of several rounds. The floor is the time to cut the same
text into sections. `benchmarks.run` measures a whole workspace in a new process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from planmark.diagnostics.document_diagnostics import check_and_pack, rule_runs
from planmark.diagnostics.engine import check
from planmark.markdown.sections import split_into_sections
from planmark.plans.document import Document
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from planmark.workspace.persistent_map import PathMap

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "workspace"
ROUNDS = 40


def milliseconds(work: Callable[[], object]) -> float:
    """Return the CPU time of one call of `work`, in milliseconds."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def keystrokes(index: Index, view: View, path: str) -> tuple[list[float], tuple[int, int, int]]:
    """Return the times of checking after each of several edits inside one section, and what the last edit ran again.

    Times are in milliseconds. The second value counts the sections, documents and plans that were checked again.
    """
    text = view.text(path)
    line = text.index("\n", len(text) // 2)
    times: list[float] = []
    ran = (0, 0, 0)
    for number in range(ROUNDS):
        index.set_overlay(path, f"{text[:line]} {number}{text[line:]}")
        snapshot = index.snapshot()
        now = build_view(snapshot, index.text_reader(), before=view)
        judged = {files.path: now.evaluations[files.path] for files in snapshot.plans}
        before = (rule_runs.sections, rule_runs.documents, rule_runs.plans)
        started = time.process_time()
        checked = check(snapshot, judged, index.text_reader(), (), view.latest_check)
        times.append((time.process_time() - started) * 1000)
        ran = (rule_runs.sections - before[0], rule_runs.documents - before[1], rule_runs.plans - before[2])
        view = replace(now, previous_check=checked)
    index.set_overlay(path, None)
    return times, ran


def measure(root: Path) -> dict[str, float | int | str]:
    """Measure the workspace at `root`; return name → value."""
    index = Index(root, {"index.processes": 1}, check_and_pack)
    snapshot = index.refresh()
    view = build_view(snapshot, index.text_reader(), exists=index.exists)
    found = len(view.diagnostics)
    longest = max(view.snapshot.plans, key=lambda files: files.document.starts[-1]).document
    times, (sections, documents, plans) = keystrokes(index, view, longest.path)
    folder = longest.path.rpartition("/")[0]
    own = {path: document for path, document in snapshot.documents.items() if path.startswith(f"{folder}/")}
    part = only(view, own)
    warm = [milliseconds(lambda: check(part.snapshot, part.evaluations, part.text)) for _ in range(ROUNDS // 4)]
    text = view.text(longest.path)
    floor = min(milliseconds(lambda: split_into_sections(text)) for _ in range(ROUNDS // 4))
    return {
        "documents": len(snapshot.documents),
        "files": len(snapshot.paths),
        "findings": found,
        "longest_plan_lines": longest.starts[-1],
        "keystroke_ms_least": round(min(times), 2),
        "keystroke_ms_median": round(statistics.median(times), 2),
        "keystroke_of_splitting": round(min(times) / floor, 2),
        "sections_checked_again": sections,
        "documents_checked_again": documents,
        "plans_checked_again": plans,
        "folder_documents": len(own),
        "folder_warm_ms_least": round(min(warm), 1),
    }


def only(view: View, own: dict[str, Document]) -> View:
    """Return `view` with only the documents `own`, none of which is examined yet."""
    plans = tuple(files for files in view.snapshot.plans if files.path in own)
    documents = {path: document for path, document in view.snapshot.documents.items() if path in own}
    snapshot = msgspec.structs.replace(
        view.snapshot, documents=PathMap(documents), plans=plans, orphans=(), packed_diagnostics=PathMap()
    )
    return replace(view, snapshot=snapshot)


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workspace", nargs="?", type=Path, default=EXAMPLE)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    figures = measure(args.workspace.resolve())
    if args.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, figure in figures.items():
            print(f"{name.replace('_', ' '):<28} {figure}")


if __name__ == "__main__":
    main()
