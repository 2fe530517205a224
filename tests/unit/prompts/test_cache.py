"""A prompt is rendered once while its inputs stay the same, counted instead of timed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixture import write_files
from planmark.markdown import blocks
from planmark.prompts import cache as prompt_cache
from planmark.prompts import render as render_module
from planmark.prompts.cache import PromptCache
from planmark.prompts.prompt import Prompt
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

FILES = {
    "PLAN_X.md": "**Achievement 1.1**: A\n\n- **Deliverables**:\n  - `a.py`\n\n**Achievement 1.2**: B\n",
    "subplans/SUBPLAN_X_11.md": "## Objective\n\nx\n\n## Approach\n\ny\n",
    "execution/EXECUTION_TASK_X_11_01.md": "**Status**: ✅ Complete\n",
    "PLAN_Y.md": "**Achievement 1.1**: C\n",
}


class Workspace:
    """An index that is queried repeatedly, as in a server, with counts of the work for each answer."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_files(root, FILES)
        self.root, self.index, self.cache = root, Index(root), PromptCache()
        self.view: View | None = None
        self.texts = self.renders = 0
        rendered = render_module.render_template

        def counting(*arguments: Any) -> str:
            self.renders += 1
            return rendered(*arguments)

        monkeypatch.setattr(render_module, "render_template", counting)

    def next(self, feature: str = "X", **options: Any) -> Prompt:
        snapshot = self.index.refresh()
        read: Callable[[str], str] = self.index.text_reader()

        def text(path: str) -> str:
            self.texts += 1
            return read(path)

        self.view = build_view(snapshot, text, self.index.parsed_count, self.view, self.index.exists)
        (plan,) = [plan for plan in snapshot.plans if plan.feature == feature]
        return prompt_of(self.view, plan, cache=self.cache, **options)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    return Workspace(tmp_path, monkeypatch)


def test_the_second_time_nothing_is_read_parsed_or_rendered(workspace: Workspace) -> None:
    first = workspace.next()
    texts, renders, parsed = workspace.texts, workspace.renders, blocks.counts.misses
    assert renders == 1
    assert workspace.next() is first
    assert (workspace.texts, workspace.renders, blocks.counts.misses, workspace.index.parsed_count) == (
        texts,
        renders,
        parsed,
        0,
    )


def test_of_ten_generations_nine_hit(workspace: Workspace) -> None:
    for _ in range(10):
        workspace.next()
    assert (workspace.cache.counts.hits, workspace.cache.counts.misses, workspace.renders) == (9, 1, 1)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("PLAN_X.md", FILES["PLAN_X.md"].replace(": A", ": Another")),
        ("subplans/SUBPLAN_X_11.md", "## Objective\n\nz\n\n## Approach\n\ny\n"),
        ("execution/feedbacks/FIX_11.md", "No.\n"),
        ("a.py", "print()\n"),
        ("planmark.toml", "[roles]\nreviewer = 2\n"),
    ],
)
def test_what_it_was_made_from_makes_it_again(workspace: Workspace, path: str, text: str) -> None:
    before = workspace.next()
    write_files(workspace.root, {path: text})
    after = workspace.next()
    assert after != before
    fresh = Workspace.__new__(Workspace)
    fresh.root, fresh.index, fresh.cache, fresh.view = workspace.root, Index(workspace.root), PromptCache(), None
    fresh.texts = fresh.renders = 0
    assert fresh.next() == after


def test_what_has_nothing_to_do_with_it_does_not(workspace: Workspace) -> None:
    before = workspace.next()
    write_files(
        workspace.root,
        {"PLAN_Y.md": "**Achievement 1.1**: D\n", "notes.md": "x", "PLAN_Z.md": "**Achievement 1.1**: E\n"},
    )
    assert workspace.next() is before


def test_other_questions_have_other_answers(workspace: Workspace) -> None:
    workspace.next()
    workspace.next(achievement="1.2")
    workspace.next(step="pause")
    workspace.next(token_budget=7000)
    workspace.next("Y")
    assert (workspace.cache.counts.hits, workspace.cache.counts.misses, len(workspace.cache)) == (0, 5, 5)


def test_the_oldest_go_when_there_are_too_many(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_cache, "MAX_CACHED_PROMPTS", 8)
    for budget in range(5000, 5000 + 8 + 3):
        workspace.next(token_budget=budget)
    assert (len(workspace.cache), workspace.cache.counts.evictions) == (8, 3)
