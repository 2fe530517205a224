"""The facts of a PLAN: ids, order, bodies, dependencies, handoff, claims."""

from __future__ import annotations

import textwrap

import pytest

from planmark.formats.planmark.documents.achievements import parse_defining_line
from planmark.formats.planmark.documents.dependencies import NeededAchievement, UnreadPart
from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.plan import Plan
from planmark.plans.document import Document


def read(text: str, feature: str = "PAY") -> tuple[Document, Plan]:
    document = parse(f"PLAN_{feature}.md", textwrap.dedent(text).lstrip("\n"))
    assert document
    assert isinstance(document.facts, Plan)
    return document, document.facts


def ids(text: str) -> tuple[str, ...]:
    return read(text)[1].ids


def claimed(text: str) -> list[tuple[str, ...]]:
    return [claim.achievements for claim in read(text)[1].claims]


@pytest.mark.parametrize(
    ("line", "shape", "achievement", "title"),
    [
        ("**Achievement 1.1**: Refunds", "P1", "1.1", "Refunds"),
        ("**Achievement 1.1** - Refunds", "P1", "1.1", "Refunds"),
        ("**Achievement 1.1** (P0): Refunds ✅", "P1", "1.1", "Refunds"),
        ("**✅ Achievement 1.1**: Refunds", "P1", "1.1", "Refunds"),
        ("**Achievement 1.1**", "P1", "1.1", ""),
        ("**Achievement 3.5.1: Refunds** ⏱️ 4 hours", "P2", "3.5.1", "Refunds"),
        ("### Achievement 10.2: Refunds", "P3", "10.2", "Refunds"),
        ("## ✅ Achievement 1.1 – Refunds", "P3", "1.1", "Refunds"),
        ("#### **Achievement 1.1**: Refunds", "P4", "1.1", "Refunds"),
        ("#### **Achievement 1.1: Refunds**", "P4", "1.1", "Refunds"),
    ],
)
def test_lines_that_define(line: str, shape: str, achievement: str, title: str) -> None:
    assert parse_defining_line(line) == (shape, achievement, title)


@pytest.mark.parametrize(
    "line",
    [
        "- **Achievement 1.1**: tracked",
        "- Achievement 1.1: listed",
        "- ✅ Achievement 1.1 done",
        "1. **Achievement 1.1**: roadmap",
        "| Achievement 1.1 | row |",
        "> **Achievement 1.1**: quoted",
        "**Achievement 2.2/2.3**: both",
        "**Achievement 3.3 will document**:",
        "**Achievement 1.1** is what we do first.",
        "**By Achievement 0.1** (audit):",
        "**⏳ Next: Achievement 1.1** (x)",
        "### Example: Achievement 3.1 validation",
        "### Achievement 1: one number",
        "**Achievement 1.2.3.4**: four parts",
        " **Achievement 1.1**: indented",
    ],
)
def test_lines_that_only_mention(line: str) -> None:
    assert parse_defining_line(line) is None


def test_the_index_gives_ids_and_order() -> None:
    assert ids(
        """
        # PLAN: PAY
        ## 📋 Achievement Index
        **Priority 1**
        - Achievement 1.2: Second
        - ✅ Achievement 1.1: First
        - [x] **Achievement 2.1**: Third
        **Achievement 2.2**: Fourth (4-6h)
        ## Work
        **Achievement 9.9**: only here
        """
    ) == ("1.2", "1.1", "2.1", "2.2")


def test_a_body_that_the_index_does_not_list_is_reported() -> None:
    _, plan = read(
        "## Achievement Index\n- Achievement 1.1: A\n\n## Work\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"
    )
    assert [(u.line.text, u.reason) for u in plan.unread] == [("**Achievement 1.2**: B", "not in the index")]


def test_without_an_index_the_first_definitions_give_the_order() -> None:
    assert ids("**Achievement 2.1**: B\n\n**Achievement 1.1**: A\n\n**Achievement 2.1**: again\n") == ("2.1", "1.1")


def test_fences_quotes_and_lists_define_nothing() -> None:
    assert ids("```\n**Achievement 1.1**: A\n```\n\n> **Achievement 1.2**: B\n\n- **Achievement 1.3**: C\n") == ()


def test_the_longest_definition_is_the_body() -> None:
    document, plan = read(
        """
        # PLAN: PAY

        **Achievement 1.1**: a prerequisite

        ## Work

        ### Priority 1: HIGH

        **Achievement 1.1: Refunds**

        - Success: money is back
        - Effort: 3 hours

        **Achievement 1.2: Receipts**

        ### Priority 2: LOW

        ## 🔄 Subplan Tracking

        ### Achievement 1.1: Refunds

        a
        b
        c
        d
        e
        f
        """
    )
    first, second = plan.achievements
    assert first.title == "Refunds"
    assert document.lines(first.body) == (9, 13) if first.body else False
    assert document.lines(second.body) == (14, 15) if second.body else False
    assert (first.priority, second.priority) == ("1", "1")


def test_priorities_may_be_fractions() -> None:
    _, plan = read(
        "### Priority 3.5: MORE\n\n**Achievement 3.5.1**: A\n\n### Priority 4: X\n\n**Achievement 4.1**: B\n"
    )
    assert [(known.id, known.priority) for known in plan.achievements] == [("3.5.1", "3.5"), ("4.1", "4")]


