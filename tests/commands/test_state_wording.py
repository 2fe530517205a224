"""The state of an achievement that waits: in every output the same words, which name what it waits for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import Run, runner
from editor_checks import page_at
from fixture import write
from planmark.formats.planmark.editor.code_lens import lenses, resolve
from planmark.formats.planmark.editor.completion import complete
from planmark.formats.planmark.editor.hover import hover
from planmark.formats.planmark.editor.inlay_hints import hints
from planmark.formats.planmark.editor.outline import outline
from planmark.ide.document import EditorDocument
from planmark.ide.symbols import search

FIXTURE = """
//- /work-space/plans/PAY/PLAN_PAY.md
# PLAN: Pay

**Status**: In Progress

**Achievement 1.1**: Refunds

**Achievement 1.2**: Receipts

- **Dependencies**: 1.1

## Notes

Then Achievement 1.$02 is done.
//- /work-space/plans/PAY/subplans/SUBPLAN_PAY_11.md
# SUBPLAN

## Objective

Money goes back.

## Approach

By the bank.
"""
WAITS = "waits for 1.1"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    write(tmp_path, FIXTURE.replace("$0", ""))
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def _hover(page: EditorDocument, line: int, column: int) -> str:
    shown = hover(page, line, column, lambda path, number: f"{path}#{number}", lambda _plan, _achievement: None)
    return shown.markdown if shown else ""


def _lenses(page: EditorDocument, _line: int, _column: int) -> str:
    titles = [resolve(page, lens.part, lens.achievement) for lens in lenses(page)]
    return "\n".join(title.title for title in titles if title)


def _details(page: EditorDocument, line: int, column: int) -> str:
    return "\n".join(f"{offer.detail} {offer.documentation}" for offer in complete(page, line, column))


IN_THE_EDITOR: dict[str, Callable[[EditorDocument, int, int], str]] = {
    "hover": _hover,
    "lens": _lenses,
    "hint": lambda page, _line, _column: "\n".join(hint.text for hint in hints(page, 0, 20)),
    "outline": lambda page, _line, _column: "\n".join(
        symbol.detail for symbol in outline(page, includes_headings=False)
    ),
    "symbols": lambda page, _line, _column: "\n".join(found.name for found in search(page.view, "pay 1.2")),
    "completion": _details,
}


@pytest.mark.parametrize("door", IN_THE_EDITOR)
def test_the_editor_names_it(door: str) -> None:
    page, line, column = page_at(FIXTURE)
    shown = IN_THE_EDITOR[door](page, line, column)
    assert WAITS in shown
    assert "blocked" not in shown


@pytest.mark.parametrize(
    "words",
    [
        ("status", "@PAY"),
        ("why", "@PAY", "1.2"),
        ("graph", "@PAY"),
        ("graph", "@PAY", "--format", "dot"),
        ("next", "@PAY", "1.2"),
    ],
    ids=" ".join,
)
def test_the_command_line_names_it(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert WAITS in result.out + result.err


def test_results_say_it_with_the_data(run: Run) -> None:
    (plan,) = run("status", "@PAY", "--json").data["workspaces"][0]["plans"]
    assert plan["achievements"][1]["state_label"] == WAITS
    assert run("why", "@PAY", "1.2", "--json").data["state_label"] == WAITS
    assert run("graph", "@PAY", "--json").data["nodes"][1]["state_label"] == WAITS
