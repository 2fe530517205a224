"""One side of the gate: a process that repeats the same work with the Planmark on its import path.

    PYTHONPATH=TREE/server python benchmarks/gate_worker.py WORKSPACE

The worker reads the name of a piece of work from each line, and answers with the processor time that it took, in seconds.
Processor time leaves out other processes and waiting for the disk; `benchmarks/work_counts.py` counts what is read. The worker
uses as few names of Planmark as possible, because an older commit must have them too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.ownership.plan_documents import as_plan_documents
from planmark.formats.planmark.prompts.next_prompt import next_prompt
from planmark.formats.planmark.workflow.plan_state import evaluate_plan
from planmark.markdown import blocks
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index
from planmark.workspace.settings import vocabulary_of

PARSED_DOCUMENTS = 24
PARSED_BYTES = 20_000
JUDGED_TIMES = 4


def works(root: Path) -> dict[str, Callable[[], object]]:
    """Return name → a piece of work of about ten milliseconds."""
    index = Index(root)
    view = build_view(index.refresh(), index.text_reader(), index.parsed_count, exists=index.exists)
    texts = [(path, view.text(path)) for path in view.snapshot.documents]
    chosen = [(path, text) for path, text in texts if len(text) < PARSED_BYTES][:PARSED_DOCUMENTS]
    vocabulary = vocabulary_of(view.snapshot.settings)
    plans = [plan for plan in view.snapshot.plans if plan.facts.achievements]

    def parsed() -> None:
        blocks._cache.clear()
        for path, text in chosen:
            parse(path, text, vocabulary)

    def judged() -> None:
        for _ in range(JUDGED_TIMES):
            for plan in plans:
                evaluate_plan(as_plan_documents(plan))

    def prompted() -> None:
        for plan in plans:
            prompt_of(view, plan)

    return {"parse": parsed, "state": judged, "prompt": prompted}


def main(root: Path) -> None:
    """Print the path of the imported Planmark, then answer each line until the input ends."""
    known = works(root)
    for work in known.values():
        work()
    print(next_prompt.__code__.co_filename, flush=True)
    for line in sys.stdin:
        work = known[line.strip()]
        started = time.process_time()
        work()
        print(time.process_time() - started, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
