"""Figures about similar work and known failures on a real workspace, for the page about prompts.

    python -m benchmarks.learning WORKSPACE [PAGE]

Without a page, the script prints the table. All figures but the seconds are counts, so they are the same on every machine.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.prompts import write
from planmark.prompts.learned import STEPS_WITH_REFERENCES
from planmark.prompts.plan_prompts import plan_prompts
from planmark.prompts.prompt import PromptOptions, workable_step
from planmark.queries.learning import case_documents, references_for
from planmark.queries.workspace_view import View, build_view
from planmark.text.failure_patterns import pattern_hits
from planmark.workspace.case_index import CaseSearch
from planmark.workspace.index import Index
from planmark.workspace.pattern_catalogue import failure_patterns

BEGIN, END = "<!-- learning: begin -->", "<!-- learning: end -->"
TOP = 3
RUNS = 5
LOG_LENGTH = 1_000_000
NONSENSE = (
    "the bishop moved diagonally across the empty board",
    "roast potatoes with rosemary and sea salt",
    "jazz saxophone solo over a slow rhythm",
    "planets orbit their star in ellipses",
    "the tailor measured a new winter coat",
    "alpine skiing downhill race results",
    "a novel about three sisters in the far north",
    "cheese from goats grazing on steep hills",
    "quarterly interest rates of central banks",
    "the lighthouse keeper wrote one letter each week",
    "medieval manuscripts were copied by monks",
    "penguins slide on ice to save energy",
    "our train was late because of heavy snow",
    "knead the dough until smooth and let it rest",
    "tennis champion wins final set after long match",
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor",
    "qzxv wumbo flarn",
    '" OR NEAR( * ^ title: AND NOT',
    "the orchestra tuned and the audience fell silent",
    "coral reefs shelter many small fish",
)
HOSTILE_UNITS = (
    "error TS2304: \n",
    "deliverable missing status incons npm ERESOLV \n",
    "missing ",
    "a",
    "\n",
)
"""The units of logs that are hard to search: beginnings of patterns, in many lines or in one."""


class HitRate(NamedTuple):
    """The number of queries, of queries with a hit among the first TOP, and the share that a random order would have."""

    queries: int
    hits: int
    by_chance: float


def opened(root: Path) -> View:
    """Return a view of the workspace, without a store."""
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists, cases=index.cases)


def hit_rate(view: View) -> HitRate:
    """Return how often the documents of the same achievement are found among all other documents of the workspace.

    Each case of a document is a query, without the document itself. Only achievements with another document with cases count.
    """
    texts = {
        path: [f"{case.title}\n{case.text}" for case in document.cases()]
        for path, document in case_documents(view).items()
    }
    items = {path: _item_of(view, path) for path, found in texts.items() if found}

    def count(search: CaseSearch) -> HitRate:
        queries, hits, chance = 0, 0, 0.0
        for path, item in items.items():
            same = {other for other, of in items.items() if of == item and other != path} if item else set()
            for text in texts[path] if same else ():
                queries += 1
                hits += any(one.path in same for one in search.similar_cases(text, {path}, TOP))
                chance += 1 - (1 - len(same) / (len(items) - 1)) ** TOP
        return HitRate(queries, hits, chance / queries if queries else 0.0)

    return view.cases.run(case_documents(view), count)


def _item_of(view: View, path: str) -> tuple[str, str] | None:
    item = view.achievement_of(path)
    return (view.snapshot.owners[path], item.id) if item else None


def nonsense_found(view: View) -> int:
    """Return the number of the NONSENSE queries that find a case or a known failure."""

    def count(search: CaseSearch) -> int:
        return sum(bool(search.similar_cases(text) or pattern_hits(text, failure_patterns())) for text in NONSENSE)

    return view.cases.run(case_documents(view), count)


def slowest_log_seconds() -> float:
    """Return the processor time that the slowest of the HOSTILE_UNITS needs in a log of LOG_LENGTH characters."""
    return max(min(_seconds((unit * LOG_LENGTH)[:LOG_LENGTH]) for _ in range(RUNS)) for unit in HOSTILE_UNITS)


def _seconds(text: str) -> float:
    started = time.process_time()
    pattern_hits(text, failure_patterns())
    return time.process_time() - started


def added_tokens(view: View) -> list[int]:
    """Return the tokens that references add to each prompt of the STEPS_WITH_REFERENCES; 0 without a reference."""
    return list(_added_tokens(view))


def _added_tokens(view: View) -> Iterator[int]:
    for plan in view.snapshot.plans:
        evaluation = view.evaluations[plan.path]
        for item in evaluation.state.achievements:
            if item.step not in STEPS_WITH_REFERENCES or item.state in ("approved", "dropped"):
                continue
            step = workable_step(evaluation, item)
            without = PromptOptions(renderer=view.renderer)
            options = (without, without._replace(references=references_for(view, plan, step)))
            totals = [
                plan_prompts().next_prompt(view.reader, plan, evaluation, step, one).tokens.total for one in options
            ]
            yield totals[1] - totals[0]


def table(view: View) -> str:
    """Return the figures as a Markdown table: what was measured, the goal, how, and what the figure does not show."""
    rate, added = hit_rate(view), added_tokens(view)
    with_references = [tokens for tokens in added if tokens]
    cases = view.cases.run(case_documents(view), lambda search: search.case_count)
    where = sorted({pattern.where for pattern in failure_patterns()})
    rows: Mapping[str, tuple[str, str, str]] = {
        f"Hit@{TOP}: {rate.hits / rate.queries:.2f} ({rate.hits} of {rate.queries})": (
            "at least 0.45",
            f"of {cases:,} cases, the {rate.queries} whose achievement has another document with cases are queries, without "
            f"their own document; a hit is a document of the same achievement; a random order has about {rate.by_chance:.2f}",
            "whether a reference helps; documents of one achievement also share words that say nothing about a problem",
        ),
        f"Nonsense queries that find anything: {nonsense_found(view)} of {len(NONSENSE)}": (
            "0",
            "sentences about other things, invented words, and syntax of FTS5",
            "sentences about the same trade that are wrong here",
        ),
        f"Known failures: {len(failure_patterns())}": (
            "at least 40",
            f"the catalogue: {', '.join(where)}; a test has an output for each",
            "how often each occurs; the outputs were written for the tests",
        ),
        f"1 MB log: {slowest_log_seconds():.2f} s": (
            "0.5 s",
            f"processor time of the slowest of {len(HOSTILE_UNITS)} hostile logs, the best of {RUNS} runs; a test counts that "
            "the characters that the search passes grow with the log only",
            "another machine",
        ),
        f"Prompts with references: {len(with_references)} of {len(added)}": (
            "",
            f"the prompts of `{'`, `'.join(STEPS_WITH_REFERENCES)}`; references add "
            f"{statistics.median(with_references) if with_references else 0:,.0f} tokens (median)",
            "whether agents use them",
        ),
    }
    lines = ["| figure | goal | measured as | does not show |", "| --- | --- | --- | --- |"]
    lines += [f"| {figure} | {goal} | {how} | {limits} |" for figure, (goal, how, limits) in rows.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    figures = table(opened(Path(sys.argv[1])))
    if len(sys.argv) > 2:
        write(Path(sys.argv[2]), figures, BEGIN, END)
    else:
        print(figures)
