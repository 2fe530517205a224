"""SUBPLANs, EXECUTION_TASKs, verdicts and parallel files."""

from __future__ import annotations

import textwrap
from typing import TypeVar

import pytest

from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.document_references import (
    features_named_in,
    plan_feature_named_in,
    subplan_reference,
    uppercase_words,
)
from planmark.formats.planmark.documents.execution_task import ExecutionTask
from planmark.formats.planmark.documents.note import Grammaplan
from planmark.formats.planmark.documents.parallel_json import Parallel
from planmark.formats.planmark.documents.subplan import Subplan
from planmark.formats.planmark.documents.verdict import Verdict

Facts = TypeVar("Facts")


def read(kind: type[Facts], name: str, text: str) -> Facts:
    document = parse(name, textwrap.dedent(text).lstrip("\n"))
    assert document
    assert isinstance(document.facts, kind)
    return document.facts


def task(text: str) -> ExecutionTask:
    return read(ExecutionTask, "EXECUTION_TASK_PAY_11_01.md", text)


def subplan(text: str) -> Subplan:
    return read(Subplan, "SUBPLAN_PAY_11.md", text)


def fix(text: str) -> Verdict:
    return read(Verdict, "FIX_11.md", text)


HEAD = "# EXECUTION_TASK: X\n\n**Status**: {}\n\n"


@pytest.mark.parametrize(
    ("header", "body", "outcome"),
    [
        ("✅ Complete", "", "done"),
        ("In Progress", "", "open"),
        ("In Progress", "## End\n\n**Final Status**: ✅ COMPLETE\n", "done"),
        ("✅ Complete", "## Later\n\n**Status**: In Progress\n", "done"),
        ("In Progress", "### Iteration 1\n\n**Status**: ✅ Complete\n", "open"),
        ("In Progress", "### Iteration 1\n\n**Status**: ✅ Complete\n\n---\n\n**Status**: ✅ Complete\n", "done"),
        ("In Progress", "### Iteration 1\n\nx\n\n### Wrap-up\n\n**Status**: ✅ Complete\n", "done"),
        ("In Progress", "```\n**Status**: ✅ Complete\n```\n", "open"),
        ("In Progress", "## ✅ Completion Status\n\n- [x] a\n- [x] b\n", "done"),
        ("In Progress", "## ✅ Completion Checklist\n\n- [x] a\n- [ ] b\n", "open"),
        ("In Progress", "## Completion Status\n\n**Overall**: ✅ **COMPLETE**\n", "done"),
        ("In Progress", "## Completion Status\n\nOverall: ✅ COMPLETE\n", "open"),
        ("In Progress", "## 🎉 Achievement Complete\n", "done"),
        ("📋 Ready for Execution", "### Iteration 1\n\n**Status**: [In Progress / Complete]\n", "open"),
        ("✅ Phase 1 Complete (Unit Tests), Blocked on Data", "", "blocked"),
        ("✅ Complete", "## End\n\n**Final Status**: ⏸️ BLOCKED - no data\n", "blocked"),
        ("Blocked", "## End\n\n**Final Status**: ✅ Complete\n", "done"),
        ("Abandoned, see 02", "", "stopped"),
        ("In Progress (no longer blocked)", "", "open"),
        ("Phases 1-4 Complete", "", "open"),
    ],
)
def test_how_an_execution_came_out(header: str, body: str, outcome: str) -> None:
    assert task(HEAD.format(header) + body).outcome == outcome


def test_a_task_without_any_status_is_open() -> None:
    assert task("# EXECUTION_TASK: X\n").outcome == "open"
    assert task("").outcome == "open"


def test_a_task_quotes_the_line_that_decides() -> None:
    found = task(HEAD.format("In Progress") + "## End\n\n**Final Status**: ✅ COMPLETE\n")
    assert found.evidence
    assert found.evidence.text == "**Final Status**: ✅ COMPLETE"


def test_the_header_of_a_task() -> None:
    found = task(
        "# T\n\n**Subplan**: `SUBPLAN*PAY*21`  \n**Mother Plan**: PLAN\\_PAY  \n**Achievement**: Achievement 2.1 (Refunds)\n"
    )
    assert (found.subplan, plan_feature_named_in(found.plan), found.achievement) == (("PAY", "21"), "PAY", "2.1")


