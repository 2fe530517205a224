"""The completions at the cursor."""

from __future__ import annotations

import pytest

from editor_checks import page_at
from planmark.formats.planmark.editor import glossary
from planmark.formats.planmark.editor.completion import COMPLETION_CONTEXTS, complete
from planmark.ide.features import Completion
from planmark.markdown.sections import split_into_sections

WORKSPACE = """
//- /plans/PAY/PLAN_PAY.md
# PLAN: Payments

{line}

**Achievement 1.1**: Refunds

**Achievement 1.2**: Receipts
//- /plans/PAY/subplans/SUBPLAN_PAY_11.md
# SUBPLAN
//- /plans/TILL/PLAN_TILL.md
**Achievement 5.1**: Drawers
"""


def offered(line: str) -> list[Completion]:
    page, at, column = page_at(WORKSPACE.format(line=line))
    return complete(page, at, column)


def accepted(line: str, label: str) -> str:
    """Return the line after the completion with this label was accepted."""
    page, at, column = page_at(WORKSPACE.format(line=line))
    (item,) = [item for item in complete(page, at, column) if item.label == label]
    text = page.line(at)
    assert item.span.line == at
    return text[: item.span.start] + item.text + text[item.span.end :]


@pytest.mark.parametrize(
    ("line", "label", "after"),
    [
        ("Ask @$0", "TILL", "Ask @TILL"),
        ("Ask @TI$0 about it", "TILL", "Ask @TILL about it"),
        ("After Achievement $0", "1.2", "After Achievement 1.2"),
        ("After Achievement 1.$0 comes", "1.2", "After Achievement 1.2 comes"),
        ("Achievements 1.1 and 1.$0", "1.2", "Achievements 1.1 and 1.2"),
        ("- **Dependencies**: $0", "1.1", "- **Dependencies**: 1.1"),
        ("- Depends on: 1.1, 1$0", "1.2", "- Depends on: 1.1, 1.2"),
        ("See `$0`", "SUBPLAN_PAY_11.md", "See `SUBPLAN_PAY_11.md`"),
        ("See SUBPLAN_$0", "SUBPLAN_PAY_11.md", "See SUBPLAN_PAY_11.md"),
        ("**Status**: $0", "✅ Complete", "**Status**: ✅ Complete"),
        ("**Status**: In$0", "🚧 In Progress", "**Status**: 🚧 In Progress"),
        ("**Dep$0", "Dependencies", "**Dependencies**: "),
        ("**Dep$0**: 1.1", "Dependencies", "**Dependencies**: 1.1"),
    ],
)
def test_what_is_taken_stands_where_it_belongs(line: str, label: str, after: str) -> None:
    assert accepted(line, label) == after


def test_everything_has_its_documentation() -> None:
    for line in ("After Achievement $0", "**Status**: $0", "**$0", "## $0"):
        assert offered(line) and all(item.documentation for item in offered(line)), line


def test_ids_come_with_their_states_in_the_order_of_the_plan() -> None:
    items = sorted(offered("After Achievement $0"), key=lambda item: item.sort)
    assert [(item.label, item.detail) for item in items] == [
        ("1.1", "Refunds · … design placeholder"),
        ("1.2", "Receipts · ○ no subplan"),
    ]


def test_documents_of_the_own_plan_come_first() -> None:
    items = sorted(offered("See `$0"), key=lambda item: item.sort)
    assert [item.label for item in items] == ["SUBPLAN_PAY_11.md", "PLAN_TILL.md"]


@pytest.mark.parametrize(
    "line", ["Nothing here$0", "mail me@$0example.org", "**Owner**: $0", "a * b$0", "Achievement of the year $0"]
)
def test_nothing_where_nothing_fits(line: str) -> None:
    assert [item for item in offered(line) if item.kind != "feature"] == []


@pytest.mark.parametrize("kind", sorted(glossary.SECTIONS))
def test_a_skeleton_is_a_section_of_its_document(kind: str) -> None:
    path = {"plan": "PLAN_A.md", "subplan": "SUBPLAN_A_11.md", "execution_task": "EXECUTION_TASK_A_11_01.md"}
    page, at, column = page_at(f"//- /{path.get(kind, 'execution/feedbacks/FIX_11.md')}\n# T\n\n## $0\n")
    items = complete(page, at, column)
    assert len(items) == len(glossary.SECTIONS[kind])  # type: ignore[index]
    for item in items:
        (section,) = [placed.section for placed in split_into_sections(item.text) if placed.section.kind == "heading"][
            :1
        ]
        assert f"## {section.title.strip()}" == item.label


def test_every_context_offers_something() -> None:
    kinds = {
        item.kind
        for line in ("@$0", "`$0", "Achievement $0", "**Status**: $0", "**$0", "## $0")
        for item in offered(line)
    }
    assert kinds == {"feature", "document", "achievement", "status", "field", "section"}
    assert len(COMPLETION_CONTEXTS) >= len(kinds)