def test_dependencies_of_a_body() -> None:
    _, plan = read(
        """
        **Achievement 1.1**: A

        **Achievement 1.2**: B

        - **Dependencies**: 1.1

        **Achievement 1.3**: C

        **Depends on**:

        - Achievement 1.1
        - the new server
        - Achievement 1.2
        """
    )
    declared = [
        [(said.needed_achievements, said.unread_parts) for said in known.declarations] for known in plan.achievements
    ]
    assert declared == [
        [],
        [((NeededAchievement("", "1.1"),), ())],
        [
            ((NeededAchievement("", "1.1"),), ()),
            ((), (UnreadPart("the new server"),)),
            ((NeededAchievement("", "1.2"),), ()),
        ],
    ]


def test_the_handoff_names_what_it_takes_for_next() -> None:
    _, plan = read(
        """
        **Achievement 1.1**: A

        ## 📝 Current Status & Handoff (For Pause/Resume)

        ### What's next
        **⏳ Next: Achievement 1.1** (A)
        """
    )
    (handoff,) = plan.handoffs
    assert [achievement for achievement, _ in handoff.next_ids] == ["1.1"]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("- ✅ Achievement 1.1: A", ("1.1",)),
        ("- [x] **Achievement 1.1**: A", ("1.1",)),
        ("- Achievement 1.1: A ✅", ("1.1",)),
        ("✅ **Achievements 1.1, 1.2 & 2.1**", ("1.1", "1.2", "2.1")),
        ("- ✅ Achievements 1.1-2.1", ("1.1", "1.2", "2.1")),
        ("- **SUBPLAN_11**: Achievement 1.1 - A - Status: ✅ COMPLETE", ("1.1",)),
        ("- Achievement 1.1 - A - Complete", ("1.1",)),
        ("- Achievement 1.1: A (COMPLETE)", ("1.1",)),
        ("- Achievement 1.1: Status: Complete", ("1.1",)),
        ("✅ Priority 1: 2/2 achievements", ("1.1", "1.2")),
        ("- 1.1: A - DONE", ("1.1",)),
        ("1. Achievement 1.1 — completed 2026-01-01", ("1.1",)),
        ("- 1.1 A ✔", ("1.1",)),
        ("✅ 1.1", ("1.1",)),
        ("- **1.1** A: complete", ("1.1",)),
        ("- 1.1 A [done]", ("1.1",)),
        ("- 1.1: A **DONE**", ("1.1",)),
        ("- 1.1 A :white_check_mark:", ("1.1",)),
        ("- ACHIEVEMENT 1.1: FINISHED", ("1.1",)),
        ("- Achievement 1.1: 100%", ("1.1",)),
        ("Achievement 1.1 is complete.", ("1.1",)),
        ("- Done: 1.1, 1.2", ("1.1", "1.2")),
        ("**Completed**: Achievement 1.1", ("1.1",)),
        ("| ID | Progress |\n| --- | --- |\n| 1.1 | 100% |", ("1.1",)),
        ("| ID | Progress |\n| --- | --- |\n| 1.1 | 4/4 |", ("1.1",)),
    ],
)
def test_lines_that_claim(line: str, named: tuple[str, ...]) -> None:
    assert claimed(f"{PLAIN}\n## Notes\n\n{line}\n") == [named]


@pytest.mark.parametrize(
    "line",
    [
        "- Achievement 1.1: Compliance Audit Completed",
        "- Achievement 1.1 - Complete rewrite of the parser",
        "- ✅ the schema (Achievement 1.1)",
        "- [ ] Achievement 1.1: A",
        "- ✅ Achievement 1.1 of PLAN_OTHER",
        "```\n- ✅ Achievement 1.1\n```",
        "✅ Priority 1: 1/2 achievements",
        "- ✅ Achievement 9.9",
        "## Example\n\n- ✅ Achievement 1.1",
        "## Related Plans\n\n- ✅ Achievement 1.1",
        "- 1.1: A - done when the schema is",
        "- [ ] 1.1 A (done last)",
        "- 1.1 ⏳ A, 1.2 - done",
        "Python 1.1 - done",
        "- Done: Python 1.1",
        "- Achievement 1.1 is not complete.",
        "- Achievement 1.1 is incomplete.",
        "- Achievement 1.1: 100% coverage of the parser",
        "| ID | Progress |\n| --- | --- |\n| 1.1 | 3/4 |",
        "| ID | Progress |\n| --- | --- |\n| 1.1 | 90% |",
    ],
)
def test_lines_that_claim_nothing(line: str) -> None:
    assert claimed(f"{PLAIN}\n## Notes\n\n{line}\n") == []


PLAIN = "# PLAN: PAY\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n\n**Achievement 2.1**: C\n"


def test_a_definition_line_may_claim() -> None:
    assert claimed("**Achievement 1.1**: A ✅\n\n**Achievement 1.2**: B\n") == [("1.1",)]


def test_the_status_of_the_plan_claims_all_of_it() -> None:
    assert claimed(f"# PLAN: PAY\n\n**Status**: ✅ Complete\n\n{PLAIN}") == [("1.1", "1.2", "2.1")]
    assert claimed(f"# PLAN: PAY\n\n**Status**: Priorities 1-2 Complete\n\n{PLAIN}") == [("1.1", "1.2", "2.1")]
    assert claimed(f"# PLAN: PAY\n\n**Status**: In Progress, Priority 2 Complete\n\n{PLAIN}") == [("2.1",)]
    assert claimed(f"# PLAN: PAY\n\n**Status**: In Progress\n\n{PLAIN}") == []


def test_near_misses_are_shown_where_nothing_can_be_read() -> None:
    _, plan = read("### Achievement 1: A\n\n**Achievement B**: C\n\ntext about achievements\n")
    assert plan.ids == ()
    assert [quote.text for quote in plan.near_misses] == ["### Achievement 1: A", "**Achievement B**: C"]
