"""Files whose names Planmark does not read: their presumed kinds, and their correct names."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from fixture import write_files
from planmark.diagnostics.fixes import fixes_for
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.editor.rename import follow_renames
from planmark.formats.planmark.workflow.naming import renamings
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import TextChange, changed_text
from unit.formats.planmark.workflow.misnamed_files import (
    PLAN,
    SUBPLAN,
    TASK,
    E,
    F,
    P,
    S,
    named,
    renamed,
    seen,
    states,
    text_of,
)

NAMES = [
    (S, "SUBPLAN_PAY_1.1.md", "SUBPLAN_PAY_01_01.md"),
    (S, "subplan_pay_11.md", "SUBPLAN_PAY_01_01.md"),
    (S, "subplan-pay-1-1.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN-PAY-11.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN PAY 1.1.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN.PAY.1.1.md", "SUBPLAN_PAY_01_01.md"),
    (S, "Subplan_Pay_11.md", "SUBPLAN_PAY_01_01.md"),
    (S, "Sub-Plan_PAY_11.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_PAY_11.MD", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_PAY_11.markdown", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_PAY_01-01.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_1.1.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_11.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN11.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_PAY_11_charge-once.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_PAY_11-charge.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_PAY_A11.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_PAY_Achievement_1.1.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_PAY_11_v2.md", "SUBPLAN_PAY_01_01_V2.md"),
    (S, "SUBPLAN_PAY_\u0661\u0661.md", "SUBPLAN_PAY_01_01.md"),
    (E, "EXECUTION_TASK_PAY_\uff11\uff11_\uff10\uff12.md", "EXECUTION_TASK_PAY_01_01_02.md"),
    (F, "APPROVED_\u0660\u0661_\u0660\u0661.md", "APPROVED_01_01.md"),
    (F, "FIX_11_R\u0662.md", "FIX_01_01_R2.md"),
    (P, "SUBPLAN_PAY_1.1.md", "SUBPLAN_PAY_01_01.md"),
    (S, "SUBPLAN_PAY_10.1.md", "SUBPLAN_PAY_10_01.md"),
    (S, "SUBPLAN_PAY_101 (1).md", "SUBPLAN_PAY_10_01.md"),
    ("notes", "subplan_pay_1.1.md", "SUBPLAN_PAY_01_01.md"),
    (E, "EXECUTION_TASK_PAY_1.1_01.md", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "EXECUTION-TASK_PAY_11_01.md", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "EXECUTION_TASK-PAY-11-01.md", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "execution_task_pay_11_02.md", "EXECUTION_TASK_PAY_01_01_02.md"),
    (E, "Execution Task 1.1.md", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "EXECUTION_11_01.md", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "EXECUTION_PAY_11_01.md", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "EXECUTION_PAY_11.md", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "execution-pay-11-refunds.md", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "execution-1.1-3.md", "EXECUTION_TASK_PAY_01_01_03.md"),
    (E, "EXECUTION_TASK_PAY_11.md", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "EXECUTION_TASK_11_01.md", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "EXECUTION_TASK_PAY_11_E02.md", "EXECUTION_TASK_PAY_01_01_02.md"),
    (E, "EXECUTION_TASK_PAY_11_01.MD", "EXECUTION_TASK_PAY_01_01_01.md"),
    (E, "EXECUTION_TASK_PAY_11_01_recovery.md", "EXECUTION_TASK_PAY_01_01_01_RECOVERY.md"),
    (F, "APPROVED_1.1.md", "APPROVED_01_01.md"),
    (F, "approved-11.md", "APPROVED_01_01.md"),
    (F, "APPROVED 11.md", "APPROVED_01_01.md"),
    (F, "APPROVED11.md", "APPROVED_01_01.md"),
    (F, "APPROVED_11.markdown", "APPROVED_01_01.md"),
    (F, "APPROVED_11_FINAL.md", "APPROVED_01_01.md"),
    (F, "FIX_1.1.md", "FIX_01_01.md"),
    (F, "fix-11-round-2.md", "FIX_01_01_R2.md"),
    (F, "FIX_1.1_RESOLUTION.md", "FIX_01_01_RESOLUTION.md"),
    (F, "REJECTED_11.md", "FIX_01_01.md"),
    (F, "NEEDS_FIX_11.md", "FIX_01_01.md"),
    (F, "needs-fixes 1.1.md", "FIX_01_01.md"),
    (E, "REJECTED_11.md", "FIX_01_01.md"),
    (F, "ACCEPTED_11.md", "APPROVED_01_01.md"),
    (F, "passed 1.1.md", "APPROVED_01_01.md"),
    (F, "RESOLUTION_11.md", "FIX_01_01_RESOLUTION.md"),
    (f"{P}/feedbacks", "approved_1.1.md", "APPROVED_01_01.md"),
]
"""Folder and name of a file, and its correct name."""


@pytest.mark.parametrize(("folder", "name", "right"), NAMES, ids=[f"{folder} {name}" for folder, name, _ in NAMES])
def test_a_misnamed_file_holds_its_achievement_until_it_has_its_name(
    tmp_path: Path, folder: str, name: str, right: str
) -> None:
    assert parse_name(name) is None
    path = f"{folder}/{name}"
    view = seen(tmp_path, {path: text_of(name)})
    about = "10.1" if "_10_" in right else "1.1"
    (diagnostic,) = named(view, path)
    assert right in diagnostic.message and diagnostic.severity == "warning"
    (files,) = view.snapshot.plans
    state = view.evaluations[files.path].state
    assert {known.id: known.step for known in state.achievements}[about] == "rename_document"
    assert state.state != "planned"
    assert [renaming.old for renaming in renamings(files)] == [path]

    new = renamed(tmp_path, view, path)
    assert new.rpartition("/")[2] == right
    after = seen(tmp_path, {})
    with tempfile.TemporaryDirectory() as other:
        assert states(after) == states(seen(Path(other), {new: text_of(name)}))
    assert not after.snapshot.misnamed
    assert after.achievement_of(new) is not None


@pytest.mark.parametrize(
    ("files", "about", "says"),
    [
        ({f"{S}/SUBPLAN_PAY_1.1.md": "**Achievement**: 1.2\n"}, ("1.2", "1.1"), "it may be about 1.2 or 1.1"),
        ({f"{S}/SUBPLAN_PAY_1.1.md": SUBPLAN, f"{S}/SUBPLAN_PAY_01_01.md": SUBPLAN}, ("1.1",), "exists already"),
        ({f"{S}/SUBPLAN_PAY_1.1.md": SUBPLAN, f"{S}/subplan_pay_11.md": SUBPLAN}, ("1.1",), "another misnamed file"),
        ({f"{S}/SUBPLAN_checkout.md": SUBPLAN}, (), "neither its number nor its header"),
        ({f"{S}/SUBPLAN_PAY_7.7.md": SUBPLAN}, (), "neither its number nor its header"),
    ],
)
def test_a_name_in_doubt_has_no_fix(tmp_path: Path, files: dict[str, str], about: tuple[str, ...], says: str) -> None:
    view = seen(tmp_path, files)
    path = next(iter(files))
    (diagnostic,) = named(view, path)
    assert says in diagnostic.message
    assert fixes_for(view.snapshot, diagnostic, view.text) == ()
    waiting = {known for known, _, step in states(view) if step == "rename_document"}
    assert waiting == set(about)


def test_the_header_decides_where_the_number_says_nothing(tmp_path: Path) -> None:
    path = f"{S}/SUBPLAN_CHECK_OUT_02_DETAIL_P1.md"
    view = seen(tmp_path, {path: SUBPLAN.replace("\n\n", "\n\n**Achievement**: 1.2\n\n", 1)})
    assert renamed(tmp_path, view, path) == f"{S}/SUBPLAN_PAY_01_02.md"


@pytest.mark.parametrize(
    "text",
    [
        "# SUBPLAN\n\nAchievement: 1.2\n",
        "# SUBPLAN\n\n- Achievement: 1.2 Refunds\n",
        "# SUBPLAN\n\n| Achievement | 1.2 |\n|---|---|\n",
        "# SUBPLAN\n\n| Field | Value |\n|---|---|\n| **Achievement** | Achievement 1.2: B |\n",
        "---\nachievement: 1.2\n---\n\n# SUBPLAN\n",
        "# SUBPLAN: Details (1.2)\n",
    ],
)
def test_a_header_of_any_form_names_the_achievement(tmp_path: Path, text: str) -> None:
    path = f"{S}/SUBPLAN_DETAILS.md"
    view = seen(tmp_path, {path: text})
    assert [step for _, _, step in states(view)][:2] == ["create_subplan", "rename_document"]
    assert renamed(tmp_path, view, path) == f"{S}/SUBPLAN_PAY_01_02.md"


def test_a_sentence_of_a_header_names_no_achievement(tmp_path: Path) -> None:
    view = seen(tmp_path, {f"{S}/SUBPLAN_DETAILS.md": "# SUBPLAN\n\nThe achievement: 1.2 users a day.\n"})
    assert "rename_document" not in [step for _, _, step in states(view)]


def test_a_file_that_may_be_of_several_plans_holds_all_of_them(tmp_path: Path) -> None:
    write_files(tmp_path, {"plans/all/PLAN_A.md": PLAN, "plans/all/PLAN_B.md": PLAN})
    path = "plans/all/subplans/SUBPLAN_1.1.md"
    write_files(tmp_path, {path: SUBPLAN})
    index = Index(tmp_path)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    assert {view.evaluations[files.path].state.next.step for files in view.snapshot.plans} == {"rename_document"}
    (diagnostic,) = named(view, path)
    assert "several PLANs" in diagnostic.message
    assert fixes_for(view.snapshot, diagnostic, view.text) == ()


def test_a_file_in_a_shared_folder_belongs_to_the_plan_whose_subplan_it_names(tmp_path: Path) -> None:
    task = f"**SUBPLAN**: SUBPLAN_PAY_01_01\n**Achievement**: 1.1\n\n{TASK}"
    view = seen(tmp_path, {f"{S}/SUBPLAN_PAY_01_01.md": SUBPLAN, "execution/execution_task_payments_11_01.md": task})
    assert states(view)[0][1:] == ("no_execution", "rename_document")
    assert named(view, "execution/execution_task_payments_11_01.md")


@pytest.mark.parametrize("verdict", ["FIX_01_01.md", "FIX_01_01_RESOLUTION.md"])
def test_a_fix_comes_first(tmp_path: Path, verdict: str) -> None:
    files = {f"{F}/FIX_01_01.md": "x", f"{F}/{verdict}": "x", f"{S}/SUBPLAN_PAY_1.1.md": SUBPLAN}
    view = seen(tmp_path, files)
    assert states(view)[0][1:] in (("needs_fix", "address_fix"), ("fix_resolved", "re_review"))


@pytest.mark.parametrize("name", ["REVIEW_11.md", "verdict-1.1.md", "Reviews 11.md", "feedback_01_01.md"])
def test_a_verdict_that_does_not_say_which_is_for_a_person(tmp_path: Path, name: str) -> None:
    path = f"{F}/{name}"
    view = seen(tmp_path, {path: "# Review\n", f"{S}/SUBPLAN_PAY_11.md": SUBPLAN})
    (diagnostic,) = named(view, path)
    assert "rename it to <APPROVED or FIX>_01_01.md: its name does not say whether it approves" in diagnostic.message
    assert not fixes_for(view.snapshot, diagnostic, view.text)
    assert states(view)[0] == ("1.1", "no_execution", "rename_document")


def test_a_verdict_that_does_not_say_which_leaves_an_approval_alone(tmp_path: Path) -> None:
    view = seen(tmp_path, {f"{F}/REVIEW_11.md": "x", f"{F}/APPROVED_11.md": "x", f"{S}/SUBPLAN_PAY_11.md": SUBPLAN})
    assert states(view)[0][1] == "approved" and states(view)[0][2] != "rename_document"
    assert named(view, f"{F}/REVIEW_11.md")


@pytest.mark.parametrize(
    "path", [f"{E}/REVIEW_11.md", f"{F}/REVIEW_2026-01-05.md", f"{F}/reviews.md", f"{P}/feedback-1.md"]
)
def test_a_note_about_reviews_is_no_verdict(tmp_path: Path, path: str) -> None:
    view = seen(tmp_path, {path: "# Review\n"})
    assert states(view)[0][2] == "create_subplan" and not named(view, path)


def test_what_is_approved_needs_no_name(tmp_path: Path) -> None:
    view = seen(
        tmp_path, {f"{F}/APPROVED_01_01.md": "x", f"{S}/SUBPLAN_PAY_01_01.md": SUBPLAN, f"{S}/SUBPLAN_PAY_1.1.md": "x"}
    )
    assert states(view)[0][1] == "approved"
    assert states(view)[0][2] != "rename_document"


@pytest.mark.parametrize("name", ["REJECTED_11.md", "needs-fix 1.1.md", "fix-1.1.md"])
def test_a_misnamed_fix_beside_an_approval_keeps_a_plan_from_being_complete(tmp_path: Path, name: str) -> None:
    """Leave the decision to a person: the FIX may be later than the approval, and the state stays."""
    text = "# PLAN\n\n**Status**: ✅ Complete\n\n**Achievement 1.1**: A\n"
    files = {f"{F}/APPROVED_11.md": "x", f"{S}/SUBPLAN_PAY_11.md": SUBPLAN, f"{F}/{name}": "x"}
    view = seen(tmp_path, {**files, f"{P}/PLAN_PAY.md": text})
    assert states(view)[0][1:] == ("approved", "rename_document")
    (state,) = (judged.state for judged in view.evaluations.values())
    assert (state.next.step, state.next.achievement, state.state) == ("rename_document", "1.1", "needs_attention")


def test_an_archived_copy_holds_nothing(tmp_path: Path) -> None:
    view = seen(tmp_path, {f"{S}/subplan_pay_11_archived.md": SUBPLAN})
    assert states(view)[0][2] == "create_subplan"
    assert named(view, f"{S}/subplan_pay_11_archived.md")


def test_a_rename_takes_along_those_who_name_the_file(tmp_path: Path) -> None:
    old = f"{S}/subplan pay 1.1.md"
    view = seen(
        tmp_path,
        {
            old: "# It\n\nsubplan pay 1.1.md\n",
            "NORTH_STAR_PAY.md": f"See `{old}`, [it](plans/PAY/subplans/subplan%20pay%201.1.md); a subplan pay 1.1 day; xsubplan pay 1.1.md\n",
        },
    )
    changes = follow_renames(view, [(old, f"{S}/SUBPLAN_PAY_01_01.md")])
    texts = {}
    for path in (old, "NORTH_STAR_PAY.md"):
        own = [change for change in changes if isinstance(change, TextChange) and change.path == path]
        texts[path] = changed_text(view.text(path), own)
    assert texts[old] == "# It\n\nSUBPLAN_PAY_01_01.md\n"
    assert texts["NORTH_STAR_PAY.md"] == (
        f"See `{S}/SUBPLAN_PAY_01_01.md`, [it](plans/PAY/subplans/SUBPLAN_PAY_01_01.md); a subplan pay 1.1 day; xsubplan pay 1.1.md\n"
    )


def test_a_moved_verdict_is_named_where_it_is(tmp_path: Path) -> None:
    old, new = f"{E}/REJECTED_1.1.md", f"{F}/FIX_01_01.md"
    view = seen(tmp_path, {old: "x", "NORTH_STAR_PAY.md": f"`{old}` and REJECTED\\_1.1\n"})
    changes = [change for change in follow_renames(view, [(old, new)]) if isinstance(change, TextChange)]
    assert changed_text(view.text("NORTH_STAR_PAY.md"), changes) == f"`{new}` and FIX\\_01\\_01\n"