@pytest.mark.parametrize(
    ("value", "feature"),
    [
        ("PAY", "PAY"),
        ("PLAN_PAY.md", "PAY"),
        ("`work-space/plans/PAY/PLAN_PAY.md`", "PAY"),
        (r"PLAN\_PAY", "PAY"),
        ("the plan", None),
    ],
)
def test_parent_links(value: str, feature: str | None) -> None:
    assert plan_feature_named_in(value) == feature


def test_other_references() -> None:
    assert subplan_reference("see SUBPLAN_21") == ("", "21")
    assert subplan_reference("subplans/SUBPLAN_PAY_08_05.md") == ("PAY", "08_05")
    assert features_named_in("PLAN_A.md, SUBPLAN_B_11 and EXECUTION_TASK_C_11_01") == ("A", "B", "C")
    assert "PAY" in uppercase_words("for PAY.")
    assert "PAY" not in uppercase_words("for PAY-LATER")


@pytest.mark.parametrize(
    ("body", "objective", "approach"),
    [
        ("## 🎯 Objective\n\nPay.\n\n## 🗺️ Detailed Approach\n\n1. x\n", True, True),
        ("## Objective & Approach\n\nPay.\n", True, True),
        ("## 🎯 Objective\n\n[TO BE FILLED: what]\n\n## Approach\n\n- [how]\n- [why]\n", False, False),
        ("## Objective\n\n### Part\n\ntext\n", True, False),
        ("**Objective**: Pay.\n", True, False),
        ("## Objective\n\n## Approach\n", False, False),
    ],
)
def test_what_of_a_design_is_filled_in(body: str, objective: bool, approach: bool) -> None:
    found = subplan(f"# SUBPLAN: X\n\n{body}")
    assert (found.objective is not None, found.approach is not None) == (objective, approach)


@pytest.mark.parametrize(
    ("body", "planned"),
    [
        ("**Execution Count**: Single\n", None),
        ("**Execution Count**: Multiple (4 sequential phases)\n", 4),
        ("**Execution Count**: [Single / Multiple]\n", None),
        (
            "## Active EXECUTION_TASKs\n\n| EXECUTION | Status |\n|---|---|\n| 11_01 | ✅ Complete |\n| 11_02 | Planning |\n",
            2,
        ),
        (
            "## Active EXECUTION_TASKs\n\n| Execution | S |\n|---|---|\n| EXECUTION_TASK_PAY_11_01 | x |\n| 11_01_V2 | x |\n",
            1,
        ),
        ("## Active EXECUTION_TASKs\n\n| Execution | S |\n|---|---|\n| [NN_EE] | x |\n\n**Execution Count**: 3\n", 3),
        ("## Planned Executions\n\n| E | what |\n|---|---|\n| 1 | a |\n| 2 | b |\n| 3 | c |\n", 3),
    ],
)
def test_how_many_executions_are_planned(body: str, planned: int | None) -> None:
    assert subplan(f"# SUBPLAN: X\n\n{body}").planned_executions == planned


@pytest.mark.parametrize(
    ("body", "synthesis"),
    [
        ("", "absent"),
        ("## Execution Results Synthesis\n\n- [what was achieved]\n", "unfilled"),
        ("## 📊 Execution Results Synthesis\n\nBoth work.\n", "filled"),
    ],
)
def test_the_synthesis(body: str, synthesis: str) -> None:
    assert subplan(f"# SUBPLAN: X\n\n{body}").synthesis == synthesis


def test_placeholders_count_outside_code() -> None:
    found = subplan("# S\n\n[TO BE FILLED: x]\n\nthe mark `[TO BE FILLED` in code\n\n```\n[TO BE FILLED\n```\n")
    assert [quote.text for quote in found.placeholders] == ["[TO BE FILLED: x]"]


@pytest.mark.parametrize(
    "issues",
    [
        "1. **First**\n\n   - detail\n\n2. **Second**\n",
        "#### 1. **First**\n\n1. step\n2. step\n\n#### 2. **Second**\n",
        "#### 1. First\n\n**Why**: x\n\n#### 2. Second\n",
        "**1. First**\n\ntext\n\n**2. Second**\n",
        "1. First\n2. Second\n",
    ],
)
def test_issues_in_every_shape(issues: str) -> None:
    found = fix(
        f"# FIX REQUIRED: Achievement 1.1\n\n### ❌ Critical Issues\n\n{issues}\n### Minor Issues\n\n3. **Third**\n"
    )
    titles = [(issue.severity, issue.title.replace("*", "").strip()) for issue in found.issues]
    assert titles == [("critical", "First"), ("critical", "Second"), ("minor", "Third")]


