"""The boxes of plans in an integration: the same text in every order of the items, in each format with boxes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor_checks import view_at
from planmark.plans.format import PlanInput
from planmark.plans.model import PlanState
from planmark.queries.item_order import item_name
from planmark.run.boxes import boxed_documents, newly_done_refs, state_with_texts, with_old_boxes, with_ticks

COUNT = 6
FORMATS = {
    "openspec/changes/add-a/tasks.md": "# Tasks\n\n## 1. All\n"
    + "".join(f"- [ ] 1.{n} Create `f{n}.py`\n" for n in range(COUNT)),
    ".kiro/specs/a/tasks.md": "# Implementation Plan\n\n"
    + "".join(f"- [ ] {n}. Create `f{n}.ts`\n" for n in range(COUNT)),
    "docs/superpowers/plans/2026-01-02-a.md": "# A Implementation Plan\n\n**Goal:** A.\n\n### Task 1: A\n\n"
    + "".join(f"- [ ] **Step {n}: Write part {n}**\n" for n in range(COUNT)),
    "specs/001-a/tasks.md": "# Tasks: A\n\n## Phase 1\n\n"
    + "".join(f"- [ ] T00{n} Create src/f{n}.py\n" for n in range(COUNT)),
}
PATHS = sorted(FORMATS)


def plan_of(path: str) -> tuple[PlanInput, PlanState]:
    with tempfile.TemporaryDirectory() as folder:
        view = view_at({path: FORMATS[path]}, Path(folder))
        (site,) = view.snapshot.sites
        return view.formats.input_of(site), view.state(site.path)


PLANS = {path: plan_of(path) for path in PATHS}


def ticked(path: str, chosen: list[int]) -> str:
    """Return the document with the boxes of some of its tasks set, as an agent sets them."""
    lines = FORMATS[path].split("\n")
    boxes = [at for at, line in enumerate(lines) if "[ ]" in line]
    for number in chosen:
        lines[boxes[number]] = lines[boxes[number]].replace("[ ]", "[x]")
    return "\n".join(lines)


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=25)
@given(st.permutations(range(COUNT)), st.integers(0, COUNT))
def test_items_integrate_in_every_order(path: str, order: list[int], count: int) -> None:
    plan, state = PLANS[path]
    assert boxed_documents(state) == (path,)
    names = [item_name(item) for item in state.achievements if item.leaf]
    before = {path: FORMATS[path]}
    merged = before
    for number in order[:count]:
        after = {path: ticked(path, [number])}
        state_before, state_after = state_with_texts(plan, before), state_with_texts(plan, after)
        assert with_old_boxes(state_before, state_after, after) == before
        refs = newly_done_refs(state_before, state_after, names[number])
        assert refs == [names[number]]
        merged = with_ticks(plan, merged, refs)
    assert merged[path].lower() == ticked(path, order[:count]).lower()


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=25)
@given(st.integers(0, COUNT - 1), st.sets(st.integers(0, COUNT - 1)))
def test_only_the_box_of_the_item_is_set(path: str, own: int, others: set[int]) -> None:
    plan, state = PLANS[path]
    name = [item_name(item) for item in state.achievements if item.leaf][own]
    before, after = {path: FORMATS[path]}, {path: ticked(path, sorted(others | {own}))}
    state_before, state_after = state_with_texts(plan, before), state_with_texts(plan, after)
    plain = with_old_boxes(state_before, state_after, after)
    assert plain == before
    refs = newly_done_refs(state_before, state_after, name)
    assert with_ticks(plan, plain, refs)[path].lower() == ticked(path, [own]).lower()


@pytest.mark.parametrize("path", PATHS)
def test_a_text_that_moves_keeps_its_boxes(path: str) -> None:
    plan, state = PLANS[path]
    name = [item_name(item) for item in state.achievements if item.leaf][2]
    before = {path: FORMATS[path]}
    merged = {path: FORMATS[path].replace("# ", "# Other ", 1) + "\nMore words.\n"}
    after = {path: ticked(path, [2])}
    refs = newly_done_refs(state_with_texts(plan, before), state_with_texts(plan, after), name)
    result = with_ticks(plan, merged, refs)[path]
    assert result.lower().count("[x]") == 1
    assert result.lower() == ticked(path, [2]).replace("# ", "# Other ", 1).lower() + "\nmore words.\n"
