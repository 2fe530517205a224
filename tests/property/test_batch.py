"""Batches of random workspaces: each member can be worked from the batch alone, and members leave each other alone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workspaces.small import workspace
from fixture import write_files
from planmark.formats.planmark.prompts.safety import SAFETY_SENTENCES
from planmark.prompts.prompt import Prompt
from planmark.queries.batch import BatchLimits, BatchResult, batch_result
from planmark.queries.item_order import NO_SCOPE, needs_of_items, work_scopes
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

BIG = "".join(
    f"**Achievement {number // 10}.{number % 10}**: Title {number}\n\n- Success: it does {number}\n- **Deliverables**: `src/{number % 9}.py`\n"
    f"{'- **Depends on**: 1.0' if number == 13 else ''}\n\n"
    for number in range(10, 30)
)


def view_of(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def names_only(line: str) -> str:
    return re.sub(r"`[^`/]*/[^`]*?([^`/]+)`", r"`\1`", line.strip())


def forms_in(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield (heading, lines inside the fence) of the forms in a text."""
    for at, line in enumerate(lines):
        if line.startswith("## The form of ") and (
            opens := next((n for n in range(at, len(lines)) if lines[n].startswith("```")), 0)
        ):
            closes = next(n for n in range(opens + 1, len(lines)) if lines[n] == "```")
            yield line, lines[opens + 1 : closes]


def part_of(result: BatchResult, number: int) -> str:
    mark = f"\n# Part {number} of {len(result.members)}: "
    return result.prompt.partition(mark)[2].partition(f"\n# Part {number + 1} of ")[0]


def check_member(result: BatchResult, number: int, prompt: Prompt) -> None:
    """Check that the shared text and one part hold all of the member's prompt."""
    shared, part = result.prompt.partition("\n# Part 1 of ")[0], part_of(result, number)
    own = {names_only(line) for line in (*shared.split("\n"), *part.split("\n"))}
    lines = prompt.prompt.split("\n")
    in_forms = [line for _, form in forms_in(lines) for line in form]
    for line in lines[1:]:
        assert names_only(line) in own or line in in_forms, line
    for line in set(in_forms):
        assert line in result.prompt, line
    for path in prompt.writes:
        assert f"`{path}`" in part
    assert all(sentence in " ".join((shared + part).split()) for sentence in SAFETY_SENTENCES[prompt.step])


def check(view: View, result: BatchResult) -> None:
    plan = next(plan for plan in view.snapshot.plans if plan.path == result.plan)
    names = [member.achievement for member in result.members]
    assert result.tokens.total <= result.budget
    assert len(set(names)) == len(names) <= 6
    assert not set(names) & {one.achievement for one in result.left_out}
    assert all(one.reason for one in result.left_out)
    state = view.state(plan.path)
    needs, _ = needs_of_items(state)
    scopes = work_scopes(view, plan)
    taken: set[str] = set()
    for number, name in enumerate(names, 1):
        assert not set(needs.get(name, ())) & set(names)
        files = {*scopes.get(name, NO_SCOPE).files, *result.members[number - 1].writes}
        assert not files & taken
        taken |= files
        if result.step != "confirm_state" and len(names) > 1:
            check_member(result, number, prompt_of(view, plan, name))


@given(seed=st.integers(0, 500), most=st.integers(1, 6))
@settings(max_examples=15, deadline=None)
def test_every_member_can_be_worked_from_the_batch_alone(seed: int, most: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        write_files(Path(name), workspace(seed).files)
        view = view_of(Path(name))
        for plan in view.snapshot.plans:
            try:
                check(view, batch_result(view, plan, BatchLimits(most)))
            except NoAnswerError:
                continue


@given(most=st.integers(2, 6), budget=st.integers(500, 4000))
@settings(max_examples=8, deadline=None)
def test_what_shares_files_waits_or_does_not_fit_is_said(most: int, budget: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        write_files(Path(name), {"plans/BIG/PLAN_BIG.md": f"# PLAN: Big\n\n**Status**: In Progress\n\n{BIG}"})
        view = view_of(Path(name))
        try:
            result = batch_result(view, view.plans[0], BatchLimits(most, budget))
        except NoAnswerError:
            return
        check(view, result)
        assert len(result.members) == most or result.left_out
        if len(result.members) > 2:
            assert result.tokens.total < result.alone
