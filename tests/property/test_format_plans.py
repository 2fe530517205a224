"""Plans of other formats after any edits, on the disk and in an editor, are as an index reads them that begins afresh."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from planmark.plans.format import PlanSite
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

BOX_DOCUMENTS = (
    ".kiro/specs/cart/tasks.md",
    ".kiro/specs/cart/requirements.md",
    ".kiro/specs/till/tasks.md",
    "openspec/changes/add-cart/tasks.md",
    "openspec/changes/add-cart/proposal.md",
    "openspec/changes/archive/2026-01-02-add-till/tasks.md",
    "specs/001-cart/tasks.md",
    "specs/001-cart/spec.md",
    "specs/002-till/plan.md",
    "plans/CART/PLAN_CART.md",
)
FILES = ("src/cart.py", "src/till.py", ".gitignore")
BOX_LINES = (
    *("# Tasks", "## 1. Cart", "## Phase 1: Setup", "## Phase 2: Till", "### Requirement 1: Cart", "", "```", "text"),
    *(
        "- [ ] 1. Build the cart",
        "- [x] 1.1 Create `src/cart.py`",
        "  - [ ] 1.2 Sum it up",
        "- [~] 2. Wait",
        "- [-] 3. Go",
    ),
    *(
        "  - _Requirements: 1.1_",
        "- [ ]* 4. Test",
        "- [x] T001 Create src/till.py",
        "- [ ] T002 [P] [US1] Sum in src/a.py",
    ),
    *(
        "- [ ] T003 Use it (depends on T002)",
        "- [ ] no id",
        "<<<<<<< HEAD",
        "**Achievement 1.1**: Cart",
        "- [ ] 1.1 Twice",
    ),
)
PLANS = "docs/superpowers/plans"
PHASES = ".planning/phases"
LONGER_DOCUMENTS = (
    f"{PLANS}/2026-01-02-cart.md",
    f"{PLANS}/2026-01-02-cart-original.md",
    f"{PLANS}/2026-01-02-cart-v2.md",
    "docs/plans/notes.md",
    ".superpowers/sdd/2026-01-02-cart/progress.md",
    "docs/plans/PLAN_till.md",
    "docs/plans/SUBPLAN_TILL_11.md",
    ".planning/ROADMAP.md",
    ".planning/STATE.md",
    f"{PHASES}/01-cart/01-01-PLAN.md",
    f"{PHASES}/01-cart/01-01-SUMMARY.md",
    f"{PHASES}/01-again/01-02-PLAN.md",
    f"{PHASES}/02-till/02-VERIFICATION.md",
    f"{PHASES}/02-till/02-01-PLAN.md",
    ".planning/milestones/v1.0-phases/01-old/01-01-PLAN.md",
)
LONGER_LINES = (
    *("# Cart Implementation Plan", "# Implementation Plan: Till", "# Roadmap: Shop", "---", "", "```", "text"),
    *(
        "### Task 1: Cart",
        "### Task 2: Till",
        "- Create: `src/cart.py`",
        "- [ ] **Step 1: Write**",
        "- [x] **Step 2: Go**",
    ),
    *("- Modify: `src/till.py:1-2`", "git commit -m 'x'", "Task 1: complete (commits a1b2c3d..b2c3d4e)"),
    *(
        "# SDD ledger — plan: docs/superpowers/plans/2026-01-02-cart.md",
        "> superpowers:executing-plans",
        "> Supersedes `2026-01-02-cart.md`",
        "```markdown",
    ),
    *(
        "### Phase 1: Cart",
        "### Phase 2: Till",
        "**Status**: ✅ Complete",
        "- [x] **Test 1.1**: Test",
        "  - File: `src/till.py`",
    ),
    *("- [ ] **Task 1.2**: Go", "    - [x] part", "#### Quality Gate ✋", "- [x]glued", "**Achievement 1.1**: Cart"),
    *("- [x] **Phase 1: Cart**", "- [ ] ~~**Phase 2: Till**~~", "- [x] 01-01-PLAN.md — Add", "- [ ] 02-01: Sum"),
    *(
        "**Depends on**: Phase 2",
        "| 1. Cart | 1/2 | Complete | - |",
        "wave: 2",
        'depends_on: ["02-01"]',
        "depends_on: [01-01]",
    ),
    *("status: gaps_found", "status: passed", "milestone: v1.1", "<details>", "</details>", "<<<<<<< HEAD"),
)
Steps = list[tuple[str, str, str]]


def steps(documents: tuple[str, ...], lines: tuple[str, ...]) -> st.SearchStrategy[Steps]:
    """Return changes of documents, and of files that are evidence, with texts of the given lines."""
    texts = st.lists(st.sampled_from(lines), max_size=9).map(lambda chosen: "".join(f"{line}\n" for line in chosen))
    return st.lists(
        st.one_of(
            st.tuples(st.just("write"), st.sampled_from((*documents, *FILES)), texts),
            st.tuples(st.just("delete"), st.sampled_from((*documents, *FILES)), st.just("")),
            st.tuples(st.just("edit"), st.sampled_from(documents), texts),
            st.tuples(st.just("close"), st.sampled_from(documents), st.just("")),
        ),
        max_size=12,
    )


def answers(view: View) -> dict[str, object]:
    """Return everything that a view says about plans of other formats."""
    sites = [plan for plan in view.plans if isinstance(plan, PlanSite)]
    shown = {site.path: (site, view.state(site.path), view.diagnostics_of(site)) for site in sites}
    return {**shown, "PLANs": [view.evaluations[files.path].state for files in view.snapshot.plans]}


def step(root: Path, index: Index, held: dict[str, str], what: str, path: str, text: str) -> None:
    """Change a file on the disk, or a document in the editor, and tell the index."""
    if what == "edit":
        held[path] = text
        index.set_overlay(path, text)
    elif what == "close":
        held.pop(path, None)
        index.set_overlay(path, None)
    elif what == "write":
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("src/*.py\n" if path == ".gitignore" else text, encoding="utf-8")
    else:
        (root / path).unlink(missing_ok=True)
    if what in ("write", "delete") and not index.mark_stale([path]):
        index.refresh()


@settings(deadline=None)
@given(steps(BOX_DOCUMENTS, BOX_LINES))
def test_any_edits_end_as_a_new_index_reads_them(changes: Steps) -> None:
    assert_incremental(changes)


@settings(deadline=None)
@given(steps(LONGER_DOCUMENTS, LONGER_LINES))
def test_any_edits_of_longer_formats_end_as_a_new_index_reads_them(changes: Steps) -> None:
    assert_incremental(changes)


def assert_incremental(changes: Steps) -> None:
    """Assert that a view after each change in turn says what the view of a new index says."""
    with tempfile.TemporaryDirectory() as folder:
        root, held = Path(folder).resolve(), dict[str, str]()
        (root / ".git").mkdir()
        index = Index(root)
        index.refresh()
        view = build_view(index.snapshot(), index.text_reader(), exists=index.exists)
        for what, path, text in changes:
            step(root, index, held, what, path, text)
            view = build_view(index.snapshot(), index.text_reader(), before=view, exists=index.exists)
            view.checked  # noqa: B018 - the next view reuses it
        afresh = Index(root)
        for path, text in held.items():
            afresh.set_overlay(path, text)
        snapshot = afresh.refresh()
        assert answers(view) == answers(build_view(snapshot, afresh.text_reader(), exists=afresh.exists))