def test_the_header_of_a_verdict() -> None:
    found = fix(
        "# FIX REQUIRED: Achievement 1.1\n\n**Reviewer**: Noor\n**Review Date**: March 5, 2026\n**Status**: ⚠️ NEEDS FIXES\n"
    )
    assert (found.achievement, found.date) == ("1.1", "2026-03-05")
    assert found.reviewer and found.reviewer.text == "**Reviewer**: Noor"


def test_a_parallel_file() -> None:
    document = parse(
        "parallel.json",
        '{"plan_name": "PAY", "notes": ["x"], "achievements": [\n{"achievement_id": "1.1", "dependencies": []},\n'
        '{"achievement_id": "3.5.1", "dependencies": ["1.1", "x"], "status": "complete"},\n{"achievement_id": 2}]}',
    )
    assert document
    assert isinstance(document.facts, Parallel)
    assert [(d.achievement, d.depends_on, d.line) for d in document.facts.entries] == [
        ("1.1", (), 1),
        ("3.5.1", ("1.1",), 2),
    ]
    assert [invalid.line for invalid in document.json_issues] == [0, 2, 3]


@pytest.mark.parametrize(
    "text", ["", "[", "[]", '{"achievements": 1}', "[" * 100_000, '{"achievements": [1, null, {}]}', "\ud800"]
)
def test_a_broken_parallel_file_is_a_problem_and_no_crash(text: str) -> None:
    document = parse("parallel.json", text)
    assert document
    assert document.json_issues


def test_a_grammaplan_lists_its_children() -> None:
    found = read(
        Grammaplan,
        "GRAMMAPLAN_SHOP.md",
        "# G\n\n| Child PLAN | Status | Progress |\n|---|---|---|\n| PLAN_PAY.md | Ready | 20% 🔄 |\n| `PLAN_SEARCH` | x | |\n",
    )
    assert [(child.feature, child.progress) for child in found.children] == [("PAY", "20% 🔄"), ("SEARCH", "")]


def test_a_grammaplan_lists_its_children_in_any_column() -> None:
    found = read(
        Grammaplan,
        "GRAMMAPLAN_SHOP.md",
        "# G\n\n| # | State | Feature | Completion |\n|---|---|---|---|\n| 1 | Done | @PAY | 2 of 2 |\n| 2 | x | [PLAN_TILL.md](a.md) |\n"
        "| 3 | y | **CART** | |\n| 4 | z | the rest | |\n",
    )
    assert [(child.feature, child.status, child.progress, child.is_bare) for child in found.children] == [
        ("PAY", "Done", "2 of 2", False),
        ("TILL", "x", "", False),
        ("CART", "y", "", True),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "**Review Date** - 2026-03-05",
        "**Review Date** \u2013 2026-03-05",
        "**Review Date** = 2026-03-05",
        "Review Date = 2026-03-05",
    ],
)
def test_a_date_behind_another_mark_than_a_colon_is_read(line: str) -> None:
    document = parse("FIX_11.md", f"# FIX REQUIRED: Achievement 1.1\n\n{line}\n")
    assert document is not None and isinstance(document.facts, Verdict)
    assert document.facts.date == "2026-03-05"


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ("### Files to Create\n\n- `till/a.py`\n- `till/docs/`", ["till/a.py", "till/docs/"]),
        (
            "## 📁 Files to Modify\n\n1. delete `till/old.py`\n2. `till/a.py` → `till/b.py`",
            ["till/old.py", "till/a.py", "till/b.py"],
        ),
        ("### Files Created/Modified (2)\n\n`till/a.py`, `till/a.py`", ["till/a.py"]),
        ("**Files to Update**: `till/a.py`\n", ["till/a.py"]),
        ("**Files to Update**:\n\n- `till/a.py`\n- `till/b.py`\n", ["till/a.py", "till/b.py"]),
        ("### Files\n\n- `till/a.py`", []),
        ("## Approach\n\nRead all files to change `till/a.py`.", []),
        ("### Files to Create\n\n- none yet", []),
    ],
)
def test_the_files_that_a_subplan_changes(body: str, paths: list[str]) -> None:
    facts = subplan(f"# SUBPLAN: Till\n\n**Status**: Ready\n\n## Objective\n\nA till.\n\n{body}\n")
    assert [one.path for one in facts.files] == paths
