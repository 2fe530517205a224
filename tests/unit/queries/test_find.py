"""The matches of `planmark find`: properties of documents and items, and the words of texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor_checks import view_at
from fixture import files, settle, write_files
from planmark.queries.find import FindMatch, FoundInWorkspace, find_result
from planmark.queries.find_query import QUERY_KEYS
from planmark.queries.lookup import NoAnswerError
from planmark.queries.persistent_index import open_index
from planmark.queries.workspace_view import View, build_view

WORKSPACE = """
//- /plans/TILL/PLAN_TILL.md
---
type: PLAN
tags: [money]
---
# PLAN: Till

**Status**: In Progress
**Priority**: High
**Created**: 2026-11-03

## Achievement Index

- Achievement 1.1: Drawer
- Achievement 1.2: Coins
- Achievement 1.3: Receipt printer

**Achievement 1.1**: Drawer

**Achievement 1.2**: Coins

**Achievement 1.3**: Receipt printer
//- /plans/TILL/subplans/SUBPLAN_TILL_11.md
# SUBPLAN: Drawer

**Type**: SUBPLAN
**Achievement**: 1.1
**Status**: Complete
**Created**: 2026-11-04 09:00 UTC

## Objective

The drawer opens by a slow
query of the sensor.
//- /plans/TILL/execution/EXECUTION_TASK_TILL_11_01.md
# EXECUTION_TASK: Drawer

**Achievement**: 1.1
**Status**: Complete
**Created**: 2026-12-01

It opens. Caching was not needed.
//- /plans/TILL/execution/feedbacks/FIX_12.md
# FIX: Coins

**Status**: Fix required
**Reviewer**: Ada
//- /plans/TILL/subplans/SUBPLAN_TILL_12.md
# SUBPLAN: Coins

**Achievement**: 1.2
**Status**: Complete
**Metadata Tags**: `#coins #cash-desk`
//- /plans/TILL/execution/EXECUTION_TASK_TILL_12_01.md
# EXECUTION_TASK: Coins

**Status**: Complete
//- /plans/SHOP/PLAN_SHOP.md
# PLAN: Shop

**Status**: Paused
**Priority**: P3
**Created**: October 9, 2026

**Achievement 1.1**: Window
//- /notes/EXECUTION_ANALYSIS_SLOW-TILL.md
# The slow till

**Type**: EXECUTION_ANALYSIS (Bug Analysis)
**Plan**: TILL
**Status**: Complete
**Category**: performance
**Date**: 2026-11-05

A query of the sensor is slow, and uncached.
//- /.kiro/specs/scanner/tasks.md
# Tasks

- [x] 1. Read a code
- [ ] 2. Read a damaged code
//- /.kiro/specs/scanner/requirements.md
# Requirements

