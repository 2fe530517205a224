"""Plans of other formats after any edits, on the disk and in an editor, are as an index reads them that begins afresh."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from planmark.plans.format import PlanSite
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

DOCUMENTS = (
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
LINES = (
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
TEXTS = st.lists(st.sampled_from(LINES), max_size=9).map(lambda lines: "".join(f"{line}\n" for line in lines))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from((*DOCUMENTS, *FILES)), TEXTS),
        st.tuples(st.just("delete"), st.sampled_from((*DOCUMENTS, *FILES)), st.just("")),
        st.tuples(st.just("edit"), st.sampled_from(DOCUMENTS), TEXTS),
        st.tuples(st.just("close"), st.sampled_from(DOCUMENTS), st.just("")),
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
@given(STEPS)
def test_any_edits_end_as_a_new_index_reads_them(steps: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, held = Path(folder).resolve(), dict[str, str]()
        (root / ".git").mkdir()
        index = Index(root)
        index.refresh()
        view = build_view(index.snapshot(), index.text_reader(), exists=index.exists)
        for what, path, text in steps:
            step(root, index, held, what, path, text)
            view = build_view(index.snapshot(), index.text_reader(), before=view, exists=index.exists)
            view.checked  # noqa: B018 - the next view reuses it
        afresh = Index(root)
        for path, text in held.items():
            afresh.set_overlay(path, text)
        snapshot = afresh.refresh()
        assert answers(view) == answers(build_view(snapshot, afresh.text_reader(), exists=afresh.exists))
