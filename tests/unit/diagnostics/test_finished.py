"""No diagnostic is about finished work that will not change again."""

from __future__ import annotations

from pathlib import Path

import pytest

from check_cases import APPROVED, FEEDBACKS, PLAN, SUBPLAN, SUBPLAN_TEXT, TASK, TASK_TEXT, TWO, VERDICT
from fixture import write_files
from planmark.formats.planmark.rules.finished import CODES_IGNORED_IF_CLOSED, CODES_IGNORED_IF_DONE
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

ODD = "x\n" * 900 + "\n- [X] done\n\nSee `SUBPLAN_GONE_11.md` and SUBPLAN_PAY_12.md.\n\n[TO BE FILLED: x]\n"
"""A text that is too long, names missing files and has a placeholder."""
ONE_APPROVED = {f"{FEEDBACKS}/APPROVED_11.md": VERDICT.format("1.1")}


def seen(root: Path, files: dict[str, str]) -> View:
    write_files(root, files)
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def codes(view: View, path: str) -> set[str]:
    return {diagnostic.code for diagnostic in view.diagnostics_at(path)}


@pytest.mark.parametrize(
    ("others", "how"),
    [(ONE_APPROVED, "approved"), ({}, "closed")],
    ids=["of an approved achievement", "an execution that is done"],
)
def test_done_work_is_left_in_peace(tmp_path: Path, others: dict[str, str], how: str) -> None:
    status = "✅ Complete" if how == "closed" else "In Progress"
    logged = TASK_TEXT.replace("Log\n\nx", f"Log\n\n{ODD}")
    files = {PLAN: TWO, SUBPLAN: SUBPLAN_TEXT + ODD, TASK: logged.format(status, "x")}
    open_ones = codes(seen(tmp_path / "open", files | {TASK: logged.format("In Progress", "x")}), TASK)
    assert {"size", "reference-missing", "checkbox-form"} <= open_ones
    # The reviewer decides about a placeholder in an execution that says it is done.
    left = {"placeholder-left"} if how == "closed" else set[str]()
    assert codes(seen(tmp_path / "done", files | others), TASK) & CODES_IGNORED_IF_DONE == left


def test_a_closed_plan_is_left_in_peace(tmp_path: Path) -> None:
    text = TWO.replace("1.1**: A", "1.1: A**") + "\n**SUBPLANs**: 7 created\n" + ODD
    under_way = codes(seen(tmp_path / "open", {PLAN: text, **APPROVED}), PLAN)
    assert {"achievement-format", "index-missing", "statistics-wrong"} <= under_way
    closed = {PLAN: text.replace("In Progress", "✅ Complete"), SUBPLAN: SUBPLAN_TEXT + ODD, **APPROVED}
    view = seen(tmp_path / "closed", closed)
    assert not codes(view, PLAN) & (CODES_IGNORED_IF_CLOSED | CODES_IGNORED_IF_DONE)
    assert not codes(view, SUBPLAN) & (CODES_IGNORED_IF_CLOSED | CODES_IGNORED_IF_DONE)


def test_an_archived_execution_is_left_in_peace(tmp_path: Path) -> None:
    archived = TASK.replace("_01.md", "_01_ARCHIVED.md")
    files = {PLAN: TWO, SUBPLAN: SUBPLAN_TEXT, archived: TASK_TEXT.format("In Progress", "x\n" * 300)}
    assert not codes(seen(tmp_path, files), archived) & CODES_IGNORED_IF_DONE


def test_a_header_that_names_another_plan_is_still_found(tmp_path: Path) -> None:
    files = {PLAN: TWO, SUBPLAN: SUBPLAN_TEXT.replace(": PAY", ": PLAN_OTHER.md"), **APPROVED}
    assert "reference-missing" in codes(seen(tmp_path, files), SUBPLAN)


def test_findings_come_back_when_work_is_reopened(tmp_path: Path) -> None:
    """Check also an index that has reported these diagnostics before."""
    write_files(tmp_path, {PLAN: TWO, SUBPLAN: SUBPLAN_TEXT + ODD, **ONE_APPROVED})
    index = Index(tmp_path)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    assert "size" not in codes(view, SUBPLAN)
    path = f"{FEEDBACKS}/APPROVED_11.md"
    (tmp_path / path).unlink()
    index.mark_stale([path])
    reopened = build_view(index.snapshot(), index.text_reader(), before=view, exists=index.exists)
    assert {"size", "reference-missing"} <= codes(reopened, SUBPLAN)
    write_files(tmp_path, ONE_APPROVED)
    index.mark_stale([path])
    again = build_view(index.snapshot(), index.text_reader(), before=reopened, exists=index.exists)
    assert codes(again, SUBPLAN) == codes(view, SUBPLAN)
