"""The plans of other formats are made again only when what they are made from changes."""

from __future__ import annotations

from pathlib import Path

from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

TASKS = ".kiro/specs/cart/tasks.md"
TEXT = "# Plan\n\n- [x] 1. Create `src/cart.py`\n- [ ] 2. Use it\n"


class Workspace:
    """A workspace with a spec of Kiro, and the view after each change."""

    def __init__(self, root: Path) -> None:
        self.root, self.index = root, Index(root)
        self.write(TASKS, TEXT)

    def write(self, path: str, text: str) -> View:
        """Write a file and return the view after it."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")
        self.index.mark_stale([path])
        self.index.refresh()
        before = getattr(self, "view", None)
        self.view = build_view(self.index.snapshot(), self.index.text_reader(), before=before, exists=self.index.exists)
        self.states = [item.state for item in self.view.state(TASKS).achievements]
        return self.view


def test_an_unrelated_change_keeps_the_plan(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    before = workspace.view.formats[TASKS]
    assert workspace.write("openspec/changes/x/tasks.md", "- [ ] 1.1 X\n").formats[TASKS] is before


def test_a_created_file_supports_the_tick(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert workspace.states == ["unsupported", "open"]
    workspace.write("src/cart.py", "")
    assert workspace.states == ["done", "open"]


def test_a_missing_file_that_git_ignores_proves_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.write(".gitignore", "src/\n")
    assert workspace.states == ["done", "open"]
    workspace.write(".gitignore", "dist/\n")
    assert workspace.states == ["unsupported", "open"]