Scan a code.
"""
PLAN = "plans/TILL/PLAN_TILL.md"
SUBPLAN = "plans/TILL/subplans/SUBPLAN_TILL_{}.md"
TASK = "plans/TILL/execution/EXECUTION_TASK_TILL_{}_01.md"
FIX = "plans/TILL/execution/feedbacks/FIX_12.md"
SHOP = "plans/SHOP/PLAN_SHOP.md"
NOTE = "notes/EXECUTION_ANALYSIS_SLOW-TILL.md"
TASKS, REQUIREMENTS = ".kiro/specs/scanner/tasks.md", ".kiro/specs/scanner/requirements.md"


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    return view_at(files(WORKSPACE), tmp_path_factory.mktemp("shop"))


def answer(view: View, query: str, limit: int = 0) -> FoundInWorkspace:
    (found,) = find_result([view], query, limit).workspaces
    return found


def documents(view: View, query: str) -> set[str]:
    return {match.path for match in answer(view, f"-type:achievement,task {query}").matches}


def items(view: View, query: str) -> list[str]:
    return [f"{match.feature} {match.id}" for match in answer(view, f"type:achievement,task {query}").matches]


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("type:plan", {PLAN, SHOP, TASKS}),
        ("type:PLAN -plan:till", {SHOP, TASKS}),
        ("type:subplan", {SUBPLAN.format(11), SUBPLAN.format(12)}),
        ("type:execution_task", {TASK.format(11), TASK.format(12)}),
        ("type:execution id:1.2", {TASK.format(12)}),
        ("type:verdict", {FIX}),
        ("type:fix", {FIX}),
        ("type:EXECUTION_ANALYSIS", {NOTE}),
        ("type:analysis", {NOTE}),
        ("type:requirements", {REQUIREMENTS}),
        ("type:subplan,verdict id:1.2", {SUBPLAN.format(12), FIX}),
        ('state:"awaiting review"', {SUBPLAN.format(11), TASK.format(11)}),
        ("state:awaiting_review", {SUBPLAN.format(11), TASK.format(11)}),
        ("state:awaiting review", {SUBPLAN.format(11), TASK.format(11)}),
        ('state:"needs a fix"', {SUBPLAN.format(12), TASK.format(12), FIX}),
        ("status:paused", {SHOP}),
        ("state:done", {TASK.format(11), TASK.format(12)}),
        ("state:complete", {NOTE}),
        ("plan:SHOP", {SHOP}),
        ("plan:scan", {TASKS, REQUIREMENTS}),
        ("plan:@TILL type:note", {NOTE}),
        ("priority:high type:plan", {PLAN}),
        ("priority:P1 type:plan", {PLAN}),
        ("priority:low", {SHOP}),
        ("role:reviewer", {SUBPLAN.format(11), TASK.format(11)}),
        ("created:2026-11", {PLAN, SUBPLAN.format(11), NOTE}),
        ("created:2026-11-04", {SUBPLAN.format(11)}),
        ("created:2026-10-01..2026-11-03", {PLAN, SHOP}),
        ("created:>=2026-11-05", {NOTE, TASK.format(11)}),
        ("created:<2026-11", {SHOP}),
        ("category:performance", {NOTE}),
        ("category:bug", {NOTE}),
        ("tag:money", {PLAN}),
        ("tags:#cash-desk", {SUBPLAN.format(12)}),
        ("cach", {TASK.format(11)}),
        ("cached", set()),
        ('"cach"', set()),
        ("SENSOR query", {SUBPLAN.format(11), NOTE}),
        ('"slow query"', {SUBPLAN.format(11)}),
        ("SLOW-TILL", {NOTE}),
        ("sensor -type:note", {SUBPLAN.format(11)}),
        ("sensor -caching", {SUBPLAN.format(11), NOTE}),
    ],
)
def test_documents_match_by_their_properties_and_words(view: View, query: str, paths: set[str]) -> None:
    assert documents(view, query) == paths


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('state:"no SUBPLAN" plan:TILL', ["TILL 1.3"]),
        ("state:needs_fix", ["TILL 1.2"]),
        ("printer", ["TILL 1.3"]),
        ("damaged", ["scanner 2"]),
        ("role:executor plan:TILL", ["TILL 1.2"]),
        ("role:executor state:open", ["scanner 2"]),
        ("state:done", ["scanner 1"]),
    ],
)
def test_items_match_by_their_state_role_and_title(view: View, query: str, names: list[str]) -> None:
    assert items(view, query) == names


def test_the_plan_comes_first_then_each_item_with_its_documents(view: View) -> None:
    found = [(match.type, match.id) for match in answer(view, "plan:TILL").matches]
    assert found == [
        ("plan", ""),
        *(("achievement", "1.1"), ("subplan", "1.1"), ("execution", "1.1")),
        *(("achievement", "1.2"), ("subplan", "1.2"), ("execution", "1.2"), ("verdict", "1.2")),
        ("achievement", "1.3"),
        ("note", ""),
    ]


def test_matches_in_titles_come_first_and_active_plans_before_paused_ones(view: View) -> None:
    assert answer(view, "slow sensor").matches[0].path == NOTE
    assert [match.feature for match in answer(view, "type:plan -type:tasks").matches] == ["TILL", "SHOP"]


def match_of(view: View, query: str) -> FindMatch:
    (match,) = answer(view, query).matches
    return match


def test_a_match_has_the_line_of_the_words(view: View) -> None:
    match = match_of(view, '"slow query" type:subplan')
    assert (match.line, match.text) == (10, "The drawer opens by a slow")
    assert match_of(view, "sensor query type:note").line == 9
    plan = match_of(view, "type:plan plan:TILL")
    assert (plan.line, plan.text, plan.created, plan.priority) == (5, "", "2026-11-03", "high")
    assert plan.states == ("needs_attention", "active")


def test_a_limit_cuts_the_matches_and_not_the_total(view: View) -> None:
    found = answer(view, "plan:TILL", 2)
    assert (len(found.matches), found.total) == (2, 10)


def test_an_empty_result_says_which_term_excludes_all(view: View) -> None:
    found = answer(view, "type:plan zebra")
    assert [(count.term, count.alone, count.without) for count in found.terms] == [("type:plan", 3, 0), ("zebra", 0, 3)]
    assert answer(view, "state:failed").terms[0].alone == 0


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "planmark find 'state:\"awaiting review\"'"),
        ("tpye:plan", "no key `tpye:`; did you mean `type:`? Keys: type, state, plan"),
        ("colour:red", 'use quotation marks: "colour:red"'),
        ("type:subplna", "`type:` has no value `subplna`; did you mean `type:subplan`? It takes: plan, subplan"),
        ('state:"awaiting reveiw"', 'did you mean `state:"awaiting review"`?'),
        ("plan:TILLS", "did you mean `plan:till`?"),
        ("priority:purple", "It takes: critical, high"),
        ("role:pilot", "It takes: strategist, planner"),
        ("id:9.9", "`id:` has no value `9.9`"),
        ("created:yesterday", "not a date. created takes a date or a range: 2026-11-30"),
        ("created:2026-13", "not a date"),
        ("type:", "`type:` needs a value"),
    ],
)
def test_unknown_keys_and_values_are_explained(view: View, query: str, says: str) -> None:
    with pytest.raises(NoAnswerError) as raised:
        find_result([view], query)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    "query", ["x" * 9_000 + ":y", "type:" + "x" * 9_000, "created:" + "1" * 9_000, "plan:" + "-" * 9_000]
)
def test_a_long_query_gets_a_short_message(view: View, query: str) -> None:
    with pytest.raises(NoAnswerError) as raised:
        find_result([view], query)
    assert len(str(raised.value)) < 1_500


@given(
    st.one_of(
        st.text(),
        st.lists(
            st.sampled_from(
                [*(f"{key}:" for key in QUERY_KEYS), "-", '"', " ", ",", "TILL", "2026-11", "..", "x", "İ", "ß"]
            )
        ).map("".join),
    )
)
def test_any_query_has_an_answer_or_a_message(view: View, query: str) -> None:
    try:
        found = answer(view, query)
    except NoAnswerError:
        return
    assert found.total == len(found.matches)
    assert all(match.line >= 1 for match in found.matches)
    assert found.total or found.terms


def test_a_value_of_one_workspace_is_known_in_all(view: View, tmp_path: Path) -> None:
    other = view_at(files("//- /plans/X/PLAN_X.md\n# PLAN: X\n\n**Achievement 1.1**: A\n"), tmp_path)
    found = find_result([view, other], "plan:SHOP").workspaces
    assert [one.total for one in found] == [2, 0]
    assert "`plan:` has no value `SHOP`" in found[1].problem


def test_files_that_are_no_plans_are_not_found_as_plans(tmp_path: Path) -> None:
    view = view_at(
        files("//- /plans/PLAN_EMPTY.md\nNothing.\n//- /plans/A/PLAN_A.md\n**Achievement 1.1**: A\n"), tmp_path
    )
    assert documents(view, "type:plan") == {"plans/A/PLAN_A.md"}
    assert documents(view, "type:not_a_plan") == {"plans/PLAN_EMPTY.md"}


def test_a_second_question_reads_no_text_again_except_changed_ones(tmp_path: Path) -> None:
    write_files(tmp_path, files(WORKSPACE))
    settle(tmp_path)
    index = open_index(tmp_path)
    reads: list[str] = []

    def answered(query: str) -> set[str]:
        read = index.text_reader()

        def counted(path: str) -> str:
            if not path.startswith(".kiro"):  # The evaluation of a spec reads its tasks, too.
                reads.append(path)
            return read(path)

        reads.clear()
        return documents(build_view(index.refresh(), counted, searched_texts=index.search_memo), query)

    first = answered("-type:note type:fix")
    assert len(reads) == len(set(reads)) == 8
    assert answered("-type:note type:fix") == first
    assert reads == []
    (tmp_path / FIX).write_text("# FIX: Coins\n\nThe hopper jams.\n", encoding="utf-8")
    assert answered("hopper") == {FIX}
    assert set(reads) == {FIX}
