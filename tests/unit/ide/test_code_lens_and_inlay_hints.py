"""Code lenses above the lines and inlay hints after them."""

from __future__ import annotations

from editor_checks import page_at
from planmark.formats.planmark.editor.code_lens import lenses, resolve
from planmark.formats.planmark.editor.commands import commands
from planmark.formats.planmark.editor.inlay_hints import hints

WORKSPACE = """
//- /plans/PAY/PLAN_PAY.md
# PLAN: Payments$0

## Achievement Index

- Achievement 1.1: Refunds
- Achievement 1.2: Receipts

## Priority 1

**Achievement 1.1**: Refunds

**Achievement 1.2**: Receipts

After Achievement 1.1 comes Achievement 1.2, and Achievement 1.1 again.
//- /plans/PAY/subplans/SUBPLAN_PAY_11.md
# SUBPLAN

## Objective

x

## Approach

y
//- /plans/PAY/execution/feedbacks/APPROVED_11.md
# APPROVED
"""


def shown(fixture: str) -> list[tuple[int, str, str]]:
    """Return (line, title, command) of every lens."""
    page, _, _ = page_at(fixture)
    found = []
    for lens in lenses(page):
        command = resolve(page, lens.part, lens.achievement)
        assert command
        found.append((lens.line, command.title, command.command))
    return found


def test_a_plan_has_its_progress_and_each_achievement_its_state() -> None:
    assert shown(WORKSPACE) == [
        (0, "PAY █████░░░░░ 1/2 · in progress", "planmark.open"),
        (0, "Next: 1.2: design the SUBPLAN (designer)", "planmark.nextPrompt"),
        (9, "✓ approved", "planmark.open"),
        (9, "SUBPLAN", "planmark.open"),
        (9, "APPROVED_11.md", "planmark.open"),
        (11, "○ no subplan", "planmark.open"),
        (11, "▶ design the SUBPLAN", "planmark.nextPrompt"),
    ]


def test_a_subplan_and_a_verdict_say_what_they_belong_to() -> None:
    moved = WORKSPACE.replace("$0", "").replace("# SUBPLAN\n", "# SUBPLAN$0\n")
    assert [title for _, title, _ in shown(moved)] == ["✓ approved", "PLAN PAY 1.1", "APPROVED_11.md"]


def test_a_state_leads_to_what_decided_it() -> None:
    page, _, _ = page_at(WORKSPACE)
    command = resolve(page, "state", "1.1")
    assert command and command.argument == {"path": "plans/PAY/execution/feedbacks/APPROVED_11.md", "line": 1}


def test_a_lens_whose_achievement_is_gone_has_no_command() -> None:
    page, _, _ = page_at(WORKSPACE)
    assert resolve(page, "state", "9.9") is None
    assert resolve(page, "nothing", "1.1") is None


def test_a_document_of_no_plan_has_no_lens() -> None:
    assert shown("//- /NORTH_STAR_SHOP.md\n# North star$0\n") == []


def test_a_line_that_gets_no_lens_says_why() -> None:
    page, _, _ = page_at(WORKSPACE.replace("**Achievement 1.2**: Receipts", "### Achievement 1.2/1.3: Both"))
    assert [lens.line for lens in lenses(page) if lens.part == "state"] == [5, 9]
    (reason,) = [d for d in page.view.diagnostics if d.code == "achievement-format"]
    assert (reason.line, reason.severity) == (12, "warning")
    assert "it does not have the form of a definition" in reason.message


def test_hints_show_each_state_once_a_line_and_none_beside_a_lens() -> None:
    page, _, _ = page_at(WORKSPACE)
    assert [(hint.line, hint.text) for hint in hints(page, 0, 99)] == [
        (4, "✓ approved"),
        (5, "○ no subplan"),
        (13, "✓ approved"),
        (13, "○ no subplan"),
    ]
    assert hints(page, 6, 12) == []


def test_an_achievement_that_waits_for_a_review_counts_its_problems() -> None:
    task = "# T\n\n**Status**: Complete\n\n## Completion Status\n\n- [ ] A\n- [ ] B\n"
    waiting = WORKSPACE.replace("//- /plans/PAY/execution/feedbacks/APPROVED_11.md\n# APPROVED\n", "")
    fixture = f"{waiting}//- /plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md\n{task}"
    assert (9, "2 problems before review", "planmark.nextPrompt") in shown(fixture)
    page, _, _ = page_at(fixture)
    lens = resolve(page, "preflight", "1.1")
    assert lens and lens.argument == {"plan": page.path, "achievement": "1.1", "step": "finish_execution"}
    (offered,) = [known for known in commands(page, 9, 0) if known.argument == lens.argument]
    assert offered.title == "Prompt for 1.1: mend 2 problems before review"


def test_an_achievement_without_problems_has_no_lens_for_them() -> None:
    page, _, _ = page_at(WORKSPACE)
    assert resolve(page, "preflight", "1.1") is None
    assert all("step" not in known.argument for known in commands(page, 9, 0))
