"""Prompts of every format on real workspaces, read as the agent that receives them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from planmark.plans.model import DONE_STATES
from planmark.prompts.prompt import Prompt
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from prompt_reading import WORKING, faults

FOLDERS = ("openspec", "speckit", "kiro", "superpowers", "gsd", "featureplanner")
EVERY = 15
"""One of this many open items of another format gets a prompt."""
WORKSPACES = 3
"""Number of workspaces of each format."""
LEAST = 20
"""Least number of prompts of a format that are read."""


def view_of(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def prompts(view: View, every: int) -> Iterator[Prompt]:
    """Yield the next prompt of every plan, and the prompt of one of `every` open items."""
    for plan in view.plans:
        left = [item for item in view.state(plan.path).achievements if item.state not in DONE_STATES]
        for name in (None, *(item.ref or item.id for item in left[::every])):
            try:
                yield prompt_of(view, plan, name)
            except NoAnswerError:
                continue


def read(view: View, every: int) -> tuple[int, list[tuple[str, str | None, str]]]:
    """Return the number of prompts, and (feature, item, fault) of those with faults."""
    found = list(prompts(view, every))
    return len(found), [
        (prompt.feature, prompt.achievement or prompt.ref, fault)
        for prompt in found
        for fault in faults(prompt, view.exists, has_goal=False)
    ]


def test_no_prompt_of_the_methodology_has_a_fault(shared: Path) -> None:
    number, found = read(view_of(shared / "context-manager"), 2)
    assert found == []
    assert number > 140


@pytest.mark.parametrize("name", FOLDERS)
def test_no_prompt_of_another_format_has_a_fault(shared: Path, name: str) -> None:
    roots = sorted(path for path in (shared / "formats" / name).iterdir() if path.is_dir())
    roots = roots if name == "gsd" else roots[:WORKSPACES]
    read_of = [read(view_of(root), EVERY if name != "gsd" else 1) for root in roots]
    assert [fault for _, found in read_of for fault in found] == []
    assert sum(number for number, _ in read_of) >= LEAST


@pytest.mark.parametrize("name", FOLDERS)
def test_prompts_state_the_goal_of_their_plan(shared: Path, name: str) -> None:
    roots = sorted(path for path in (shared / "formats" / name).iterdir() if path.is_dir())[:WORKSPACES]
    found = [prompt for root in roots for prompt in prompts(view_of(root), 50) if prompt.step in WORKING]
    stated = [prompt for prompt in found if "The goal of the plan:\n\n> " in prompt.prompt]
    # A template that is taken for a plan has no goal, and neither has a plan whose documents state none.
    assert len(stated) * 10 >= len(found) * 9 > 0
