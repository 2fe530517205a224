"""Definitions, references, links, symbols and the hierarchy of dependencies."""

from __future__ import annotations

from pathlib import Path

import pytest

from editor_checks import page_at
from fixture import write_files
from planmark.formats.planmark.editor import call_hierarchy
from planmark.formats.planmark.editor.navigation import definition, links, references
from planmark.formats.planmark.editor.outline import outline
from planmark.ide.document import EditorDocument
from planmark.ide.symbols import MAX_FOUND_SYMBOLS, search
from planmark.queries.persistent_index import open_index
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

WORKSPACE = """
//- /plans/PAY/PLAN_PAY.md
# PLAN: Payments

**Achievement 1.1**: Refunds

**Achievement 1.2**: Receipts

- **Depends on**: 1.1

See `SUBPLAN_PAY_11.md` and @TILL.
//- /plans/PAY/subplans/SUBPLAN_PAY_11.md
# SUBPLAN

**Achievement Addressed**: 1.1 (Refunds)

Achievements 1.1 and 1.2 of PAY; not Achievement 1.1 of PLAN_TILL, nor version 1.1 of the library.
//- /plans/TILL/PLAN_TILL.md
# PLAN: Till

**Achievement 1.1**: Drawers
"""


def at(old: str, marked: str) -> str:
    assert WORKSPACE.count(old) == 1
    return WORKSPACE.replace(old, marked)


@pytest.mark.parametrize(
    ("old", "marked", "path", "line"),
    [
        ("Depends on**: 1.1", "Depends on**: 1.$01", "plans/PAY/PLAN_PAY.md", 2),
        ("Addressed**: 1.1", "Addressed**: 1$0.1", "plans/PAY/PLAN_PAY.md", 2),
        ("and 1.2 of PAY", "and 1.$02 of PAY", "plans/PAY/PLAN_PAY.md", 4),
        ("not Achievement 1.1 of PLAN_TILL", "not Achiev$0ement 1.1 of PLAN_TILL", "plans/TILL/PLAN_TILL.md", 2),
        ("`SUBPLAN_PAY_11.md`", "`SUBPLAN$0_PAY_11.md`", "plans/PAY/subplans/SUBPLAN_PAY_11.md", 0),
        ("@TILL", "@TI$0LL", "plans/TILL/PLAN_TILL.md", 0),
        ("of PLAN_TILL", "of PLAN_T$0ILL", "plans/TILL/PLAN_TILL.md", 0),
    ],
)
def test_a_name_leads_to_its_definition(old: str, marked: str, path: str, line: int) -> None:
    page, at_line, column = page_at(at(old, marked))
    found = definition(page, at_line, column)
    assert found and (found.path, found.span.line) == (path, line)


@pytest.mark.parametrize("marked", ["version 1.$01 of the library", "not$0hing"])
def test_what_is_no_name_leads_nowhere(marked: str) -> None:
    fixture = at("version 1.1 of the library", marked)
    assert definition(*page_at(fixture)) is None
    assert references(*page_at(fixture), includes_definition=True) == []


def test_references_of_an_achievement_are_those_of_its_plan() -> None:
    found = references(
        *page_at(at("**Achievement 1.1**: Refunds", "**Achievement 1.$01**: Refunds")), includes_definition=True
    )
    assert [(place.path.rpartition("/")[2], place.span.line) for place in found] == [
        ("PLAN_PAY.md", 2),
        ("PLAN_PAY.md", 6),
        ("SUBPLAN_PAY_11.md", 2),
        ("SUBPLAN_PAY_11.md", 4),
    ]
    without = references(*page_at(at("Depends on**: 1.1", "Depends on**: 1.$01")), includes_definition=False)
    assert [place.span.line for place in without] == [6, 2, 4]


def test_references_of_a_document() -> None:
    found = references(*page_at(at("`SUBPLAN_PAY_11.md`", "`SUBPLAN$0_PAY_11.md`")), includes_definition=False)
    assert [(place.path, place.span.line) for place in found] == [("plans/PAY/PLAN_PAY.md", 8)]


def test_links_lead_to_documents_that_exist() -> None:
    page, _, _ = page_at(at("and @TILL.", "and @TILL, `SUBPLAN_PAY_99.md`, `PLAN_PAY.md`.$0"))
    assert [(link.path, page.line(link.span.line)[link.span.start : link.span.end]) for link in links(page)] == [
        ("plans/PAY/subplans/SUBPLAN_PAY_11.md", "SUBPLAN_PAY_11.md"),
        ("plans/TILL/PLAN_TILL.md", "@TILL"),
    ]


