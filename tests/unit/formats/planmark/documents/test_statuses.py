"""Lines that state the outcome of an execution, in every form that people write, and lines that only look like it."""

from __future__ import annotations

import pytest

from planmark.formats.planmark.documents.boxes import boxes_in
from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.execution_task import ExecutionTask
from planmark.formats.planmark.documents.subplan import Subplan
from planmark.markdown.parsed_source import parse_sections

HEAD = "# EXECUTION_TASK: X\n\n**Status**: 🔄 In Progress\n\n"
CHECKLIST = "## Completion Checklist\n\n- [x] code\n"


def task(text: str) -> ExecutionTask:
    document = parse("EXECUTION_TASK_PAY_11_01.md", text)
    assert document
    assert isinstance(document.facts, ExecutionTask)
    return document.facts


@pytest.mark.parametrize(
    "body",
    [
        "**Build Status**: Done in 12 s\n",
        "**SUBPLAN Status**: ✅ Complete\n",
        "**Statuses**: ✅ Complete\n",
        "> **Status**: ✅ Complete\n",
        "> the other one says\n**Status**: ✅ Complete\n",
        "- the other one\n\n  **Status**: ✅ Complete\n",
        "- **Status**: ✅ Complete\n",
        "- Status: ✅ Complete\n",
        "~~**Status**: ✅ Complete~~\n",
        "~~all of it\n**Status**: ✅ Complete\nis not so~~\n",
        "text <!--\n**Status**: ✅ Complete\n-->\n",
        "`**Status**: ✅ Complete`\n",
        "    **Status**: ✅ Complete\n",
        "```\nStatus: ✅ Complete\n```\n",
        "<!-- **Status**: ✅ Complete -->\n",
        "### Attempt 1\n\n**Status**: ✅ Complete\n\n### Attempt 2\n\nbegun\n",
        "## 🔁 Step #2\n\n**Status**: ✅ Complete\n\n### Part\n\n**Status**: ✅ Complete\n",
        "## Phase [N]\n\nStatus: ✅ Complete\n",
        "## Previous attempts\n\n| Status | ✅ Complete |\n|---|---|\n| a | b |\n",
        "## Example\n\n**Status**: ✅ Complete\n",
        "## What EXECUTION_TASK_PAY_12_01 says\n\n**Status**: ✅ Complete\n",
        "### SUBPLAN\\_PAY\\_11.md\n\n**Status**: ✅ Complete\n",
        "## Templates\n\n**Final Status**: ✅ Complete\n",
        "**Attempt 1**\n\n**Status**: ✅ Complete\n\n**Attempt 2**\n\nbegun\n",
        "Attempt 1\n---------\n\n**Status**: ✅ Complete\n",
        "| Test | Status |\n|---|---|\n| a | ✅ Complete |\n",
        "| Status | Count | Note |\n|---|---|---|\n| Complete | 3 | x |\n",
        "> | Field | Value |\n> |---|---|\n> | Status | ✅ Complete |\n",
        "**Status**: 90 % complete\n",
        "The log of the build ends with\nStatus: Done\n",
        "## Not Achievement Complete\n",
        "## Achievement Complete ⏳\n",
        "## ❌ Achievement Complete\n",
        "## ~~Achievement Complete~~\n",
        "## Achievement Complete\u200b\n",
        "## 1. Attempt 1\n\n**Status**: ✅ Complete\n",
        "## Attempt One\n\n**Status**: ✅ Complete\n",
        "## _Iteration 1_\n\n**Status**: ✅ Complete\n",
        "## Achievement Complete\n\n- [x] a\n- [~] b\n",
        "## Completion Status\n\n**Overall**: ✅ **COMPLETE** (80 %)\n",
        "## Completion Status\n\n**Overall**: ✅ **COMPLETE**\n\n- [ ] but this\n",
        "## Completion Status\n\n- no box at all\n",
    ],
)
def test_what_only_looks_like_the_status_of_the_execution(body: str) -> None:
    assert task(HEAD + body).outcome == "open"


