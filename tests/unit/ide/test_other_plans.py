"""Achievements of other plans in the editor: `@TILL 1.1` leads to them, is a reference, and follows renames."""

from __future__ import annotations

import tempfile
from pathlib import Path

from editor_checks import check_hover, page_at, view_at
from planmark.formats.planmark.editor.call_hierarchy import achievement_at, dependencies, dependents
from planmark.formats.planmark.editor.navigation import definition, references
from planmark.formats.planmark.editor.rename import rename
from planmark.workspace.workspace_edits import TextChange, changed_text

PAY = """# PLAN: Pay

**Achievement 1.1**: Refunds

- **Depends on**: @TILL 1.1, 1.2, **PLAN_TILL 1.2** (the scanner)

**Achievement 1.2**: Receipts

**Needs**:

- @TILL 1.1: Drawer
"""
TILL = """# PLAN: Till

**Achievement 1.1**: Drawer

- **Blocks**: @PAY 1.2

**Achievement 1.2**: Scanner
"""
PARALLEL = '{"achievements": [\n{"achievement_id": "1.2", "dependencies": ["@TILL 1.2"], "blocks": ["1.1"]}]}\n'
FILES = {
    "plans/PAY/PLAN_PAY.md": PAY,
    "plans/PAY/parallel.json": PARALLEL,
    "plans/TILL/PLAN_TILL.md": TILL,
}


def fixture(path: str, old: str, marked: str) -> str:
    """Return the workspace with a cursor."""
    files = {known: text.replace(old, marked, 1) if known == path else text for known, text in FILES.items()}
    return "\n".join(f"//- /{known}\n{text}" for known, text in files.items())


def in_pay(old: str, marked: str) -> str:
    """Return the workspace with a cursor in the PLAN of PAY."""
    return fixture("plans/PAY/PLAN_PAY.md", old, marked)


def renamed(marked: str, new: str) -> dict[str, str]:
    """Return the texts after a rename at a cursor."""
    page, line, column = page_at(marked)
    with tempfile.TemporaryDirectory() as folder:
        view = view_at(FILES, Path(folder))
        texts = {path: view.text(path) for path in FILES}
    for path, text in texts.items():
        changes = [c for c in rename(page, line, column, new) if isinstance(c, TextChange) and c.path == path]
        texts[path] = changed_text(text, changes)
    return texts


def test_the_id_of_another_plan_leads_there() -> None:
    for old, line in (("@TILL 1.1, ", 2), ("PLAN_TILL 1.2", 6), ("@TILL 1.1: Drawer", 2)):
        position = old.index(" ") + 2
        found = definition(*page_at(in_pay(old, f"{old[:position]}$0{old[position:]}")))
        assert found and (found.path, found.span.line) == ("plans/TILL/PLAN_TILL.md", line)


def test_an_own_id_beside_another_plan_is_the_own_one() -> None:
    found = definition(*page_at(in_pay(", 1.2, **PLAN", ", 1$0.2, **PLAN")))
    assert found and (found.path, found.span.line) == ("plans/PAY/PLAN_PAY.md", 6)


def test_references_are_found_in_other_plans_and_in_json() -> None:
    page, line, column = page_at(fixture("plans/TILL/PLAN_TILL.md", "Achievement 1.2", "Achievement 1$0.2"))
    found = references(page, line, column, includes_definition=False)
    assert [(place.path, place.span.line) for place in found] == [
        ("plans/PAY/PLAN_PAY.md", 4),
        ("plans/PAY/parallel.json", 1),
    ]


def test_renaming_an_id_changes_it_in_other_plans() -> None:
    texts = renamed(fixture("plans/TILL/PLAN_TILL.md", "Achievement 1.1", "Achievement 1$0.1"), "3.1")
    assert texts["plans/PAY/PLAN_PAY.md"] == PAY.replace("@TILL 1.1", "@TILL 3.1")
    assert texts["plans/PAY/parallel.json"] == PARALLEL
    assert texts["plans/TILL/PLAN_TILL.md"] == TILL.replace("1.1", "3.1")


def test_renaming_a_feature_changes_it_in_other_plans_and_in_json() -> None:
    texts = renamed(in_pay("@TILL 1.1, ", "@T$0ILL 1.1, "), "DESK")
    assert texts["plans/PAY/PLAN_PAY.md"] == PAY.replace("@TILL", "@DESK").replace("PLAN_TILL", "PLAN_DESK")
    assert texts["plans/PAY/parallel.json"] == PARALLEL.replace("@TILL", "@DESK")


def test_hover_tells_the_state_in_the_other_plan() -> None:
    check_hover(
        in_pay("**Achievement 1.1**", "**Achiev$0ement 1.1**"),
        "Depends on 1.2 (waits for @TILL 1.2, @TILL 1.1), @TILL 1.1 (no subplan), @TILL 1.2 (no subplan); **waits for",
    )


def test_calls_lead_from_plan_to_plan() -> None:
    page, line, column = page_at(in_pay("**Achievement 1.1**", "**Achiev$0ement 1.1**"))
    target = achievement_at(page, line, column)
    assert target is not None
    assert [(call.target.plan.feature, call.target.state.id) for call in dependencies(page, target)] == [
        ("PAY", "1.2"),
        ("TILL", "1.1"),
        ("TILL", "1.2"),
    ]
    page, line, column = page_at(fixture("plans/TILL/PLAN_TILL.md", "**Achievement 1.1**", "**Achiev$0ement 1.1**"))
    target = achievement_at(page, line, column)
    assert target is not None
    found = {
        (call.target.plan.feature, call.target.state.id): call.declaration.path for call in dependents(page, target)
    }
    assert found == {("PAY", "1.1"): "plans/PAY/PLAN_PAY.md", ("PAY", "1.2"): "plans/PAY/PLAN_PAY.md"}
