"""Renames: everything that depends on a name follows, or nothing changes and the error names the reason."""

from __future__ import annotations

import pytest

from editor_checks import page_at
from fixture import cursor
from planmark.formats.planmark.editor.rename import follow_renames, rename, rename_feature, rename_target_at
from planmark.ide.document import EditorDocument
from planmark.ide.features import RenameRefusedError
from planmark.workspace.workspace_edits import RenamePath
from rename_helpers import carried_out, states, view_of_files

WORKSPACE = """
//- /plans/PAY/PLAN_PAY.md
# PLAN: PAY

**Achievement 1.1**: Refunds

**Achievement 1.2**: Receipts

- **Depends on**: 1.1

See `plans/PAY/subplans/SUBPLAN_PAY_11.md`, @PAY and the PAYMENT-DESK.
//- /plans/PAY/subplans/SUBPLAN_PAY_11.md
# SUBPLAN

**Plan**: PAY
**Achievement Addressed**: 1.1 (Refunds)

## Objective

x

## Approach

y
//- /plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md
**SUBPLAN**: SUBPLAN\\_PAY\\_11.md
**Status**: ✅ Complete
//- /plans/PAY/execution/feedbacks/APPROVED_11.md
# APPROVED: Achievement 1.1
//- /plans/TILL/PLAN_TILL.md
# PLAN: Till

**Achievement 1.1**: Drawers

After PLAN_PAY Achievement 1.1, in [it](../PAY/PLAN_PAY.md).
"""


