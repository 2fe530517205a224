"""The facts of a status, found again only where something has changed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fixture import write_files
from planmark.queries.status_facts import facts_after, status_facts
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

PLAN = "# PLAN: {name}\n\n**Status**: In Progress\n\n**Achievement 1.1**: {name}\n\n**Achievement 1.2**: More\n\n- **Dependencies**: {needs}\n"
TASKS = "# Implementation Plan\n\n- [{box}] 1. First\n- [ ] 2. Second\n"


def _change(step: random.Random) -> tuple[str, str]:
    """Return a path and its new text; "" to delete it."""
    name = step.choice(["PAY", "SHOP"])
    folder = f"work-space/plans/{name}"
    return step.choice(
        [
            (f"{folder}/PLAN_{name}.md", PLAN.format(name=name, needs=step.choice(["1.1", "9.9", "@PAY 1.1"]))),
            (f"{folder}/PLAN_{name}.md", ""),
            (f"{folder}/execution/feedbacks/APPROVED_11.md", step.choice(["# APPROVED\n", ""])),
            (f"{folder}/execution/feedbacks/ACCEPTED_12.md", step.choice(["# Accepted\n", ""])),
            (f"{folder}/subplans/SUBPLAN_{name}_12.md", step.choice(["# SUBPLAN\n", "**Status**: Done\n", ""])),
            (f"{folder}/parallel.json", step.choice(["{", "{}", ""])),
            (f"{folder}/SUBPLAN_NONE_11.md", step.choice(["# SUBPLAN\n\n<<<<<<< ours\n", "# SUBPLAN\n", ""])),
            ("NOTES.md", f"See PLAN_{name}.md {step.random()}\n"),
            (".kiro/specs/cache/tasks.md", step.choice([TASKS.format(box=" "), TASKS.format(box="x"), ""])),
            ("planmark.toml", step.choice(['[diagnostics]\nignore = ["index-missing"]\n', ""])),
        ]
    )


@pytest.mark.parametrize("seed", range(6))
def test_facts_are_those_of_a_view_that_is_read_whole(tmp_path: Path, seed: int) -> None:
    step = random.Random(seed)
    write_files(
        tmp_path, {f"work-space/plans/{n}/PLAN_{n}.md": PLAN.format(name=n, needs="1.1") for n in ("PAY", "SHOP")}
    )
    index = Index(tmp_path)
    before = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    facts = status_facts(before)
    for _ in range(25):
        path, text = _change(step)
        (tmp_path / path).unlink(missing_ok=True)
        if text:
            write_files(tmp_path, {path: text})
        index.mark_stale([path])
        view = build_view(index.refresh(), index.text_reader(), before=before, exists=index.exists)
        different = view.checked.by_path.differences(before.checked.by_path)
        facts = facts_after(view, before, facts, different)
        assert facts == status_facts(view), path
        before = view
