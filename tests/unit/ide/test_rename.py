"""Renames: everything that depends on a name follows, or nothing changes and the error names the reason."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from editor_checks import page_at, view_at
from fixture import cursor
from planmark.ide.document import EditorDocument
from planmark.ide.rename import RenameRefusedError, follow_renames, prepare, rename, rename_feature
from planmark.queries.workspace_view import View
from planmark.workspace.workspace_edits import Change, CreateFile, RenamePath, TextChange, changed_text

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


def carried_out(files: dict[str, str], changes: list[Change]) -> dict[str, str]:
    """Apply the changes in their order, and return the files. Nothing may be overwritten."""
    texts: dict[str, list[TextChange]] = {}
    for change in changes:
        if isinstance(change, TextChange):
            texts.setdefault(change.path, []).append(change)
    result = {path: changed_text(text, texts.get(path, [])) for path, text in files.items()}
    for change in changes:
        if isinstance(change, CreateFile):
            assert change.path not in result
            result[change.path] = change.text
        elif isinstance(change, RenamePath):
            assert not any(path == change.new or path.startswith(f"{change.new}/") for path in result)
            moved = {
                path: change.new + path[len(change.old) :]
                for path in result
                if path == change.old or path.startswith(f"{change.old}/")
            }
            assert moved, change
            result = {moved.get(path, path): text for path, text in result.items()}
    return result


def view_of_files(files: dict[str, str]) -> View:
    with tempfile.TemporaryDirectory() as folder:
        view = view_at(files, Path(folder))
    return View(view.snapshot, view.evaluations, lambda path: files.get(path, ""), 0, formats=view.formats)


def states(files: dict[str, str]) -> dict[tuple[str, str], str]:
    view = view_of_files(files)
    return {
        (judged.state.feature, known.id): known.state
        for judged in view.evaluations.values()
        for known in judged.state.achievements
    }


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
    found = prepare(page, line, column)
    assert found and found.current == "SUBPLAN_PAY_11"
    assert page.line(line)[found.span.start : found.span.end] == "SUBPLAN_PAY_11"
    assert prepare(*page_at(at("# PLAN: Till", "# PLAN: Ti$0ll"))) is None


IDS = st.builds("{}.{}".format, st.integers(0, 12), st.integers(1, 12))


@given(st.lists(IDS, min_size=2, max_size=5, unique=True), IDS)
def test_any_number_leaves_every_state_as_it_was(ids: list[str], new: str) -> None:
    """Rename to any id and back, unless the rename is refused: the states are the same as before."""
    plan = "".join(f"**Achievement {known}**: T\n\n" for known in ids)
    number = ids[0].replace(".", "")
    files = {
        "plans/PAY/PLAN_PAY.md": plan,
        f"plans/PAY/subplans/SUBPLAN_PAY_{number}.md": f"**Achievement Addressed**: {ids[0]}\n\n## Objective\n\nx\n",
        f"plans/PAY/execution/feedbacks/APPROVED_{number}.md": f"# APPROVED: Achievement {ids[0]}\n",
    }
    try:
        after = carried_out(files, rename(EditorDocument(view_of_files(files), "plans/PAY/PLAN_PAY.md"), 0, 15, new))
    except RenameRefusedError:
        return
    expected = {("PAY", new if known == ids[0] else known): state for (_, known), state in states(files).items()}
    assert states(after) == expected
    back = carried_out(after, rename(EditorDocument(view_of_files(after), "plans/PAY/PLAN_PAY.md"), 0, 15, ids[0]))
    assert states(back) == states(files)


def test_two_plans_of_one_name_are_not_renamed() -> None:
    files = {"a/PLAN_PAY.md": "**Achievement 1.1**: A\n", "b/PLAN_PAY.md": "**Achievement 1.1**: B\n"}
    view = view_of_files(files)
    with pytest.raises(RenameRefusedError, match="two plans are called PAY"):
        rename_feature(view, view.snapshot.plans[0], "NEW")
