"""Editor features for tasks of other formats: hover, definition and references, from links and details."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fixture import write_files
from planmark.ide import items
from planmark.ide.document import EditorDocument
from planmark.queries.lookup import NoAnswerError
from planmark.queries.meant import methodology_plan
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from unit.formats.sample_plans import SAMPLES

Open = Callable[[str, str, str], tuple[EditorDocument, int, int]]


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    """A view of the samples of each format."""
    found = {}
    for name, files in SAMPLES.items():
        root = tmp_path_factory.mktemp(name)
        write_files(root, files)
        index = Index(root)
        found[name] = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    return found


@pytest.fixture
def at(views: dict[str, View]) -> Open:
    """A function from format, path and a text with `|` for the cursor to the page, the 0-based line and the column."""

    def opened(name: str, path: str, marked: str) -> tuple[EditorDocument, int, int]:
        page, text = EditorDocument(views[name], path), marked.replace("|", "")
        line = next(line for line in range(len(page.lines)) if text in page.line(line))
        return page, line, page.line(line).index(text) + marked.index("|")

    return opened


def hovered(page: EditorDocument, line: int, column: int) -> str:
    assert page.site is not None
    shown = items.hover(page, page.site, line, column, lambda path, number: f"{path}#{number}", lambda *_: None)
    return shown.markdown if shown else ""


@pytest.mark.parametrize(
    ("name", "path", "marked", "expected"),
    [
        ("openspec", "openspec/changes/add-tip-jar/tasks.md", "1.3 |Show", ["decision 2", "why the change is made"]),
        ("openspec", "openspec/changes/add-tip-jar/tasks.md", "(|D1", ["design.md:5", "D1: Store a tip"]),
        ("openspec", "openspec/changes/add-tip-jar/tasks.md", "depends on |1.2", ["Store a tip"]),
        ("kiro", ".kiro/specs/coffee-club/tasks.md", "1.2 |Set", ["criteria 1 and 2 of requirement 1", "WHEN a"]),
        ("kiro", ".kiro/specs/coffee-club/tasks.md", "1.2, |2.2_", ["requirements.md:25", "WHILE the till"]),
        ("kiro", ".kiro/specs/coffee-club/tasks.md", "_Depends: |1.2", ["Set the count to zero"]),
        ("speckit", "specs/001-lost-items/tasks.md", "|Implement `Lost", ["FR-001", "user story 1", "the goal"]),
        ("speckit", "specs/001-lost-items/tasks.md", "depends on |T002", ["T002", "Write the test"]),
    ],
)
def test_hover_quotes_what_explains(at: Open, name: str, path: str, marked: str, expected: list[str]) -> None:
    shown = hovered(*at(name, path, marked))
    for words in expected:
        assert words in shown


def test_a_criterion_leads_to_the_tasks_that_name_it(at: Open) -> None:
    page, line, _ = at("kiro", ".kiro/specs/coffee-club/requirements.md", "|set it to zero")
    assert page.site is not None
    found = items.references(page, page.site, line, 0, includes_definition=False)
    assert [(place.path.rpartition("/")[2], place.span.line + 1) for place in found] == [
        ("design.md", 13),
        ("tasks.md", 8),
        ("tasks.md", 11),
    ]


def test_a_name_leads_to_its_definition(at: Open) -> None:
    page, line, column = at("speckit", "specs/001-lost-items/tasks.md", "|FR-002")
    assert page.site is not None
    found = items.definition(page, page.site, line, column)
    assert found and (found.path, found.span.line + 1) == ("specs/001-lost-items/spec.md", 22)


def test_a_document_of_several_plans_belongs_to_none(views: dict[str, View]) -> None:
    assert EditorDocument(views["kiro"], ".kiro/steering/tech.md").site is None
    assert EditorDocument(views["kiro"], ".kiro/specs/coffee-club/design.md").site is not None


@pytest.mark.parametrize(
    ("name", "command", "instead"),
    [
        ("openspec", "archive", "a plan of OpenSpec: `openspec archive ID`, which also merges the spec deltas"),
        ("kiro", "archive", "a plan of Kiro: a finished spec stays in `.kiro/specs/`, because Kiro has no archive"),
        ("speckit", "new", "a plan of spec-kit: /speckit.specify, which creates `specs/NNN-NAME/spec.md`"),
    ],
)
def test_a_command_that_a_format_lacks_says_what_to_do(
    views: dict[str, View], name: str, command: str, instead: str
) -> None:
    with pytest.raises(NoAnswerError) as refused:
        methodology_plan(views[name].snapshot.sites[0], command)
    assert str(refused.value).endswith(instead)