def renamed(marked: str, new: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the files before and after a rename at the cursor."""
    marked_files, path, line, column = cursor(marked)
    files = {name.lstrip("/"): text for name, text in marked_files.items()}
    page = EditorDocument(view_of_files(files), path.lstrip("/"))
    return files, carried_out(files, rename(page, line, column, new))


def at(old: str, marked: str) -> str:
    assert WORKSPACE.count(old) == 1, old
    return WORKSPACE.replace(old, marked)


def test_an_achievement_gets_another_number() -> None:
    before, after = renamed(at("Depends on**: 1.1", "Depends on**: 1.$01"), "3.4")
    assert sorted(after) == [
        "plans/PAY/PLAN_PAY.md",
        "plans/PAY/execution/EXECUTION_TASK_PAY_34_01.md",
        "plans/PAY/execution/feedbacks/APPROVED_34.md",
        "plans/PAY/subplans/SUBPLAN_PAY_34.md",
        "plans/TILL/PLAN_TILL.md",
    ]
    assert "After PLAN_PAY Achievement 3.4" in after["plans/TILL/PLAN_TILL.md"]
    assert "**Achievement 1.1**: Drawers" in after["plans/TILL/PLAN_TILL.md"]
    assert r"SUBPLAN\_PAY\_34.md" in after["plans/PAY/execution/EXECUTION_TASK_PAY_34_01.md"]
    assert "# APPROVED: Achievement 3.4" in after["plans/PAY/execution/feedbacks/APPROVED_34.md"]
    new = {("PAY", "1.1"): ("PAY", "3.4")}
    assert states(after) == {new.get(key, key): state for key, state in states(before).items()}


def test_a_feature_gets_another_name() -> None:
    before, after = renamed(at("@PAY and", "@PA$0Y and"), "@REFUNDS")
    assert sorted(after) == [
        "plans/REFUNDS/PLAN_REFUNDS.md",
        "plans/REFUNDS/execution/EXECUTION_TASK_REFUNDS_11_01.md",
        "plans/REFUNDS/execution/feedbacks/APPROVED_11.md",
        "plans/REFUNDS/subplans/SUBPLAN_REFUNDS_11.md",
        "plans/TILL/PLAN_TILL.md",
    ]
    plan = after["plans/REFUNDS/PLAN_REFUNDS.md"]
    assert "# PLAN: REFUNDS" in plan
    assert "`plans/REFUNDS/subplans/SUBPLAN_REFUNDS_11.md`, @REFUNDS and the PAYMENT-DESK" in plan
    assert "[it](../REFUNDS/PLAN_REFUNDS.md)" in after["plans/TILL/PLAN_TILL.md"]
    assert "**Plan**: REFUNDS" in after["plans/REFUNDS/subplans/SUBPLAN_REFUNDS_11.md"]
    new = {key: ("REFUNDS" if key[0] == "PAY" else key[0], key[1]) for key in states(before)}
    assert states(after) == {new[key]: state for key, state in states(before).items()}


def test_a_document_gets_another_name() -> None:
    _, after = renamed(at("/SUBPLAN_PAY_11.md`", "/SUBPLAN_PA$0Y_11.md`"), "SUBPLAN_PAY_01_01")
    assert "plans/PAY/subplans/SUBPLAN_PAY_01_01.md" in after
    assert "`plans/PAY/subplans/SUBPLAN_PAY_01_01.md`" in after["plans/PAY/PLAN_PAY.md"]


def test_a_document_is_moved_in_the_editor() -> None:
    files = {name.lstrip("/"): text for name, text in cursor(WORKSPACE + "$0")[0].items()}
    old, new = "plans/PAY/PLAN_PAY.md", "plans/later/PLAN_PAY.md"
    after = carried_out(files, [*follow_renames(view_of_files(files), [(old, new)]), RenamePath(old, new)])
    assert "[it](../later/PLAN_PAY.md)" in after["plans/TILL/PLAN_TILL.md"]


@pytest.mark.parametrize(
    ("old", "marked", "new", "says"),
    [
        ("Depends on**: 1.1", "Depends on**: 1.$01", "1.2", "has a 1.2 already"),
        ("Depends on**: 1.1", "Depends on**: 1.$01", "x", "not an achievement id"),
        ("@PAY and", "@PA$0Y and", "TILL", "TILL exists already"),
        ("@PAY and", "@PA$0Y and", "pay desk", "not a feature name"),
        ("/SUBPLAN_PAY_11.md`", "/SUBPLAN_P$0AY_11.md`", "PLAN_PAY.md", "not a name of a subplan"),
        ("/SUBPLAN_PAY_11.md`", "/SUBPLAN_P$0AY_11.md`", "../SUBPLAN_PAY_12", "not a name of a subplan"),
        ("# PLAN: Till", "# PLAN: Ti$0ll", "X", "nothing here can be renamed"),
    ],
)
def test_what_would_break_something_is_refused(old: str, marked: str, new: str, says: str) -> None:
    with pytest.raises(RenameRefusedError, match=says):
        renamed(at(old, marked), new)


def test_a_file_in_the_way_is_named() -> None:
    taken = WORKSPACE + "//- /plans/PAY/subplans/SUBPLAN_PAY_34.md\nx\n"
    with pytest.raises(RenameRefusedError, match=r"SUBPLAN_PAY_34\.md"):
        renamed(taken.replace("Depends on**: 1.1", "Depends on**: 1.$01"), "3.4")


def test_a_number_that_would_stand_for_two_is_refused_or_written_out() -> None:
    """Write the long form, because `SUBPLAN_PAY_111` would mean both 1.11 and 11.1."""
    twins = at("**Achievement 1.2**: Receipts", "**Achievement 11.1**: Receipts").replace(
        "Depends on**: 1.1", "Depends on**: 1.$01"
    )
    _, after = renamed(twins, "1.11")
    assert "plans/PAY/subplans/SUBPLAN_PAY_01_11.md" in after


def test_what_can_be_renamed_is_shown_first() -> None:
    page, line, column = page_at(at("/SUBPLAN_PAY_11.md`", "/SUBPLAN_P$0AY_11.md`"))
    found = rename_target_at(page, line, column)
    assert found and found.current_name == "SUBPLAN_PAY_11"
    assert page.line(line)[found.span.start : found.span.end] == "SUBPLAN_PAY_11"
    assert rename_target_at(*page_at(at("# PLAN: Till", "# PLAN: Ti$0ll"))) is None


def test_two_plans_of_one_name_are_not_renamed() -> None:
    files = {"a/PLAN_PAY.md": "**Achievement 1.1**: A\n", "b/PLAN_PAY.md": "**Achievement 1.1**: B\n"}
    view = view_of_files(files)
    with pytest.raises(RenameRefusedError, match="two plans are called PAY"):
        rename_feature(view, view.snapshot.plans[0], "NEW")
