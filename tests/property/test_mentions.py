"""What is named under a cursor is what the whole document names there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from editor_checks import page_at
from planmark.editor.mentions import mention_at, mentions

WORKSPACE = """
//- /plans/TILL/PLAN_TILL.md
# PLAN: Till

**Achievement 1.1**: Drawers
//- /plans/PAY/PLAN_PAY.md
# PLAN: Payments$0

**Achievement 1.1**: Refunds

**Achievement 1.2**: Receipts

"""
PARTS = [
    "Achievement", "Achievements", "achievements 1.1", "1.1", "1.2", "2.1-2.3", ",", "and", "-", "/", " ", "\t", "\u00a0", "\n", "\n\n", "\r\n",
    "\r", " \n\t\n", "| 1.1 | Refunds |", "**Depends on**: 1.1, 1.2", "- Achievement Addressed: 1.1 (Refunds)", "@TILL", "@PAY", "@plans/PAY/PLAN_PAY.md",
    "SUBPLAN_PAY_11", "`PLAN_TILL.md`", "EXECUTION\\_TASK\\_PAY\\_11\\_01", "**", "word", ".", "---", ":",
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join))
def test_a_passage_names_what_the_document_names_there(text: str) -> None:
    page, *_ = page_at(WORKSPACE + text)
    found = mentions(page)
    for line in range(len(page.lines)):
        for column in range(len(page.line(line)) + 1):
            touching = [mention for mention in found if mention.span.holds(line, column)]
            shortest = min((mention.span.end - mention.span.start for mention in touching), default=None)
            here = mention_at(page, line, column)
            assert here in touching if here else not touching
            assert here is None or here.span.end - here.span.start == shortest
