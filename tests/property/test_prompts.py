"""Prompts of random workspaces of every format, read as the agent that receives them: none contradicts itself or the files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workspaces.small import workspace
from fixture import write_files
from planmark.plans.format import PlanSite
from planmark.prompts.prompt import Prompt
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of, steps_on_demand
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from prompt_reading import faults

FOLDERS = {
    "openspec": "openspec/changes/add-cart",
    "kiro": ".kiro/specs/cart",
    "speckit": "specs/001-cart",
    "superpowers": "docs/superpowers/plans",
    "featureplanner": "docs/plans",
    "gsd": ".planning/phases/01-cart",
}
TASKS = {
    "openspec": (
        "## 1. Cart",
        "- [ ] 1.1 Write `specs/cart/spec.md`",
        "- [x] 1.2 Create `src/cart.py`",
        "- [ ] Pay, see `design.md` and D1",
    ),
    "kiro": (
        "- [ ] 1. Cart",
        "  - [x] 1.1 Create `src/cart.py`",
        "  - _Requirements: 1.1, 9.9_",
        "- [-] 2. Sum in `src/sum.py`",
        "  - **Property 1: Sums**",
    ),
    "speckit": (
        "## Phase 1: Setup",
        "- [ ] T001 Create src/cart.py",
        "- [ ] T002 [US1] Test all of spec.md",
        "- [x] T003 FR-001 through FR-003 in src/sum.py",
        "**Checkpoint**: it sums",
    ),
    "superpowers": (
        "**Goal:** [what it reaches]",
        "## Goal",
        "A cart.",
        "### Task 1: Cart",
        "- Create: `src/cart.py`",
        "- Modify: `src/sum.py:3-9`",
        "- [ ] **Step 1: Test**",
        "- [x] **Step 2: Code**",
        "Run: `make`",
    ),
    "featureplanner": (
        "# Implementation Plan: Cart",
        "**Status**: In Progress",
        "### Phase 1: Cart",
        "**Goal**: Goods",
        "- [ ] **Test 1.1**: Sums",
        "  - File: `tests/test_sum.py`",
        "- [x] **Task 1.2**: Create `src/cart.py`",
        "#### Quality Gate",
    ),
    "gsd": (
        "---",
        "plan: 01",
        "depends_on: [01-02]",
        "requirements: [A-01]",
        "---",
        "<task>",
        "<files>src/cart.py</files>",
        "</task>",
    ),
}
"""Format → lines of the document with its tasks."""
BESIDES = (
    "# Title",
    "## Why",
    "It costs: money.",
    "1. First",
    "2. Second",
    "- **FR-001**: It sums",
    "1. WHEN it sums THE system SHALL be right",
    "### Requirement 1: Sum",
    "## Overview",
    "[what]",
    "",
    "### D1: By hand",
    "**Requirements**: A-01 through A-03",
)
"""Lines of the other documents of a plan."""
OTHERS = {
    "openspec": ("proposal.md", "design.md", "specs/cart/spec.md"),
    "kiro": ("requirements.md", "design.md"),
    "speckit": ("spec.md", "plan.md", "research.md"),
    "superpowers": ("2026-01-01-other.md",),
    "featureplanner": ("PLAN_other.md",),
    "gsd": ("01-02-PLAN.md", "01-CONTEXT.md", "../../ROADMAP.md", "../../STATE.md", "../../REQUIREMENTS.md"),
}
MAIN = {"superpowers": "2026-01-01-cart.md", "featureplanner": "PLAN_cart.md", "gsd": "01-01-PLAN.md"}
"""Format → the name of the document with its tasks, if it is not `tasks.md`."""


def view_of(root: Path, files: dict[str, str]) -> View:
    write_files(root, files)
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def prompts(view: View) -> Iterator[Prompt]:
    """Yield the next prompt of every plan, the prompts of its items, and those that a person may ask for."""
    for plan in view.plans:
        items = [item.ref or item.id for item in view.state(plan.path).achievements]
        asked = [(name, None) for name in (None, *items)] + [(None, step) for step in steps_on_demand(view, plan)]
        for name, step in asked:
            try:
                yield prompt_of(view, plan, name, step)
            except NoAnswerError:
                continue


def faults_in(view: View) -> list[tuple[str, str, str]]:
    return [
        (prompt.feature, prompt.step, fault)
        for prompt in prompts(view)
        for fault in faults(prompt, view.exists, has_goal=False)
    ]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_no_prompt_of_a_random_workspace_has_a_fault(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert faults_in(view_of(Path(folder).resolve(), dict(workspace(seed).files))) == []


@st.composite
def plans(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """Return a format, and the files of a plan of it."""
    name = draw(st.sampled_from(sorted(FOLDERS)))
    lines = draw(st.lists(st.sampled_from(TASKS[name]), max_size=14))
    text = "\n".join((*(TASKS[name][:4] if draw(st.booleans()) else ()), *lines))
    folder = FOLDERS[name]
    files = {f"{folder}/{MAIN.get(name, 'tasks.md')}": f"{text}\n"}
    for other in draw(st.lists(st.sampled_from(OTHERS[name]), unique=True)):
        path = f".planning/{other.removeprefix('../../')}" if other.startswith("..") else f"{folder}/{other}"
        files[path] = "\n".join(draw(st.lists(st.sampled_from(BESIDES), max_size=40))) + "\n"
    if draw(st.booleans()):
        files["src/cart.py"] = ""
    return name, files


@settings(max_examples=100, deadline=None)
@given(plans())
def test_no_prompt_of_a_random_plan_of_another_format_has_a_fault(plan: tuple[str, dict[str, str]]) -> None:
    name, files = plan
    with tempfile.TemporaryDirectory() as folder:
        view = view_of(Path(folder).resolve(), files)
        assert faults_in(view) == [], files
        assert all(site.format == name for site in view.plans if isinstance(site, PlanSite)) or name == "featureplanner"
