"""Fitting a budget: reductions in a fixed order, each named, and the required parts always kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import REPOSITORY
from fixture import write_files
from planmark.formats.planmark.prompts import excerpts
from planmark.formats.planmark.prompts.ladder import REDUCTIONS
from planmark.formats.planmark.prompts.next_prompt import SOURCES_BY_STEP
from planmark.prompts.prompt import Prompt
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

EXAMPLE = REPOSITORY / "examples" / "workspace"
LONG = "\n".join(f"A sentence number {n} that says little." for n in range(150))
FILES = {
    "PLAN_X.md": f"**Achievement 1.1**: A\n\n- Success: it works\n- **Deliverables**:\n  - `a.py`\n\n{LONG}\n",
    "subplans/SUBPLAN_X_11.md": f"## Objective\n\nWhat is wanted.\n\n## Approach\n\n{LONG}\n\n## Success Criteria\n\n- all is well\n",
    "execution/EXECUTION_TASK_X_11_01.md": f"**Status**: ✅ Complete\n\n{LONG}\n\n## Learning Summary\n\nWe learned.\n\n{LONG}\n",
}


def opened(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def prompt(root: Path, budget: int) -> Prompt:
    view = opened(root)
    return prompt_of(view, view.snapshot.plans[0], token_budget=budget)


def test_what_fits_is_left_as_it_is(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    whole = prompt(tmp_path, 100_000)
    assert whole.dropped == ()
    assert whole.tokens.total > 6000


def test_more_than_suits_the_role_is_noted(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    whole = prompt(tmp_path, 100_000)
    assert whole.role == "reviewer"
    size = f"{whole.tokens.total:,} tokens, of them {whole.tokens.to_read:,} to read"
    (note,) = whole.notes
    assert note.startswith(f"{size}: more than the 4,800 that suit the reviewer; split the achievement")
    assert prompt(tmp_path, 3000).notes == ()


def test_reductions_are_named_and_what_must_stay_stays(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    whole = prompt(tmp_path, 100_000)
    reduced = prompt(tmp_path, 1600)
    assert reduced.tokens.total <= 1600 == reduced.budget
    assert [part.what for part in reduced.dropped]
    for part in reduced.dropped:
        path, lines = part.path, f"{part.start}-{part.end}"
        first, _, last = lines.partition("-")
        assert 1 <= int(first) <= int(last) <= len(FILES[path].splitlines())
        assert f"`{path}`" in reduced.prompt
        assert f"{path.rpartition('/')[2]}` lines {lines}" in reduced.prompt
        assert part.tokens > 0
    # The objective, the success criteria and the paths to write always stay.
    for text in ("What is wanted.", "- all is well", "Success: it works", "APPROVED_11.md"):
        assert text in _all(tmp_path, reduced), text
    assert reduced.writes == whole.writes


def test_the_same_budget_gives_the_same_prompt_and_a_smaller_one_never_a_longer(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    totals = [prompt(tmp_path, budget).tokens.to_read for budget in (8000, 5000, 3000, 2000)]
    assert totals == sorted(totals, reverse=True)
    assert prompt(tmp_path, 3000) == prompt(tmp_path, 3000)


def test_a_budget_of_fifty_tokens_says_what_to_split() -> None:
    view = opened(EXAMPLE)
    (plan,) = [plan for plan in view.snapshot.plans if plan.feature == "CHECKOUT"]
    with pytest.raises(NoAnswerError, match=r"after all reductions.*50: split .*FIX_12\.md lines") as error:
        prompt_of(view, plan, token_budget=50)
    assert error.value.cause == "usage"


def test_an_unrelated_file_does_not_change_a_prompt(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    before = prompt(tmp_path, 8000)
    write_files(tmp_path, {"PLAN_Y.md": "**Achievement 1.1**: B\n", "notes.md": "x"})
    view = opened(tmp_path)
    (plan,) = [plan for plan in view.snapshot.plans if plan.feature == "X"]
    assert prompt_of(view, plan) == before


def test_a_subplan_without_an_objective_is_read_from_its_beginning(tmp_path: Path) -> None:
    write_files(tmp_path, {"PLAN_X.md": "**Achievement 1.1**: A\n", "subplans/SUBPLAN_X_11.md": f"# S\n\n{LONG}\n"})
    whole, reduced = prompt(tmp_path, 8000), prompt(tmp_path, 900)
    assert [(read.start, read.end) for read in whole.read] == [(1, 152)]
    assert [(read.start, read.end) for read in reduced.read] == [(1, excerpts.FALLBACK_LINES)]


def test_an_achievement_of_four_hundred_lines(tmp_path: Path) -> None:
    body = "\n".join(f"- a requirement number {n}, which says more than it needs to say about it" for n in range(400))
    plan = f"**Achievement 1.1**: A\n\n- Success: it works\n- Effort: 2 hours\n\n{body}\n"
    write_files(tmp_path, {"PLAN_X.md": plan})
    reduced = prompt(tmp_path, 2000)
    assert reduced.tokens.total <= 2000
    assert "> - Success: it works" in reduced.prompt
    assert any(part.where.startswith("PLAN_X.md lines") for part in reduced.dropped)


def test_every_rung_is_reached_by_some_step() -> None:
    read = {source for step in SOURCES_BY_STEP.values() for source in step}
    shorter = {cut.replacement for cut in REDUCTIONS}
    assert all(cut.source in read | shorter for cut in REDUCTIONS)
    assert excerpts.objective in shorter and excerpts.success_criteria in shorter and excerpts.fix_issues in shorter


def _all(root: Path, found: Prompt) -> str:
    """Return the prompt and all lines that it tells the agent to read."""
    parts = [found.prompt]
    for read in found.read:
        parts += (root / read.path).read_text(encoding="utf-8").splitlines()[read.start - 1 : read.end]
    return "\n".join(parts)
