"""Prompts on the real workspace: within the budget, much shorter than whole documents, and complete."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from planmark.formats.planmark.documents.subplan import Subplan
from planmark.formats.planmark.workflow.verdicts import verdict_facts
from planmark.markdown.blocks import prose_lines, split_lines
from planmark.markdown.sections import split_into_sections
from planmark.plans.model import Step
from planmark.prompts.prompt import Prompt
from planmark.queries.budget import PromptCost, achievement_costs
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.text.credentials import mask_credentials
from planmark.text.mojibake import repair_mojibake
from planmark.workspace.index import Index

FREQUENT: tuple[Step, ...] = ("address_fix", "continue_execution", "next_execution", "request_review")
SHARE = 0.35
_PLACE = re.compile(r"`(?P<path>[^`]+)` lines (?P<first>\d+)-(?P<last>\d+)")
_OBJECTIVE = re.compile(
    r"^(?:#{2,4}\W*(?:\w+ ){0,2}(?:objective|goal)|\W*\*\*(?:objective|goal)s?\*\*)", re.IGNORECASE | re.MULTILINE
)
_APPROACH = re.compile(r"^(?:#{2,4}[^\n]*\bapproach\b|\W*\*\*approach\*\*)", re.IGNORECASE | re.MULTILINE)


def opened(shared: Path) -> View:
    index = Index(shared / "context-manager")
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


@pytest.fixture(scope="module")
def workspace(shared: Path) -> View:
    return opened(shared)


def prompts(view: View) -> Iterator[Prompt]:
    """Yield the prompt of every achievement that is not approved."""
    for plan in view.snapshot.plans:
        for known in view.evaluations[plan.path].state.achievements:
            if known.state != "approved":
                yield prompt_of(view, plan, known.id)


@pytest.fixture(scope="module")
def costs(workspace: View) -> list[PromptCost]:
    """The cost of the prompt of every achievement that is not approved."""
    return [cost for plan in workspace.snapshot.plans for cost in achievement_costs(workspace, plan)]


def test_every_prompt_fits_its_budget(costs: list[PromptCost]) -> None:
    assert len(costs) > 250
    assert [cost for cost in costs if cost.problem or not 0 < cost.total <= cost.token_budget == 8000] == []


def test_the_fixes_fit_although_their_documents_do_not(costs: list[PromptCost]) -> None:
    fixes = [cost for cost in costs if cost.step == "address_fix"]
    assert len(fixes) == 3
    assert all(cost.total < 8000 < cost.whole_tokens for cost in fixes)


def test_what_is_asked_for_most_costs_a_third_of_reading_it_whole(costs: list[PromptCost]) -> None:
    shares = [cost.total / cost.whole_tokens for cost in costs if cost.step in FREQUENT]
    assert len(shares) > 50
    assert statistics.median(shares) <= SHARE


def test_two_readings_give_the_same_bytes(workspace: View, shared: Path) -> None:
    again = opened(shared)
    for plan, other in zip(workspace.snapshot.plans, again.snapshot.plans, strict=True):
        if workspace.evaluations[plan.path].state.state != "complete":
            assert prompt_of(workspace, plan) == prompt_of(again, other)


@pytest.mark.parametrize("step", ["pause", "resume", "verify", "parallel"])
def test_steps_on_demand_fit_too(workspace: View, step: str) -> None:
    for plan in workspace.snapshot.plans:
        prompt = prompt_of(workspace, plan, None, step)
        assert prompt.tokens.total <= 8000, (plan.path, step, prompt.tokens)


def named_in_full(prompt: str, name: str) -> str:
    """Return the one path in a prompt that a file name stands for; a path stays."""
    if "/" in name:
        return name
    (path,) = set(re.findall(rf"`([^`\n]+/{re.escape(name)})`", prompt)) or {name}
    return path


def test_every_place_in_every_prompt_says_what_is_claimed(workspace: View) -> None:
    """Check that every path with lines in a prompt exists, and that each quotation matches its lines."""
    places = quoted = 0
    for prompt in prompts(workspace):
        lines = prompt.prompt.split("\n")
        for number, line in enumerate(lines):
            if line.startswith("> "):
                continue
            for match in _PLACE.finditer(line):
                text = split_lines(repair_mojibake(workspace.text(named_in_full(prompt.prompt, match["path"]))))
                first, last = int(match["first"]), int(match["last"])
                assert 1 <= first <= last <= len(text), (prompt.plan, line)
                places += 1
                if "".join(lines[number + 2 : number + 3]).startswith(">"):
                    block = list(itertools.takewhile(lambda quote: quote.startswith(">"), lines[number + 2 :]))
                    assert [quote[2:].rstrip() for quote in block] == [
                        known.rstrip() for known in text[first - 1 : first - 1 + len(block)]
                    ], (prompt.plan, line)
                    quoted += 1
    assert places > 600
    assert quoted > 100


def test_what_must_be_in_a_prompt_always_is(workspace: View) -> None:
    """Require objective, success criteria, paths to write, and every issue: quoted, or among the lines to read."""
    for prompt in prompts(workspace):
        assert all(f"`{path}`" in prompt.prompt for path in prompt.writes)
        assert not any(path in workspace.snapshot.paths for path in prompt.writes)
        for part in prompt.dropped:
            assert part.what not in ("objective", "success", "an issue to fix"), prompt.plan
        known = workspace.evaluations[prompt.plan].inputs.get(prompt.achievement or "")
        if known and known.fix and prompt.step == "address_fix":
            issues = verdict_facts(known.fix).issues
            assert len(issues) == sum(prompt.prompt.count(f"**{kind}**") for kind in ("critical", "minor"))
        own_words = "\n".join(line for line in prompt.prompt.split("\n") if not line.startswith(">"))
        assert not re.search(r"\[(?:FEATURE|NN|EE|X\.Y|PLAN|TODO|FILL)", own_words)


def test_objective_and_approach_are_found_wherever_they_are(workspace: View) -> None:
    """Compare with a plain search for the words outside code, which does not depend on an emoji."""
    missing = []
    subplans = [d for d in workspace.snapshot.documents.values() if isinstance(d.facts, Subplan)]
    for document in subplans:
        source = split_into_sections(workspace.text(document.path))
        text = "\n".join(line for placed in source for _, line in prose_lines(placed.section))
        assert isinstance(document.facts, Subplan)
        if _OBJECTIVE.search(text) and not document.facts.objective:
            missing.append((document.path, "objective"))
        if _APPROACH.search(text) and not document.facts.approach:
            missing.append((document.path, "approach"))
    assert len(subplans) > 150
    assert missing == []


def test_nothing_in_a_real_prompt_or_document_is_taken_for_a_credential(workspace: View) -> None:
    texts = {path: workspace.text(path) for path in workspace.snapshot.paths}
    texts |= {f"prompt {prompt.plan} {prompt.achievement}": prompt.prompt for prompt in prompts(workspace)}
    assert len(texts) > 800
    assert {path: found for path, text in texts.items() if (found := mask_credentials(text).counts)} == {}
