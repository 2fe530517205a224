"""A prompt in parts: an earlier prompt and the difference hold all of it, after any edits and for any next step."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workspaces.small import workspace
from fixture import write_files
from planmark.plans.model import DONE_STATES
from planmark.prompts.prompt import ESTIMATING_COUNTER, Prompt
from planmark.prompts.units import document_lines, pieces_of, units_of
from planmark.queries.delivered import DeliveredPrompts
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

LINES = st.sampled_from(
    (
        "",
        "## Approach",
        "### More",
        "New words.",
        "---",
        "> quoted",
        "```",
        "- [ ] a box",
        "**Status**: Complete",
        "x" * 300,
    )
)
EDITS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000), LINES, st.booleans()), max_size=4)


def view_of(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def prompts_of(view: View) -> list[Prompt]:
    found = []
    for plan in view.plans:
        for item in view.state(plan.path).achievements:
            try:
                if item.leaf and item.state not in DONE_STATES:
                    found.append(prompt_of(view, plan, item.ref or item.id))
            except NoAnswerError:
                continue
    return found


def named(line: str) -> str:
    """Return a line with paths in code as names: the first mention of a document has its path."""
    return re.sub(r"`[^`/]*/[^`]*?([^`/]+)`", r"`\1`", line)


def lines_in(prompt: Prompt, view: View) -> set[str]:
    """Return the lines of a prompt, and those that it tells the agent to read."""
    own = {named(line.removeprefix("> ")) for line in prompt.prompt.split("\n")}
    read = {
        named(line) for part in prompt.read for line in document_lines(view.text(part.path))[part.start - 1 : part.end]
    }
    return own | read


@given(seed=st.integers(0, 500), edits=EDITS, pick=st.integers(0, 10_000), other=st.booleans())
@settings(max_examples=12, deadline=None)
def test_base_and_delta_hold_every_unit(
    seed: int, edits: list[tuple[int, int, str, bool]], pick: int, other: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_files(root, workspace(seed).files)
        before = view_of(root)
        first = prompts_of(before)
        if not first:
            return
        base = first[pick % len(first)]
        paths = sorted({*(part.path for part in (*base.read, *base.quoted)), base.plan})
        for path_at, line_at, line, inserts in edits:
            path = root / paths[path_at % len(paths)]
            lines = path.read_text("utf-8").split("\n")
            at = line_at % len(lines)
            lines[at : at if inserts else at + 1] = [line]
            path.write_text("\n".join(lines), "utf-8")
        after = view_of(root)
        then = prompts_of(after)
        same = [one for one in then if (one.plan, one.achievement) == (base.plan, base.achievement)]
        for prompt in [*same, *(then[:2] if other else ())]:
            delivered = DeliveredPrompts("", lambda: None, lambda: 0.0)
            found = delivered.difference_since(after, delivered.deliver(before, base), prompt, ESTIMATING_COUNTER)
            had = lines_in(base, before)
            new = lines_in(found.prompt, after)
            units = {unit.key for unit in units_of(pieces_of(base, before.text))}
            for piece in pieces_of(prompt, after.text):
                if not piece.units:
                    assert {named(line.removeprefix("> ")) for line in piece.lines} <= new | {""}, piece
                for unit in piece.units:
                    if unit.path:
                        lines = set(map(named, document_lines(after.text(unit.path))[unit.start - 1 : unit.end]))
                        assert lines <= new or (unit.key in units and lines <= had), unit
                    else:
                        assert {named(line.removeprefix("> ")) for line in piece.lines} <= new | {
                            ""
                        } or unit.key in units, unit
            assert found.prompt.tokens.total <= prompt.tokens.total
            assert found.prompt.writes == prompt.writes