@pytest.mark.parametrize(
    "body",
    [
        "**Final Status**: ✅ Complete\n",
        "**Final Status:** ✅ Complete\n",
        "**🏁 Completion Status**: done\n",
        "EXECUTION_TASK Status: complete\n",
        "**EXECUTION\\_TASK Status**: complete\n",
        "**Execution Status**: Completed\n",
        "__Overall Status__: Done\n",
        "*Status*: ✅ Complete\n",
        "Status: ✅ Complete\n",
        "Owner: Ada\nStatus: ✅ Complete\n",
        "**Owner**: Ada  \nStatus : ✅ Complete\n",
        "Status：✅ Complete\n",
        "**Status**： ✅ Complete\n",
        "✅ **Status**: Complete\n",
        "- a list\n\n**Status**: ✅ Complete\n",
        "| Field | Value |\n|---|---|\n| **Status** | ✅ Complete |\n",
        "| Status | ✅ Complete |\n|---|---|\n| Time | 2 h |\n",
        "## Iteration Log\n\n**Status**: ✅ Complete\n",
        "### Attempt 1\n\nx\n\n---\n\n**Status**: ✅ Complete\n",
        "### Attempt 1\n\nx\n\n## End\n\n**Status**: ✅ Complete\n",
        "**Attempt 1**\n\nx\n\n**Final Status**: ✅ Complete\n",
        "## 🎉 Achievement Complete\n\n- [x] a\n",
        "## Completion Checklist\n\n- ✅ code\n1. [X] test\n",
    ],
)
def test_what_says_that_the_execution_is_done(body: str) -> None:
    assert task(HEAD + body).outcome == "done"


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\nStatus: Complete\n",
        "# T\n\n- **Achievement**: 1.1\n- **Status**: ✅ Complete\n",
        "# T\n\n* Status: ✅ Complete\n",
        "---\nstatus: complete\n---\n\n# T\n",
        "---\ntitle: x\nstatus: 'Done'  # yes\n---\n# T\n",
        "---\r\nstatus: complete\r\n---\r\n\r\n# T\r\n",
        "# T\n\n| Achievement | 1.1 |\n|---|---|\n| Status | done |\n",
        "# T\r\n\r\n**Status**: ✅ Complete\r\n",
    ],
)
def test_headers_in_other_forms_count(text: str) -> None:
    found = task(text)
    assert found.outcome == "done"
    assert found.header


