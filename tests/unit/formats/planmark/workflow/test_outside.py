"""The links between plans are kept while typing."""

from __future__ import annotations

from pathlib import Path

import pytest

from planmark.formats.planmark.workflow import outside
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

PLAN_COUNT = 12


def _plan_path(number: int) -> str:
    return f"work-space/plans/SHOP{number}/PLAN_SHOP{number}.md"


def _plan_text(number: int) -> str:
    needed = f"\n- **Depends on**: @SHOP{number - 1} 1.1\n" if number % 3 == 2 else ""
    return f"# PLAN: Shop {number}\n\n**Achievement 1.1**: Receipts\n{needed}\n**Achievement 1.2**: Refunds\n"


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Return the index of a workspace with plans, of which every third depends on the plan before."""
    for number in range(PLAN_COUNT):
        path = tmp_path / _plan_path(number)
        path.parent.mkdir(parents=True)
        path.write_text(_plan_text(number), encoding="utf-8")
    index = Index(tmp_path)
    index.refresh()
    return index


def _view(index: Index, before: View | None = None) -> View:
    return build_view(index.snapshot(), index.text_reader(), index.parsed_count, before, index.exists)


def test_a_change_of_a_plan_reads_only_the_declarations_of_this_plan(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_view = _view(index)
    assert first_view.evaluations.links.plans
    read_paths: list[str] = []
    names_other_plans = outside.names_other_plans

    def recorded(plan: outside.PlanDocuments) -> bool:
        read_paths.append(plan.path)
        return names_other_plans(plan)

    monkeypatch.setattr(outside, "names_other_plans", recorded)
    index.set_overlay(_plan_path(3), _plan_text(3) + "\nA sentence.\n")
    assert _view(index, first_view).evaluations.links.links == first_view.evaluations.links.links
    assert read_paths == [_plan_path(3)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_links_after_a_change_are_those_of_a_fresh_reading(
    index: Index, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = _view(index)
    assert view.evaluations.links.links
    text = _plan_text(number).replace("Achievement 1.1", "Achievement 2.1")
    index.set_overlay(_plan_path(number), f"{text}\n- **Depends on**: @SHOP9 1.2, @NONE 1.1\n")
    links_after_change = _view(index, view).evaluations.links
    monkeypatch.setattr(outside, "_cached_links", ())
    assert outside.links_between(_view(index).snapshot.plans) == links_after_change
