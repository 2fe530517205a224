"""A tick in any list of tasks changes boxes only, and its undo brings them back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixture import write_files
from planmark.queries.lookup import NoAnswerError
from planmark.queries.ticks import site_to_tick, tick
from unit.formats.ticked_tasks import KIRO, OPENSPEC, SPECKIT, ticked, view_of

LINE = st.builds(
    "{}- [{}] {}{}".format,
    st.sampled_from(["", "", "  ", "    "]),
    st.sampled_from([" ", " ", "x", "X", "~", "-"]),
    st.sampled_from(["", "1. ", "1.1 ", "2. ", "2.1 ", "T001 ", "T002 [P] ", "* "]),
    st.sampled_from(["Sum", "Create `src/a.py`", "日本語", "(optional)"]),
)
OTHER = st.sampled_from(["## 1. Group", "## Phase 2: Till", "", "text", "```", "  - detail", "> - [ ] 9. quoted"])


STEP = st.builds(
    "{}- [{}] {}{}".format,
    st.sampled_from(["", "", "    "]),
    st.sampled_from([" ", " ", "x", "X", "~"]),
    st.sampled_from(["", "**Step 1:** ", "**Step 2:** ", "**Test 1.1**: ", "**Task 1.2**: "]),
    st.sampled_from(["Sum", "Create `src/a.py`", "日本語", "(optional)"]),
)
BESIDE = st.sampled_from(
    [
        *("### Task 1: A", "## Task 2：B", "### Phase 2: C", "#### Quality Gate", "### Step 1: D", "## Self-Review"),
        *("", "text", "```", "```markdown", "- Create: `src/a.py`", "  - File: `src/b.py`", "> - [ ] quoted"),
    ]
)
PLANS = {
    OPENSPEC: "",
    KIRO: "",
    SPECKIT: "",
    "docs/superpowers/plans/2026-01-02-cart.md": "# Cart Implementation Plan\n\n### Task 1: Cart\n",
    "docs/plans/PLAN_cart.md": "# Implementation Plan: Cart\n\n### Phase 1: Cart\n",
}
"""Document of a plan → its first lines."""


@settings(deadline=None)
@given(
    st.sampled_from(sorted(PLANS)).flatmap(
        lambda path: st.tuples(
            st.just(path),
            st.lists(
                st.one_of(STEP, STEP, BESIDE) if PLANS[path] else st.one_of(LINE, LINE, OTHER), min_size=1, max_size=9
            ),
        )
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.data(),
)
def test_a_tick_changes_boxes_only_and_its_undo_brings_them_back(
    tmp_path_factory: pytest.TempPathFactory, document: tuple[str, list[str]], end: str, data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("tick")
    path, lines = document
    text = (PLANS[path] + "".join(f"{line}\n" for line in lines)).replace("\n", end)
    write_files(root, {path: text})
    view = view_of(root)
    plan = view.any_plan_of(path)
    items = view.state(plan.path).achievements if plan else ()
    if not plan or not items:
        return
    item = data.draw(st.sampled_from(items))
    site = site_to_tick(plan)
    try:
        done = tick(view, site, [item.ref])
    except NoAnswerError:
        return
    before, after = done.texts.get(path, (text, text))
    changed = [
        number
        for number, pair in enumerate(zip(before.split("\n"), after.split("\n"), strict=True), 1)
        if pair[0] != pair[1]
    ]
    above, parent = [], item.parent
    while parent is not None:
        owner = next(one for one in items if one.ref == parent)
        above.append(owner.line)
        parent = owner.parent
    allowed = {item.line, *(above if path == KIRO else ())}
    assert set(changed) <= allowed and len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == len(changed)
    assert done.items[0].state in ("done", "unsupported", "deferred", "in_progress")
    write_files(root, {path: after})
    # In Kiro a parent that was ticked too early is opened with its sub-task.
    if item.marker == " " and changed == [item.line] and (path != KIRO or not above):
        assert ticked(root, path, done.items[0].ref, undo=True) == before