@pytest.mark.parametrize(
    "text",
    [
        "---\nstatus: complete\n---\n\n# T\n\n**Status**: In Progress\n",
        "# T\n\n**Status**: In Progress\n\n- Status: Complete\n",
        "---\nparts:\n  status: complete\n---\n\n# T\n",
    ],
)
def test_headers_that_leave_a_doubt_are_open(text: str) -> None:
    assert task(text).outcome == "open"


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        ("Superseded by 11_02", "", "stopped"),
        ("❌ Cancelled", "", "stopped"),
        ("Skipped", "", "stopped"),
        ("Closed", "", "stopped"),
        ("Failed", "", "failed"),
        ("Failed: 2 of 7", "", "failed"),
        ("_Failed_", "", "failed"),
        ("Failed?", "", "open"),
        ("Skipped: no", "", "open"),
        ("Superseded (?)", "", "open"),
        ("In Progress - failed on CI, retrying", "", "open"),
        ("✅ Complete (superseded the old script)", "", "done"),
        ("Superseded", "**Final Status**: In Progress\n", "open"),
        ("✅ Complete", "**Final Status**: Failed\n", "failed"),
        ("Failed", "**Blocker**: no test data\n", "blocked"),
        ("Failed", "## 🚧 Blockers\n\n- the vendor does not answer\n", "blocked"),
        ("Failed, blocked on data", "", "blocked"),
        ("Failed", "**Blocking Issue**: no test data\n", "blocked"),
        ("Failed", "- Blocker: no test data\n", "blocked"),
        ("Failed", "Blocker: no test data\n", "blocked"),
        ("Failed", "**Blockers**:\n\n- no test data\n- no key\n", "blocked"),
        ("Failed", "| Field | Value |\n|---|---|\n| Blocker | no test data |\n", "blocked"),
        ("Failed", "**Blocker**: None\n", "failed"),
        ("Failed", "**Blocker**: none so far\n", "failed"),
        ("Failed", "**Blocker**:\n\n- None\n", "failed"),
        ("Failed", "**Blocker**:\n", "failed"),
        ("Failed", "Blocker: -\n", "failed"),
        ("Failed", "| Blocker | None |\n|---|---|\n", "failed"),
        ("Failed", "```\nBlocker: no test data\n```\n", "failed"),
        ("Failed", "**Blockers**: [what]\n", "failed"),
        ("Failed", "## Blockers\n\nNone.\n", "failed"),
        ("Failed", "## Blockers\n\n[what blocks]\n", "failed"),
        ("Failed", "### Iteration 1\n\n**Blocker**: no data\n", "failed"),
        ("Cancelled", "**Blocker**: no test data\n", "stopped"),
        ("Deferred", "", "open"),
    ],
)
def test_executions_that_are_closed_without_being_done(status: str, body: str, outcome: str) -> None:
    assert task(f"# T\n\n**Status**: {status}\n\n{body}").outcome == outcome


@pytest.mark.parametrize(
    "item",
    [
        *(f"- [{marker}] test" for marker in ("~", "-", "!", "/", ">", " ", "", "?", "✗", "todo", "x ")),
        *(f"- {marker} test" for marker in ("❌", "⏳", "⬜", "🚧")),
        "-[ ] test",
        "- ( ) test",
        "- :x: test",
        "- test [ ]",
        "- ［ ］ test",
        "\n### [ ] test",
        "1. [ ] test",
        "2) [~] test",
        "- part\n  - [ ] test",
        "- part\n    1. [-] test",
        "+ [ ] test",
        "• [ ] test",
        "[ ] test",
        "> - [ ] test",
        "- \\[ \\] test",
        "- [x] ❌ test",
        "- [ ] ~~test~~",
        "\n| what | done |\n|---|---|\n| test | ❌ |",
    ],
)
def test_a_checklist_with_any_other_marker_is_open(item: str) -> None:
    assert task(HEAD + CHECKLIST).outcome == "done"
    assert task(f"{HEAD}{CHECKLIST}{item}\n").outcome == "open"


@pytest.mark.parametrize(
    "item",
    [
        "- [link](x) for more",
        "- see [1]",
        "- plain words",
        "- [X] test",
        "- ✅ test",
        "- :white_check_mark: test",
        "```\n- [ ] x\n```",
    ],
)
def test_what_is_no_open_box_leaves_a_checklist_done(item: str) -> None:
    assert task(f"{HEAD}{CHECKLIST}{item}\n").outcome == "done"


def test_boxes_say_their_text() -> None:
    (placed,) = parse_sections("# A\n\n- [~] later\n1. ✅ code\n")
    assert [(box.line, box.is_ticked, box.text) for box in boxes_in(placed.section)] == [
        (2, False, "later"),
        (3, True, "code"),
    ]


def test_a_subplan_reads_its_status_in_the_same_forms() -> None:
    for header in ("| Status | Superseded |\n|---|---|\n| a | b |", "Status： Superseded", "- **Status**: Superseded"):
        document = parse("SUBPLAN_PAY_11.md", f"# SUBPLAN\n\n{header}\n\n## Objective\n\nx\n")
        assert document
        assert isinstance(document.facts, Subplan)
        assert document.facts.is_withdrawn
