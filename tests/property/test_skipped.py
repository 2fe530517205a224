"""Skipped files appear and vanish: an index that is told of each change gives the same state as a fresh index."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from planmark.formats.planmark.workflow.plan_state import evaluate
from planmark.workspace.index import Index
from planmark.workspace.snapshot import Snapshot

PLAN = "# PLAN: {}\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"
FILES = [
    "plans/PAY/subplans/SUBPLAN_PAY_11.md",
    "plans/PAY/subplans/SUBPLAN_TILL_11.md",
    "plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md",
    "plans/PAY/execution/feedbacks/APPROVED_11.md",
    "plans/PAY/execution/feedbacks/FIX_12.md",
    "plans/PAY/parallel.json",
    "work-space/subplans/SUBPLAN_PAY_12.md",
    "old/SUBPLAN_TILL_12.md",
]
FOLDERS = [
    "plans/PAY/subplans",
    "plans/PAY/execution",
    "plans/PAY/execution/feedbacks",
    "plans/TILL/execution",
    "work-space/subplans",
    "work-space",
    "plans/PAY/notes",
]
IGNORED = ["", "feedbacks/\n", "execution\n", "SUBPLAN_PAY_*\n", "/work-space/\n", "*.md\n!PLAN_*\n", "parallel.json\n"]
SETTINGS = [
    "",
    "[files]\nmaxBytes = 1000\n",
    '[files]\nexclude = ["plans/PAY/execution"]\n',
    '[files]\ninclude = ["feedbacks/"]\n',
    "[files]\nrespectGitignore = false\n",
]
TEXTS = ["# A\n\n**Status**: Done\n", "\0", "x" * 2000]
Change = Callable[[Path, Path], str]


def write(path: str, text: str) -> Change:
    def change(root: Path, _: Path) -> str:
        if (root / path).is_symlink():
            (root / path).unlink()
        if not (root / path).parent.exists():
            _make(root / path, text)
        elif not (root / path).is_dir():
            (root / path).write_text(text)
        return path

    return change


def _make(place: Path, text: str) -> None:
    """Write a file, unless a broken link is in the way."""
    with suppress(OSError):
        place.parent.mkdir(parents=True)
        place.write_text(text)


def remove(path: str) -> Change:
    def change(root: Path, _: Path) -> str:
        if (root / path).is_symlink() or (root / path).is_file():
            (root / path).unlink()
        else:
            shutil.rmtree(root / path, ignore_errors=True)
        return path

    return change


def link(path: str, target: str) -> Change:
    def change(root: Path, outside: Path) -> str:
        remove(path)(root, outside)
        if (root / path).parent.is_dir():
            (root / path).symlink_to(target.format(root=root, outside=outside))
        return path

    return change


TARGETS = st.sampled_from(["{outside}", "{outside}/gone", "{root}/old", "{outside}/APPROVED_11.md"])
CHANGES = st.one_of(
    st.builds(write, st.sampled_from(FILES), st.sampled_from(TEXTS)),
    st.builds(write, st.just(".gitignore"), st.sampled_from(IGNORED)),
    st.builds(write, st.just("planmark.toml"), st.sampled_from(SETTINGS)),
    st.builds(remove, st.sampled_from([*FILES, *FOLDERS, ".gitignore"])),
    st.builds(link, st.sampled_from([*FOLDERS, *FILES]), TARGETS),
)


@settings(max_examples=60)
@given(st.lists(CHANGES, max_size=8))
def test_what_was_skipped_is_as_a_fresh_index_has_it(changes: list[Change]) -> None:
    with tempfile.TemporaryDirectory() as made:
        root, outside = (Path(made, name).resolve() for name in ("root", "outside"))
        for feature in ("PAY", "TILL"):
            _make(root / f"plans/{feature}/PLAN_{feature}.md", PLAN.format(feature))
        _make(outside / "APPROVED_11.md", "# APPROVED\n")
        index = Index(root)
        index.refresh()
        for change in changes:
            told = change(root, outside)
            snapshot = index.snapshot() if index.mark_stale([told]) else index.refresh()
            assert known(snapshot) == known(Index(root).refresh())


def known(snapshot: Snapshot) -> list[object]:
    """Return each plan with its skipped files, its state and its steps."""
    states = [evaluate(files) for files in snapshot.plans]
    return [
        (files.path, files.skipped, state.next, state.also_ready, state.notes, [a.step for a in state.achievements])
        for files, state in zip(snapshot.plans, states, strict=True)
    ]
