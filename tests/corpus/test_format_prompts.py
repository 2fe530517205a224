"""Prompts, links, details and decision tables of the other formats, on real workspaces."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import REPOSITORY
from corpus.format_scores import LABELLED, inputs, load
from planmark.formats.checkbox.lines import split_lines
from planmark.formats.registered import FORMATS
from planmark.plans.format import Format, Passage, PlanInput
from planmark.plans.model import DONE_STATES, AchievementState, NextStep, PlanState
from planmark.plans.registry import format_named
from planmark.plans.roles import STEP_ROLES

_NAMES = [known.name for known in FORMATS if known.name in LABELLED]
EVERY = 4
"""One of this many open tasks gets a prompt, because all of them take long."""


@pytest.fixture(scope="module")
def corpus() -> Path:
    """The folder that holds the workspaces of all formats."""
    named = os.environ.get("PLANMARK_CORPUS")
    folder = (Path(named) if named else REPOSITORY.parent / "shared" / "corpus") / "formats"
    if not folder.is_dir():
        pytest.skip(f"the workspaces of other formats are not present: {folder}")
    return folder


def plans(corpus: Path, name: str) -> Iterator[tuple[Format, PlanInput, PlanState]]:
    """Yield every plan of a format."""
    chosen = format_named(name)
    for folder in sorted(path for path in (corpus / name).iterdir() if path.is_dir()):
        for plan in inputs(load(folder), name):
            yield chosen, plan, chosen.evaluate(plan)


def steps(state: PlanState) -> Iterator[tuple[NextStep, AchievementState | None]]:
    """Yield the next step of a plan, and that of some tasks that can be worked on."""
    items = {item.ref: item for item in state.achievements}
    yield state.next, items.get(state.next.ref or "")
    left = [item for item in state.achievements if item.state not in DONE_STATES and not item.listed]
    for item in left[::EVERY]:
        duty = STEP_ROLES[item.step]
        yield NextStep(item.step, item.id or None, duty.role, duty.tier, item.path, "asked for", item.ref), item


def lines_of(plan: PlanInput, part: Passage) -> list[str]:
    """Return the lines of a passage. It must lie in its document."""
    lines = split_lines(plan.text(part.path))
    assert 1 <= part.start <= part.end <= len(lines), part
    return lines[part.start - 1 : part.end]


@pytest.mark.parametrize("name", _NAMES)
def test_the_first_true_row_gives_the_state(corpus: Path, name: str) -> None:
    for chosen, plan, state in plans(corpus, name):
        for item in state.achievements:
            rows = chosen.explain(plan, state, item)
            assert [row.state for row in rows if row.matched] == [item.state], f"{item.path}:{item.line}"


@pytest.mark.parametrize("name", _NAMES)
def test_prompts_quote_the_task(corpus: Path, name: str) -> None:
    for chosen, plan, state in plans(corpus, name):
        for step, item in steps(state):
            parts = chosen.prompt(plan, state, step)
            assert parts.goal and parts.rules and parts.kept_count <= len(parts.passages)
            assert len(parts.passages) == len(set(parts.passages))
            quoted = [lines_of(plan, part) for part in parts.passages]
            if item and item.leaf:
                first = parts.passages[0]
                assert parts.kept_count and (first.path, first.start) == (item.path, item.line)
                assert quoted[0][0] == split_lines(plan.text(item.path))[item.line - 1]


@pytest.mark.parametrize("name", _NAMES)
def test_details_and_links_lead_to_lines(corpus: Path, name: str) -> None:
    for chosen, plan, state in plans(corpus, name):
        for item in state.achievements:
            for part in chosen.details(plan, state, item):
                lines_of(plan, part)
        for path in plan.documents:
            lines = split_lines(plan.text(path))
            for link in chosen.links(plan, path):
                assert 0 <= link.start < link.end <= len(lines[link.line - 1])
                assert plan.exists(link.path)
                if link.target_line:
                    assert link.target_line <= len(split_lines(plan.text(link.path)))
