"""Token costs of the prompts of a real workspace: a table with a row for each step, for the page about prompts.

    python benchmarks/prompts.py WORKSPACE [PAGE]

Without a page, the script prints the table. It holds estimates of tokens, not times, so it is the same on every machine.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from planmark.plans.phrases import name_in_words
from planmark.queries.budget import PromptCost, achievement_costs
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def measure(root: Path) -> list[PromptCost]:
    """Return the costs of the prompts of all achievements that are not approved."""
    index = Index(root)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    return [cost for plan in view.snapshot.plans for cost in achievement_costs(view, plan)]


def table(costs: list[PromptCost]) -> str:
    """Return the costs by step as a Markdown table, the most frequent step first."""
    rows = ["| step | prompts | median tokens | largest | of reading whole |", "| --- | --- | --- | --- | --- |"]
    steps = {step: [cost for cost in costs if cost.step == step] for step in {cost.step for cost in costs}}
    for step, found in sorted(steps.items(), key=lambda item: (-len(item[1]), item[0])):
        totals = [cost.total for cost in found]
        share = statistics.median(cost.total / cost.whole_tokens for cost in found)
        rows.append(
            f"| {name_in_words(step)} | {len(found)} | {statistics.median(totals):,.0f} | {max(totals):,} | {share:.0%} |"
        )
    return "\n".join(rows)


def write(page: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Put `text` between two marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    figures = table(measure(Path(sys.argv[1])))
    if len(sys.argv) > 2:
        write(Path(sys.argv[2]), figures)
    else:
        print(figures)