def test_the_outline_of_a_plan() -> None:
    page, _, _ = page_at(at("# PLAN: Payments", "# PLAN: Payments$0"))
    assert [(s.name, s.detail, s.start, s.end) for s in outline(page, includes_headings=False)] == [
        ("… 1.1 Refunds", "design placeholder", 2, 4),
        ("□ 1.2 Receipts", "waits for 1.1", 4, 9),
    ]
    (title,) = outline(page, includes_headings=True)
    assert (title.kind, title.name, title.start) == ("heading", "PLAN: Payments", 0)
    assert [child.name for child in title.children] == ["… 1.1 Refunds", "□ 1.2 Receipts"]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("refunds", "PAY 1.1 Refunds (… design placeholder)"),
        ("pay 1.2", "PAY 1.2 Receipts (□ waits for 1.1)"),
        ("PLAN_TILL", "PLAN_TILL.md"),
        ("till", "TILL 1.1 Drawers (○ no subplan)"),
        ("sbpln11", "SUBPLAN_PAY_11.md"),
    ],
)
def test_symbols_the_best_first(query: str, first: str) -> None:
    page, _, _ = page_at(at("@TILL", "@TILL$0"))
    assert search(page.view, query)[0].name == first


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("type:achievement plan:TILL", ["TILL 1.1 Drawers (○ no subplan)"]),
        ("type:subplan drawers", []),
        ("type:subplan id:1.1", ["SUBPLAN_PAY_11.md"]),
        ("state:flying", []),
    ],
)
def test_a_query_with_properties_filters_symbols(query: str, names: list[str]) -> None:
    page, _, _ = page_at(at("@TILL", "@TILL$0"))
    assert [match.name for match in search(page.view, query)] == names


def test_symbols_are_capped() -> None:
    many = "".join(f"**Achievement {n}.{m}**: A\n\n" for n in range(1, 31) for m in range(1, 11))
    page, _, _ = page_at(f"//- /PLAN_MANY.md\n$0{many}")
    assert len(search(page.view, "")) == MAX_FOUND_SYMBOLS
    assert search(page.view, "nothing like it") == []


def test_dependencies_are_calls() -> None:
    page, line, column = page_at(at("**Achievement 1.1**: Refunds", "**Achievement 1.$01**: Refunds"))
    target = call_hierarchy.achievement_at(page, line, column)
    assert target and target.state.id == "1.1"
    (caller,) = call_hierarchy.dependents(page, target)
    assert (caller.target.state.id, caller.declaration.span.line) == ("1.2", 6)
    assert call_hierarchy.dependencies(page, target) == []
    assert [call.target.state.id for call in call_hierarchy.dependencies(page, caller.target)] == ["1.1"]
    subplan, line, column = page_at(at("# SUBPLAN", "# SUB$0PLAN"))
    about = call_hierarchy.achievement_at(subplan, line, column)
    assert about and about.state.id == "1.1"


FILES = {
    "plans/PAY/PLAN_PAY.md": "# PLAN\n\n**Achievement 1.1**: Refunds\n\n**Achievement 1.2**: Receipts\n\n- **Depends on**: 1.1\n",
    "plans/PAY/subplans/SUBPLAN_PAY_11.md": "# SUBPLAN\n\n**Achievement Addressed**: 1.1\n",
    "plans/PAY/subplans/SUBPLAN_PAY_12.md": "# SUBPLAN\n\n**Plan**: PLAN_PAY.md\n",
    "plans/PAY/EXECUTION_REVIEW_FIRST.md": "See SUBPLAN\\_PAY\\_11 and Achievement 1.2 of PLAN_PAY.\n",
    "plans/TILL/PLAN_TILL.md": "# PLAN\n\n**Achievement 2.1**: Drawers\n\nAfter @PAY.\n",
    "plans/TILL/subplans/SUBPLAN_TILL_11.md": "# SUBPLAN\n\nNothing.\n",
}


@pytest.mark.parametrize(
    ("path", "line", "read"),
    [
        ("plans/PAY/PLAN_PAY.md", 2, {"plans/PAY/PLAN_PAY.md", "plans/PAY/subplans/SUBPLAN_PAY_11.md"}),
        ("plans/PAY/PLAN_PAY.md", 4, {"plans/PAY/PLAN_PAY.md", "plans/PAY/EXECUTION_REVIEW_FIRST.md"}),
        ("plans/PAY/EXECUTION_REVIEW_FIRST.md", 0, {"plans/PAY/EXECUTION_REVIEW_FIRST.md"}),
        (
            "plans/TILL/PLAN_TILL.md",
            4,
            {
                "plans/TILL/PLAN_TILL.md",
                "plans/PAY/EXECUTION_REVIEW_FIRST.md",
                "plans/PAY/subplans/SUBPLAN_PAY_12.md",
            },
        ),
    ],
)
def test_only_what_may_name_it_is_read(path: str, line: int, read: set[str], tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    index = open_index(tmp_path)
    snapshot, text, asked = index.refresh(), index.text_reader(), set()

    def counted(wanted: str) -> str:
        asked.add(wanted)
        return text(wanted)

    page = EditorDocument(build_view(snapshot, counted), path)
    found = references(page, line, 7, includes_definition=True)
    everywhere = EditorDocument(build_view(Index(tmp_path).refresh(), text), path)
    assert found == references(everywhere, line, 7, includes_definition=True)
    assert asked == read


def test_what_a_note_mentions_follows_its_text(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    index = open_index(tmp_path)
    note = "plans/PAY/EXECUTION_REVIEW_FIRST.md"

    def naming() -> set[str]:
        view = build_view(index.snapshot(), index.text_reader())
        found = references(
            EditorDocument(view, "plans/PAY/subplans/SUBPLAN_PAY_12.md"), 2, 14, includes_definition=False
        )
        return {place.path for place in found}

    index.refresh()
    index.set_overlay(note, "Nothing.\n")
    assert note not in naming()
    index.set_overlay(note, None)
    assert note in naming()
    (tmp_path / note).write_text("Nothing any more.\n", encoding="utf-8")
    index.mark_stale([note])
    assert note not in naming()
