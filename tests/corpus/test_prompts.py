"""Prompts on the real workspace: within the budget, far below reading whole documents, and complete."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import pytest

from planmark.answers.budget import Cost, costs_of
from planmark.answers.next import prompt_of
from planmark.answers.view import View, view_of
from planmark.documents.subplan import Subplan
from planmark.syntax.blocks import prose_lines
from planmark.syntax.sections import split
from planmark.workflow.model import Step
from planmark.workspace.index import Index

FREQUENT: tuple[Step, ...] = ("address_fix", "continue_execution", "next_execution", "request_review")
SHARE = 0.35
_OBJECTIVE = re.compile(
    r"^(?:#{2,4}\W*(?:\w+ ){0,2}(?:objective|goal)|\W*\*\*(?:objective|goal)s?\*\*)", re.IGNORECASE | re.MULTILINE
)
_APPROACH = re.compile(r"^(?:#{2,4}[^\n]*\bapproach\b|\W*\*\*approach\*\*)", re.IGNORECASE | re.MULTILINE)


def opened(shared: Path) -> View:
    index = Index(shared / "context-manager")
    return view_of(index.refresh(), index.reader(), exists=index.exists)


@pytest.fixture(scope="module")
def workspace(shared: Path) -> View:
    return opened(shared)


@pytest.fixture(scope="module")
def costs(workspace: View) -> list[Cost]:
    """The prompt of every achievement that is not approved."""
    return [cost for plan in workspace.snapshot.plans for cost in costs_of(workspace, plan)]


def test_every_prompt_fits_its_budget(costs: list[Cost]) -> None:
    assert len(costs) > 250
    assert [cost for cost in costs if cost.problem or not 0 < cost.total <= cost.budget == 8000] == []


def test_the_fixes_fit_although_their_documents_do_not(costs: list[Cost]) -> None:
    fixes = [cost for cost in costs if cost.step == "address_fix"]
    assert len(fixes) == 3
    assert all(cost.total < 8000 < cost.whole for cost in fixes)


def test_what_is_asked_for_most_costs_a_third_of_reading_it_whole(costs: list[Cost]) -> None:
    shares = [cost.total / cost.whole for cost in costs if cost.step in FREQUENT]
    assert len(shares) > 50
    assert statistics.median(shares) <= SHARE


def test_two_readings_give_the_same_bytes(workspace: View, shared: Path) -> None:
    again = opened(shared)
    for plan, other in zip(workspace.snapshot.plans, again.snapshot.plans, strict=True):
        if workspace.judged[plan.path].state.state != "complete":
            assert prompt_of(workspace, plan) == prompt_of(again, other)


@pytest.mark.parametrize("step", ["pause", "resume", "verify", "parallel"])
def test_steps_on_demand_fit_too(workspace: View, step: str) -> None:
    for plan in workspace.snapshot.plans:
        prompt = prompt_of(workspace, plan, None, step)
        assert prompt.tokens.total <= 8000, (plan.path, step, prompt.tokens)


def test_objective_and_approach_are_found_wherever_they_are(workspace: View) -> None:
    """A plain search for the words outside code says where they are; nothing of it depends on an emoji."""
    missing = []
    subplans = [d for d in workspace.snapshot.documents.values() if isinstance(d.facts, Subplan)]
    for document in subplans:
        source = split(workspace.text(document.path))
        text = "\n".join(line for placed in source for _, line in prose_lines(placed.section))
        assert isinstance(document.facts, Subplan)
        if _OBJECTIVE.search(text) and not document.facts.objective:
            missing.append((document.path, "objective"))
        if _APPROACH.search(text) and not document.facts.approach:
            missing.append((document.path, "approach"))
    assert len(subplans) > 150
    assert missing == []
