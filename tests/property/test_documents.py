"""No text makes a parser raise or hang, and every fact is inside its document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.planmark.documents.document import parse, parse_source
from planmark.formats.planmark.documents.plan import Plan
from planmark.markdown.parsed_source import normalize_for_parser, parse_sections
from planmark.markdown.sections import split_into_sections
from planmark.plans.document import Document

NAMES = (
    "PLAN_X.md",
    "SUBPLAN_X_11.md",
    "EXECUTION_TASK_X_11_01.md",
    "FIX_11.md",
    "parallel.json",
    "GRAMMAPLAN_X.md",
    "NORTH_STAR_X.md",
    "EXECUTION_ANALYSIS_X.md",
)
LINES = [
    *("# PLAN: X", "**Status**: ✅ Complete", "**Status:** [A / B]", "## 📋 Achievement Index", "- Achievement 1.1: A"),
    *(
        "**Achievement 1.1**: A",
        "**Achievement 1.2: B** ⏱️",
        "### Achievement 3.5.1: C",
        "**Achievement 2.2/2.3**",
        "- ✅ Achievement 1.1",
    ),
    *(
        "**Achievement １.１**：A",
        "- Achievement １．２：B",
        "**Status**：Complete",
        "Com\u200bplete",
        "**Achievement 1.\u200b1**: A",
    ),
    *(
        "### Priority 3.5: X",
        "✅ Priority 1: 2/2",
        "- **Dependencies**: 1.1, 9.9",
        "## Current Status & Handoff",
        "⏳ Next: Achievement 1.1",
    ),
    *(
        "### Iteration 1",
        "---",
        "## Completion Status",
        "- [x] a",
        "- [ ] b",
        "**x**: ✅ COMPLETE",
        "## Achievement Complete",
    ),
    *(
        "## Objective",
        "[TO BE FILLED]",
        "## Active EXECUTION_TASKs",
        "| E | S |",
        "|---|---|",
        "| 11_01 | x |",
        "```",
        "",
        "",
    ),
    *(
        "### Critical Issues",
        "1. **A**",
        "#### 2. B",
        "**3. C**",
        "**Review Date**: 2026-13-45",
        "<!--",
        "üéØ",
        "\ud800",
        "\0",
        "> - x",
    ),
]
TEXTS = st.lists(st.sampled_from(LINES), max_size=25).map("\n".join) | st.text(max_size=60)


@pytest.mark.parametrize("name", NAMES)
@given(TEXTS)
def test_any_text_has_facts(name: str, text: str) -> None:
    document = parse(name, text)
    assert document
    if isinstance(document.facts, Plan):
        check_places(document, document.facts, text)


def check_places(document: Document, plan: Plan, text: str) -> None:
    lines = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for achievement in plan.achievements:
        assert 1 <= document.line(achievement.position) <= lines
        if achievement.body:
            first, last = document.lines(achievement.body)
            assert 1 <= first <= last <= lines
    for claim in plan.claims:
        assert set(claim.achievements) <= set(plan.ids)
        assert 1 <= document.line(claim.position) <= lines
    assert len(set(plan.ids)) == len(plan.ids)


ATTACKS = {
    "marks behind an id": "**Achievement 1.1**" + "!" * 20_000 + "x",
    "brackets behind an id": "**Achievement 1.1**" + "(" * 20_000,
    "marks before a subject": "*-" * 20_000 + " Achievement 1.1 x",
    "closing hashes": "# a" + " #" * 20_000 + " b",
    "blanks in a heading": "# a" + " " * 50_000 + "b",
    "blank lines": "## Objective\n" + "\n" * 50_000,
    "open brackets": "## Objective\n" + "[" * 50_000,
    "backticks": "[TO BE FILLED" + "`" * 20_000,
    "attributes": "<a" + " a=1" * 20_000,
    "priorities": "# P\n\n**Status**: Priorities " + "1, " * 20_000,
    "a wide table": "|a" * 20_000 + "\n" + "|-" * 20_000 + "\n",
    "nested lists": "\n".join("  " * depth + "- x" for depth in range(400)),
    "nested quotes": ">" * 20_000 + " x",
    "links": "[a](b)" * 20_000,
    "stars": "*" * 50_000,
    "one long line": "x" * 3_000_000,
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", ["PLAN_X.md", "SUBPLAN_X_11.md", "EXECUTION_TASK_X_11_01.md", "FIX_11.md"])
def test_an_attack_ends(name: str, attack: str) -> None:
    assert parse(name, f"# T\n\n**Achievement 1.1**: A\n\n{ATTACKS[attack]}\n")


PARTS = st.lists(st.sampled_from(LINES), max_size=25)


@pytest.mark.parametrize("name", NAMES)
@given(PARTS, st.lists(st.tuples(st.integers(0, 24), st.integers(0, 3), PARTS), min_size=1, max_size=3))
def test_after_an_edit_the_facts_are_those_of_the_new_text(
    name: str, lines: list[str], edits: list[tuple[int, int, list[str]]]
) -> None:
    source = parse_sections("\n".join(lines))
    for start, removed, new in edits:
        lines[start : start + removed] = new[:3]
        text = "\n".join(lines)
        fresh = split_into_sections(normalize_for_parser(text))
        source = parse_sections(text, source)
        assert source == fresh
        assert parse(name, text, earlier_source=source) == parse(name, text)
        assert parse_source(name, source) == (None if name.endswith("json") else parse(name, text))
